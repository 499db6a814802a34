//! What comes of one record: the outputs of the program as parts of records.

use jaq_json::Val;
use weir_sdk::{header_mistake, pattern_covers, topic_mistake};

use crate::{config::Output, write};

/// Bytes that the outputs of one record may have.
pub(crate) const BYTES: usize = 8 << 20;

/// A part that may be null.
pub(crate) type Nullable = Option<Vec<u8>>;

/// An output, as what it changes of the record.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) value: Option<Nullable>,
    pub(crate) key: Option<Nullable>,
    pub(crate) topic: Option<String>,
    /// Names, and what becomes of the headers of that name: none at all, or one for each value.
    pub(crate) headers: Vec<(String, Vec<Nullable>)>,
}

/// How outputs are understood.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) output: Output,
    pub(crate) raw: bool,
    pub(crate) headers: Vec<String>,
    pub(crate) topics: Vec<String>,
}

impl Shape {
    /// Reads an output, and takes its bytes off those that are `left`.
    ///
    /// # Errors
    /// What it has that a record cannot have, or may not have here, or that it is too large.
    pub(crate) fn outcome(&self, output: &Val, left: &mut usize) -> Result<Outcome, String> {
        let mut outcome = Outcome::default();
        match (self.output, output) {
            (Output::Value, value) => outcome.value = Some(Some(self.value(value)?)),
            (Output::Record, Val::Obj(members)) => {
                for (name, member) in members.iter() {
                    self.member(name, member, &mut outcome)?;
                }
            }
            (Output::Record, other) => {
                let kind = kind(other);
                return Err(format!(
                    "an output is {kind}, not an object with any of `key`, `headers`, `topic` and `value`"
                ));
            }
        }
        let bytes = outcome.bytes();
        *left = left.checked_sub(bytes).ok_or_else(|| format!("its outputs have more than {} MiB", BYTES >> 20))?;
        Ok(outcome)
    }

    fn member(&self, name: &Val, member: &Val, outcome: &mut Outcome) -> Result<(), String> {
        let name = match name {
            Val::TStr(name) => String::from_utf8_lossy(name),
            other => return Err(format!("an output has the key {other}, which is not a string")),
        };
        match (&*name, member) {
            ("value", Val::Null) => outcome.value = Some(None),
            ("value", value) => outcome.value = Some(Some(self.value(value)?)),
            ("key", key) => outcome.key = Some(nullable(key)?),
            ("topic", Val::TStr(topic)) => outcome.topic = Some(self.topic(&String::from_utf8_lossy(topic))?),
            ("topic", other) => return Err(format!("`topic` is {}, not a string", kind(other))),
            ("headers", Val::Obj(headers)) => {
                for (name, values) in headers.iter() {
                    outcome.headers.push(self.header(name, values)?);
                }
            }
            ("headers", other) => return Err(format!("`headers` is {}, not an object", kind(other))),
            (other, _) => {
                return Err(format!(
                    "an output has the member `{other}`, not only `key`, `headers`, `topic` and `value`"
                ));
            }
        }
        Ok(())
    }

    fn value(&self, value: &Val) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        if self.raw {
            write::text(value, &mut bytes)?
        } else {
            write::json(value, &mut bytes)?
        }
        Ok(bytes)
    }

    fn topic(&self, name: &str) -> Result<String, String> {
        if let Some(wrong) = topic_mistake(name) {
            return Err(wrong);
        }
        if self.topics.iter().any(|pattern| pattern_covers(pattern.as_bytes(), name.as_bytes())) {
            return Ok(name.to_owned());
        }
        Err(match self.topics.as_slice() {
            [] => format!("topic `{name}`: this interceptor's `topics` name none that it may set"),
            topics => format!("topic `{name}` is none of `{}`", topics.join("`, `")),
        })
    }

    fn header(&self, name: &Val, values: &Val) -> Result<(String, Vec<Nullable>), String> {
        let name = match name {
            Val::TStr(name) => std::str::from_utf8(name).map_err(|_| "a header's name is not UTF-8".to_owned())?,
            other => return Err(format!("a header's name is {}, not a string", kind(other))),
        };
        if let Some(wrong) = header_mistake(name) {
            return Err(wrong);
        }
        if !self.headers.iter().any(|allowed| allowed == "*" || allowed == name) {
            return Err(format!("header `{name}` is none of `{}`", self.headers.join("`, `")));
        }
        let values = match values {
            Val::Null => Vec::new(),
            Val::Arr(values) => values.iter().map(nullable).collect::<Result<_, _>>()?,
            value => vec![nullable(value)?],
        };
        Ok((name.to_owned(), values))
    }
}

impl Outcome {
    fn bytes(&self) -> usize {
        let nullable = |part: &Nullable| part.as_ref().map_or(0, Vec::len);
        let header = |(name, values): &(String, Vec<Nullable>)| name.len() + values.iter().map(nullable).sum::<usize>();
        let of_record = self.value.iter().chain(&self.key).map(nullable).sum::<usize>();
        of_record + self.headers.iter().map(header).sum::<usize>()
    }
}

/// A key or a header's value: a string's bytes, all else as JSON, null as null.
fn nullable(value: &Val) -> Result<Nullable, String> {
    if matches!(value, Val::Null) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    write::text(value, &mut bytes)?;
    Ok(Some(bytes))
}

fn kind(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "a boolean",
        Val::Num(_) => "a number",
        Val::TStr(_) | Val::BStr(_) => "a string",
        Val::Arr(_) => "an array",
        Val::Obj(_) => "an object",
    }
}
