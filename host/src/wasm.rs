//! Compiles plugins, links the host's interface, limits memory and time, and calls instances.
//!
//! The only room that sees wasmtime and the guest's memory. One store per instance: a trap poisons a store, so a
//! faulted instance is thrown away and made anew.

mod advice;
mod anatomy;
mod cache;
mod cancel;
mod code;
mod compile;
mod componentize;
mod engine;
mod host_imports;
mod instance;
mod last_words;
mod limits;
mod load;
mod packed;
mod v0_1;
mod wasi;

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    sync::Arc,
    time::Duration,
};

pub use advice::{how_to_build, leave_out_wasi};
pub use anatomy::{Anatomy, Form};
pub use cancel::Cancel;
pub use compile::{CompilerProgram, serve_compiler};

/// The engine and its version: part of every digest, because a new one may count CPU time or refuse plugins differently.
pub const ENGINE: &str = "wasmtime 48.0.8";

/// What an instance may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Thread CPU time of one call.
    pub deadline: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
}

/// A function of WASI that a plugin imports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WasiImport {
    /// With its version, such as `wasi:sockets/tcp@0.2.6`, or `wasi_snapshot_preview1`.
    pub interface: String,
    /// Such as `[method]tcp-socket.start-connect`.
    pub function: String,
    /// Whether a call of it is a [`Fault::Trap`]; all others have an inert answer.
    pub is_refused: bool,
}

impl Display for WasiImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.interface, self.function)
    }
}

/// Everything an instance is made from, besides the plugin.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The config as JSON text.
    pub config: String,
    /// What `lookup.get` returns.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// What it may use.
    pub limits: Limits,
}

/// What went wrong in a call. The instance is unusable afterwards unless it is [`Fault::Failed`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The plugin returned an error.
    #[error("{0}")]
    Failed(String),
    /// It trapped; the text is the engine's reason.
    #[error("trapped: {0}")]
    Trap(String),
    /// It ran past its deadline.
    #[error("ran past its deadline of {0:?} of CPU time")]
    Deadline(Duration),
    /// It asked for more memory than it may have.
    #[error("asked for more than its {0} bytes of memory")]
    Memory(usize),
}

/// A plugin that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no component, core module or .wat text that fits the interface.
    #[error("{0}")]
    Invalid(String),
    /// It imports what weir does not give.
    #[error("imports `{0}`, which weir does not give to plugins{cure}", cure = cure(.0))]
    Import(String),
    /// It has more of something than a plugin may have; the text says of what, and the limit.
    #[error("{0}")]
    TooComplex(String),
    /// Compiling it takes more CPU time, or a multiple of that on the wall.
    #[error("takes more than {} s to compile, which is the limit for a plugin of its size", .0.as_secs())]
    CompileTime(Duration),
    /// Compiling it takes more bytes of memory.
    #[error("takes more than {} MiB of memory to compile", .0 >> 20)]
    CompileMemory(u64),
    /// The compiler failed.
    #[error("cannot be compiled: {0}")]
    Compiler(String),
    /// The process that compiles cannot be started.
    #[error("cannot be compiled: weir compiles plugins in a process of their own, and none can be started: {0}")]
    NoProcess(#[source] std::io::Error),
    /// Nobody waits for it any more: [`Cancel`].
    #[error("was given up")]
    GivenUp,
}

/// What a plugin warns of in its config: said by `log` at the level `warn` while `configure` runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A JSON pointer into the config; none where the plugin names no place.
    pub pointer: Option<String>,
    /// For people.
    pub message: String,
}

/// As it was said.
impl Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pointer {
            Some(pointer) => write!(f, "{pointer}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Why an instance could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Mistakes in the config, at least one.
    #[error("the plugin refuses its config")]
    Config {
        /// JSON pointer (may be empty) and what is wrong.
        mistakes: Vec<(String, String)>,
        /// What it warned of besides.
        warnings: Vec<Warning>,
    },
    /// The plugin faulted while it started or configured itself.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The engine: one per process. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<engine::Inner>,
    /// Of what is being loaded and set up by this handle.
    cancel: Cancel,
}

/// A compiled plugin. Cheap to clone.
#[derive(Clone)]
pub struct Plugin {
    engine: Engine,
    linked: Arc<v0_1::Linked>,
}

/// A running, configured plugin: one store. `Send`, not `Sync`; calls block.
pub struct Instance {
    store: wasmtime::Store<host_imports::State>,
    exports: v0_1::Exports,
    limits: Limits,
    poisoned: bool,
}

/// What an instance said during one call; it counts only once the answer is accepted.
#[derive(Debug, Default)]
pub struct Said {
    /// `log` calls: at most 1000 lines of 4 KiB a call, and then one that says so.
    pub logs: Vec<(tracing::Level, String)>,
    /// `count` calls, summed by name: at most 64 names an instance.
    pub counts: Vec<(Arc<str>, u64)>,
}

/// What to do about an import that is refused.
fn cure(import: &str) -> &'static str {
    let module = import.split('#').next().unwrap_or(import);
    if module.starts_with("wasi:") {
        "; of WASI weir takes version 0.2: build it for that"
    } else if module == "wasi_unstable" {
        "; it is older than WASI preview 1: build it with a compiler of today"
    } else if module == "wasi" || module == "wasi:thread" {
        "; a plugin has one thread: build it without threads"
    } else if module == "env" {
        "; a plugin is linked whole: what is missing is named in the language's page of the documentation"
    } else {
        ""
    }
}

/// An error and its causes in one line of at most 1 KiB.
fn one_line(error: &impl Display) -> String {
    let text = format!("{error:#}");
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.truncate(line.floor_char_boundary(1 << 10));
    line
}

#[cfg(test)]
pub(crate) mod tests;
