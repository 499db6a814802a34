//! Compares what came out with an expectation, record by record, as both go by.
//!
//! Everything is compared but the value of the header `weir.error.generation`.

use std::{collections::VecDeque, io::BufRead};

use super::difference::{Difference, Kind, fields};
use crate::{
    record::Record,
    record_file::{Defaults, LineError, read_line},
};

/// So far a record is looked for when the two sides have come apart: a dropped or an added record is then told as one
/// difference, not as one for every record behind it.
const LOOK_AHEAD: usize = 64;

/// Names the bytes of the plugins that were at work, which a rebuild may change without changing what they do: an
/// expectation would break with each, so this header's value is not compared.
const GENERATION: &[u8] = b"weir.error.generation";

fn without_generation(mut record: Record) -> Record {
    for header in record.headers.iter_mut().filter(|header| header.name == GENERATION) {
        header.value = header.value.take().map(|_| Vec::new());
    }
    record
}

/// The expected records, read one at a time.
#[derive(Debug)]
pub struct Expectation<R> {
    input: R,
    line: u64,
}

/// Why an expectation cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ExpectationError {
    /// A line is no record.
    #[error("line {line}: {error}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        error: LineError,
    },
    /// The file could not be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl<R: BufRead> Expectation<R> {
    /// Records in the form that replay writes.
    pub fn new(input: R) -> Self {
        Self { input, line: 0 }
    }

    fn next_record(&mut self) -> Result<Option<(u64, Record)>, ExpectationError> {
        let mut text = Vec::new();
        loop {
            text.clear();
            if self.input.read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if text.trim_ascii().is_empty() {
                continue;
            }
            // An output's partition is null unless an edit set it: unlike in an input, null is not 0 here.
            let defaults = Defaults { topic: "", partition: None, offset: None };
            let record = read_line(text.trim_ascii_end(), &defaults);
            return record
                .map(|record| Some((self.line, without_generation(record))))
                .map_err(|error| ExpectationError::Line { line: self.line, error });
        }
    }
}

/// A comparison under way.
#[derive(Debug)]
pub struct Comparison<R> {
    expectation: Expectation<R>,
    /// Line of the expectation and its record.
    expected: VecDeque<(u64, Record)>,
    /// Line of the input and the record it gave.
    got: VecDeque<(u64, Record)>,
    shown: usize,
    first: Vec<Difference>,
    differences: u64,
}

impl<R: BufRead> Comparison<R> {
    /// `shown`: of so many differences the details are kept.
    pub fn new(expectation: Expectation<R>, shown: usize) -> Self {
        let (expected, got) = (VecDeque::new(), VecDeque::new());
        Self { expectation, expected, got, shown, first: Vec::new(), differences: 0 }
    }

    /// Takes the next record that came out, from the input line `line`.
    ///
    /// # Errors
    /// The expectation cannot be read.
    pub fn push(&mut self, line: u64, record: Record) -> Result<(), ExpectationError> {
        self.got.push_back((line, without_generation(record)));
        if self.got.len() > LOOK_AHEAD { self.settle() } else { Ok(()) }
    }

    /// The first differences, and how many there are. No difference: equal.
    ///
    /// # Errors
    /// The expectation cannot be read.
    pub fn finish(mut self) -> Result<(Vec<Difference>, u64), ExpectationError> {
        loop {
            self.fill()?;
            if self.got.is_empty() && self.expected.is_empty() {
                return Ok((self.first, self.differences));
            }
            self.settle()?;
        }
    }

    fn fill(&mut self) -> Result<(), ExpectationError> {
        while self.expected.len() <= LOOK_AHEAD {
            match self.expectation.next_record()? {
                Some(record) => self.expected.push_back(record),
                None => break,
            }
        }
        Ok(())
    }

    /// Settles the record in front: equal, changed, missing or extra.
    fn settle(&mut self) -> Result<(), ExpectationError> {
        self.fill()?;
        let kind = match (self.expected.front(), self.got.front()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Kind::Missing,
            (None, Some(_)) => Kind::Extra,
            (Some((_, expected)), Some((_, got))) if expected == got => {
                self.expected.pop_front();
                self.got.pop_front();
                return Ok(());
            }
            (Some((_, expected)), Some((_, got))) => self.align(expected, got),
        };
        let expected = if matches!(kind, Kind::Extra) { None } else { self.expected.pop_front() };
        let got = if matches!(kind, Kind::Missing) { None } else { self.got.pop_front() };
        self.differences += 1;
        if self.first.len() < self.shown {
            self.first.push(Difference { kind, expected, got });
        }
        Ok(())
    }

    fn align(&self, expected: &Record, got: &Record) -> Kind {
        let next = |side: &VecDeque<(u64, Record)>| side.get(1).map(|(_, record)| record.clone());
        if next(&self.expected).is_some() && next(&self.expected) == next(&self.got) {
            return Kind::Changed(fields(expected, got));
        }
        let missing = self.expected.iter().position(|(_, record)| record == got);
        let extra = self.got.iter().position(|(_, record)| record == expected);
        match (missing, extra) {
            (Some(missing), Some(extra)) if missing > extra => Kind::Extra,
            (Some(_), _) => Kind::Missing,
            (None, Some(_)) => Kind::Extra,
            (None, None) => Kind::Changed(fields(expected, got)),
        }
    }
}
