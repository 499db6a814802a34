//! Expressions with look-around and back-references, searched by going back, inside the sandbox.

use std::{borrow::Cow, ops::Range};

use fancy_regex::{Regex, RegexBuilder};
use weir_sdk::pattern::{Dialect, translate_backtracking};

use crate::groups::Groups;

/// How often one search may go back: the same on every machine, and some tens of milliseconds.
const STEPS: usize = 1_000_000;

/// An expression, compiled.
#[derive(Debug)]
pub(crate) struct Backtracking(Regex);

impl Backtracking {
    /// # Errors
    /// What is wrong with the pattern.
    pub(crate) fn new(pattern: &str, dialect: Dialect) -> Result<Self, String> {
        let pattern = translate_backtracking(pattern, dialect)?;
        let built = RegexBuilder::new(&pattern).backtrack_limit(STEPS).build();
        built.map(Self).map_err(|error| format!("not a valid regular expression: {error}").replace('\n', " "))
    }

    /// What it captures.
    pub(crate) fn groups(&self) -> Groups {
        let named = self.0.capture_names().enumerate().filter_map(|(at, name)| Some((at, name?.to_owned())));
        Groups { count: self.0.captures_len() - 1, named: named.collect(), are_in_every_match: false }
    }

    /// Where the first match's groups stand; bytes that are no UTF-8 are looked at as U+FFFD.
    ///
    /// # Errors
    /// The search went back too often.
    pub(crate) fn find(&self, bytes: &[u8]) -> Result<Option<Vec<Option<Range<usize>>>>, String> {
        let text = String::from_utf8_lossy(bytes);
        let captures = self.0.captures(&*text).map_err(|_| format!("it went back more than {STEPS} times"))?;
        let Some(captures) = captures else { return Ok(None) };
        let place = |place: usize| match text {
            Cow::Borrowed(_) => place,
            Cow::Owned(_) => original(bytes, place),
        };
        let range = |range: Range<usize>| place(range.start)..place(range.end);
        Ok(Some(captures.iter().map(|group| group.map(|group| range(group.range()))).collect()))
    }
}

/// Where in the bytes a place of their decoded text is.
fn original(bytes: &[u8], place: usize) -> usize {
    let (mut decoded, mut read) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().len();
        if place <= decoded + valid {
            return read + (place - decoded);
        }
        decoded += valid + char::REPLACEMENT_CHARACTER.len_utf8();
        read += valid + chunk.invalid().len();
    }
    read
}
