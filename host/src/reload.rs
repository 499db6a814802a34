//! Takes over a changed configuration while records flow, or leaves everything as it is and says why.
//!
//! A change of any file that the configuration names is only a hint: what counts is the content. A new generation is
//! read, checked, compiled and configured beside the running one; only if all of it stands does it replace the old one.
//! Whatever fails, the old generation goes on.

mod builder;
mod candidate;
mod debounce;
mod diff;
mod escalation;
mod fingerprint;
mod reports;
mod symlinks;
mod thread;
mod watch;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

use self::candidate::{Candidate, Content};

pub use thread::{Reload, Requests, start};

use crate::{
    chain::Blueprint,
    config::{Config, Mistakes},
    wasm::{Cancel, Engine},
};

/// Hands a pipeline its new chain and the generation's number. An error leaves the pipeline as it was.
pub type Swap = Box<dyn Fn(&Arc<Blueprint>, u64) -> Result<Swapped, String> + Send>;

/// How a pipeline took its new chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// Between two batches.
    InService,
    /// It had stopped, and starts again with it.
    Revived,
}

/// Looks at what a configuration needs from outside, such as topics that are there. It may be asked again and again.
pub type Preflight = Box<dyn Fn(&Config) -> Result<(), Mistakes> + Send>;

/// A running pipeline, as reload sees it.
pub struct Running {
    /// What it runs.
    pub blueprint: Arc<Blueprint>,
    /// How to give it something else.
    pub swap: Swap,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("digest", &self.blueprint.digest()).finish_non_exhaustive()
    }
}

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
        /// The pipelines that had stopped and start again from their watermark.
        revived: Vec<String>,
    },
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
            Self::Applied { generation, digest, revived } => {
                write!(f, "generation {generation} serves, digest {digest}")?;
                revived.iter().try_for_each(|name| write!(f, "; `{name}` had stopped and starts again"))
            }
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
    pipelines: BTreeMap<String, Running>,
    generation: u64,
    /// Content that needs no second look: what serves, or what was refused.
    seen: Option<(Content, Outcome)>,
    preflight: Option<Preflight>,
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
    /// `config` was read from `path` and is what `pipelines` run, by name.
    pub fn new(path: PathBuf, engine: Engine, config: Config, pipelines: BTreeMap<String, Running>) -> Self {
        let seen = Some((fingerprint::of(&config), Outcome::Unchanged));
        Self { path, engine, config, pipelines, generation: 1, seen, preflight: None }
    }

    /// Also asks `preflight` before a new configuration is built; what it refuses is refused until it does not.
    #[must_use]
    pub fn with_preflight(self, preflight: Preflight) -> Self {
        Self { preflight: Some(preflight), ..self }
    }

    /// The file or directory given with `-c`.
    pub fn path(&self) -> &Path {
        &self.path
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
        if let Some((seen, outcome)) = &self.seen
            && Some(*seen) == content
            && !(force && outcome.is_refusal())
        {
            return Some(outcome.clone());
        }
        let keys = diff::fixed_keys(&self.config, &config);
        let outcome = if !keys.is_empty() {
            Outcome::NeedsRestart { keys }
        } else if let Some(Err(mistakes)) = self.preflight.as_ref().map(|preflight| preflight(&config)) {
            // Not remembered: the world outside may come round while the files stay as they are.
            return Some(Outcome::Rejected { reasons: reasons(&mistakes) });
        } else {
            self.take_over(config, cancel)?
        };
        // What serves is not news at the next look; a refusal stays one until the content changes.
        let remembered = if outcome.is_refusal() { outcome.clone() } else { Outcome::Unchanged };
        self.seen = content.map(|content| (content, remembered));
        Some(outcome)
    }

    fn take_over(&mut self, config: Config, cancel: &Cancel) -> Option<Outcome> {
        let built = self.build(&config, cancel);
        if !cancel.release() {
            return None;
        }
        let blueprints = match built {
            Ok(blueprints) => blueprints,
            Err(reasons) => return Some(Outcome::Rejected { reasons }),
        };
        let mut changed = Vec::new();
        for (name, blueprint) in blueprints {
            let Some(running) = self.pipelines.get_mut(&name) else { continue };
            if running.blueprint.digest() != blueprint.digest() {
                changed.push((name, blueprint));
            }
        }
        if changed.is_empty() {
            self.config = config;
            return Some(Outcome::Unchanged);
        }
        self.generation += 1;
        let revived = match self.swap(changed) {
            Ok(revived) => revived,
            Err(reason) => return Some(Outcome::Rejected { reasons: vec![reason] }),
        };
        self.config = config;
        Some(Outcome::Applied { generation: self.generation, digest: self.digest(), revived })
    }

    fn build(&self, config: &Config, cancel: &Cancel) -> Result<Vec<(String, Arc<Blueprint>)>, Vec<String>> {
        let mut blueprints = Vec::new();
        let mut wrong = Vec::new();
        let engine = self.engine.cancelled_by(cancel);
        for (name, pipeline) in &config.pipelines {
            let Some(running) = self.pipelines.get(name) else { continue };
            // Left empty, the generation's name in dead letters is the digest's beginning, as in `run` and `replay`.
            match Blueprint::build(&engine, config, pipeline, Arc::from("")) {
                Ok(blueprint) => {
                    wrong.extend(escalation::refusals(&running.blueprint, &blueprint));
                    blueprints.push((name.clone(), blueprint));
                }
                Err(mistakes) => wrong.extend(reasons(&mistakes)),
            }
        }
        if wrong.is_empty() { Ok(blueprints) } else { Err(wrong) }
    }

    /// All pipelines, or none: where one refuses, those before it get their old chain back, under a number of its own,
    /// because numbers never go backwards. Returns those that had stopped.
    fn swap(&mut self, changed: Vec<(String, Arc<Blueprint>)>) -> Result<Vec<String>, String> {
        let mut revived = Vec::new();
        for (at, (name, blueprint)) in changed.iter().enumerate() {
            let Some(running) = self.pipelines.get(name) else { continue };
            let mut reason = match (running.swap)(blueprint, self.generation) {
                Ok(Swapped::InService) => continue,
                Ok(Swapped::Revived) => {
                    revived.push(name.clone());
                    continue;
                }
                Err(reason) => reason,
            };
            self.generation += u64::from(at > 0);
            for (name, _) in &changed[..at] {
                let Some(running) = self.pipelines.get(name) else { continue };
                if let Err(error) = (running.swap)(&running.blueprint, self.generation) {
                    reason = format!("{reason}; pipeline `{name}` could not go back to its old chain: {error}");
                }
            }
            return Err(format!("pipeline `{name}`: {reason}"));
        }
        for (name, blueprint) in changed {
            if let Some(running) = self.pipelines.get_mut(&name) {
                let (generation, digest) = (self.generation, blueprint.digest());
                tracing::info!(pipeline = name, generation, digest, "the chain is replaced");
                running.blueprint = blueprint;
            }
        }
        Ok(revived)
    }

    fn digest(&self) -> String {
        let digests: Vec<_> =
            self.pipelines.iter().map(|(name, running)| (name.as_str(), running.blueprint.digest())).collect();
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
    mistakes
        .listed()
        .iter()
        .map(|mistake| {
            let mut text = String::new();
            if let Some((source, range)) = &mistake.at {
                let (line, column) = source.line_and_column(range.start);
                text = format!("{}:{line}:{column}: ", source.path.display());
            }
            text.push_str(&mistake.message);
            if let Some(help) = &mistake.help {
                text.push_str(" (");
                text.push_str(help);
                text.push(')');
            }
            text
        })
        .collect()
}

#[cfg(test)]
mod tests;
