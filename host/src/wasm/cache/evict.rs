//! Keeps the cache within its size: what was used longest ago goes first.

use std::{
    io,
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::{
    fd::{AsFd, BorrowedFd},
    fs::{AtFlags, Dir, FileType, statat, unlinkat},
};

/// The end of the name of every file of the cache.
pub(super) const ENDING: &str = ".code";
/// The beginning of the names of files that are still written.
pub(super) const UNFINISHED: &str = ".";
/// A file that is still written after this many seconds is of a weir that was killed meanwhile.
const ABANDONED_SECONDS: i64 = 3600;

struct File {
    name: String,
    bytes: u64,
    /// Seconds since the epoch.
    last_used: i64,
}

/// Removes the files that were used longest ago until those that are left have at most `limit` bytes; `keep` stays.
/// Returns the names of what was removed. A file that somebody else removed meanwhile is as good.
///
/// # Errors
/// The folder cannot be read.
pub(in crate::wasm) fn trim(folder: impl AsFd, keep: &str, limit: u64) -> io::Result<Vec<String>> {
    let folder = folder.as_fd();
    let abandoned = now() - ABANDONED_SECONDS;
    let (unfinished, mut files): (Vec<File>, Vec<File>) =
        list(folder)?.into_iter().partition(|file| file.name.starts_with(UNFINISHED));
    let mut removed = Vec::new();
    let mut remove = |file: &File| {
        let is_removed = unlinkat(folder, &file.name, AtFlags::empty()).is_ok();
        if is_removed {
            removed.push(file.name.clone());
        }
        is_removed
    };
    for file in unfinished.iter().filter(|file| file.last_used < abandoned) {
        remove(file);
    }
    files.sort_by_key(|file| file.last_used);
    let mut total: u64 = files.iter().map(|file| file.bytes).sum();
    for file in files.iter().filter(|file| file.name != keep) {
        if total > limit && remove(file) {
            total -= file.bytes;
        }
    }
    Ok(removed)
}

fn list(folder: BorrowedFd<'_>) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else { continue };
        if !name.ends_with(ENDING) {
            continue;
        }
        let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
            let bytes = u64::try_from(stat.st_size).unwrap_or(0);
            files.push(File { name: name.to_owned(), bytes, last_used: stat.st_mtime });
        }
    }
    Ok(files)
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}
