//! What a plugin answers for a batch. What it does not speak of stays as it is.

mod answer;
mod cells;
mod headers;
#[cfg(test)]
mod tests;

pub use cells::{Cells, Segment};
use headers::Header;
pub use headers::Removal;

use crate::are_same;

const DROP: u8 = 1;
const DEAD_LETTER: u8 = 2;
/// What is wrong with a [`Topic`] that these edits have not given out.
const STRANGE: &str = "a route to a topic of other edits";
/// The entry of a row that is not routed, or gets no partition.
const LEAVE: i32 = -1;

/// Headers and topics whose room is kept from batch to batch.
const KEPT: usize = 64;

/// A topic that records of this batch may be routed to; see [`Edits::topic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic(u32);

/// The changes to the rows of one batch.
///
/// It cannot become an invalid answer: columns get as many cells as there are rows, and naming a row that is not there
/// fails the batch with a message. Everything is kept in flat columns.
#[derive(Debug, Default)]
pub struct Edits {
    inputs: usize,
    rows: usize,
    expand: Option<Vec<u32>>,
    verdicts: Vec<u8>,
    reasons: Cells,
    /// Behind those of this batch stand those of batches before, emptied, for their room.
    headers: Vec<Header>,
    /// How many of them are this batch's.
    edited: usize,
    key: Cells,
    value: Cells,
    timestamps: Vec<i64>,
    untimed: Vec<u8>,
    /// Behind those of this batch stand those of batches before, too.
    topics: Vec<String>,
    /// How many of them are this batch's.
    named: usize,
    routes: Vec<i32>,
    partitions: Vec<i32>,
    mistake: Option<String>,
    /// Bytes of the packed answer before.
    answered: usize,
}

impl Edits {
    /// No change to a batch of that many rows.
    pub(crate) fn for_rows(rows: usize) -> Self {
        Self { inputs: rows, rows, ..Self::default() }
    }

    /// Forgets everything for a batch of that many rows; room stays.
    pub(crate) fn begin(&mut self, rows: usize) {
        (self.inputs, self.rows) = (rows, rows);
        self.expand = None;
        self.verdicts.clear();
        self.reasons.clear();
        // All of them, whether this batch comes to them or not: what they hold may be large.
        let edited = self.headers.get_mut(..self.edited).unwrap_or_default();
        edited.iter_mut().for_each(|header| header.cells.clear());
        (self.edited, self.named) = (0, 0);
        self.headers.truncate(KEPT);
        self.topics.truncate(KEPT);
        self.key.clear();
        self.value.clear();
        self.timestamps.clear();
        self.untimed.clear();
        self.routes.clear();
        self.partitions.clear();
        self.mistake = None;
    }

    /// How many rows the edits speak of: the batch's, or after [`expand`](Self::expand) that of its rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Makes new rows: row `j` is a copy of the batch's row `sources[j]`, ascending; a row of the batch that is not
    /// named is dropped (which needs [`DROP`](crate::Effects::DROP)). From here on everything speaks of the new rows,
    /// so it comes first. Needs [`EXPAND`](crate::Effects::EXPAND).
    pub fn expand(&mut self, sources: impl IntoIterator<Item = usize>) {
        let sources: Vec<u32> = sources.into_iter().map(|row| u32::try_from(row).unwrap_or(u32::MAX)).collect();
        if self.is_touched() {
            self.fail("expand comes after other edits: call it first, and once".to_owned());
        } else if let Some(row) = sources.iter().find(|&&row| row as usize >= self.inputs) {
            self.fail(no_row(*row as usize, self.inputs));
        } else if !sources.is_sorted() {
            self.fail("expand names rows out of order".to_owned());
        } else {
            self.rows = sources.len();
            self.expand = Some(sources);
        }
    }

    fn is_touched(&self) -> bool {
        self.expand.is_some()
            || !self.verdicts.is_empty()
            || self.edited > 0
            || !self.key.is_empty()
            || !self.value.is_empty()
            || !self.timestamps.is_empty()
            || !self.routes.is_empty()
            || !self.partitions.is_empty()
    }

    /// Drops a row: it goes nowhere and is counted as dropped. Needs [`DROP`](crate::Effects::DROP).
    pub fn drop(&mut self, row: usize) {
        self.verdict(row, DROP);
    }

    /// Sets the record aside, as it came, with the reason (at most 1 KiB of it is kept). All rows that came from that
    /// record die with it. Needs [`DEAD_LETTER`](crate::Effects::DEAD_LETTER).
    pub fn dead_letter(&mut self, row: usize, reason: impl AsRef<[u8]>) {
        if self.verdict(row, DEAD_LETTER) {
            self.reasons.row(row, reason.as_ref());
        }
    }

    fn verdict(&mut self, row: usize, verdict: u8) -> bool {
        if self.is_row(row) {
            self.verdicts.resize(self.rows, 0);
            self.verdicts[row] = verdict;
            return true;
        }
        false
    }

    /// Writes keys. Needs [`KEY`](crate::Effects::KEY).
    pub fn key(&mut self) -> &mut Cells {
        &mut self.key
    }

    /// Writes values. Needs [`VALUE`](crate::Effects::VALUE).
    pub fn value(&mut self) -> &mut Cells {
        &mut self.value
    }

    /// Writes a row's timestamp: ms since the epoch. Needs [`TIMESTAMP`](crate::Effects::TIMESTAMP).
    #[inline]
    pub fn timestamp(&mut self, row: usize, ms: i64) {
        if !self.is_row(row) {
            return;
        }
        if row == self.timestamps.len() {
            self.timestamps.push(ms);
            if !self.untimed.is_empty() {
                self.untimed.push(0);
            }
            return;
        }
        self.untimed.resize(self.timestamps.len(), 0);
        put(&mut self.timestamps, row, ms, 0);
        put(&mut self.untimed, row, 0, 1);
    }

    /// Writes the timestamps of all rows, from the first on; `None` leaves the row's alone, and so does an end before the
    /// last row. Faster than row by row.
    pub fn timestamps(&mut self, all: impl IntoIterator<Item = Option<i64>>) {
        let mut all = all.into_iter().enumerate();
        if self.timestamps.is_empty() {
            self.timestamps.resize(self.rows, 0);
            self.untimed.resize(self.rows, 1);
            let mut left = self.rows;
            for (entry, untimed) in self.timestamps.iter_mut().zip(&mut self.untimed) {
                let Some((_, ms)) = all.next() else { break };
                *entry = ms.unwrap_or_default();
                *untimed = u8::from(ms.is_none());
                left -= usize::from(ms.is_some());
            }
            if left == self.rows {
                self.timestamps.clear();
                self.untimed.clear();
            }
        }
        all.for_each(|(row, ms)| ms.into_iter().for_each(|ms| self.timestamp(row, ms)));
    }

    /// A topic within these edits, without a look at those that are there already: for a plugin with a table of topics,
    /// which names each once. The same table in the same order each time is the cheapest for weir, too.
    pub fn new_topic(&mut self, name: &str) -> Topic {
        match self.topics.get_mut(self.named) {
            Some(known) => rename(known, name),
            None => self.topics.push(name.to_owned()),
        }
        self.named += 1;
        Topic(self.named as u32 - 1)
    }

    /// The number of a topic within these edits. For a plugin that routes row by row: names are looked up once.
    pub fn topic(&mut self, name: &str) -> Topic {
        // Mostly the same as the one before, or one of a few.
        match self.topics().iter().position(|known| are_same(known.as_bytes(), name.as_bytes())) {
            Some(at) => Topic(at as u32),
            None => self.new_topic(name),
        }
    }

    /// Routes a row to a topic. Needs the topic in [`Plan::topics`](crate::Plan::topics).
    #[inline]
    pub fn route(&mut self, row: usize, topic: Topic) {
        if self.is_row(row) && (topic.0 as usize) < self.named {
            put(&mut self.routes, row, topic.0 as i32, LEAVE);
        } else {
            self.fail(STRANGE.to_owned());
        }
    }

    /// Routes all rows, from the first on; `None` leaves the row's route alone, and so does an end before the last row.
    /// Faster than row by row. Needs the topics in [`Plan::topics`](crate::Plan::topics).
    pub fn routes(&mut self, all: impl IntoIterator<Item = Option<Topic>>) {
        let mut all = all.into_iter().enumerate();
        if self.routes.is_empty() {
            self.routes.resize(self.rows, LEAVE);
            let (topics, mut routed, mut strange) = (self.named as u32, false, false);
            for route in &mut self.routes {
                let Some((_, topic)) = all.next() else { break };
                if let Some(Topic(number)) = topic {
                    routed = true;
                    strange |= number >= topics;
                    *route = number as i32;
                }
            }
            if strange {
                self.fail(STRANGE.to_owned());
            }
            if !routed {
                self.routes.clear();
            }
        }
        all.for_each(|(row, topic)| topic.into_iter().for_each(|topic| self.route(row, topic)));
    }

    /// Routes a row to a topic by name.
    pub fn route_to(&mut self, row: usize, topic: &str) {
        let topic = self.topic(topic);
        self.route(row, topic);
    }

    /// Sends a row to a partition of its topic (from 0). Needs [`PARTITION`](crate::Effects::PARTITION).
    #[inline]
    pub fn partition(&mut self, row: usize, partition: u32) {
        let Ok(partition) = i32::try_from(partition) else {
            return self.fail(format!("there is no partition {partition}"));
        };
        if self.is_row(row) {
            put(&mut self.partitions, row, partition, LEAVE);
        }
    }

    #[inline]
    fn is_row(&mut self, row: usize) -> bool {
        if row < self.rows {
            return true;
        }
        self.fail(no_row(row, self.rows));
        false
    }

    fn fail(&mut self, mistake: String) {
        self.mistake.get_or_insert(mistake);
    }

    fn topics(&self) -> &[String] {
        self.topics.get(..self.named).unwrap_or_default()
    }
}

/// Gives a text that has room another content; mostly it is the same.
fn rename(text: &mut String, to: &str) {
    if !are_same(text.as_bytes(), to.as_bytes()) {
        text.clear();
        text.push_str(to);
    }
}

/// Writes entry `row`; entries before it that nobody wrote get `rest`.
#[inline]
fn put<T: Copy>(entries: &mut Vec<T>, row: usize, entry: T, rest: T) {
    match entries.get_mut(row) {
        Some(known) => *known = entry,
        None => {
            entries.resize(row, rest);
            entries.push(entry);
        }
    }
}

fn no_row(row: usize, rows: usize) -> String {
    format!("an edit speaks of row {row} of {rows}")
}
