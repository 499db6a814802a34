//! One line of a record file, scanned: every line that weir and kcat write, and no mistake.
//!
//! A line that this does not take is read by serde, which also says what is wrong with it: [`super::line`] is what a
//! line means, and this is the fast way to the same record.

use base64::Engine as _;

mod text;

use super::{
    Defaults,
    escape::{WINDOW, is_special},
    line::{BASE64, STAND_INS},
    rows::{Entry, Rows, Span},
};
use crate::record::Timestamp;

/// Adds the record of a line to `rows`; false, and then nothing is added, where another has to read it.
pub(super) fn scan(line: &[u8], number: u64, defaults: &Defaults<'_>, rows: &mut Rows) -> bool {
    let (bytes, headers) = (rows.bytes.len(), rows.headers.len());
    rows.bytes.reserve(line.len() + WINDOW);
    let mut scanner = Scanner { text: line, at: 0, is_utf8: std::str::from_utf8(line).is_ok() };
    match scanner.record(number, defaults, rows) {
        Some(entry) => {
            rows.push(entry);
            true
        }
        None => {
            rows.bytes.truncate(bytes);
            rows.headers.truncate(headers);
            false
        }
    }
}

/// The members that mean something, in the order of their bits in [`Members::seen`].
#[derive(Debug, Default)]
struct Members {
    seen: u16,
    /// Whether there are others.
    has_others: bool,
    /// Whether one of them may be meant for the value.
    has_stand_in: bool,
    topic: Option<u32>,
    partition: Option<i64>,
    offset: Option<i64>,
    /// Of the timestamp's type: the first letter, as no two begin alike.
    tstype: Option<u8>,
    ts: Option<i64>,
    received: Option<i64>,
    key: Option<Span>,
    value: Option<Span>,
}

impl Members {
    /// None where a member stands twice.
    fn see(&mut self, bit: u16) -> Option<()> {
        let seen = self.seen;
        self.seen |= 1 << bit;
        (seen != self.seen).then_some(())
    }

    /// Whether the line may be no record at all: then serde's way says what is wrong.
    fn is_doubtful(&self) -> bool {
        let has_payload = self.seen & 1 << PAYLOAD != 0;
        !has_payload && (self.has_stand_in || self.has_others && self.seen == 0)
    }

    fn entry(self, line: u64, defaults: &Defaults<'_>, rows: &mut Rows) -> Option<Entry> {
        if self.is_doubtful() {
            return None;
        }
        let timestamp = match (self.tstype, self.ts) {
            (Some(b'u'), _) | (_, None | Some(-1)) => Timestamp::None,
            (_, Some(..0)) => return None,
            (Some(b'l'), Some(ms)) => Timestamp::LogAppend(ms),
            (_, Some(ms)) => Timestamp::Create(ms),
        };
        let partition = match self.partition {
            Some(partition) => Some(i32::try_from(partition).ok()?),
            None => defaults.partition,
        };
        let offset = self.offset.or(defaults.offset);
        if partition.is_some_and(|partition| partition < 0) || offset.is_some_and(|offset| offset < 0) {
            return None;
        }
        Some(Entry {
            line,
            topic: self.topic.unwrap_or_else(|| rows.intern(defaults.topic)),
            partition,
            offset,
            timestamp,
            received: self.received,
            key: self.key.unwrap_or(Span::NULL),
            value: self.value.unwrap_or(Span::NULL),
        })
    }
}

/// The bit of the value.
const PAYLOAD: u16 = 8;

/// What is not there, or not as expected, is none: then another reads the line.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    is_utf8: bool,
}

impl<'a> Scanner<'a> {
    fn record(&mut self, line: u64, defaults: &Defaults<'_>, rows: &mut Rows) -> Option<Entry> {
        let mut members = Members::default();
        self.space();
        self.take(b'{')?;
        self.space();
        if self.take(b'}').is_none() {
            loop {
                self.member(&mut members, rows)?;
                self.space();
                if self.take(b'}').is_some() {
                    break;
                }
                self.take(b',')?;
                self.space();
            }
        }
        self.space();
        if self.at < self.text.len() {
            return None;
        }
        members.entry(line, defaults, rows)
    }

    fn member(&mut self, members: &mut Members, rows: &mut Rows) -> Option<()> {
        let name = self.plain()?;
        self.space();
        self.take(b':')?;
        self.space();
        match name {
            b"topic" => {
                members.see(0)?;
                if !self.null() {
                    members.topic = Some(rows.intern(std::str::from_utf8(self.plain()?).ok()?));
                }
            }
            b"partition" => {
                members.see(1)?;
                members.partition = self.number_or_null()?;
            }
            b"offset" => {
                members.see(2)?;
                members.offset = self.number_or_null()?;
            }
            b"tstype" => {
                members.see(3)?;
                if !self.null() {
                    let known: [&[u8]; 3] = [b"create", b"logappend", b"unknown"];
                    let tstype = self.plain()?;
                    members.tstype = Some(known.into_iter().find(|known| *known == tstype)?[0]);
                }
            }
            b"ts" => {
                members.see(4)?;
                members.ts = self.number_or_null()?;
            }
            b"received" => {
                members.see(5)?;
                members.received = self.number_or_null()?;
            }
            b"headers" => {
                members.see(6)?;
                if !self.null() {
                    self.headers(rows)?;
                }
            }
            b"key" => {
                members.see(7)?;
                members.key = Some(self.bytes(&mut rows.bytes)?);
            }
            b"payload" => {
                members.see(PAYLOAD)?;
                members.value = Some(self.bytes(&mut rows.bytes)?);
            }
            // serde wants names in UTF-8 even where it ignores them.
            name if self.is_utf8 || name.is_ascii() => {
                members.has_others = true;
                members.has_stand_in |= STAND_INS.iter().any(|known| known.as_bytes() == name);
                self.ignore(rows)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn headers(&mut self, rows: &mut Rows) -> Option<()> {
        self.take(b'[')?;
        self.space();
        if self.take(b']').is_some() {
            return Some(());
        }
        loop {
            let name = self.bytes(&mut rows.bytes)?;
            self.space();
            self.take(b',')?;
            self.space();
            let value = self.bytes(&mut rows.bytes)?;
            if name.is_null() {
                return None;
            }
            rows.headers.push((name, value));
            self.space();
            if self.take(b']').is_some() {
                return Some(());
            }
            self.take(b',')?;
            self.space();
        }
    }

    /// The value of a member that means nothing: the scalars, as kcat has them.
    fn ignore(&mut self, rows: &mut Rows) -> Option<()> {
        match self.peek()? {
            b'"' => {
                let length = rows.bytes.len();
                self.text(&mut rows.bytes)?;
                rows.bytes.truncate(length);
                Some(())
            }
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            _ => self.number_or_null().map(|_| ()),
        }
    }

    /// A string, `{"base64": "…"}` or null.
    fn bytes(&mut self, out: &mut Vec<u8>) -> Option<Span> {
        match self.peek()? {
            b'"' => self.text(out),
            b'n' => self.word(b"null").map(|()| Span::NULL),
            b'{' if self.is_utf8 => {
                self.at += 1;
                self.space();
                if self.plain()? != b"base64" {
                    return None;
                }
                self.space();
                self.take(b':')?;
                self.space();
                let (text, start) = (self.plain()?, out.len());
                BASE64.decode_vec(text, out).ok()?;
                self.space();
                self.take(b'}')?;
                Some(Span::new(start, out.len()))
            }
            _ => None,
        }
    }

    /// A string without escapes, as it stands.
    fn plain(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..)?;
        let end = rest.iter().position(|&byte| is_special(byte))?;
        self.at += end + 1;
        (rest[end] == b'"').then(|| &rest[..end])
    }

    /// An integer; none within where there is null.
    fn number_or_null(&mut self) -> Option<Option<i64>> {
        if self.null() {
            return Some(None);
        }
        let is_negative = self.take(b'-').is_some();
        let rest = self.text.get(self.at..)?;
        let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        // JSON knows no digits behind a leading zero, serde takes -0 for a fraction, and no fraction is taken here.
        if digits == 0 || rest[0] == b'0' && (digits > 1 || is_negative) || matches!(rest[digits], b'.' | b'e' | b'E') {
            return None;
        }
        self.at += digits;
        let number = rest[..digits].iter().try_fold(0_i64, |number, digit| {
            let digit = i64::from(digit - b'0');
            let number = number.checked_mul(10)?;
            if is_negative { number.checked_sub(digit) } else { number.checked_add(digit) }
        });
        number.map(Some)
    }

    /// Steps over null, where it stands here.
    fn null(&mut self) -> bool {
        self.peek() == Some(b'n') && self.word(b"null").is_some()
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        if !self.text.get(self.at..)?.starts_with(word) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}
