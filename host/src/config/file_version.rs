//! Tells without reading it whether a path has got other content.

use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

/// What the file at a path was at one moment, symbolic links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileVersion {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds since the epoch.
    modified: (i64, i64),
    /// As `modified`; of the inode.
    changed: (i64, i64),
}

impl FileVersion {
    /// None where nothing is, or where nobody may look.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}
