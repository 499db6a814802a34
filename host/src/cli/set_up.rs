//! What commands begin with.

use std::path::PathBuf;

use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::wasm::{CompilerProgram, Engine};

/// The argument with which weir starts itself to compile a plugin; nobody else uses it.
pub(super) const COMPILE_PLUGIN: &str = "compile-plugin";

/// The engine, with the user's cache of compiled code: `WEIR_CACHE`, else `weir` in the user's cache folder. What is not
/// cached or built in is compiled in a process of its own.
pub(super) fn engine() -> anyhow::Result<Engine> {
    let compiler = CompilerProgram::this_one(COMPILE_PLUGIN).context("cannot tell which program runs")?;
    Engine::with_compiler(cache_folder(), compiler)
}

fn cache_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("WEIR_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").filter(|path| path.is_absolute()).map(|path| path.join("weir")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache").join("weir")))
}

/// Lets this process have as many files open as the system allows it: Kafka's clients take three a broker and more.
pub(super) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::debug!("as many open files as before: {error}");
    }
}
