//! Compiled code, kept between starts.
//!
//! Compiled code runs outside the sandbox, so the cache trusts only files that this user wrote: the folder and the
//! files must belong to the user and be closed to all others, and a file must carry the digest of its content, so that
//! a torn write is compiled again instead of run.

use std::{
    fs::{DirBuilder, File},
    hash::{Hash as _, Hasher},
    io::{self, Read as _, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, renameat, unlinkat},
    process::{geteuid, getpid},
};
use sha2::{Digest as _, Sha256};
use wasmtime::{Engine, component::Component};

/// The first bytes of a cache file; a new form gets a new number.
const MAGIC: &[u8; 16] = b"weir-code-cache1";
const HEAD: usize = MAGIC.len() + 32;
/// Larger than any code compiled from a plugin of the size limit.
const MAX_BYTES: u64 = 1 << 30;

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
        own(&folder, FileType::Directory)?;
        let mut compiler = Sha256Hasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut compiler);
        // A core module is componentized first, by this version of weir and with this interface.
        compiler.write(env!("CARGO_PKG_VERSION").as_bytes());
        compiler.write(super::componentize::WIT.as_bytes());
        Ok(Self { folder, compiler: compiler.0.finalize().into() })
    }

    /// The name that compiled code of `plugin` has in the cache.
    pub(super) fn key(&self, plugin: &[u8]) -> String {
        let digest = Sha256::new().chain_update(self.compiler).chain_update(Sha256::digest(plugin)).finalize();
        format!("{digest:x}.code")
    }

    /// The code that [`Cache::put`] wrote under `key`; none if there is none, or it is damaged or not ours.
    pub(super) fn get(&self, engine: &Engine, key: &str) -> Option<Component> {
        match self.read(key) {
            Ok(code) => load(engine, &code),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(key, %error, "compiled code cannot be used: compiling again");
                None
            }
        }
    }

    fn read(&self, key: &str) -> io::Result<TrustedCode> {
        let file = openat(&self.folder, key, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        own(&file, FileType::RegularFile)?;
        let mut bytes = Vec::new();
        File::from(file).take(MAX_BYTES).read_to_end(&mut bytes)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file is damaged");
        let (head, code) = bytes.split_at_checked(HEAD).ok_or_else(damaged)?;
        let digest = head.strip_prefix(MAGIC).ok_or_else(damaged)?;
        if Sha256::digest(code).as_slice() != digest {
            return Err(damaged());
        }
        bytes.drain(..HEAD);
        Ok(TrustedCode(bytes))
    }

    /// Keeps compiled code. Failing is no error: it is compiled again next time.
    pub(super) fn put(&self, key: &str, component: &Component) {
        if let Err(error) = self.write(key, component) {
            tracing::warn!(key, %error, "compiled code is not cached");
        }
    }

    fn write(&self, key: &str, component: &Component) -> io::Result<()> {
        static TEMPORARY: AtomicU64 = AtomicU64::new(0);
        let code = component.serialize().map_err(io::Error::other)?;
        let number = TEMPORARY.fetch_add(1, Ordering::Relaxed);
        let temporary = format!(".{}-{number}-{key}", getpid().as_raw_nonzero());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.folder, &temporary, flags, Mode::RUSR | Mode::WUSR)?);
        let written = file
            .write_all(MAGIC)
            .and_then(|()| file.write_all(&Sha256::digest(&code)))
            .and_then(|()| file.write_all(&code))
            .and_then(|()| Ok(renameat(&self.folder, &temporary, &self.folder, key)?));
        if written.is_err() {
            // The error to tell is the first one.
            let _ = unlinkat(&self.folder, &temporary, AtFlags::empty());
        }
        written
    }
}

/// Checks that what is open is of `kind`, belongs to the user and is closed to all others.
fn own(open: impl AsFd, kind: FileType) -> io::Result<()> {
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

/// Code from a file of the user's own in a folder of the user's own, with the digest that weir wrote.
struct TrustedCode(Vec<u8>);

#[allow(unsafe_code, reason = "the one place that loads weir's own compiled code")]
fn load(engine: &Engine, code: &TrustedCode) -> Option<Component> {
    // SAFETY: the bytes were written by `Cache::put` of this user and this compiler: the folder and the file were
    // checked through their descriptors to be this user's and closed to all others, the name holds the compatibility
    // hash of this engine, and the digest shows that they are whole. Who can forge all that is the user, who can run
    // code anyhow.
    match unsafe { Component::deserialize(engine, &code.0) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::warn!(error = %format!("{error:#}"), "compiled code does not load: compiling again");
            None
        }
    }
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
