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

/// Bytes of a batch's cells up to which packing costs less than it saves: it copies each once more, and saves about a
/// microsecond (`weir-bench chain`; measured when cells of an answer were copied once more, too).
const FEW_BYTES: usize = 16 << 10;
/// Where a row has no more than so many, lists that are referred to save more than that, too.
const FEW_BYTES_A_ROW: usize = 64;

/// Whether a batch costs less packed than as lists.
pub(super) fn is_cheaper(batch: &abi::BatchView<'_>) -> bool {
    let bytes = |column: &abi::ColumnView<'_>| match column {
        abi::ColumnView::Bytes(column) => column.data.len(),
        abi::ColumnView::Ints(column) => size_of_val(column.values),
    };
    let headers = batch.headers.as_ref().map_or(0, |table| table.cells.data.len());
    let bytes = headers + batch.columns.iter().map(bytes).sum::<usize>();
    bytes <= FEW_BYTES.max(FEW_BYTES_A_ROW * batch.count as usize)
}

/// Where in a compiled plugin the function is.
pub(super) struct Indices(PackedIndices);

/// The function of an instance, and what it was given and answered last.
pub(super) struct Packed {
    exports: Exports,
    words: Vec<u64>,
    answer: Vec<u8>,
}

/// Whether a function that `component` exports has the signature of [`PROCESS`].
pub(super) fn check_signature(function: &ComponentFunc, component: &exported::Component) -> wasmtime::Result<()> {
    function.typecheck::<(&[u64],), (Result<Vec<u8>, String>,)>(&component.instance_type())
}

impl Indices {
    /// Of a plugin; none where it takes no packed batches.
    pub(super) fn of(plugin: &InstancePre<State>) -> wasmtime::Result<Option<Self>> {
        // By its name: the engine's own search would also find a later version, whose signature nobody has looked at.
        let component = plugin.component();
        let has = component.component_type().get_export(component.engine(), EXPORT).is_some();
        has.then(|| PackedIndices::new(plugin).map(Self)).transpose()
    }

    pub(super) fn load(&self, store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Packed> {
        Ok(Packed { exports: self.0.load(store, instance)?, words: Vec::new(), answer: Vec::new() })
    }
}

impl Packed {
    /// Gives up what was answered last.
    pub(super) fn forget_answer(&mut self) {
        self.answer = Vec::new();
    }

    /// One call. The inner error is the plugin's own text. What the edits say stands in the answer and in the batch, as they
    /// were passed.
    ///
    /// # Errors
    /// A trap, or an answer that is not laid out as it must be.
    pub(super) fn process<'a>(
        &'a mut self,
        store: &mut Store<State>,
        batch: &abi::BatchView<'_>,
    ) -> wasmtime::Result<Result<Box<abi::Edits<'a>>, String>> {
        let Self { exports, words, answer } = self;
        batch::write(batch, words);
        match exports.weir_packed_plugin().call_process(store, words)? {
            Ok(said) => *answer = said,
            Err(text) => return Ok(Err(text)),
        }
        Ok(Ok(answer::read(answer, words).map_err(wasmtime::Error::new)?))
    }
}
