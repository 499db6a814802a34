//! Why a pattern is refused, in words.

use std::{error::Error, fmt, ops::Range};

use super::{Dialect, Reader};

/// A piece of a pattern that cannot stand there, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The piece of the pattern, in bytes.
    pub span: Range<usize>,
    /// The piece itself and where it stands, what is wrong with it, and the cure.
    message: String,
    /// Whether Java's dialect reads it.
    pub is_java: bool,
    /// Whether it is look-around or a back-reference, which regex-extractor's `engine = "backtracking"` has.
    pub goes_back: bool,
    /// Whether it is a property of characters by a name that Rust does not know.
    pub(super) is_property: bool,
}

/// How much of a piece is shown.
const SHOWN: usize = 40;

impl Refusal {
    pub(super) fn new(pattern: &str, span: Range<usize>, wrong: impl fmt::Display) -> Self {
        let from = pattern.floor_char_boundary(span.start.min(pattern.len()));
        let to = pattern.ceil_char_boundary(span.end.max(span.start + 1).clamp(from, pattern.len()));
        let piece = pattern.get(from..to).unwrap_or_default();
        let place = pattern.get(..from).unwrap_or_default().chars().count() + 1;
        let message = match piece {
            "" => format!("at its end: {wrong}"),
            _ => format!("{} at character {place}: {wrong}", quoted(piece)),
        };
        Self { span: from..to, message, is_java: false, goes_back: false, is_property: false }
    }

    pub(super) fn read_by_java(mut self, is_java: bool) -> Self {
        self.is_java = is_java;
        self
    }

    pub(super) fn read_by_going_back(mut self, goes_back: bool) -> Self {
        self.goes_back = goes_back;
        self
    }

    pub(super) fn about_property(mut self, is_property: bool) -> Self {
        self.is_property = is_property;
        self
    }

    /// Returns what to write so that the pattern is read as it stands, in the words of who reads it; empty where nothing
    /// does that. It goes behind the refusal's own words.
    pub fn ways_out(&self, dialect: Dialect, reader: Reader) -> &'static str {
        match reader {
            Reader::Extractor if self.goes_back => "; `engine = \"backtracking\"` reads it",
            Reader::Part | Reader::Plugin if self.goes_back => {
                "; or have a regex-extractor above with `engine = \"backtracking\"` write what it captures into a header"
            }
            Reader::Plugin if self.is_java => {
                "; or have a regex-extractor above with `dialect = \"java\"` write what it captures into a header"
            }
            Reader::Extractor | Reader::Part | Reader::Other if self.is_java && dialect == Dialect::Rust => {
                "; `dialect = \"java\"` reads it"
            }
            _ => "",
        }
    }
}

/// A piece of a pattern in back-quotes, on one line.
pub(super) fn quoted(piece: &str) -> String {
    let shown: String = piece.chars().take(SHOWN).flat_map(shown).collect();
    format!("`{shown}{}`", if piece.chars().nth(SHOWN).is_some() { "…" } else { "" })
}

fn shown(character: char) -> impl Iterator<Item = char> {
    let escaped = character.is_control().then(|| character.escape_default());
    let plain = escaped.is_none().then_some(character);
    escaped.into_iter().flatten().chain(plain)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Refusal {}
