//! Batches and answers as one list each: `guest-sdk/wit-packed/packed.wit` says how they are laid out.

mod answer;
mod batch;
mod bindings;
#[cfg(test)]
mod tests;

use wasmtime::{
    Store,
    component::{
        Instance, InstancePre,
        types::{self as exported, ComponentFunc},
    },
};

use super::host_imports::State;
use crate::abi;
use bindings::{Packed as Exports, PackedIndices};

/// What a plugin exports that takes them.
pub(super) const EXPORT: &str = "weir:packed/plugin@0.1.0";
/// The only function of [`EXPORT`].
pub(super) const PROCESS: &str = "process";

/// Where in a compiled plugin the function is.
pub(super) struct Indices(PackedIndices);

/// The function of an instance, and room for its batches.
pub(super) struct Packed {
    exports: Exports,
    words: Vec<u64>,
}

/// Whether a function that `component` exports has the signature of [`PROCESS`].
pub(super) fn check_signature(function: &ComponentFunc, component: &exported::Component) -> wasmtime::Result<()> {
    function.typecheck::<(&[u64],), (Result<Vec<u8>, String>,)>(&component.instance_type())
}

impl Indices {
    /// Of a plugin; none where it takes no packed batches.
    pub(super) fn of(plugin: &InstancePre<State>) -> wasmtime::Result<Option<Self>> {
        let has = plugin.component().get_export_index(None, EXPORT).is_some();
        has.then(|| PackedIndices::new(plugin).map(Self)).transpose()
    }

    pub(super) fn load(&self, store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Packed> {
        Ok(Packed { exports: self.0.load(store, instance)?, words: Vec::new() })
    }
}

impl Packed {
    /// One call. The inner error is the plugin's own text.
    ///
    /// # Errors
    /// A trap, or an answer that is not laid out as it must be.
    pub(super) fn process(
        &mut self,
        store: &mut Store<State>,
        batch: &abi::BatchView<'_>,
    ) -> wasmtime::Result<Result<Box<abi::Edits>, String>> {
        batch::write(batch, &mut self.words);
        match self.exports.weir_packed_plugin().call_process(store, &self.words)? {
            Ok(answer) => Ok(Ok(answer::read(&answer, batch).map_err(wasmtime::Error::new)?)),
            Err(text) => Ok(Err(text)),
        }
    }
}
