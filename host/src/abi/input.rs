//! What a plugin may read of a record.

use std::fmt;

/// Where a capture or a member is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The key.
    Key,
    /// The value.
    Value,
    /// The last header of that name.
    Header(String),
}

/// A group of the first match of a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Capture {
    /// Where it is looked for.
    pub source: Source,
    /// The expression.
    pub pattern: String,
    /// The group; 0 is the whole match.
    pub group: u32,
}

/// What an RFC 6901 pointer names in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// Where the document is.
    pub source: Source,
    /// The pointer.
    pub pointer: String,
}

/// A column that a plan declares.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The key.
    Key,
    /// The value.
    Value,
    /// The last header of that name.
    Header(String),
    /// The record's timestamp.
    Timestamp,
    /// Create time or log append time.
    TimestampType,
    /// When weir fetched the record.
    Received,
    /// The record's offset.
    Offset,
    /// A member of a JSON document: strings unescaped, all else as its JSON text.
    Json(Member),
    /// A member of a JSON document, as an integer.
    JsonInt(Member),
    /// A group of an expression's first match.
    Capture(Capture),
}

/// The whole header table, in `allow.inputs`.
pub const ALL_HEADERS: &str = "all-headers";

impl Source {
    /// Its name in `allow.inputs`.
    fn permission(&self) -> String {
        match self {
            Self::Key => "key".to_owned(),
            Self::Value => "value".to_owned(),
            Self::Header(name) => format!("header:{name}"),
        }
    }
}

impl Input {
    /// The names that `allow.inputs` must have: a member or a capture also needs what it is taken from.
    pub fn permissions(&self) -> Vec<String> {
        let kind = match self {
            Self::Key => return vec![Source::Key.permission()],
            Self::Value => return vec![Source::Value.permission()],
            Self::Header(name) => return vec![Source::Header(name.clone()).permission()],
            Self::Timestamp => "timestamp",
            Self::TimestampType => "timestamp-type",
            Self::Received => "received",
            Self::Offset => "offset",
            Self::Json(_) | Self::JsonInt(_) => "json",
            Self::Capture(_) => "capture",
        };
        std::iter::once(kind.to_owned()).chain(self.source().map(Source::permission)).collect()
    }

    /// Whether its cells are integers; else they are bytes.
    pub fn is_int(&self) -> bool {
        match self {
            Self::Timestamp | Self::TimestampType | Self::Received | Self::Offset | Self::JsonInt(_) => true,
            Self::Key | Self::Value | Self::Header(_) | Self::Json(_) | Self::Capture(_) => false,
        }
    }

    /// What it is taken from, where it is a part of something.
    pub fn source(&self) -> Option<&Source> {
        match self {
            Self::Json(member) | Self::JsonInt(member) => Some(&member.source),
            Self::Capture(capture) => Some(&capture.source),
            _ => None,
        }
    }
}

impl super::Plan {
    /// The names that `allow.inputs` must have, some of them several times.
    pub fn permissions(&self) -> impl Iterator<Item = String> {
        let all_headers = self.all_headers.then(|| ALL_HEADERS.to_owned());
        self.inputs.iter().flat_map(Input::permissions).chain(all_headers)
    }
}

/// In words, for people: the name in `allow.inputs`, or what is looked for where.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(Member { source, pointer }) => write!(f, "json {pointer} of the {source}"),
            Self::JsonInt(Member { source, pointer }) => write!(f, "json {pointer} of the {source}, a whole number"),
            Self::Capture(Capture { source, pattern, group }) => {
                write!(f, "capture {group} of {pattern} in the {source}")
            }
            plain => f.write_str(&plain.permissions().concat()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => f.write_str("key"),
            Self::Value => f.write_str("value"),
            Self::Header(name) => write!(f, "header {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_needs_its_kind_and_what_it_is_taken_from() {
        let header = || Source::Header("h".to_owned());
        let member = Member { source: header(), pointer: "/a".to_owned() };
        assert_eq!(Input::JsonInt(member.clone()).permissions(), ["json", "header:h"]);
        assert_eq!(Input::JsonInt(member).to_string(), "json /a of the header h, a whole number");
        let capture = Capture { source: Source::Value, pattern: "x".to_owned(), group: 1 };
        assert_eq!(Input::Capture(capture.clone()).permissions(), ["capture", "value"]);
        assert_eq!(Input::Capture(capture).to_string(), "capture 1 of x in the value");
        assert_eq!(Input::Header("h".to_owned()).to_string(), "header:h");
        assert_eq!(Input::TimestampType.permissions(), ["timestamp-type"]);
    }
}
