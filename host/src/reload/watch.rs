//! Hears of changes in the directories that lead to the configuration's files.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind},
};

use super::{symlinks::entries_leading_to, thread::Wake};

/// Only inotify tells that a file was closed which somebody had written.
const TELLS_CLOSE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// What the system tells of the files.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// Something may have changed.
    Changed,
    /// Somebody writes this file, and has it open.
    Begun(PathBuf),
    /// Who wrote this file has closed it, or another file has taken its place.
    Ended(PathBuf),
    /// Events were lost: who writes is not known any more.
    Missed,
}

/// Which directories are watched, and for what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    names: BTreeSet<PathBuf>,
    /// With device and inode, because another directory may take one's place; none where there is none.
    directories: BTreeMap<PathBuf, Option<(u64, u64)>>,
    /// Any other `*.toml` counts, too.
    any_toml: bool,
}

impl Wanted {
    /// What leads to `files` and to `path`, the file or directory given with `-c`.
    pub(super) fn of<'a>(path: &'a Path, files: impl Iterator<Item = &'a Path>) -> Self {
        let mut names = BTreeSet::new();
        let mut directories = BTreeSet::new();
        for file in files.chain([path]) {
            for (directory, name) in entries_leading_to(file) {
                directories.insert(directory);
                names.insert(name);
            }
        }
        let any_toml = path.is_dir();
        directories.extend(any_toml.then(|| path.to_owned()));
        let identified = directories.into_iter().map(|directory| {
            let identity = fs::metadata(&directory).ok().map(|found| (found.dev(), found.ino()));
            (directory, identity)
        });
        Self { names, directories: identified.collect(), any_toml }
    }

    fn has(&self, path: &Path) -> bool {
        let named = path.file_name().is_some_and(|name| self.names.contains(Path::new(name)));
        named || (self.any_toml && path.extension() == Some(OsStr::new("toml")))
    }

    /// What an event says of the files. To look at files is an event too, also where weir itself looks.
    fn hints_of(&self, event: &Event) -> Vec<Hint> {
        let is_close = matches!(event.kind, EventKind::Access(AccessKind::Close(AccessMode::Write)));
        if matches!(event.kind, EventKind::Access(_)) && !is_close {
            return Vec::new();
        }
        if event.need_rescan() {
            return vec![Hint::Missed];
        }
        if event.paths.is_empty() {
            return vec![Hint::Changed];
        }
        let paths = event.paths.iter().filter(|path| self.has(path));
        paths.map(|path| hint_of(event.kind, path)).collect()
    }

    /// Whether an event speaks of one of the directories itself, which may be gone.
    fn loses_directory(&self, event: &Event) -> bool {
        let goes = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
        goes && event.paths.iter().any(|path| self.directories.contains_key(path))
    }
}

fn hint_of(kind: EventKind, path: &Path) -> Hint {
    let path = || path.to_owned();
    match kind {
        EventKind::Modify(ModifyKind::Data(_)) if TELLS_CLOSE => Hint::Begun(path()),
        // By an open; a link to a file that is there already is not empty, and nobody closes it.
        EventKind::Create(CreateKind::File) if TELLS_CLOSE && is_empty_file(&path()) => Hint::Begun(path()),
        EventKind::Access(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => Hint::Ended(path()),
        _ => Hint::Changed,
    }
}

fn is_empty_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0)
}

/// A watch on every directory that leads to a file. Dropped, it is silent.
#[derive(Debug)]
pub(super) struct Watch {
    watcher: Option<RecommendedWatcher>,
    wanted: Arc<Wanted>,
    /// A directory could not be watched, or has gone.
    has_gap: Arc<AtomicBool>,
}

impl Watch {
    /// Watches what is wanted. What cannot be watched is left to the poll.
    pub(super) fn new(wanted: Wanted, wake: &Sender<Wake>) -> Self {
        let (wanted, has_gap) = (Arc::new(wanted), Arc::new(AtomicBool::new(false)));
        let mut watch = Self { watcher: None, wanted, has_gap };
        let (wanted, has_gap, wake) = (Arc::clone(&watch.wanted), Arc::clone(&watch.has_gap), wake.clone());
        let hear = move |event: notify::Result<Event>| {
            let mut hints = event.as_ref().map_or_else(|_| vec![Hint::Changed], |event| wanted.hints_of(event));
            if event.is_ok_and(|event| wanted.loses_directory(&event)) {
                has_gap.store(true, Ordering::Release);
                hints.push(Hint::Changed);
            }
            for hint in hints {
                // The receiver is gone only where weir ends.
                let _ = wake.send(Wake::Hint(hint));
            }
        };
        let mut watcher = match notify::recommended_watcher(hear) {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "cannot watch files; they are looked at every 5 s");
                return watch;
            }
        };
        for directory in watch.wanted.directories.keys() {
            if let Err(error) = watcher.watch(directory, RecursiveMode::NonRecursive) {
                tracing::debug!(directory = %directory.display(), %error, "cannot watch; looked at every 5 s");
                watch.has_gap.store(true, Ordering::Release);
            }
        }
        watch.watcher = Some(watcher);
        watch
    }

    /// Whether it hears of all of this. A new watch in its place may tell things twice and out of order.
    pub(super) fn serves(&self, wanted: &Wanted) -> bool {
        self.watcher.is_some() && *self.wanted == *wanted && !self.has_gap.load(Ordering::Acquire)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn hints(woken: &Receiver<Wake>, last: &Hint) -> Vec<Hint> {
        let mut all = Vec::new();
        while all.last() != Some(last) {
            let wake = woken.recv_timeout(std::time::Duration::from_secs(10));
            let Ok(Wake::Hint(hint)) = wake else { panic!("not {last:?}, only {all:?}") };
            all.push(hint);
        }
        all.dedup();
        all
    }

    #[test]
    fn a_file_is_being_written_until_it_is_closed_and_links_and_renames_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let file = root.join("weir.toml");
        let (wake, woken) = channel();
        let watch = Watch::new(Wanted::of(&file, std::iter::empty()), &wake);
        let (begun, ended) = (Hint::Begun(file.clone()), Hint::Ended(file.clone()));
        fs::write(&file, "one").unwrap();
        assert!(hints(&woken, &ended).contains(&begun));
        // By another name nobody hears of it, until it is put in place.
        fs::write(root.join("new"), "two").unwrap();
        fs::rename(root.join("new"), &file).unwrap();
        assert!(!hints(&woken, &ended).contains(&begun));
        fs::remove_file(&file).unwrap();
        assert!(!hints(&woken, &ended).contains(&begun));
        fs::write(root.join("other"), "three").unwrap();
        fs::hard_link(root.join("other"), &file).unwrap();
        assert!(!hints(&woken, &Hint::Changed).contains(&begun));
        assert!(watch.serves(&Wanted::of(&file, std::iter::empty())));
    }

    #[test]
    fn a_directory_that_is_removed_or_replaced_needs_a_new_watch() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (inner, file) = (root.join("inner"), root.join("inner/weir.toml"));
        let wanted = || Wanted::of(&file, std::iter::empty());
        fs::create_dir(&inner).unwrap();
        let (wake, woken) = channel();
        let watch = Watch::new(wanted(), &wake);
        assert!(watch.serves(&wanted()));
        fs::remove_dir(&inner).unwrap();
        hints(&woken, &Hint::Changed);
        // Also where the new one happens to get its inode.
        fs::create_dir(&inner).unwrap();
        assert!(!watch.serves(&wanted()));
        fs::rename(&inner, root.join("old")).unwrap();
        assert!(!Watch::new(wanted(), &wake).serves(&wanted()), "it is not there");
    }
}
