//! A pipeline's chain, checked and compiled, and the instances that are made from it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    DeadLetters,
    edits::Permit,
    guest::{Guest, Maker},
    run::{Chain, StageInstance},
    schedule::Schedule,
};
use crate::{abi, config, wasm};

mod build;
mod digest;
mod unused;

/// One pipeline's chain, checked and compiled, from which every worker gets its own [`Chain`]. Shared by `Arc`.
#[derive(Debug)]
pub struct Blueprint {
    pipeline: Arc<config::Pipeline>,
    digest: String,
    pub(super) dead_letters: DeadLetters,
    pub(super) to: Option<Arc<str>>,
    /// The header that names the generation on what goes out, where the configuration asks for one.
    pub(super) stamp: Option<abi::HeaderEdit<'static>>,
    pub(super) stages: Vec<Stage>,
    pub(super) schedule: Schedule,
    warnings: config::Warnings,
}

/// One interceptor in its place.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) name: Arc<str>,
    /// Equal exactly where an instance may go on serving: plugin bytes, config, limits, files.
    pub(super) identity: String,
    /// CPU time that its captures may take in one record.
    pub(super) deadline: Duration,
    pub(super) on_fault: config::OnFault,
    pub(super) maker: Box<dyn Maker>,
    pub(super) description: abi::Description,
    pub(super) plan: abi::Plan,
    pub(super) permit: Permit,
}

impl Stage {
    /// Whether rows may come out of it that share a slot and differ afterwards.
    pub(super) fn renumbers(&self) -> bool {
        self.plan.effects.contains(abi::Effects::EXPAND)
    }
}

impl Blueprint {
    /// Lower-case hex SHA-256 over all that answers depend on: routes, interceptors, plugin bytes, limits, lookup
    /// files, the interface's version and the engine's. How batches are cut, brokers and workers are no part of it.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What is hardly meant as it stands: what plugins warn of in their configs, and topics that nothing routes to.
    pub fn warnings(&self) -> &config::Warnings {
        &self.warnings
    }

    /// The configuration it was built from.
    pub fn pipeline(&self) -> &Arc<config::Pipeline> {
        &self.pipeline
    }

    /// What dead letters of this generation say; for [`super::Flow::dead_letter`].
    pub fn dead_letters(&self) -> &DeadLetters {
        &self.dead_letters
    }

    /// Description and plan of each interceptor, in the chain's order.
    pub fn plans(&self) -> impl Iterator<Item = (&abi::Description, &abi::Plan)> {
        self.stages.iter().map(|stage| (&stage.description, &stage.plan))
    }

    /// Every topic that the pipeline may write to and that the configuration or a plan names exactly, once, with the pointer
    /// of what permits it in the pipeline.
    pub fn named_outputs(&self) -> Vec<(String, &str)> {
        let exact = self.pipeline.exact_topics().into_iter().filter(|(pointer, _)| !pointer.starts_with("/from"));
        let mut all: Vec<(String, &str)> = exact.collect();
        let outputs = self.pipeline.outputs();
        for topic in self.plans().flat_map(|(_, plan)| &plan.topics).filter(|topic| !topic.contains('*')) {
            let permitted = outputs.iter().find(|(_, pattern)| pattern.matches(topic));
            all.extend(permitted.map(|(pointer, _)| (pointer.clone(), topic.as_str())));
        }
        let mut seen = BTreeSet::new();
        all.retain(|(_, topic)| seen.insert(*topic));
        all
    }

    /// Whether an interceptor may set timestamps.
    pub fn sets_timestamps(&self) -> bool {
        self.plans().any(|(_, plan)| plan.effects.contains(abi::Effects::TIMESTAMP))
    }

    /// Whether an interceptor may write keys.
    pub fn writes_keys(&self) -> bool {
        self.plans().any(|(_, plan)| plan.effects.contains(abi::Effects::KEY))
    }

    /// What each interceptor's plugin imports of WASI, in the chain's order.
    pub fn wasi_imports(&self) -> impl Iterator<Item = &[wasm::WasiImport]> {
        self.stages.iter().map(|stage| stage.maker.wasi_imports())
    }

    /// Makes the instances that `old` has no equal of; slow (plugins build their own state), so done off the workers.
    ///
    /// # Errors
    /// What the first plugin that cannot be set up says.
    pub fn prepare(self: &Arc<Self>, old: Option<&Self>) -> Result<Prepared, wasm::SetupError> {
        let mut spare: Vec<&str> = old.map(|old| old.identities().collect()).unwrap_or_default();
        let mut guests = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            let kept = spare.iter().position(|identity| *identity == stage.identity);
            guests.push(match kept {
                Some(at) => {
                    spare.swap_remove(at);
                    None
                }
                None => Some(stage.maker.make()?),
            });
        }
        Ok(Prepared { blueprint: Arc::clone(self), guests })
    }

    fn identities(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().map(|stage| &*stage.identity)
    }
}

/// New instances beside a running chain.
#[derive(Debug)]
pub struct Prepared {
    blueprint: Arc<Blueprint>,
    /// None where the old chain's instance is to go on.
    guests: Vec<Option<Box<dyn Guest>>>,
}

impl Prepared {
    /// The chain of the new generation; what did not change comes over from `old` with its instance. Fast. An instance
    /// that neither side has is made when the first batch needs it.
    pub fn adopt(self, old: Option<Chain>) -> Chain {
        let (mut spare, counts) = old.map(Chain::into_instances).unwrap_or_default();
        let instances = self.blueprint.stages.iter().zip(self.guests).map(|(stage, guest)| {
            if guest.is_some() {
                return StageInstance::new(guest);
            }
            match spare.iter().position(|(identity, _)| *identity == stage.identity) {
                Some(at) => spare.swap_remove(at).1,
                None => StageInstance::new(None),
            }
        });
        let instances = instances.collect();
        Chain::new(self.blueprint, instances, counts)
    }
}
