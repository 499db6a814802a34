//! A configuration file's text, and what stands on which of its lines.

use std::{
    fmt,
    ops::Range,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

/// One configuration file's text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// As the operator named it.
    pub path: PathBuf,
    /// Its text, secrets blotted out byte for byte, so that ranges stay true.
    pub text: String,
    /// Where each line begins: looked up for every mistake, so found once.
    line_starts: Vec<usize>,
    resolved: Resolved,
}

/// What references stood for, each by the byte that it begins at. They may be secrets: never printed, and no part of what a
/// file is.
#[derive(Default)]
struct Resolved(Mutex<Vec<(usize, String)>>);

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl PartialEq for Resolved {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Resolved {}

impl Source {
    /// A file and its text.
    pub(super) fn new(path: PathBuf, text: String) -> Self {
        let behind = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(behind).collect();
        Self { path, text, line_starts, resolved: Resolved::default() }
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

    /// Notes what the reference that begins at this byte stands for.
    pub(super) fn note_resolved(&self, at: usize, value: &str) {
        self.resolved.0.lock().unwrap_or_else(PoisonError::into_inner).push((at, value.to_owned()));
    }

    /// Returns what is said of `range` without what references in it stand for.
    pub(super) fn without_resolved(&self, range: &Range<usize>, text: String) -> String {
        let resolved = self.resolved.0.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = resolved.iter().filter(|(at, _)| *at == range.start || range.contains(at));
        inside.fold(text, |text, (_, value)| without(&text, value))
    }

    /// Counted from 0.
    fn line_of(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at).saturating_sub(1)
    }
}

/// The same text without a value that it quotes; a long one is left out wherever it stands.
fn without(text: &str, value: &str) -> String {
    const LONG: usize = 8;
    match value.len() {
        0 => text.to_owned(),
        LONG.. => text.replace(value, "…"),
        _ => text.replace(&format!("`{value}`"), "`…`").replace(&format!("\"{value}\""), "\"…\""),
    }
}
