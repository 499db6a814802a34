//! A batch and what the chain made of it: rows, fates, dead letters.

mod dead_letters;

use std::{ops::Range, sync::Arc};

pub use dead_letters::DeadLetters;

use super::{Death, Fate, edits::HeaderWrites, overlay::Overlay};
use crate::{
    abi::HeaderEdit,
    batch::{Batch, Cell, Full, HeaderRef, Input},
    record::{Timestamp, sent_millis},
};

/// A batch on its way, with what became of its records once a [`super::Chain`] has run it.
///
/// It stays whole while the batch is in flight and the chain is long on to others. To use it again, start and fill
/// `batch`; the next run forgets the rest.
#[derive(Debug, Default)]
pub struct Flow {
    /// The records as they came.
    pub batch: Batch,
    /// Whether every record goes out as it came, to the first of `topics`; there are no rows then.
    pub(super) as_it_came: bool,
    /// By input, then by expansion.
    pub(super) rows: Vec<Row>,
    /// Rows and dead letters name ranges of this; it only grows while a batch is run.
    pub(super) headers: Vec<HeaderRef>,
    /// What is not yet in the rows' headers; empty after a run.
    pub(super) overlay: Overlay,
    /// More bytes than rows may have together beyond those of the batch, because they share some; `usize::MAX` unknown.
    pub(super) repeated: usize,
    /// What rows' `topic` counts.
    pub(super) topics: Vec<Arc<str>>,
    /// One per input.
    pub(super) fates: Vec<Fate>,
    /// Dead letters, by input.
    pub(super) dead_letters: Vec<DeadLetter>,
}

/// A range of [`Flow::headers`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Span {
    pub(super) fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

/// One output row: where an input record stands after the interceptors so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Index of the input record it came from.
    pub(super) input: u32,
    /// Where its extracted cells stand; rows that share one are equal in all that is extracted.
    pub(super) slot: u32,
    pub(super) key: Cell,
    pub(super) value: Cell,
    /// As it came, or create time where an edit set it.
    pub(super) timestamp: Timestamp,
    pub(super) headers: Span,
    /// Index into [`Flow::topics`]; none: by the pipeline's `to`.
    pub(super) topic: Option<u32>,
    /// The output partition an edit set.
    pub(super) partition: Option<i32>,
}

/// The parts of a dead letter that its input does not have.
#[derive(Debug)]
pub(super) struct DeadLetter {
    pub(super) input: u32,
    pub(super) topic: Arc<str>,
    pub(super) headers: Span,
}

/// What goes out: a row, or a dead letter.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// Index of the input record it came from.
    pub input: u32,
    /// The destination.
    pub topic: &'a str,
    /// Set by an edit; none: the pipeline's rule. Never negative.
    pub partition: Option<i32>,
    /// Key bytes or null.
    pub key: Option<&'a [u8]>,
    /// Value bytes or null.
    pub value: Option<&'a [u8]>,
    /// As Kafka will have it: milliseconds since the epoch, never 0, -1 or none where the record has none; a dead letter's is
    /// the time of receipt.
    pub timestamp: Option<i64>,
    /// Whether the record's timestamp was 0, which is [sent as 1](sent_millis).
    pub was_zero: bool,
    /// Headers in their order; names and values by [`Batch::name`] and [`Batch::bytes`] of the flow's batch.
    pub headers: &'a [HeaderRef],
    /// Why it is a dead letter, if it is one.
    pub death: Option<&'a Death>,
}

impl Flow {
    /// Bytes of memory that its buffers take, used or not.
    pub fn room(&self) -> usize {
        self.batch.room()
            + self.rows.capacity() * size_of::<Row>()
            + self.headers.capacity() * size_of::<HeaderRef>()
            + self.fates.capacity() * size_of::<Fate>()
    }

    /// Writes a header of every row.
    ///
    /// # Errors
    /// [`Full`]; nothing was written.
    pub(super) fn write_header(&mut self, edit: &HeaderEdit<'_>) -> Result<(), Full> {
        let mut writes = Vec::with_capacity(1);
        HeaderWrites::make(&mut self.batch, vec![edit.clone()], &mut writes)?;
        self.overlay.extend(writes);
        Ok(())
    }

    /// What became of each input record; empty before the first run.
    pub fn fates(&self) -> &[Fate] {
        &self.fates
    }

    /// Whether every record goes out as it came.
    pub fn is_unchanged(&self) -> bool {
        self.as_it_came
    }

    /// What goes out, in the order of the input records, then of expansion; dead letters in place.
    pub fn outputs(&self) -> impl Iterator<Item = Output<'_>> {
        // By one function and not by two iterators, one behind the other: an output is large, and is only made where it is
        // looked at if that is in a single place.
        let mut unchanged = self.inputs_as_they_came().iter().zip(0..);
        let (mut rows, mut dead_letters) = (self.rows.iter().peekable(), self.dead_letters.iter().peekable());
        std::iter::from_fn(move || {
            if let Some((record, input)) = unchanged.next() {
                return Some(self.unchanged(input, record));
            }
            loop {
                let input = rows.peek().map_or(u32::MAX, |row| row.input);
                if let Some(letter) = dead_letters.next_if(|letter| letter.input <= input) {
                    match self.dead_letter_output(letter) {
                        Some(output) => return Some(output),
                        None => continue,
                    }
                }
                let row = rows.next()?;
                // Rows of a record that dies at the very end are still there.
                if matches!(self.fates.get(input as usize), Some(Fate::Out)) {
                    return Some(self.output(row));
                }
            }
        })
    }

    /// What goes out of one input record; nothing for a number that is none.
    pub fn outputs_of(&self, input: u32) -> impl Iterator<Item = Output<'_>> {
        // Where every record gives one row, they stand at the same places.
        let is_first = |at: usize| self.rows[..at].last().is_none_or(|row| row.input < input);
        let from = match self.rows.get(input as usize) {
            Some(row) if row.input == input && is_first(input as usize) => input as usize,
            _ => self.rows.partition_point(|row| row.input < input),
        };
        let to = from + self.rows[from..].iter().take_while(|row| row.input == input).count();
        let rows = self.fates.get(input as usize).into_iter();
        let unchanged = self.inputs_as_they_came().get(input as usize);
        let unchanged = unchanged.map(|record| self.unchanged(input, record));
        unchanged.into_iter().chain(rows.flat_map(move |fate| self.outputs_in(input, fate, from..to)))
    }

    fn inputs_as_they_came(&self) -> &[Input] {
        if self.as_it_came { self.batch.inputs() } else { &[] }
    }

    #[inline]
    fn unchanged<'a>(&'a self, input: u32, record: &'a Input) -> Output<'a> {
        Output {
            input,
            topic: self.topics.first().map_or("", |topic| topic),
            partition: None,
            key: self.batch.bytes(record.key),
            value: self.batch.bytes(record.value),
            timestamp: record.timestamp.millis().map(sent_millis),
            was_zero: record.timestamp.millis() == Some(0),
            headers: self.batch.headers_of(record),
            death: None,
        }
    }

    fn outputs_in<'a>(
        &'a self,
        input: u32,
        fate: &'a Fate,
        rows: Range<usize>,
    ) -> impl Iterator<Item = Output<'a>> + use<'a> {
        let (rows, letter) = match fate {
            Fate::Out => (self.rows.get(rows).unwrap_or_default(), None),
            Fate::Dropped(_) => (&[][..], None),
            Fate::Dead(_) => {
                let letter = self.dead_letters.binary_search_by_key(&input, |letter| letter.input).ok();
                (&[][..], letter.and_then(|at| self.dead_letter_output(&self.dead_letters[at])))
            }
        };
        rows.iter().map(|row| self.output(row)).chain(letter)
    }

    #[inline]
    fn output(&self, row: &Row) -> Output<'_> {
        Output {
            input: row.input,
            topic: row.topic.and_then(|topic| self.topics.get(topic as usize)).map_or("", |topic| topic),
            partition: row.partition,
            key: self.batch.bytes(row.key),
            value: self.batch.bytes(row.value),
            timestamp: row.timestamp.millis().map(sent_millis),
            was_zero: row.timestamp.millis() == Some(0),
            headers: &self.headers[row.headers.range()],
            death: None,
        }
    }

    fn dead_letter_output<'a>(&'a self, letter: &'a DeadLetter) -> Option<Output<'a>> {
        let record = self.batch.inputs().get(letter.input as usize)?;
        let Some(Fate::Dead(death)) = self.fates.get(letter.input as usize) else { return None };
        Some(Output {
            input: letter.input,
            topic: &letter.topic,
            partition: None,
            key: self.batch.bytes(record.key),
            value: self.batch.bytes(record.value),
            timestamp: record.received.map(sent_millis),
            was_zero: record.received == Some(0),
            headers: &self.headers[letter.headers.range()],
            death: Some(death),
        })
    }

    /// Forgets the last run; every record goes to `to` as it came, for which it needs no row.
    pub(super) fn pass(&mut self, to: &Arc<str>) {
        self.start(Some(to));
        self.headers.clear();
        self.as_it_came = true;
    }

    /// Forgets the last run and makes one row of every input.
    pub(super) fn begin(&mut self, to: Option<&Arc<str>>) {
        self.start(to);
        self.make_rows(None);
    }

    fn start(&mut self, to: Option<&Arc<str>>) {
        self.forget();
        self.topics.clear();
        // The pipeline's `to`, where there is one, is always number 0.
        self.topics.extend(to.cloned());
        self.fates.resize(self.batch.len(), Fate::Out);
    }

    /// Makes the rows that [`Self::pass`] did without.
    pub(super) fn ensure_rows(&mut self) {
        if std::mem::take(&mut self.as_it_came) {
            self.make_rows(Some(0));
        }
    }

    fn make_rows(&mut self, topic: Option<u32>) {
        self.headers.clear();
        self.headers.extend_from_slice(self.batch.headers());
        self.overlay.begin(self.batch.names(), self.headers.len());
        self.repeated = 0;
        let rows = self.batch.inputs().iter().enumerate().map(|(input, record)| {
            let (from, to) = record.headers();
            Row {
                input: input as u32,
                slot: input as u32,
                key: record.key,
                value: record.value,
                timestamp: record.timestamp,
                headers: Span { from, to },
                topic,
                partition: None,
            }
        });
        self.rows.extend(rows);
    }

    /// Brings the headers of `rows`, all that there are, up to date.
    pub(super) fn settle(&mut self, rows: &mut [Row]) {
        self.overlay.settle(rows, &mut self.headers, self.batch.names());
    }

    /// As [`Self::settle`], for all rows that there are.
    pub(super) fn settle_all(&mut self) {
        self.overlay.settle(&mut self.rows, &mut self.headers, self.batch.names());
    }

    /// Notes that `rows` are all that there are now; no header edits are held back.
    pub(super) fn settled(&mut self, rows: &[Row]) {
        let listed = rows.iter().map(|row| row.headers.range().len()).fold(0, usize::saturating_add);
        self.overlay.begin(self.batch.names(), listed);
    }

    /// After a run that stopped: nothing goes out.
    pub(super) fn forget(&mut self) {
        self.overlay.begin(0, 0);
        self.rows.clear();
        // After a pass they are what they will be after the next one, so that nothing is written there.
        if !std::mem::take(&mut self.as_it_came) {
            self.fates.clear();
        }
        self.dead_letters.clear();
    }

    /// Whether the input's fate is sealed, so that its rows go no further.
    pub(super) fn is_dead(&self, input: u32) -> bool {
        matches!(self.fates.get(input as usize), Some(Fate::Dead(_)))
    }
}
