//! The end of what a plugin says about its own trouble in one call: where it faults, mostly the reason and the place.

use std::collections::VecDeque;

/// Bytes that are kept: a few lines of a stack trace.
const BYTES: usize = 1 << 10;

/// The last lines that were written to standard error or logged as errors.
#[derive(Debug, Default)]
pub(super) struct LastWords {
    lines: VecDeque<String>,
    bytes: usize,
}

impl LastWords {
    /// Adds a line and forgets as many of the oldest as there is no room for.
    pub(super) fn push(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        let line = &line[..line.floor_char_boundary(BYTES)];
        self.bytes += line.len();
        self.lines.push_back(line.to_owned());
        while self.bytes > BYTES
            && let Some(oldest) = self.lines.pop_front()
        {
            self.bytes -= oldest.len();
        }
    }

    /// A call begins.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.bytes = 0;
    }

    /// All in one line; none where nothing was said.
    pub(super) fn line(&self) -> Option<String> {
        let mut lines = self.lines.iter();
        let first = lines.next()?.clone();
        Some(lines.fold(first, |all, line| all + " | " + line))
    }
}
