//! CSV (RFC 4180): the header line names the fields.

use std::{
    collections::HashSet,
    io::{BufRead, ErrorKind, Read as _},
};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::super::{ReadError, escape::write_text, line::LineError};

/// Bytes of a record, and of the header line: far above what anybody writes, far below what a quote that nothing
/// closes would make of a large file.
const LONGEST: usize = 16 << 20;
/// Columns.
const MOST: usize = 1 << 16;

/// What separates fields: the first of these that stands in the header line.
const DELIMITERS: &[u8] = b",;\t|";

/// A CSV file under way.
#[derive(Debug)]
pub(in super::super) struct Csv {
    core: Reader,
    state: State,
    /// Each column's name as it stands before its value: `"name":`.
    names: Vec<Vec<u8>>,
    /// The header line, which is read twice: for its delimiter first.
    head: Vec<u8>,
    head_read: usize,
    /// Line feeds read.
    lines: u64,
    /// The record's fields, one behind the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Records,
    Ended,
}

/// A record as it stands in the buffers: the line that it begins on, and how many fields it has.
struct Found {
    line: u64,
    fields: usize,
}

impl Default for Csv {
    fn default() -> Self {
        Self {
            core: Reader::new(),
            state: State::Header,
            names: Vec::new(),
            head: Vec::new(),
            head_read: 0,
            lines: 0,
            text: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl Csv {
    /// Appends the next record, as a JSON object, to `out`. Returns the line that it begins on; none at the end.
    pub(in super::super) fn read<R: BufRead>(
        &mut self,
        input: &mut R,
        out: &mut Vec<u8>,
    ) -> Result<Option<u64>, ReadError> {
        if self.state == State::Header {
            // Without names nothing behind it means anything.
            self.state = State::Ended;
            if !self.read_header(input)? {
                return Ok(None);
            }
            self.state = State::Records;
        }
        if self.state == State::Ended {
            return Ok(None);
        }
        let Some(Found { line, fields }) = self.find(input)? else { return Ok(None) };
        if fields != self.names.len() {
            let error = LineError::new(format!(
                "there are {fields} fields, but {} in the header line; put quotes round a field that holds the \
                 delimiter, and double the quotes in it",
                self.names.len()
            ));
            return Err(ReadError::Line { line, error });
        }
        let mut start = 0;
        for (index, (name, end)) in self.names.iter().zip(&self.ends).enumerate() {
            out.push(if index == 0 { b'{' } else { b',' });
            out.extend_from_slice(name);
            write_text(&self.text[start..*end], out);
            start = *end;
        }
        out.push(b'}');
        Ok(Some(line))
    }

    fn read_header<R: BufRead>(&mut self, input: &mut R) -> Result<bool, ReadError> {
        while self.head.trim_ascii().is_empty() {
            self.lines += self.head.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.head.clear();
            let mut limited = input.by_ref().take(LONGEST as u64);
            let read =
                limited.read_until(b'\n', &mut self.head).map_err(|error| ReadError::Io { line: self.lines, error })?;
            if read == 0 {
                return Ok(false);
            }
            if self.head.starts_with(b"\xef\xbb\xbf") {
                self.head.drain(..3);
            }
        }
        let wrong = |line, what: String| Err(ReadError::Line { line, error: LineError::new(what) });
        if self.head.starts_with(b"\xff\xfe") || self.head.starts_with(b"\xfe\xff") {
            return wrong(self.lines + 1, "this is UTF-16; convert the file: iconv -f UTF-16 -t UTF-8".into());
        }
        self.core = ReaderBuilder::new().delimiter(delimiter(&self.head)).build();
        let Some(Found { line, fields }) = self.find(input)? else { return Ok(false) };
        let (mut start, mut seen) = (0, HashSet::new());
        for end in self.ends.iter().take(fields) {
            let name = &self.text[start..*end];
            if !seen.insert(name) {
                let name = String::from_utf8_lossy(name);
                return wrong(line, format!("the header line has two columns `{name}`; give each its own name"));
            }
            let mut member = Vec::new();
            write_text(name, &mut member);
            member.push(b':');
            self.names.push(member);
            start = *end;
        }
        Ok(true)
    }

    /// Reads the next record into the buffers.
    fn find<R: BufRead>(&mut self, input: &mut R) -> Result<Option<Found>, ReadError> {
        let (mut written, mut fields) = (0, 0);
        // The line that the record begins on, once anything of it was read.
        let mut begun = None;
        let mut is_ended = false;
        loop {
            let from_head = self.head_read < self.head.len();
            let mut source = match &self.head[self.head_read..] {
                [] => match input.fill_buf() {
                    Ok(source) => source,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) => return Err(ReadError::Io { line: self.lines, error }),
                },
                head => head,
            };
            let blank = if begun.is_none() { blank(source) } else { 0 };
            let (result, read) = if blank > 0 {
                (ReadRecordResult::InputEmpty, blank)
            } else {
                let is_end = source.is_empty();
                if is_end && !is_ended {
                    // A line feed that the file may lack: only within quotes it is anything but the record's end.
                    source = b"\n";
                }
                let (result, read, more, ends) =
                    self.core.read_record(source, &mut self.text[written..], &mut self.ends[fields..]);
                if is_end && !is_ended && more > 0 && result == ReadRecordResult::InputEmpty {
                    self.state = State::Ended;
                    let what = "the record ends within quotes; close them, or double a quote that is part of a field";
                    let line = begun.unwrap_or(self.lines + 1);
                    return Err(ReadError::Line { line, error: LineError::new(what) });
                }
                if !is_end {
                    begun.get_or_insert(self.lines + 1);
                }
                (written, fields) = (written + more, fields + ends);
                // Where there was no room for it, the line feed is given once more.
                is_ended = is_end && result == ReadRecordResult::InputEmpty;
                (result, if is_end { 0 } else { read })
            };
            self.lines += memchr::memchr_iter(b'\n', &source[..read]).count() as u64;
            if from_head {
                self.head_read += read;
            } else {
                input.consume(read);
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => return Ok(Some(Found { line: begun.unwrap_or(self.lines), fields })),
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => self.grow(&result, begun)?,
            }
        }
    }

    fn grow(&mut self, full: &ReadRecordResult, begun: Option<u64>) -> Result<(), ReadError> {
        let (is_text, text, ends) = (*full == ReadRecordResult::OutputFull, self.text.len(), self.ends.len());
        if is_text && text < LONGEST {
            self.text.resize((text * 2).max(4096), 0);
        } else if !is_text && ends < MOST {
            self.ends.resize((ends * 2).max(64), 0);
        } else {
            self.state = State::Ended;
            let what = if is_text { "longer than 16 MiB" } else { "of more than 65,536 fields" };
            let error = LineError::new(format!("a record {what} begins here; is a quote left open?"));
            return Err(ReadError::Line { line: begun.unwrap_or(self.lines + 1), error });
        }
        Ok(())
    }
}

/// Bytes of blank lines, and of a line feed behind a carriage return, at the beginning.
fn blank(source: &[u8]) -> usize {
    source.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// The first of the delimiters that stands in the header line outside quotes, or else a comma.
fn delimiter(head: &[u8]) -> u8 {
    let stands = |delimiter: u8| {
        let mut is_quoted = false;
        head.iter().any(|byte| {
            is_quoted ^= *byte == b'"';
            !is_quoted && *byte == delimiter
        })
    };
    DELIMITERS.iter().copied().find(|delimiter| stands(*delimiter)).unwrap_or(b',')
}
