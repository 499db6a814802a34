//! What tests fetch or compile once and keep in `target`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sha2::{Digest as _, Sha256};

use crate::paths;

/// The folder `target/NAME`, and its lock: test binaries may run side by side, and only one of them fetches.
pub fn home(name: &str) -> (PathBuf, fs::File) {
    let home = paths::target().join(name);
    fs::create_dir_all(&home).expect("a folder in target");
    let lock = fs::File::create(home.join("lock")).expect("a lock file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("the lock");
    (home, lock)
}

/// Makes `folder` by `make` unless its stamp says that it was made of `source`.
pub fn once(folder: &Path, source: &[u8], make: impl FnOnce()) {
    let digest: String = Sha256::digest(source).iter().map(|byte| format!("{byte:02x}")).collect();
    let stamp = folder.with_extension("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|known| known == digest) {
        return;
    }
    let _ = fs::remove_dir_all(folder);
    make();
    fs::write(&stamp, digest).expect("a stamp");
}

/// Runs a command that needs `what`, a part of a sentence, and fails with all that it said.
pub fn run(command: &mut Command, what: &str) {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("the tests need {what}: `{name}`: {error}"));
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "`{name}` failed:\n{}", String::from_utf8_lossy(&said));
}
