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
    /// The line that was read last.
    text: Vec<u8>,
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
        Self { input, line: 0, text: Vec::new() }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// A line is no record.
    pub fn check(mut self) -> Result<(), ExpectationError> {
        while self.next_record()?.is_some() {}
        Ok(())
    }

    /// Reads the next line that is not blank; false at the end.
    fn next_line(&mut self) -> Result<bool, ExpectationError> {
        loop {
            self.text.clear();
            if self.input.read_until(b'\n', &mut self.text)? == 0 {
                return Ok(false);
            }
            self.line += 1;
            if !self.line_read().is_empty() {
                return Ok(true);
            }
        }
    }

    /// The line that was read last.
    fn line_read(&self) -> &[u8] {
        self.text.trim_ascii_end()
    }

    /// The line that was read last, as a record.
    fn record(&self) -> Result<(u64, Record), ExpectationError> {
        // An output's partition is null unless an edit set it: unlike in an input, null is not 0 here.
        let defaults = Defaults { topic: "", partition: None, offset: None };
        match read_line(self.line_read(), &defaults) {
            Ok(record) => Ok((self.line, without_generation(record))),
            Err(error) => Err(ExpectationError::Line { line: self.line, error }),
        }
    }

    fn next_record(&mut self) -> Result<Option<(u64, Record)>, ExpectationError> {
        if self.next_line()? { self.record().map(Some) } else { Ok(None) }
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

    /// Takes the next record that came out, from the input line `line`: as the line that it is written as, and owned,
    /// which is asked for only where the lines differ.
    ///
    /// # Errors
    /// The expectation cannot be read.
    pub fn push(&mut self, line: u64, text: &[u8], record: impl FnOnce() -> Record) -> Result<(), ExpectationError> {
        if self.got.is_empty() && self.expected.is_empty() && self.expectation.next_line()? {
            if self.expectation.line_read() == text.trim_ascii_end() {
                return Ok(());
            }
            self.expected.push_back(self.expectation.record()?);
        }
        self.got.push_back((line, without_generation(record())));
        if self.got.len() == 1 {
            self.drop_equal();
        }
        while self.got.len() > LOOK_AHEAD {
            self.settle()?;
            self.drop_equal();
        }
        Ok(())
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

    /// Drops what is equal in front of both sides.
    fn drop_equal(&mut self) {
        while let (Some((_, expected)), Some((_, got))) = (self.expected.front(), self.got.front())
            && expected == got
        {
            self.expected.pop_front();
            self.got.pop_front();
        }
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
