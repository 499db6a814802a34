//! Takes over a changed configuration while records flow, or leaves everything as it is and says why.
//!
//! A change of any file that the configuration names is only a hint: what counts is the content. A new generation is
//! read, checked, compiled and configured beside the running one; only if all of it stands does it replace the old one.
//! Whatever fails, the old generation goes on.

mod builder;
mod candidate;
mod change;
mod debounce;
mod diff;
mod escalation;
mod fingerprint;
mod memory;
mod probing;
mod readings;
mod reports;
mod requests;
mod rollback;
mod symlinks;
mod thread;
mod watch;
mod watcher;
mod writers;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

use self::{
    candidate::{Candidate, Content},
    change::Change,
    rollback::Before,
};

pub use change::{Changes, Running, Swapped};
pub use memory::rolled_back;
pub use requests::Requests;
pub use thread::{Reload, start};

use crate::{
    chain::Blueprint,
    config::{Config, Mistake, Mistakes, Warnings},
    failpoint::{Step, pass},
    probe,
    wasm::{Cancel, Engine},
};

/// A new generation's blueprints by pipeline, and what there is to warn of.
type Built = (Blueprints, Warnings);

/// Looks at what a configuration needs from outside, such as topics that are there. It may be asked again and again.
pub trait Preflight: Send {
    /// Before anything is built of it.
    ///
    /// # Errors
    /// What is missing, at its place.
    fn look_at_config(&self, config: &Config) -> Result<Box<dyn PlanPreflight>, Mistakes>;
}

/// The rest of one look, once it is known what the interceptors plan.
pub trait PlanPreflight {
    /// What its plugins plan.
    ///
    /// # Errors
    /// What is missing, at its place.
    fn look_at_plans(&self, config: &Config, blueprints: &Blueprints) -> Result<(), Mistakes>;
}

/// What pipelines run, by name.
pub type Blueprints = BTreeMap<String, Arc<Blueprint>>;

/// What became of an attempt to reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing that records depend on has changed.
    Unchanged,
    /// The new generation serves.
    Applied {
        /// Counts within this process; the configuration it started with is 1.
        generation: u64,
        /// Of its only pipeline, or SHA-256 over the digests of all; lower-case hex.
        digest: String,
        /// What it brought to which pipelines.
        changes: Changes,
        /// What there is to warn of in the new configuration, for people.
        warnings: Vec<String>,
    },
    /// The generation before serves again.
    RolledBack {
        /// Its new number.
        generation: u64,
        /// As of [`Self::Applied`].
        digest: String,
        /// The generation that is left.
        left: u64,
        /// Why, for people.
        why: String,
        /// What it brought to which pipelines.
        changes: Changes,
    },
    /// The files changed again before it was in service; what they hold now is looked at.
    Superseded,
    /// The new configuration is wrong; the old generation goes on.
    Rejected {
        /// For people, at least one.
        reasons: Vec<String>,
    },
    /// The new configuration changes what only a restart can change; none of it has taken effect.
    NeedsRestart {
        /// The keys, as they are written in the configuration.
        keys: Vec<String>,
    },
}

impl Outcome {
    /// Its word in metrics and answers.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Applied { .. } => "applied",
            Self::RolledBack { .. } => "rolled-back",
            Self::Superseded => "superseded",
            Self::Rejected { .. } => "refused",
            Self::NeedsRestart { .. } => "restart-needed",
        }
    }

    /// Whether the new configuration was refused.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Rejected { .. } | Self::NeedsRestart { .. })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => f.write_str("nothing has changed"),
            Self::Applied { generation, digest, changes, .. } => {
                write!(f, "generation {generation} serves, digest {digest}; {changes}")
            }
            Self::RolledBack { generation, digest, left, why, .. } => {
                write!(f, "generation {left} is rolled back: {why}; generation {generation} serves, digest {digest}")
            }
            Self::Superseded => f.write_str("the files have changed again: what they hold now is looked at"),
            Self::Rejected { reasons } => {
                write!(f, "the new configuration is refused, the old one goes on: {}", reasons.join("; "))
            }
            Self::NeedsRestart { keys } => {
                let keys = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                write!(f, "{keys} cannot change while weir runs: undo the change, or restart weir; the old one goes on")
            }
        }
    }
}

/// The running configuration and what it takes to replace it. One attempt at a time, on one thread.
pub struct Reloader {
    path: PathBuf,
    engine: Engine,
    config: Config,
    running: Arc<dyn Running + Sync>,
    /// What the pipelines run, by name.
    blueprints: Blueprints,
    generation: u64,
    /// The number of the last change that was made.
    applied: u64,
    /// What it would go back to.
    before: Option<Before>,
    /// Content that was rolled back, and why: it is not tried again, whoever asks.
    rolled_back: Option<(Content, String)>,
    /// Content that needs no second look: what serves, or what was refused.
    seen: Option<(Content, Outcome)>,
    preflight: Option<Box<dyn Preflight>>,
    deny_warnings: bool,
}

impl fmt::Debug for Reloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloader")
            .field("path", &self.path)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

impl Reloader {
    /// `config` was read from `path` and is what `running` runs, by `blueprints`.
    pub fn new(
        path: PathBuf,
        engine: Engine,
        config: Config,
        running: Arc<dyn Running + Sync>,
        blueprints: Blueprints,
    ) -> Self {
        let seen = Some((fingerprint::of(&config), Outcome::Unchanged));
        let (before, rolled_back, preflight, deny_warnings) = (None, None, None, false);
        let (generation, applied) = (1, 1);
        Self {
            path,
            engine,
            config,
            running,
            blueprints,
            generation,
            applied,
            before,
            rolled_back,
            seen,
            preflight,
            deny_warnings,
        }
    }

    /// Also asks `preflight` before a new configuration is built; what it refuses is refused until it does not.
    #[must_use]
    pub fn with_preflight(self, preflight: Box<dyn Preflight>) -> Self {
        Self { preflight: Some(preflight), ..self }
    }

    /// Refuses a configuration that there is something to warn of.
    #[must_use]
    pub fn without_warnings(self) -> Self {
        Self { deny_warnings: true, ..self }
    }

    /// The file or directory given with `-c`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What stood in the files when they were looked at last; at first what serves.
    fn content(&self) -> Option<Content> {
        self.seen.as_ref().map(|(content, _)| *content)
    }

    /// Every file of the configuration that serves.
    fn files(&self) -> &[PathBuf] {
        &self.config.files
    }

    /// Puts a configuration into service if it is new and sound. With `force`, content that has been refused is tried
    /// once more. None: it was given up, and nothing has changed.
    fn attempt(&mut self, candidate: Candidate, force: bool, cancel: &Cancel) -> Option<Outcome> {
        let content = candidate.content();
        let config = match candidate.config {
            Ok(config) => config,
            Err(mistakes) => return Some(Outcome::Rejected { reasons: reasons(&mistakes) }),
        };
        if let Some((refused, why)) = &self.rolled_back
            && Some(*refused) == content
        {
            // Told when it was rolled back, and to whoever asks.
            let refusal = Outcome::Rejected { reasons: vec![why.clone()] };
            return Some(if force { refusal } else { Outcome::Unchanged });
        }
        if let Some((seen, outcome)) = &self.seen
            && Some(*seen) == content
            && !(force && outcome.is_refusal())
        {
            return Some(outcome.clone());
        }
        let keys = diff::fixed_keys(&self.config, &config);
        let outcome = if !keys.is_empty() {
            Outcome::NeedsRestart { keys }
        } else {
            match self.preflight.as_ref().map(|preflight| preflight.look_at_config(&config)).transpose() {
                Ok(look) => self.take_over(config, look.as_deref(), cancel)?,
                // Not remembered: the world outside may come round while the files stay as they are.
                Err(mistakes) => return Some(Outcome::Rejected { reasons: reasons(&mistakes) }),
            }
        };
        // What serves is not news at the next look; a refusal stays one until the content changes.
        let remembered = if outcome.is_refusal() { outcome.clone() } else { Outcome::Unchanged };
        self.seen = content.map(|content| (content, remembered));
        Some(outcome)
    }

    fn take_over(&mut self, config: Config, look: Option<&dyn PlanPreflight>, cancel: &Cancel) -> Option<Outcome> {
        let built = self.build(&config, cancel).and_then(|(blueprints, warnings)| {
            let look = look.map(|look| look.look_at_plans(&config, &blueprints));
            look.unwrap_or(Ok(())).map_err(|mistakes| reasons(&mistakes))?;
            self.run_probes(&config, &blueprints, cancel)?;
            Ok((blueprints, warnings))
        });
        pass(Step::Built);
        if !cancel.release() {
            return None;
        }
        let (blueprints, warnings) = match built {
            Ok((_, warnings)) if self.deny_warnings && !warnings.is_empty() => {
                return Some(Outcome::Rejected { reasons: warnings.lines() });
            }
            Ok(built) => built,
            Err(reasons) => return Some(Outcome::Rejected { reasons }),
        };
        let change = Change::new((&self.config, &self.blueprints), (&config, &blueprints));
        if change.is_empty() {
            self.config = config;
            return Some(Outcome::Unchanged);
        }
        self.generation += 1;
        pass(Step::Released);
        let changes = match change.apply(&*self.running, &self.blueprints, self.generation) {
            Ok(changes) => changes,
            Err(failure) => {
                self.generation = failure.generation;
                return Some(Outcome::Rejected { reasons: vec![failure.reason] });
            }
        };
        self.applied = self.generation;
        changes.renewed().for_each(|name| self.running.watch(name));
        let config = std::mem::replace(&mut self.config, config);
        let blueprints = std::mem::replace(&mut self.blueprints, blueprints);
        self.before = Some(Before { config, blueprints });
        let (generation, digest) = (self.generation, self.digest());
        pass(Step::TakenOver);
        Some(Outcome::Applied { generation, digest, changes, warnings: warnings.lines() })
    }

    fn build(&self, config: &Config, cancel: &Cancel) -> Result<Built, Vec<String>> {
        let mut blueprints = BTreeMap::new();
        let mut warnings = config.warnings.clone();
        let mut wrong = reasons(&probe::check_files(config));
        let engine = self.engine.cancelled_by(cancel);
        for (name, pipeline) in &config.pipelines {
            // Left empty, the generation's name in dead letters is the digest's beginning, as in `run` and `replay`.
            match Blueprint::build(&engine, config, pipeline, Arc::from("")) {
                Ok(blueprint) => {
                    warnings.append(blueprint.warnings().clone());
                    let running = self.blueprints.get(name);
                    wrong.extend(running.map(|old| escalation::refusals(old, &blueprint)).unwrap_or_default());
                    blueprints.insert(name.clone(), blueprint);
                }
                Err(mistakes) => wrong.extend(reasons(&mistakes)),
            }
        }
        warnings.sort_by_path();
        if wrong.is_empty() { Ok((blueprints, warnings)) } else { Err(wrong) }
    }

    fn digest(&self) -> String {
        let digests: Vec<_> =
            self.blueprints.iter().map(|(name, blueprint)| (name.as_str(), blueprint.digest())).collect();
        digest_of(&digests)
    }
}

/// The digest of a generation whose pipelines, by name, have these: that of the only one, or SHA-256 over all; lower-case hex.
pub fn digest_of(pipelines: &[(&str, &str)]) -> String {
    if let [(_, only)] = pipelines {
        return (*only).to_owned();
    }
    let mut hash = Sha256::new();
    for (name, digest) in pipelines {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(digest.as_bytes());
    }
    weir_rules::hex(&hash.finalize())
}

/// One text a mistake, with its place, for a log line.
fn reasons(mistakes: &Mistakes) -> Vec<String> {
    mistakes.listed().iter().map(Mistake::line).collect()
}

#[cfg(test)]
mod tests;
