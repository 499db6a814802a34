//! Reads files that others write: their kind is looked at first, opening does not wait, and no more is read than may be.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};

use rustix::fs::OFlags;

/// Why a file is not read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unreadable {
    /// A directory.
    #[error("it is a directory")]
    Directory,
    /// A pipe, a socket or a device: it may never end.
    #[error("it is not a regular file")]
    NotRegular,
    /// More bytes than this.
    #[error("it is larger than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// What the system says.
    #[error("{}", reason(.0))]
    Io(Arc<io::Error>),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

/// Returns the content of the regular file at `path`, of at most `limit` bytes; memory stays within that, too.
///
/// # Errors
/// [`Unreadable`].
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Unreadable> {
    // Opening a pipe that nobody writes to would wait for ever, and so would reading some files of /proc.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    read_open(file, limit)
}

/// As [`read`], of a file that is open (without blocking).
///
/// # Errors
/// [`Unreadable`].
pub(crate) fn read_open(file: File, limit: u64) -> Result<Vec<u8>, Unreadable> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Unreadable::Directory);
    }
    if !metadata.is_file() {
        return Err(Unreadable::NotRegular);
    }
    if metadata.len() > limit {
        return Err(Unreadable::TooLarge(limit));
    }
    // What it says of its size is a hint: files of /proc say 0, and any file may grow meanwhile.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Unreadable::TooLarge(limit));
    }
    Ok(bytes)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "weir may not read it".to_owned(),
        io::ErrorKind::WouldBlock => "it has no end".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [7; 100]).unwrap();
        assert_eq!(read(&path, 100).unwrap(), [7; 100]);
        assert!(matches!(read(&path, 99), Err(Unreadable::TooLarge(99))));
    }

    #[test]
    fn a_file_that_claims_to_be_empty_is_held_to_the_limit_all_the_same() {
        assert!(!read(Path::new("/proc/self/maps"), 1 << 20).unwrap().is_empty());
        assert!(matches!(read(Path::new("/proc/self/maps"), 10), Err(Unreadable::TooLarge(10))));
    }

    #[test]
    fn a_sparse_file_is_refused_before_memory_is_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let taken = allocation_counter::measure(|| {
            assert!(matches!(read(&path, 1 << 30), Err(Unreadable::TooLarge(_))));
        });
        assert!(taken.bytes_max < 1 << 20, "{taken:?}");
    }

    #[test]
    fn pipes_devices_and_directories_are_refused_without_waiting_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        assert!(matches!(read(&pipe, 10), Err(Unreadable::NotRegular)));
        assert!(matches!(read(Path::new("/dev/zero"), 10), Err(Unreadable::NotRegular)));
        assert!(matches!(read(folder.path(), 10), Err(Unreadable::Directory)));
        assert!(matches!(read(&folder.path().join("none"), 10), Err(Unreadable::Io(_))));
    }
}
