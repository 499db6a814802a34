//! Record files: one JSON object a line, the form that `kcat -C -J` prints, read and written.
//!
//! ```json
//! {"topic":"t","partition":0,"offset":7,"tstype":"create","ts":1431857103000,"headers":["n","v","n",null],"key":null,"payload":"text"}
//! ```
//!
//! Bytes that are not UTF-8 stand as `{"base64": "…"}` in place of a string. A line that weir wrote reads back as the
//! very same record, whatever its bytes are. Other text files are read as well: see [`Format`].

mod escape;
mod fields;
mod line;
mod rows;
mod scan;
mod write;

use std::{
    io::{self, BufRead, Read as _},
    mem,
};

pub use line::{Defaults, LineError, read_line};
pub use rows::{Row, Rows};
pub use write::{Parts, write, write_record};

use crate::record::{Record, Timestamp};
use fields::{csv::Csv, logfmt, syslog};
use rows::{Entry, KEPT, Span};

/// Bytes of a line, above any record that Kafka takes: what is longer is no record, and would have to be held whole.
const LONGEST: usize = 256 << 20;

/// What the lines of an input are. Of all but record files a value is all that a record has: its topic is the reader's,
/// its partition 0, its offset the number of its line, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A record file: a JSON object a line; blank lines are skipped.
    #[default]
    Records,
    /// Any text: a line is a value, without its line end (a line feed, or a carriage return and a line feed).
    Lines,
    /// CSV with a header line: a value is a JSON object of the fields by their column's name, all of them texts. Blank
    /// lines are skipped.
    Csv,
    /// logfmt: a value is a JSON object of the fields. Blank lines are skipped.
    Logfmt,
    /// Syslog of RFC 5424 or RFC 3164, also without a priority: a value is a JSON object of the parts. Blank lines are
    /// skipped.
    Syslog,
}

/// Why an input cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A line is no record.
    #[error("line {line}: {error}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        error: LineError,
    },
    /// The file could not be read.
    #[error("cannot read after line {line}: {error}")]
    Io {
        /// The last line that was read, counted from 1.
        line: u64,
        /// The system's reason.
        error: io::Error,
    },
}

/// A byte order mark, in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads an input record by record, holding one line at a time.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    format: Format,
    topic: String,
    line: u64,
    buffer: Vec<u8>,
    csv: Csv,
    /// For [`Self::next_record`].
    single: Rows,
}

impl<R: BufRead> Reader<R> {
    /// `topic`: the topic of records that name none.
    pub fn new(input: R, format: Format, topic: impl Into<String>) -> Self {
        let (topic, csv) = (topic.into(), Csv::default());
        Self { input, format, topic, line: 0, buffer: Vec::new(), csv, single: Rows::new() }
    }

    /// The next record; none at the end. A record without an offset gets its line's number, counted from 0.
    ///
    /// # Errors
    /// [`ReadError`]. After a bad line the next call goes on behind it.
    pub fn next_record(&mut self) -> Result<Option<Record>, ReadError> {
        let mut single = mem::take(&mut self.single);
        single.clear();
        let read = self.read(&mut single);
        let record = single.get(0).map(|row| row.record());
        self.single = single;
        read.map(|_| record)
    }

    /// Appends the next record to `rows`; false at the end.
    ///
    /// # Errors
    /// [`ReadError`], and then nothing is appended. After a bad line the next call goes on behind it.
    pub fn read(&mut self, rows: &mut Rows) -> Result<bool, ReadError> {
        if self.format == Format::Csv {
            return self.read_csv(rows);
        }
        loop {
            let Some(has_end) = self.read_text()? else { return Ok(false) };
            if self.line == 1 && self.drop_mark()? && self.buffer.is_empty() && !has_end {
                // There is nothing but the mark.
                continue;
            }
            if self.format == Format::Lines {
                if has_end && self.buffer.last() == Some(&b'\r') {
                    self.buffer.pop();
                }
                let value = rows.append(Some(&self.buffer));
                self.push_value(value, rows);
                return Ok(true);
            }
            let text = self.buffer.as_slice();
            if text.trim_ascii().is_empty() {
                continue;
            }
            let read = if self.format == Format::Records {
                self.read_record(text, rows)
            } else {
                self.read_fields(text.strip_suffix(b"\r").unwrap_or(text), rows)
            };
            return read.map(|()| true).map_err(|error| ReadError::Line { line: self.line, error });
        }
    }

    /// Appends records to `rows` until there are so many, or so many bytes of them; false at the end.
    ///
    /// # Errors
    /// As [`Self::read`]; the records before are appended.
    pub fn fill(&mut self, records: usize, bytes: usize, rows: &mut Rows) -> Result<bool, ReadError> {
        while rows.len() < records && rows.size() < bytes {
            if !self.read(rows)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the byte order mark off the first line, which editors on Windows put there, and returns whether there was one.
    fn drop_mark(&mut self) -> Result<bool, ReadError> {
        if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = *self.buffer {
            return Err(ReadError::Line { line: self.line, error: LineError::utf16() });
        }
        let is_marked = self.buffer.starts_with(MARK);
        if is_marked {
            self.buffer.drain(..MARK.len());
        }
        Ok(is_marked)
    }

    /// Lines read so far; the number, counted from 1, of the line that the last record came from.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Reads a line, without its line feed, into the buffer; false at the end.
    fn read_text(&mut self) -> Result<Option<bool>, ReadError> {
        if self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
        self.buffer.clear();
        let mut limited = self.input.by_ref().take(LONGEST as u64 + 1);
        let read = limited.read_until(b'\n', &mut self.buffer);
        if read.map_err(|error| ReadError::Io { line: self.line, error })? == 0 {
            return Ok(None);
        }
        self.line += 1;
        let has_end = self.buffer.last() == Some(&b'\n');
        if has_end {
            self.buffer.pop();
        } else if self.buffer.len() > LONGEST {
            self.buffer = Vec::new();
            let skipped = self.input.skip_until(b'\n');
            skipped.map_err(|error| ReadError::Io { line: self.line, error })?;
            let error = LineError::new("the line is longer than 256 MiB; a record stands on a line of its own");
            return Err(ReadError::Line { line: self.line, error });
        }
        Ok(Some(has_end))
    }

    fn read_record(&self, text: &[u8], rows: &mut Rows) -> Result<(), LineError> {
        let defaults = Defaults { topic: &self.topic, partition: Some(0), offset: Some(self.offset()) };
        if !scan::scan(text, self.line, &defaults, rows) {
            rows.push_record(self.line, &read_line(text, &defaults)?);
        }
        Ok(())
    }

    fn read_fields(&self, text: &[u8], rows: &mut Rows) -> Result<(), LineError> {
        let start = rows.bytes.len();
        let read = match self.format {
            Format::Syslog => syslog::read(text, &mut rows.bytes),
            _ => logfmt::read(text, &mut rows.bytes),
        };
        if read.is_err() {
            rows.bytes.truncate(start);
            return read;
        }
        self.push_value(Span::new(start, rows.bytes.len()), rows);
        Ok(())
    }

    fn read_csv(&mut self, rows: &mut Rows) -> Result<bool, ReadError> {
        let start = rows.bytes.len();
        let read = self.csv.read(&mut self.input, &mut rows.bytes);
        if let Ok(Some(line)) | Err(ReadError::Line { line, .. }) = &read {
            self.line = *line;
        }
        if read?.is_none() {
            return Ok(false);
        }
        self.push_value(Span::new(start, rows.bytes.len()), rows);
        Ok(true)
    }

    /// Ends a record that has a value and nothing else.
    fn push_value(&self, value: Span, rows: &mut Rows) {
        let topic = rows.intern(&self.topic);
        rows.push(Entry {
            line: self.line,
            topic,
            partition: Some(0),
            offset: Some(self.offset()),
            timestamp: Timestamp::None,
            received: None,
            key: Span::NULL,
            value,
        });
    }

    fn offset(&self) -> i64 {
        i64::try_from(self.line.saturating_sub(1)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests;
