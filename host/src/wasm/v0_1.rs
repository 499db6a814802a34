//! Version 0.1 of the interface: what is generated from the WIT, and the host's own words for it.
//!
//! Another version would stand beside this one, with an [`Exports`] of its own that speaks the same words.

mod bindings;
mod convert;
mod imports;

use wasmtime::{
    Store,
    component::{
        Component, HasSelf, InstancePre, Linker,
        types::{self as exported, ComponentFunc},
    },
};

use super::{
    WasiImport,
    host_imports::State,
    packed::{self, Packed},
};
use crate::abi;
use bindings::{Interceptor, InterceptorIndices, weir::interceptor::types};

/// What a plugin exports.
pub(super) const EXPORT: &str = "weir:interceptor/plugin@0.1.0";

/// Functions of [`EXPORT`].
pub(super) const FUNCTIONS: [&str; 3] = ["describe", "configure", "process"];

/// What weir gives, and nothing else: interfaces and their functions.
pub(super) const IMPORTS: [(&str, &[&str]); 3] = [
    ("weir:interceptor/types@0.1.0", &[]),
    ("weir:interceptor/host@0.1.0", &["log", "count"]),
    ("weir:interceptor/lookup@0.1.0", &["get"]),
];

/// A compiled plugin whose imports are linked.
pub(super) struct Linked {
    pre: InstancePre<State>,
    functions: InterceptorIndices,
    /// Where it takes packed batches, too.
    packed: Option<packed::Indices>,
    pub(super) wasi: Vec<WasiImport>,
}

/// The functions of an instance.
pub(super) struct Exports {
    functions: Interceptor,
    packed: Option<Packed>,
}

/// Gives the host's interface and nothing else.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    Interceptor::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

/// Whether a function that `component` exports has the signature that the interface gives `name`, one of [`FUNCTIONS`].
pub(super) fn check_signature(
    name: &str,
    function: &ComponentFunc,
    component: &exported::Component,
) -> wasmtime::Result<()> {
    let cx = &component.instance_type();
    match name {
        "describe" => function.typecheck::<(), (types::Description,)>(cx),
        "configure" => function.typecheck::<(&str,), (Result<types::Plan, String>,)>(cx),
        _ => function.typecheck::<(&types::Batch<'_>,), (Result<types::Edits, String>,)>(cx),
    }
}

impl Linked {
    /// Links a component. `wasi`: what it imports of WASI.
    pub(super) fn new(linker: &Linker<State>, component: &Component, wasi: Vec<WasiImport>) -> wasmtime::Result<Self> {
        let pre = linker.instantiate_pre(component)?;
        let functions = InterceptorIndices::new(&pre)?;
        let packed = packed::Indices::of(&pre)?;
        Ok(Self { pre, functions, packed, wasi })
    }

    /// Runs the start functions.
    pub(super) fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Exports> {
        let instance = self.pre.instantiate(&mut *store)?;
        let functions = self.functions.load(&mut *store, &instance)?;
        let packed = self.packed.as_ref().map(|packed| packed.load(store, &instance)).transpose()?;
        Ok(Exports { functions, packed })
    }
}

impl Exports {
    /// Gives up what was answered last, which may be large.
    pub(super) fn forget_answer(&mut self) {
        self.packed.iter_mut().for_each(Packed::forget_answer);
    }

    /// Takes lists from here on, and no packed batches.
    #[cfg(test)]
    pub(super) fn leave_packed(&mut self) {
        self.packed = None;
    }

    pub(super) fn describe(&self, store: &mut Store<State>) -> wasmtime::Result<abi::Description> {
        self.functions.weir_interceptor_plugin().call_describe(store).map(convert::description)
    }

    /// The inner error is the plugin's own text.
    pub(super) fn configure(
        &self,
        store: &mut Store<State>,
        config: &str,
    ) -> wasmtime::Result<Result<abi::Plan, String>> {
        let answer = self.functions.weir_interceptor_plugin().call_configure(store, config)?;
        Ok(answer.map(convert::plan))
    }

    /// The inner error is the plugin's own text. The answer is boxed because it is large and handed on a few times.
    pub(super) fn process<'a>(
        &'a mut self,
        store: &mut Store<State>,
        batch: abi::BatchView<'_>,
    ) -> wasmtime::Result<Result<Box<abi::Edits<'a>>, String>> {
        if let Some(packed) = &mut self.packed
            && packed::is_cheaper(&batch)
        {
            return packed.process(store, &batch);
        }
        // Collected where it stands: both kinds of column have one size.
        let columns: Vec<types::Column<'_>> = batch.columns.into_iter().map(convert::column).collect();
        let batch = types::Batch {
            topic: batch.topic,
            partition: batch.partition,
            count: batch.count,
            columns: &columns,
            headers: batch.headers.map(convert::header_table),
        };
        let answer = self.functions.weir_interceptor_plugin().call_process(store, batch)?;
        Ok(answer.map(convert::edits))
    }
}
