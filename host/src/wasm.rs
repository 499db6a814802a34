//! Compiles plugins, links the host's interface, limits memory and time, and calls instances.
//!
//! The only room that sees wasmtime and the guest's memory. One store per instance: a trap poisons a store, so a
//! faulted instance is thrown away and made anew.

mod bindings;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

/// The guest interface's types: what is passed in borrows, what comes back is owned.
pub use bindings::weir::interceptor::types;

/// What an instance may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Thread CPU time of one call.
    pub deadline: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
}

/// Everything an instance is made from, besides the plugin.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The config as JSON text.
    pub config: String,
    /// What `lookup.get` answers.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// What it may use.
    pub limits: Limits,
}

/// What went wrong in a call. The instance is unusable afterwards unless it is [`Fault::Failed`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The plugin answered an error.
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
    #[error("imports `{0}`, which weir does not give to plugins")]
    Import(String),
}

/// Why an instance could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Mistakes in the config: JSON pointer (may be empty) and what is wrong.
    #[error("the plugin refuses its config")]
    Config(Vec<(String, String)>),
    /// The plugin faulted while it started or configured itself.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The engine: one per process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {}

/// A compiled plugin. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Plugin {}

/// A running, configured plugin: one store. `Send`, not `Sync`; calls block.
#[derive(Debug)]
pub struct Instance {}

/// What an instance said during one call; it counts only once the answer is accepted.
#[derive(Debug, Default)]
pub struct Said {
    /// `log` calls.
    pub logs: Vec<(tracing::Level, String)>,
    /// `count` calls, summed by name.
    pub counts: Vec<(String, u64)>,
}

#[allow(clippy::todo, unused_variables, missing_docs, reason = "outline")]
mod outline {
    use super::*;
    impl Engine {
        /// `cache`: the folder for compiled code; none = compile each time.
        pub fn new(cache: Option<PathBuf>) -> anyhow::Result<Self> {
            todo!()
        }
        pub fn load(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
            todo!()
        }
    }
    impl Plugin {
        /// Instantiates, calls `describe`, throws the instance away.
        pub fn describe(&self, limits: Limits) -> Result<types::Description, Fault> {
            todo!()
        }
        /// Instantiates and configures.
        pub fn set_up(&self, setup: &Setup) -> Result<(Instance, types::Plan), SetupError> {
            todo!()
        }
    }
    impl Instance {
        /// One call. After any fault but `Failed` every further call answers `Trap("poisoned")`.
        pub fn process(&mut self, batch: &types::Batch<'_>) -> Result<types::Edits, Fault> {
            todo!()
        }
        /// What was said since the last call of this, emptied.
        pub fn take_said(&mut self) -> Said {
            todo!()
        }
        /// Thread CPU time spent inside calls so far.
        pub fn cpu(&self) -> Duration {
            todo!()
        }
        /// Bytes of linear memory now.
        pub fn memory(&self) -> usize {
            todo!()
        }
    }
}
