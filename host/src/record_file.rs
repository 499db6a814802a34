//! Record files: one JSON object a line, the form that `kcat -C -J` prints, read and written.
//!
//! ```json
//! {"topic":"t","partition":0,"offset":7,"tstype":"create","ts":1431857103000,"headers":["n","v","n",null],"key":null,"payload":"text"}
//! ```
//!
//! Bytes that are not UTF-8 stand as `{"base64": "…"}` in place of a string. A line that weir wrote reads back as the
//! very same record, whatever its bytes are.

mod line;
mod write;

use std::io::{self, BufRead};

pub use line::{Defaults, LineError, read_line};
pub use write::{Parts, write, write_record};

use crate::record::Record;

/// What the lines of an input are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A record file: a JSON object a line; blank lines are skipped.
    #[default]
    Records,
    /// Any text: a line is a value. Only the line feed is taken off, so a carriage return belongs to the value.
    Lines,
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

/// Reads an input line by line, holding one line at a time.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    format: Format,
    topic: String,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// `topic`: the topic of records that name none, and of every line of [`Format::Lines`].
    pub fn new(input: R, format: Format, topic: impl Into<String>) -> Self {
        Self { input, format, topic: topic.into(), line: 0, buffer: Vec::new() }
    }

    /// The next record; none at the end. A record without an offset gets its line's number, counted from 0.
    ///
    /// # Errors
    /// [`ReadError`]. After a bad line the next call goes on behind it.
    pub fn next_record(&mut self) -> Result<Option<Record>, ReadError> {
        loop {
            self.buffer.clear();
            let read = self.input.read_until(b'\n', &mut self.buffer);
            if read.map_err(|error| ReadError::Io { line: self.line, error })? == 0 {
                return Ok(None);
            }
            if self.buffer.last() == Some(&b'\n') {
                self.buffer.pop();
            }
            self.line += 1;
            let offset = i64::try_from(self.line - 1).unwrap_or(i64::MAX);
            match self.format {
                Format::Lines => {
                    return Ok(Some(Record {
                        topic: self.topic.clone(),
                        partition: Some(0),
                        offset: Some(offset),
                        value: Some(self.buffer.clone()),
                        ..Record::default()
                    }));
                }
                Format::Records => {
                    let mut text = self.buffer.as_slice();
                    if self.line == 1 {
                        // Editors on Windows put a byte order mark there.
                        text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
                    }
                    if text.trim_ascii().is_empty() {
                        continue;
                    }
                    let defaults = Defaults { topic: &self.topic, partition: Some(0), offset: Some(offset) };
                    return read_line(text, &defaults)
                        .map(Some)
                        .map_err(|error| ReadError::Line { line: self.line, error });
                }
            }
        }
    }

    /// Lines read so far; the number, counted from 1, of the line that the last record came from.
    pub fn line(&self) -> u64 {
        self.line
    }
}

#[cfg(test)]
mod tests;
