//! Runs a batch through the interceptors in order.
//!
//! A fault costs the record, never the batch: see [`Chain::run`].

use std::sync::Arc;

use crate::{
    batch::{Batch, Cell, HeaderRef},
    config, wasm,
};

/// One output row: where an input record stands after the interceptors so far.
#[derive(Clone, Debug)]
pub struct Row {
    /// Index of the input record it came from.
    pub input: u32,
    /// The key.
    pub key: Cell,
    /// The value.
    pub value: Cell,
    /// Milliseconds since the epoch; none: the broker's or producer's now.
    pub timestamp: Option<i64>,
    /// Headers, in their order.
    pub headers: Vec<HeaderRef>,
    /// Where it goes: an index into [`Chain::topics`]; none: by the pipeline's `to`.
    pub topic: Option<u32>,
    /// The output partition an edit set.
    pub partition: Option<i32>,
}

/// Why a record died. The names of the design's `weir.error.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeathKind {
    /// A plugin's verdict.
    Rejected,
    /// `process` answered an error.
    Failed,
    /// The plugin trapped.
    Trap,
    /// It ran past its deadline.
    Deadline,
    /// It wanted more memory than it may have.
    Memory,
    /// Its answer was invalid.
    InvalidEdit,
    /// Its answer went beyond its plan.
    UndeclaredEffect,
    /// The topic does not exist.
    UnknownTopic,
    /// Nothing routed it and the pipeline has no `to`.
    Unrouted,
    /// The broker refused it for good.
    Produce,
}

/// What became of an input record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its rows (one or more) go out.
    Out,
    /// A declared verdict dropped all of its rows; the number is the interceptor's place in the chain.
    Dropped(usize),
    /// It goes to the dead-letter topic, once, as it came.
    Dead(Death),
}

/// Why a record is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// The kind.
    pub kind: DeathKind,
    /// The interceptor's place in the chain; none where the pipeline itself is the reason.
    pub interceptor: Option<usize>,
    /// For people; at most 1 KiB.
    pub message: String,
}

/// A fault that the pipeline must stop for: `on_fault = "stop"`, or a dead letter with nowhere to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interceptor `{interceptor}` at offset {offset}: {}", death.message)]
pub struct Stop {
    /// The interceptor's name; the pipeline's where none is to blame.
    pub interceptor: String,
    /// The record's offset.
    pub offset: i64,
    /// What happened.
    pub death: Death,
}

/// One pipeline's chain, checked and compiled, from which every worker gets its own [`Chain`]. Shared by `Arc`.
#[derive(Debug)]
pub struct Blueprint {}

/// One worker's instances of a blueprint, and its buffers.
#[derive(Debug)]
pub struct Chain {}

/// What goes out: a row, or a dead letter.
#[derive(Debug)]
pub struct Output<'a> {
    /// The destination.
    pub topic: &'a str,
    /// Set by an edit.
    pub partition: Option<i32>,
    /// Key bytes or null.
    pub key: Option<&'a [u8]>,
    /// Value bytes or null.
    pub value: Option<&'a [u8]>,
    /// Milliseconds since the epoch; a dead letter's is the time of receipt.
    pub timestamp: Option<i64>,
    /// Why it is a dead letter, if it is one.
    pub death: Option<&'a Death>,
}

#[allow(clippy::todo, unused_variables, missing_docs, reason = "outline")]
mod outline {
    use super::*;
    use std::collections::BTreeMap;

    impl Blueprint {
        /// Loads, describes and configures every plugin, checks plans against `allow` and `topics`, every mistake at once.
        pub fn build(
            engine: &wasm::Engine,
            config: &config::Config,
            pipeline: &Arc<config::Pipeline>,
            generation: Arc<str>,
        ) -> Result<Arc<Self>, config::Mistakes> {
            todo!()
        }
        /// Lower-case hex SHA-256 over config, plugin bytes, limits, interface version and engine.
        pub fn digest(&self) -> &str {
            todo!()
        }
        pub fn pipeline(&self) -> &Arc<config::Pipeline> {
            todo!()
        }
        /// Description and plan of each interceptor, for `check`.
        pub fn plans(&self) -> impl Iterator<Item = (&wasm::types::Description, &wasm::types::Plan)> {
            std::iter::empty()
        }
        /// Makes the instances that `old` has no equal of; slow (compiles the plugin's own state), so done off the workers.
        pub fn prepare(self: &Arc<Self>, old: Option<&Blueprint>) -> Result<Prepared, wasm::SetupError> {
            todo!()
        }
    }
    /// New instances beside a running chain.
    #[derive(Debug)]
    pub struct Prepared {}
    impl Prepared {
        /// The chain of the new generation; what did not change comes over from `old` with its instances. Fast.
        pub fn adopt(self, old: Option<Chain>) -> Chain {
            todo!()
        }
    }
    impl Chain {
        /// Runs the batch: afterwards `rows`, `fates` and `outputs` speak of it until the next call.
        pub fn run(&mut self, batch: &mut Batch) -> Result<(), Stop> {
            todo!()
        }
        /// One per input record.
        pub fn fates(&self) -> &[Fate] {
            todo!()
        }
        /// In the order of the input records, then of expansion, dead letters in place.
        pub fn outputs<'a>(&'a self, batch: &'a Batch) -> impl Iterator<Item = (u32, Output<'a>)> {
            std::iter::empty()
        }
        /// Headers of the output just yielded are borrowed the same way: name and value, in order.
        pub fn dead_letter<'a>(&'a self, batch: &'a Batch, input: u32, death: &'a Death) -> Option<Output<'a>> {
            todo!()
        }
        /// Counts since the last call: (interceptor's name, count name) -> n.
        pub fn take_counts(&mut self) -> BTreeMap<(String, String), u64> {
            todo!()
        }
    }
}
