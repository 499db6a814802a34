//! Why nothing was found where a pointer points.

use std::fmt;

use super::{Break, NotInteger, Reading, document_start, find, find_first, integer};

/// Why a pointer gives nothing. As text, "it" is what the document was looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoValue {
    /// There are no bytes.
    Empty,
    /// The text begins with the byte order mark of UTF-16.
    Utf16,
    /// Something else than JSON follows a Schema Registry frame.
    OtherFormat,
    /// The first byte, or the first behind a byte order mark, begins no JSON.
    NotJson,
    /// It begins as JSON and does not go on so.
    Broken(Break),
    /// The document has no such member.
    NoMember,
    /// The member is `null`.
    Null,
    /// The member is there, and is no integer.
    NotInteger(NotInteger),
}

impl NoValue {
    /// Returns a word for it, for metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Utf16 => "utf-16",
            Self::OtherFormat => "other-format",
            Self::NotJson => "not-json",
            Self::Broken(_) => "broken-json",
            Self::NoMember => "no-member",
            Self::Null => "null",
            Self::NotInteger(_) => "not-integer",
        }
    }

    /// Whether the reason is the document as a whole, so that every pointer has the same.
    pub fn is_of_the_document(&self) -> bool {
        !matches!(self, Self::NoMember | Self::Null | Self::NotInteger(_))
    }
}

/// Returns why `pointer` gives nothing of `source`, read as an integer or as text; none where it gives something.
///
/// What gives something may still be refused by [`Reading::First`], where another member was looked for behind it and the
/// document breaks before that one: then it is returned where.
pub fn why_null(source: &[u8], pointer: &str, as_integer: bool, reading: Reading) -> Option<NoValue> {
    let found = match reading {
        Reading::Whole => find(source, pointer),
        Reading::First => find_first(source, pointer),
    };
    let value = match found {
        Ok(Some(value)) => &source[value],
        Ok(None) => return Some(NoValue::NoMember),
        Err(broken) => return Some(why_broken(source, broken)),
    };
    match (integer(value), as_integer) {
        (Err(NotInteger::Null), _) => Some(NoValue::Null),
        (Err(not), true) => Some(NoValue::NotInteger(not)),
        _ if reading == Reading::First => find(source, pointer).err().map(|broken| why_broken(source, broken)),
        _ => None,
    }
}

fn why_broken(source: &[u8], broken: Break) -> NoValue {
    let start = document_start(source);
    let is_at_start = source.get(start..broken.at).is_some_and(|before| before.trim_ascii().is_empty());
    match source {
        [] => NoValue::Empty,
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => NoValue::Utf16,
        _ if !is_at_start || broken.is_end => NoValue::Broken(broken),
        [0, ..] if start > 0 => NoValue::OtherFormat,
        _ => NoValue::NotJson,
    }
}

impl fmt::Display for NoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Utf16 => f.write_str("it is UTF-16 text, and JSON is UTF-8"),
            Self::OtherFormat => {
                f.write_str("no JSON stands behind its Schema Registry frame (Avro or Protobuf, perhaps)")
            }
            Self::NotJson => f.write_str("it is not JSON, which begins otherwise"),
            Self::Broken(broken) => write!(f, "the JSON {broken}"),
            Self::NoMember => f.write_str("there is no such member"),
            Self::Null => f.write_str("the member is `null`"),
            Self::NotInteger(not) => write!(f, "the member is {not}"),
        }
    }
}
