//! A difference between what was expected and what came out, so that a person can read it.

use std::fmt::{self, Write as _};

use crate::record::{Header, Record, Timestamp};

/// Of a long text so much is shown around the first byte that differs.
const CONTEXT: usize = 40;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub kind: Kind,
    /// The expected record with its line in the expectation; none where there is one too many.
    pub expected: Option<(u64, Record)>,
    /// What came out, with the input line that gave it; none where it is missing.
    pub got: Option<(u64, Record)>,
}

/// What a difference is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Fields differ: name of the field, expected, got.
    Changed(Vec<Field>),
    /// An expected record did not come out.
    Missing,
    /// A record came out that is not expected.
    Extra,
}

/// A field that differs, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// `topic`, `partition`, `timestamp`, `key`, `payload`, `header NAME`.
    pub name: String,
    /// As expected.
    pub expected: String,
    /// As it came out.
    pub got: String,
}

/// The fields in which two records differ.
pub(super) fn fields(expected: &Record, got: &Record) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut add = |name: &str, expected: String, got: String| {
        if expected != got {
            fields.push(Field { name: name.to_owned(), expected, got });
        }
    };
    add("topic", expected.topic.clone(), got.topic.clone());
    add("partition", number(expected.partition), number(got.partition));
    add("offset", number(expected.offset), number(got.offset));
    add("timestamp", timestamp(expected.timestamp), timestamp(got.timestamp));
    add("received", number(expected.received), number(got.received));
    let (one, other) = texts(expected.key.as_deref(), got.key.as_deref());
    add("key", one, other);
    let (one, other) = texts(expected.value.as_deref(), got.value.as_deref());
    add("payload", one, other);
    headers(&expected.headers, &got.headers, &mut fields);
    fields
}

fn headers(expected: &[Header], got: &[Header], fields: &mut Vec<Field>) {
    let names = |headers: &[Header]| headers.iter().map(|header| text(&header.name, 0)).collect::<Vec<_>>().join(", ");
    if !expected.iter().map(|header| &header.name).eq(got.iter().map(|header| &header.name)) {
        fields.push(Field { name: "header names".into(), expected: names(expected), got: names(got) });
        return;
    }
    for (expected, got) in expected.iter().zip(got).filter(|(expected, got)| expected != got) {
        let name = format!("header `{}`", String::from_utf8_lossy(&expected.name));
        let (expected, got) = texts(expected.value.as_deref(), got.value.as_deref());
        fields.push(Field { name, expected, got });
    }
}

fn number(number: Option<impl fmt::Display>) -> String {
    number.map_or_else(|| "null".to_owned(), |number| number.to_string())
}

fn timestamp(timestamp: Timestamp) -> String {
    match timestamp {
        Timestamp::None => "null".to_owned(),
        Timestamp::Create(ms) => format!("{ms} (create)"),
        Timestamp::LogAppend(ms) => format!("{ms} (logappend)"),
    }
}

/// Both sides in words; of long ones the part where they begin to differ.
fn texts(expected: Option<&[u8]>, got: Option<&[u8]>) -> (String, String) {
    let (one, other) = (expected.unwrap_or_default(), got.unwrap_or_default());
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let show = |bytes: Option<&[u8]>| bytes.map_or_else(|| "null".to_owned(), |bytes| text(bytes, same));
    (show(expected), show(got))
}

/// Bytes as a quoted text, what is not UTF-8 as `\xNN`; `at`: the byte that matters.
fn text(bytes: &[u8], at: usize) -> String {
    let boundary = |mut at: usize| {
        // Not into the middle of a character.
        while at < bytes.len() && at > 0 && bytes[at] & 0xc0 == 0x80 {
            at -= 1;
        }
        at
    };
    let from = if at > CONTEXT { boundary(at - CONTEXT / 2) } else { 0 };
    let to = if bytes.len() > at + 2 * CONTEXT { boundary(at + 2 * CONTEXT) } else { bytes.len() };
    let mut out = String::new();
    if from > 0 {
        let _: fmt::Result = write!(out, "[{from} bytes]…");
    }
    out.push('"');
    for chunk in bytes[from..to].utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.push('"'),
                '\'' => out.push('\''),
                _ => out.extend(character.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            let _: fmt::Result = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
    if to < bytes.len() {
        let _: fmt::Result = write!(out, "…[{} bytes]", bytes.len() - to);
    }
    out
}

impl fmt::Display for Difference {
    /// A line that says which record, then a line a side and field; no line feed at the end. With `{:#}` all in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |side: &Option<(u64, Record)>| side.as_ref().map_or(0, |(line, _)| *line);
        match &self.kind {
            Kind::Changed(fields) => {
                write!(f, "record {} differs (from input line {}):", line(&self.expected), line(&self.got))?;
                for (at, Field { name, expected, got }) in fields.iter().enumerate() {
                    if f.alternate() {
                        let between = if at > 0 { ";" } else { "" };
                        write!(f, "{between} {name} expected {expected}, got {got}")?;
                    } else {
                        write!(f, "\n  {name}\n    expected {expected}\n    got      {got}")?;
                    }
                }
            }
            Kind::Missing => {
                write!(f, "record {} is missing:", line(&self.expected))?;
                whole(f, &self.expected)?;
            }
            Kind::Extra => {
                write!(f, "a record too many (from input line {}):", line(&self.got))?;
                whole(f, &self.got)?;
            }
        }
        Ok(())
    }
}

fn whole(f: &mut fmt::Formatter<'_>, side: &Option<(u64, Record)>) -> fmt::Result {
    let Some((_, record)) = side else { return Ok(()) };
    let show = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or_else(|| "null".to_owned(), |bytes| text(bytes, 0));
    let (key, payload) = (show(&record.key), show(&record.value));
    let before = if f.alternate() { " " } else { "\n  " };
    write!(f, "{before}topic {}, key {key}, payload {payload}", record.topic)
}
