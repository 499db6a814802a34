//! JSON documents as weir reads them: what a pointer names, or the reason why it names nothing.
//!
//! The gateway reads records with a scanner of its own, made for speed. This reader finds the same, explains where a document
//! breaks, and serves where nobody waits: dead letters, and the SDK's tests. Tests hold both against each other.
//!
//! A document is RFC 8259's grammar with white space around it, at most [`DEPTH`] containers within each other. Real data
//! decides the rest. What [`document_start`] says stands before it and is skipped. The bytes of a string need not be UTF-8 and
//! are taken as they are. Half of a surrogate pair, written as an escape, stands for U+FFFD.

mod integer;
mod reader;
mod reason;
mod string;

use std::{borrow::Cow, ops::Range};

pub use self::{
    integer::{NotInteger, integer},
    reader::{Break, Expected},
    reason::{NoValue, why_null},
    string::unescape,
};

/// How much of a document is read, and which member counts of a name that stands twice in an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reading {
    /// All of it, which must be valid. The last counts.
    #[default]
    Whole,
    /// As far as the last value that is looked for: up to there it must be valid, and what follows is not looked at. The first
    /// counts. A document in which something is missing is read to its end.
    First,
}

/// Containers within containers that a document may have.
pub const DEPTH: usize = 128;

/// A byte order mark, in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";
/// Bytes of a Schema Registry frame: a zero, and four of the schema's number.
const FRAME: usize = 5;

/// Returns how many bytes of `source` stand before its JSON document: those of a Schema Registry frame (a zero byte, with
/// which no JSON begins, and four more), then those of a byte order mark.
pub fn document_start(source: &[u8]) -> usize {
    let frame = if source.first() == Some(&0) && source.len() >= FRAME { FRAME } else { 0 };
    let is_marked = source.get(frame..).is_some_and(|document| document.starts_with(MARK));
    if is_marked { frame + MARK.len() } else { frame }
}

/// Returns where in `source` the value stands that `pointer` names, a string with its quotes; none where there is no such
/// member. Of a name that stands twice, the last counts.
///
/// # Errors
/// [`Break`]: the document is not valid.
pub fn find(source: &[u8], pointer: &str) -> Result<Option<Range<usize>>, Break> {
    reader::read(source, pointer, Reading::Whole)
}

/// As [`find`], but of a name that stands twice the first counts, and what follows the value is not looked at.
///
/// # Errors
/// [`Break`]: the document is not valid, up to the value's end if it has one.
pub fn find_first(source: &[u8], pointer: &str) -> Result<Option<Range<usize>>, Break> {
    reader::read(source, pointer, Reading::First)
}

/// Returns the text of a value as it stands in a document: a string's characters, all else as it is; none of `null`.
pub fn text(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    match value {
        b"null" => None,
        [b'"', string @ .., b'"'] => Some(unescape(string)),
        other => Some(Cow::Borrowed(other)),
    }
}

#[cfg(test)]
mod tests;
