//! What operators write, and what they are told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod any;
mod broken;
mod documented;
mod foreign;
mod good;
mod keys;
mod linear;
mod mutants;
mod places;
mod plugins;
mod refused;
mod replaced;
mod values;

use std::path::Path;

use super::*;

/// Loads one file called `weir.toml`.
fn load_text(text: &str) -> Result<Config, Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    load_in(folder.path(), text)
}

fn load_in(folder: &Path, text: &str) -> Result<Config, Mistakes> {
    let path = folder.join("weir.toml");
    std::fs::write(&path, text).unwrap();
    load(&path)
}

/// What an operator sees is exactly this; the folder's name is left out, and a newline before each text.
#[track_caller]
fn tells(text: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    std::fs::write(folder.path().join("a.wat"), "(component)\n").unwrap();
    let mistakes = load_in(folder.path(), text.strip_prefix('\n').unwrap()).expect_err("there is a mistake in it");
    let told = mistakes.render(false).replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(told, expected.strip_prefix('\n').unwrap(), "\n{told}");
}
