//! Compiled code, kept between starts.
//!
//! Compiled code runs outside the sandbox, so the cache trusts only files that this user wrote: the folder and the
//! files must belong to the user and be closed to all others, and a file must carry the digest of its content, so that
//! a torn write is compiled again instead of run.

mod evict;

use std::{
    fs::{DirBuilder, File},
    hash::{Hash as _, Hasher},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{
        AtFlags, CWD, FileType, Mode, OFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, fstat, futimens, openat,
        renameat, unlinkat,
    },
    process::{geteuid, getpid},
};
use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, component::Component};

#[cfg(test)]
pub(super) use self::evict::trim;
use self::evict::{ENDING, UNFINISHED};
use super::code::TrustedCode;
use crate::bounded_file;

/// The first bytes of a cache file; a new form gets a new number.
const MAGIC: &[u8; 16] = b"weir-code-cache1";
const HEAD: usize = MAGIC.len() + 32;
/// Larger than any code compiled from a plugin of the size limit.
const MAX_BYTES: u64 = 1 << 30;
/// Bytes of all files together: a dozen interpreters (35 MiB each) and hundreds of small plugins. What is thrown out is
/// compiled again when it is needed.
const MAX_TOTAL: u64 = 512 << 20;

/// An open, trusted folder of compiled code.
#[derive(Debug)]
pub(super) struct Cache {
    folder: OwnedFd,
    /// Digest of everything besides the plugin that decides what is compiled.
    compiler: [u8; 32],
}

impl Cache {
    /// Opens the folder, and makes it (and its parents) if need be.
    ///
    /// # Errors
    /// It cannot be made, or it is not the user's own.
    pub(super) fn open(folder: &Path, engine: &Engine) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let folder = openat(CWD, folder, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        check_private(&folder, FileType::Directory)?;
        let mut compiler = Sha256Hasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut compiler);
        // A core module is componentized first, by this version of weir, with this interface and this adapter.
        compiler.write(env!("CARGO_PKG_VERSION").as_bytes());
        compiler.write(super::componentize::WIT.as_bytes());
        compiler.write(super::wasi::preview1::text().as_bytes());
        Ok(Self { folder, compiler: compiler.0.finalize().into() })
    }

    /// The name that compiled code has in the cache, of a plugin with this SHA-256.
    pub(super) fn key(&self, plugin: &[u8; 32]) -> String {
        let digest = Sha256::new().chain_update(self.compiler).chain_update(plugin).finalize();
        format!("{digest:x}{ENDING}")
    }

    /// The code that [`Cache::put`] wrote under `key`; none if there is none, or it is damaged or not ours.
    pub(super) fn get(&self, engine: &Engine, key: &str) -> Option<Component> {
        let code = match self.read(key) {
            Ok(code) => code,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(key, %error, "compiled code cannot be used: compiling again");
                return None;
            }
        };
        match code.load(engine) {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!(error = %format!("{error:#}"), "compiled code does not load: compiling again");
                None
            }
        }
    }

    fn read(&self, key: &str) -> io::Result<TrustedCode> {
        // Opening a pipe would wait for somebody who writes to it.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = openat(&self.folder, key, flags, Mode::empty())?;
        check_private(&file, FileType::RegularFile)?;
        let file = File::from(file);
        let used_now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let as_before = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
        // Where it cannot be noted that it was used, it only goes sooner.
        let _ = futimens(&file, &Timestamps { last_access: as_before, last_modification: used_now });
        let mut bytes = bounded_file::read_open(file, MAX_BYTES).map_err(io::Error::other)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file is damaged");
        let (head, code) = bytes.split_at_checked(HEAD).ok_or_else(damaged)?;
        let digest = head.strip_prefix(MAGIC).ok_or_else(damaged)?;
        if Sha256::digest(code).as_slice() != digest {
            return Err(damaged());
        }
        bytes.drain(..HEAD);
        Ok(TrustedCode::from_cache(bytes))
    }

    /// Keeps compiled code, and throws out what was used longest ago. Failing is no error: it is compiled again next time.
    pub(super) fn put(&self, key: &str, code: &TrustedCode) {
        if let Err(error) = self.write(key, code.bytes()) {
            tracing::warn!(key, %error, "compiled code is not cached");
            return;
        }
        if let Err(error) = evict::trim(&self.folder, key, MAX_TOTAL) {
            tracing::warn!(%error, "cannot see how large the cache of compiled code is");
        }
    }

    fn write(&self, key: &str, code: &[u8]) -> io::Result<()> {
        static TEMPORARY: AtomicU64 = AtomicU64::new(0);
        let number = TEMPORARY.fetch_add(1, Ordering::Relaxed);
        let temporary = format!("{UNFINISHED}{}-{number}-{key}", getpid().as_raw_nonzero());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.folder, &temporary, flags, Mode::RUSR | Mode::WUSR)?);
        let written = file
            .write_all(MAGIC)
            .and_then(|()| file.write_all(&Sha256::digest(code)))
            .and_then(|()| file.write_all(code))
            .and_then(|()| Ok(renameat(&self.folder, &temporary, &self.folder, key)?));
        if written.is_err() {
            // The error to tell is the first one.
            let _ = unlinkat(&self.folder, &temporary, AtFlags::empty());
        }
        written
    }
}

/// Checks that what is open is of `kind`, belongs to the user and is closed to all others.
fn check_private(open: impl AsFd, kind: FileType) -> io::Result<()> {
    let stat = fstat(open)?;
    let what = |text: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, text.to_owned()));
    if FileType::from_raw_mode(stat.st_mode) != kind {
        return what("is not what it should be");
    }
    if stat.st_uid != geteuid().as_raw() {
        return what("belongs to another user");
    }
    if Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
        return what("is open to other users (its mode must be 0700, files 0600)");
    }
    Ok(())
}

/// `std::hash::Hash` says what it hashes, and here it is hashed for good.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Nobody asks for the short form.
        0
    }
}
