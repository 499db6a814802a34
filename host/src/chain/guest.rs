//! The seam between the chain and what answers for an interceptor: a Wasm instance, or a closure in a test.

use std::{fmt::Debug, time::Duration};

use crate::{
    abi::{BatchView, Edits},
    wasm,
};

/// What runs a batch through one plugin.
pub(super) trait Guest: Debug + Send {
    /// One call; see [`wasm::Instance::process`].
    fn process(&mut self, batch: BatchView<'_>) -> Result<Box<Edits<'_>>, wasm::Fault>;
    /// What was said since the last call of this.
    fn take_said(&mut self) -> wasm::Said;
    /// Thread CPU time spent so far.
    fn cpu(&self) -> Duration;
    /// Bytes of linear memory.
    fn memory(&self) -> usize;
    /// See [`wasm::Instance::instructions`].
    fn instructions(&self) -> u64 {
        0
    }
}

impl Guest for wasm::Instance {
    fn process(&mut self, batch: BatchView<'_>) -> Result<Box<Edits<'_>>, wasm::Fault> {
        Self::process(self, batch)
    }

    fn take_said(&mut self) -> wasm::Said {
        Self::take_said(self)
    }

    fn cpu(&self) -> Duration {
        Self::cpu(self)
    }

    fn memory(&self) -> usize {
        Self::memory(self)
    }

    fn instructions(&self) -> u64 {
        Self::instructions(self)
    }
}

/// What makes fresh guests.
pub(super) trait Maker: Debug + Send + Sync {
    /// A guest that has seen nothing yet.
    fn make(&self) -> Result<Box<dyn Guest>, wasm::SetupError>;
    /// See [`wasm::Plugin::wasi_imports`].
    fn wasi_imports(&self) -> &[wasm::WasiImport] {
        &[]
    }
}

/// Makes instances of a Wasm plugin.
#[derive(Debug)]
pub(super) struct WasmMaker {
    pub(super) plugin: wasm::Plugin,
    pub(super) setup: wasm::Setup,
}

impl Maker for WasmMaker {
    fn make(&self) -> Result<Box<dyn Guest>, wasm::SetupError> {
        let (instance, _plan) = self.plugin.set_up(&self.setup)?;
        Ok(Box::new(instance))
    }

    fn wasi_imports(&self) -> &[wasm::WasiImport] {
        self.plugin.wasi_imports()
    }
}
