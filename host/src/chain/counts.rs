//! What a chain has counted since it was last asked.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{DeathKind, text::printable};
use crate::wasm::Said;

/// Bytes of a log line, escapes included.
const LOG_BYTES: usize = 8 << 10;
/// Count names an interceptor may have; what is counted under further ones is lost, and said once.
const NAMES: usize = 64;

/// What a chain has counted since it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// One per interceptor, in the chain's order.
    pub interceptors: Vec<InterceptorCounts>,
}

/// What one interceptor has counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterceptorCounts {
    /// Its name.
    pub name: Arc<str>,
    /// `count` calls whose answers were accepted, by name.
    pub counts: BTreeMap<String, u64>,
    /// Records that faulted, by kind, whatever `on_fault` made of them.
    pub faults: BTreeMap<DeathKind, u64>,
    /// Calls that faulted while each of their records alone did not, by kind.
    pub recovered_faults: BTreeMap<DeathKind, u64>,
    /// Thread CPU time of its calls, those included that faulted.
    pub cpu: Duration,
    /// Bytes of linear memory now; no difference but a state.
    pub memory: usize,
}

impl InterceptorCounts {
    /// Those of [`Self::recovered_faults`] that tell of the plugin: one call past its deadline may be the machine's doing.
    pub fn telling_recovered_faults(&self) -> impl Iterator<Item = (DeathKind, u64)> {
        let all = self.recovered_faults.iter().map(|(kind, count)| (*kind, *count));
        all.filter(|(kind, _)| *kind != DeathKind::Deadline)
    }
}

/// The running sum of one interceptor.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By every name that was ever counted under (a handful, always the same, and mostly the very same strings) what was
    /// counted since it was last asked.
    counts: Vec<(Arc<str>, Option<u64>)>,
    faults: BTreeMap<DeathKind, u64>,
    recovered_faults: BTreeMap<DeathKind, u64>,
    cpu: Duration,
    warned: bool,
}

impl Tally {
    /// Takes in what was said in a call whose answer was accepted.
    pub(super) fn accept(&mut self, interceptor: &str, said: Said) {
        for (level, text) in said.logs {
            log(interceptor, level, &printable(&text, LOG_BYTES));
        }
        for (name, by) in said.counts {
            let known = self.counts.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &name) || *known == name);
            if let Some((_, sum)) = known {
                *sum = Some(sum.unwrap_or(0) + by);
            } else if self.counts.len() < NAMES {
                self.counts.push((name, Some(by)));
            } else if !std::mem::replace(&mut self.warned, true) {
                tracing::warn!(interceptor, count = &*name, "counts under more than {NAMES} names are lost");
            }
        }
    }

    pub(super) fn fault(&mut self, kind: DeathKind) {
        *self.faults.entry(kind).or_default() += 1;
    }

    pub(super) fn recovered_fault(&mut self, kind: DeathKind) {
        *self.recovered_faults.entry(kind).or_default() += 1;
    }

    pub(super) fn has_faulted(&self) -> bool {
        !self.faults.is_empty()
    }

    pub(super) fn spend(&mut self, cpu: Duration) {
        self.cpu += cpu;
    }

    pub(super) fn take(&mut self, name: &Arc<str>, memory: usize) -> InterceptorCounts {
        let sums = self.counts.iter_mut().filter_map(|(name, sum)| Some((name.to_string(), sum.take()?)));
        InterceptorCounts {
            name: Arc::clone(name),
            counts: sums.collect(),
            faults: std::mem::take(&mut self.faults),
            recovered_faults: std::mem::take(&mut self.recovered_faults),
            cpu: std::mem::take(&mut self.cpu),
            memory,
        }
    }
}

fn log(interceptor: &str, level: tracing::Level, text: &str) {
    // A level must be known when the call site is compiled.
    match level {
        tracing::Level::ERROR => tracing::error!(target: "weir::plugin", interceptor, "{text}"),
        tracing::Level::WARN => tracing::warn!(target: "weir::plugin", interceptor, "{text}"),
        tracing::Level::INFO => tracing::info!(target: "weir::plugin", interceptor, "{text}"),
        _ => tracing::debug!(target: "weir::plugin", interceptor, "{text}"),
    }
}
