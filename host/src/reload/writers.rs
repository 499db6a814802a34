//! Files that are being written: a look waits until they are closed, so that nothing is read half.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// A look that is due waits no longer than this: some writers keep their file open for ever.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// Files that somebody writes and has not closed.
///
/// A file that a look has waited for in vain is not waited for again until it is closed: its writer appends to it, and
/// what it holds is looked at as if it were closed.
#[derive(Debug, Default)]
pub(super) struct Writers {
    /// Whether looks wait for it.
    open: BTreeMap<PathBuf, bool>,
    /// Since when looks wait whose reading was not taken yet.
    waits_since: Option<Instant>,
}

impl Writers {
    /// Somebody writes this file.
    pub(super) fn begin(&mut self, path: PathBuf) {
        self.open.entry(path).or_insert(true);
    }

    /// It is closed, or another one.
    pub(super) fn end(&mut self, path: &Path) {
        self.open.remove(path);
    }

    /// Who writes is not known.
    pub(super) fn forget(&mut self) {
        self.open.clear();
    }

    /// Whether a look that is due at `now` has to wait.
    pub(super) fn delay_look(&mut self, now: Instant) -> bool {
        let awaited = |(path, is_awaited): (&PathBuf, &bool)| is_awaited.then(|| path.display().to_string());
        let files: Vec<String> = self.open.iter().filter_map(awaited).collect();
        if files.is_empty() {
            return false;
        }
        let (files, seconds) = (files.join(", "), LIMIT.as_secs());
        let since = *self.waits_since.get_or_insert_with(|| {
            tracing::info!(
                files,
                "reload: waits until these files are closed, at most {seconds} s: they are being written"
            );
            now
        });
        if now < since + LIMIT {
            return true;
        }
        tracing::warn!(
            files,
            "reload: these files are read as they are, open for writing for {seconds} s; rename a finished file into place instead"
        );
        self.open.values_mut().for_each(|is_awaited| *is_awaited = false);
        false
    }

    /// Whether a look has had to wait, and what it reads was not taken yet.
    pub(super) fn has_delayed(&self) -> bool {
        self.waits_since.is_some()
    }

    /// When a look that has had to wait begins, whatever happens.
    pub(super) fn limit(&self) -> Option<Instant> {
        self.waits_since.map(|since| since + LIMIT)
    }

    /// Whether it waits still.
    pub(super) fn delays_look(&self) -> bool {
        self.has_delayed() && self.open.values().any(|is_awaited| *is_awaited)
    }

    /// What a look read was taken: looks that were disturbed have one limit together.
    pub(super) fn end_wait(&mut self) {
        self.waits_since = None;
    }
}
