//! One line of a record file, read.

use std::fmt;

use base64::{
    Engine as _,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, MapAccess, Visitor},
};

use crate::record::{Header, Record, Timestamp};

/// Padding is optional in the wild; weir writes it.
pub(super) static BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a record gets where its line does not say.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// Its partition; none leaves it unknown.
    pub partition: Option<i32>,
    /// Its offset; none leaves it unknown.
    pub offset: Option<i64>,
}

/// What is wrong with a line, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LineError(String);

impl LineError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(super) fn utf16() -> Self {
        Self::new("the file is UTF-16 text; write it as UTF-8 (`iconv -f UTF-16 -t UTF-8`)")
    }
}

/// Reads one line (without its line feed) as a record.
///
/// `topic`, `partition` and `offset` may be absent or null and then come from `defaults`. `ts` absent, null or -1, or a
/// `tstype` of `"unknown"`, mean that the record has no timestamp; a `ts` without a `tstype` is a create time. `key`,
/// `payload` and `headers` may be absent or null: no key, no value, no headers. Unknown members are ignored.
///
/// # Errors
/// [`LineError`]: the line is no JSON object, a member has the wrong type, base64 is not base64, or the line is no record but
/// an event by itself: it has members, and none of a record's, or one such as `value` in place of `payload`.
pub fn read_line(line: &[u8], defaults: &Defaults<'_>) -> Result<Record, LineError> {
    match std::str::from_utf8(line) {
        Ok(text) => parse::<Text>(text.as_bytes(), defaults),
        // kcat prints bytes as they are: what is not UTF-8 inside a string of such a line is the record's own bytes.
        Err(_) => parse::<Raw>(line, defaults),
    }
}

fn parse<C: Into<Vec<u8>> + DeserializeOwned>(line: &[u8], defaults: &Defaults<'_>) -> Result<Record, LineError> {
    if line.trim_ascii_start().first() == Some(&b'[') {
        let cure = "a record file holds one JSON object a line (for plain text give `--format lines`)";
        return Err(LineError::new(format!("found a list; {cure}")));
    }
    let text = line;
    let line: Line<C> = serde_json::from_slice(line).map_err(|error| explain(line, &error))?;
    if line.payload.is_none() {
        check_names(text)?;
    }
    let timestamp = match (line.tstype.unwrap_or_default(), line.ts) {
        (TimestampType::Unknown, _) | (_, None | Some(-1)) => Timestamp::None,
        (_, Some(..0)) => {
            let message = "`ts` is milliseconds since 1970, which Kafka does not have below 0; -1 or null is none";
            return Err(LineError(message.into()));
        }
        (TimestampType::Create, Some(ms)) => Timestamp::Create(ms),
        (TimestampType::LogAppend, Some(ms)) => Timestamp::LogAppend(ms),
    };
    let partition = line.partition.or(defaults.partition);
    let offset = line.offset.or(defaults.offset);
    if partition.is_some_and(|partition| partition < 0) || offset.is_some_and(|offset| offset < 0) {
        let message = "`partition` and `offset` are numbers from 0; leave them out where they are not known";
        return Err(LineError(message.into()));
    }
    Ok(Record {
        topic: line.topic.unwrap_or_else(|| defaults.topic.to_owned()),
        partition,
        offset,
        timestamp,
        received: line.received,
        key: line.key.map(Into::into),
        value: line.payload.map(Into::into),
        headers: pair(line.headers.unwrap_or_default())?,
    })
}

/// What people and other tools call a record's value.
pub(super) const STAND_INS: [&str; 8] = ["value", "message", "msg", "body", "data", "event", "text", "content"];
/// So many of them are that beside a record's members, too; the others may be members of somebody's own, which are ignored.
const SURE: usize = 4;

/// The members of a record.
const KNOWN: [&str; 9] = ["topic", "partition", "offset", "tstype", "ts", "received", "headers", "key", "payload"];

/// Refuses a line without a value that is a record by its braces only: it would be read as a tombstone.
fn check_names(line: &[u8]) -> Result<(), LineError> {
    let Names(names) = serde_json::from_slice(line).map_err(|error| explain(line, &error))?;
    if names.is_empty() || names.iter().any(|name| name == "payload") {
        return Ok(());
    }
    let cure = "write `payload` (null is a tombstone), or `--format lines` if each line is a record's value";
    let is_record = names.iter().any(|name| KNOWN.contains(&name.as_str()));
    let stand_ins = if is_record { &STAND_INS[..SURE] } else { &STAND_INS };
    if let Some(name) = names.iter().find(|name| stand_ins.contains(&name.as_str())) {
        return Err(LineError(format!("it has `{name}` and no `payload`, where a record's value stands; {cure}")));
    }
    if is_record {
        return Ok(());
    }
    Err(LineError(format!("it has none of a record's members ({}); {cure}", KNOWN.join(", "))))
}

/// The names of an object's members.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = map.next_entry::<String, de::IgnoredAny>()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(NamesVisitor)
    }
}

fn pair<C: Into<Vec<u8>>>(flat: Vec<Option<C>>) -> Result<Vec<Header>, LineError> {
    if !flat.len().is_multiple_of(2) {
        let message = "`headers` holds an odd number of entries; write a flat list of name, value, name, value";
        return Err(LineError(message.into()));
    }
    let mut headers = Vec::with_capacity(flat.len() / 2);
    let mut flat = flat.into_iter();
    while let (Some(name), Some(value)) = (flat.next(), flat.next()) {
        let Some(name) = name else {
            let message = "`headers` holds null in place of a name; only a value may be null";
            return Err(LineError(message.into()));
        };
        headers.push(Header { name: name.into(), value: value.map(Into::into) });
    }
    Ok(headers)
}

fn explain(line: &[u8], error: &serde_json::Error) -> LineError {
    let cure = if !line.trim_ascii().starts_with(b"{") {
        "; a record file holds one JSON object a line (for plain text give `--format lines`)"
    } else if error.is_eof() {
        "; the line ends within the object: a record stands on one line, with line feeds written as \\n"
    } else {
        ""
    };
    // serde_json counts lines too, but this is one line: only the column says something.
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    LineError(format!("column {}: {what}{cure}", error.column()))
}

#[derive(Deserialize)]
#[serde(expecting = "one JSON object")]
#[serde(bound = "C: Deserialize<'de>")]
struct Line<C> {
    topic: Option<String>,
    partition: Option<i32>,
    offset: Option<i64>,
    tstype: Option<TimestampType>,
    ts: Option<i64>,
    received: Option<i64>,
    headers: Option<Vec<Option<C>>>,
    key: Option<C>,
    payload: Option<C>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TimestampType {
    #[default]
    Create,
    LogAppend,
    Unknown,
}

/// Bytes as weir writes them: a string, or an object with their base64.
struct Text(Vec<u8>);

impl From<Text> for Vec<u8> {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, `{\"base64\": \"…\"}` or null")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.as_bytes().to_vec()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Text, E> {
        Ok(Text(text.into_bytes()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let shape = || de::Error::custom("bytes are a string or an object with the one member `base64`");
        match map.next_key::<String>()? {
            Some(name) if name == "base64" => {}
            _ => return Err(shape()),
        }
        let text: String = map.next_value()?;
        if map.next_key::<de::IgnoredAny>()?.is_some() {
            return Err(shape());
        }
        BASE64
            .decode(text)
            .map(Text)
            .map_err(|error| de::Error::custom(format_args!("`base64` is not base64: {error}")))
    }
}

/// Bytes as kcat prints them: a string whose bytes need not be UTF-8.
struct Raw(Vec<u8>);

impl From<Raw> for Vec<u8> {
    fn from(raw: Raw) -> Self {
        raw.0
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;
        impl Visitor<'_> for RawVisitor {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or null (in a line that is not UTF-8)")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Raw, E> {
                Ok(Raw(bytes.to_vec()))
            }
        }
        // serde_json hands strings that are asked for as bytes through without looking for UTF-8.
        deserializer.deserialize_bytes(RawVisitor)
    }
}
