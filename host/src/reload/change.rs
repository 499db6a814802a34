//! What a new configuration changes of the pipelines that run: all of it, or nothing.

use std::{fmt, sync::Arc};

use super::{Blueprints, diff};
use crate::{
    chain::Blueprint,
    config::Config,
    failpoint::{self, pass},
};

/// How a pipeline took its new chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// Between two batches.
    InService,
    /// It had stopped, and starts again with it.
    Revived,
}

/// The pipelines that run, by name. An error is a text for people.
pub trait Running: Send {
    /// Hands a pipeline its new chain, between two batches; one that has stopped by itself starts again with it.
    ///
    /// # Errors
    /// The pipeline is as it was.
    fn swap(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<Swapped, String>;

    /// Has these settle what is in flight, commit it and leave their groups; does not wait for that.
    fn begin_end(&self, names: &[&str]);

    /// Starts a pipeline. One of that name that runs is ended first, and goes on from its watermark.
    ///
    /// # Errors
    /// It does not run; `resume` may start it.
    fn start(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<(), String>;

    /// Ends a pipeline and forgets it. One that was paused is paused again where the same change brings it back.
    fn remove(&self, name: &str);

    /// Whether a change is under way: until it is over, whether none runs says nothing.
    fn set_changing(&self, is_changing: bool);

    /// From now on the faults of what a pipeline runs may bring the generation before it back, where it says so.
    fn watch(&self, name: &str);
}

/// What a generation brought to which pipelines, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Have a new chain.
    pub swapped: Vec<String>,
    /// Had stopped, and start again with a new chain from their watermark.
    pub revived: Vec<String>,
    /// Left their group and started again, since something changed that they have from their start on.
    pub restarted: Vec<String>,
    /// Are new.
    pub added: Vec<String>,
    /// Are gone.
    pub removed: Vec<String>,
}

impl Changes {
    /// The pipelines that run something new.
    pub(super) fn renewed(&self) -> impl Iterator<Item = &str> {
        [&self.swapped, &self.revived, &self.restarted, &self.added].into_iter().flatten().map(String::as_str)
    }

    /// Each list with its word.
    pub fn lists(&self) -> [(&'static str, &[String]); 5] {
        [
            ("swapped", &self.swapped),
            ("revived", &self.revived),
            ("restarted", &self.restarted),
            ("added", &self.added),
            ("removed", &self.removed),
        ]
    }
}

/// The lists that name any: `swapped: a, b; added: c`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.lists().into_iter().filter(|(_, names)| !names.is_empty());
        for (at, (word, names)) in named.enumerate() {
            let between = if at > 0 { "; " } else { "" };
            write!(f, "{between}{word}: {}", names.join(", "))?;
        }
        Ok(())
    }
}

/// What happens to one pipeline.
#[derive(Debug)]
enum Step {
    Swap(Arc<Blueprint>),
    Remove,
    /// With the keys that ask for it.
    Restart(Arc<Blueprint>, Vec<String>),
    Add(Arc<Blueprint>),
}

/// The pipelines' way from one configuration to another.
///
/// Chains are swapped first: that fails soonest, and is undone without anybody leaving a group. Then goes what is to go,
/// because what comes may take its group and its instance's name over.
#[derive(Debug, Default)]
pub(super) struct Change {
    steps: Vec<(String, Step)>,
}

impl Change {
    /// From `old`, whose pipelines run `before`, to `new`, whose pipelines are to run `after`.
    pub(super) fn new((old, before): (&Config, &Blueprints), (new, after): (&Config, &Blueprints)) -> Self {
        let (mut swaps, mut restarts, mut adds) = (Vec::new(), Vec::new(), Vec::new());
        for (name, blueprint) in after {
            let (blueprint, name) = (Arc::clone(blueprint), name.clone());
            let Some(running) = before.get(&name) else {
                adds.push((name, Step::Add(blueprint)));
                continue;
            };
            let (was, is) = (old.pipelines.get(&name), new.pipelines.get(&name));
            let keys = was.zip(is).map(|(was, is)| diff::restart_keys(was, is)).unwrap_or_default();
            if !keys.is_empty() {
                restarts.push((name, Step::Restart(blueprint, keys)));
            } else if running.digest() != blueprint.digest() {
                swaps.push((name, Step::Swap(blueprint)));
            }
        }
        let gone = before.keys().filter(|name| !after.contains_key(*name));
        let removes = gone.map(|name| (name.clone(), Step::Remove));
        Self { steps: swaps.into_iter().chain(removes).chain(restarts).chain(adds).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Makes the change, as `generation`.
    ///
    /// # Errors
    /// Why not. What was done is undone, under the next number, because numbers never go backwards; what could not be
    /// undone is told.
    pub(super) fn apply(
        &self,
        running: &dyn Running,
        before: &Blueprints,
        generation: u64,
    ) -> Result<Changes, Failure> {
        running.set_changing(true);
        let applied = self.apply_steps(running, before, generation);
        running.set_changing(false);
        applied
    }

    fn apply_steps(&self, running: &dyn Running, before: &Blueprints, generation: u64) -> Result<Changes, Failure> {
        let mut changes = Changes::default();
        let mut leaving_begun = false;
        for (at, (name, step)) in self.steps.iter().enumerate() {
            if !leaving_begun && !matches!(step, Step::Swap(_)) {
                leaving_begun = true;
                running.begin_end(&self.leaving());
            }
            if let Err(reason) = take(running, (name, step), generation, &mut changes) {
                let begun = at > 0 || leaving_begun;
                let failed = self.undo(running, before, (at, leaving_begun), generation + 1);
                let mut reasons = vec![format!("pipeline `{name}`: {reason}")];
                reasons.extend(failed);
                // Where nothing was begun, what served goes on under its number.
                let serves = if begun { generation + 1 } else { generation - 1 };
                return Err(Failure { reason: reasons.join("; "), generation: serves });
            }
        }
        Ok(changes)
    }

    /// Those that leave their groups.
    fn leaving(&self) -> Vec<&str> {
        let leave = self.steps.iter().filter(|(_, step)| matches!(step, Step::Remove | Step::Restart(..)));
        leave.map(|(name, _)| name.as_str()).collect()
    }

    /// Brings back what ran before the step `at`, which failed, and those that were told to leave. Returns what could
    /// not be brought back.
    fn undo(
        &self,
        running: &dyn Running,
        before: &Blueprints,
        (at, leaving_begun): (usize, bool),
        generation: u64,
    ) -> Vec<String> {
        pass(failpoint::Step::Undoing);
        let mut failed = Vec::new();
        let mut report = |name: &str, done: Result<(), String>| {
            failed.extend(done.err().map(|why| format!("pipeline `{name}` could not go back to what it was: {why}")));
        };
        // First what came: it may have the group and the instance's name of what went.
        for (name, _) in self.steps.iter().take(at + 1).filter(|(_, step)| matches!(step, Step::Add(_))) {
            running.remove(name);
        }
        for (number, (name, step)) in self.steps.iter().enumerate() {
            match (step, before.get(name)) {
                (Step::Swap(_), Some(old)) if number < at => {
                    report(name, running.swap(name, old, generation).map(drop));
                }
                (Step::Remove | Step::Restart(..), Some(old)) if leaving_begun => {
                    report(name, running.start(name, old, generation));
                }
                _ => {}
            }
        }
        pass(failpoint::Step::Undone);
        failed
    }
}

/// Why a change was not made.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) reason: String,
    /// The number that serves now.
    pub(super) generation: u64,
}

fn take(
    running: &dyn Running,
    (name, step): (&str, &Step),
    generation: u64,
    changes: &mut Changes,
) -> Result<(), String> {
    match step {
        Step::Swap(blueprint) => {
            let list = match running.swap(name, blueprint, generation)? {
                Swapped::InService => &mut changes.swapped,
                Swapped::Revived => &mut changes.revived,
            };
            list.push(name.to_owned());
        }
        Step::Remove => {
            running.remove(name);
            changes.removed.push(name.to_owned());
        }
        Step::Restart(blueprint, keys) => {
            tracing::info!(pipeline = name, generation, keys = keys.join(", "), "reload: the pipeline starts again");
            running.start(name, blueprint, generation)?;
            changes.restarted.push(name.to_owned());
        }
        Step::Add(blueprint) => {
            running.start(name, blueprint, generation)?;
            changes.added.push(name.to_owned());
        }
    }
    Ok(())
}
