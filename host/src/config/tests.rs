//! What operators write, and what they are told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod good;

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

/// What an operator sees, the folder's name left out.
#[expect(dead_code, reason = "the table of mistakes follows")]
fn told(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let told = load_in(folder.path(), text).expect_err("there is a mistake in it").render(false);
    told.replace(&format!("{}/", folder.path().display()), "")
}
