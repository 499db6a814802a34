//! Machine code that weir compiled itself.

use wasmtime::{Engine, component::Component};

use super::{LoadError, advice};

/// Machine code for this engine. It runs outside the sandbox once it is loaded, so it comes from three places only: the
/// compiler in this process, a child process of weir's own program, and the cache, which trusts what this user wrote.
pub(super) struct TrustedCode(Vec<u8>);

impl TrustedCode {
    /// Compiles a component in this process.
    ///
    /// # Errors
    /// It is no valid component, or uses what the engine does not have.
    pub(super) fn compile(engine: &Engine, component: &[u8]) -> Result<Self, LoadError> {
        let compiled = engine.precompile_component(component);
        let error = |error| {
            let missing = advice::missing_extensions(component);
            LoadError::Invalid(missing.unwrap_or_else(|| format!("does not compile: {}", super::one_line(&error))))
        };
        Ok(Self(compiled.map_err(error)?))
    }

    /// What a child process of weir's own program sent through the socket that only the two have.
    pub(super) fn from_child(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What stood in a file of the cache that was checked: the user's own, closed to all others, whole by its digest.
    pub(super) fn from_cache(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Makes it executable.
    ///
    /// # Errors
    /// It was compiled for another engine, or memory is short.
    #[allow(unsafe_code, reason = "the one place that loads weir's own compiled code")]
    pub(super) fn load(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: weir's own compiler wrote the bytes, by the three ways into this type. The engine checks that they are
        // for a compiler and settings like its own. In the cache the folder and the file were checked through their
        // descriptors to be this user's and closed to all others, and the digest shows that they are whole: who can
        // forge that is the user, who can run code anyhow.
        unsafe { Component::deserialize(engine, &self.0) }
    }
}
