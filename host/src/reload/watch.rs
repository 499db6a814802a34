//! Hears of changes in the directories that lead to the configuration's files.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::mpsc::Sender,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode},
};

use super::{symlinks::entries_leading_to, thread::Wake};

/// A watch on every directory that leads to a file. Dropped, it is silent.
#[derive(Debug)]
pub(super) struct Watch {
    _watcher: Option<RecommendedWatcher>,
}

impl Watch {
    /// Watches `files` and `path`, the file or directory given with `-c`. What cannot be watched is left to the poll.
    pub(super) fn new<'a>(path: &'a Path, files: impl Iterator<Item = &'a Path>, wake: &Sender<Wake>) -> Self {
        let mut names: BTreeSet<PathBuf> = BTreeSet::new();
        let mut directories: BTreeMap<PathBuf, ()> = BTreeMap::new();
        for file in files.chain([path]) {
            for (directory, name) in entries_leading_to(file) {
                directories.insert(directory, ());
                names.insert(name);
            }
        }
        let whole = path.is_dir().then(|| path.to_owned());
        directories.extend(whole.clone().map(|directory| (directory, ())));
        let wake = wake.clone();
        let hear = move |event: notify::Result<Event>| {
            let hint = event.map_or(true, |event| matters(&event, &names, whole.is_some()));
            if hint {
                // The receiver is gone only where weir ends.
                let _ = wake.send(Wake::Hint);
            }
        };
        let mut watcher = match notify::recommended_watcher(hear) {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "cannot watch files; they are looked at every 5 s");
                return Self { _watcher: None };
            }
        };
        for directory in directories.keys() {
            if let Err(error) = watcher.watch(directory, RecursiveMode::NonRecursive) {
                tracing::debug!(directory = %directory.display(), %error, "cannot watch; looked at every 5 s");
            }
        }
        Self { _watcher: Some(watcher) }
    }
}

/// Whether an event can speak of one of `names`. Looking at files is an event too, also weir's own looking.
fn matters(event: &Event, names: &BTreeSet<PathBuf>, any_toml: bool) -> bool {
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return false,
        _ => {}
    }
    let known = |path: &PathBuf| {
        let name = path.file_name().map(Path::new);
        name.is_some_and(|name| names.contains(name)) || (any_toml && path.extension() == Some(OsStr::new("toml")))
    };
    event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(known)
}
