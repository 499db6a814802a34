//! The end of what a plugin says about its own trouble in one call: where it faults, mostly the reason and the place.

use std::collections::VecDeque;

/// Bytes that are kept: a few lines of a stack trace.
const BYTES: usize = 1 << 10;

/// The last lines that were written to standard error or logged as errors.
#[derive(Debug, Default)]
pub(super) struct LastWords(VecDeque<String>);

impl LastWords {
    /// Adds a line and forgets as many of the oldest as there is no room for.
    pub(super) fn push(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        self.0.push_back(line[..line.floor_char_boundary(BYTES)].to_owned());
        let mut bytes: usize = self.0.iter().map(String::len).sum();
        while bytes > BYTES
            && let Some(oldest) = self.0.pop_front()
        {
            bytes -= oldest.len();
        }
    }

    /// A call begins.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// All in one line; none where nothing was said.
    pub(super) fn line(&self) -> Option<String> {
        let mut lines = self.0.iter();
        let first = lines.next()?.clone();
        Some(lines.fold(first, |all, line| all + " | " + line))
    }
}
