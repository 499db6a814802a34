//! Guests that were built once and are kept: the reference plugins of the conformance kit, and modules of random code.

use std::{fs, io::Read as _};

use flate2::read::GzDecoder;

use crate::paths;

/// Name and bytes of every guest in `conformance/golden`, by name.
///
/// # Panics
/// One cannot be read.
pub fn guests() -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(paths::project().join("conformance/golden")).unwrap();
    let mut guests: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.strip_suffix(".wasm.gz")?.to_owned();
            let mut bytes = Vec::new();
            GzDecoder::new(fs::File::open(&path).unwrap()).read_to_end(&mut bytes).unwrap();
            Some((name, bytes))
        })
        .collect();
    guests.sort();
    guests
}

/// Valid modules of random code with the exports of a plugin of interface 0.1: `fuzz/examples/modules.rs` made them.
///
/// # Panics
/// They cannot be read.
pub fn random_modules() -> Vec<Vec<u8>> {
    let file = fs::File::open(paths::project().join("tests/guests/random-modules.gz")).unwrap();
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    let mut rest = &bytes[..];
    let mut modules = Vec::new();
    // Each behind its length.
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let (module, behind) = behind.split_at(u32::from_le_bytes(*length) as usize);
        modules.push(module.to_vec());
        rest = behind;
    }
    modules
}
