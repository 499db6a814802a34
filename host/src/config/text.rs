//! A configuration file's text, and what stands on which of its lines.

use std::{ops::Range, path::PathBuf};

/// One configuration file's text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// As the operator named it.
    pub path: PathBuf,
    /// Its text, secrets blotted out byte for byte, so that ranges stay true.
    pub text: String,
    /// Where each line begins: looked up for every mistake, so found once.
    line_starts: Vec<usize>,
}

impl Source {
    /// A file and its text.
    pub(super) fn new(path: PathBuf, text: String) -> Self {
        let behind = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(behind).collect();
        Self { path, text, line_starts }
    }

    /// Returns the line and the column of a byte, both counted from 1, columns in characters.
    pub fn line_and_column(&self, at: usize) -> (usize, usize) {
        let line = self.line_of(at);
        let start = self.line_starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..at.min(self.text.len())).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// Returns how many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.line_starts.len()
    }

    /// Returns the bytes of the whole lines, without the last one's line feed, that `range` touches.
    pub(super) fn lines_around(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.line_starts.get(self.line_of(range.start)).copied().unwrap_or(0);
        let end = self.line_starts.get(self.line_of(range.end) + 1).map_or(self.text.len(), |next| next - 1);
        start..end.max(range.end.min(self.text.len()))
    }

    /// Counted from 0.
    fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at).saturating_sub(1)
    }
}
