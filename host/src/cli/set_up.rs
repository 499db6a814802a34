//! What commands begin with.

use std::path::PathBuf;

use crate::wasm::Engine;

/// The engine, with the user's cache of compiled code: `WEIR_CACHE`, else `weir` in the user's cache folder.
pub(super) fn engine() -> anyhow::Result<Engine> {
    Engine::new(cache_folder())
}

fn cache_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("WEIR_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").filter(|path| path.is_absolute()).map(|path| path.join("weir")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache").join("weir")))
}
