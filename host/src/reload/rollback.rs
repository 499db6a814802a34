//! Back to the generation before.

use super::{Blueprints, Content, Outcome, Reloader, change::Change, fingerprint, memory};
use crate::config::Config;

/// The generation before the one that serves.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) config: Config,
    pub(super) blueprints: Blueprints,
}

impl Reloader {
    /// Brings the generation before the one that serves back, under a number of its own. The content that is left stays
    /// refused until the files change, also after a restart where there is a `state_dir`. With `only`, nothing happens
    /// where another generation serves by now.
    pub(super) fn roll_back(&mut self, only: Option<u64>, why: &str) -> Outcome {
        if only.is_some_and(|only| only != self.applied) {
            return Outcome::Unchanged;
        }
        let Some(before) = self.before.take() else {
            let reason = "there is no earlier generation in this process to go back to";
            return Outcome::Rejected { reasons: vec![reason.to_owned()] };
        };
        let left = self.applied;
        let change = Change::new((&self.config, &self.blueprints), (&before.config, &before.blueprints));
        self.generation += 1;
        let changes = match change.apply(&*self.running, &self.blueprints, self.generation) {
            Ok(changes) => changes,
            Err(failure) => {
                self.generation = failure.generation;
                self.before = Some(before);
                return Outcome::Rejected { reasons: vec![failure.reason] };
            }
        };
        self.applied = self.generation;
        self.refuse(left, why);
        self.seen = Some((fingerprint::of(&before.config), Outcome::Unchanged));
        self.config = before.config;
        self.blueprints = before.blueprints;
        Outcome::RolledBack { generation: self.generation, digest: self.digest(), left, why: why.to_owned(), changes }
    }

    /// Refuses what serves at this moment, from now on.
    fn refuse(&mut self, left: u64, why: &str) {
        let content: Content = fingerprint::of(&self.config);
        let reason =
            format!("this configuration was rolled back (generation {left}): {why}; change it to have it tried again");
        if let Some(folder) = &self.config.state_dir
            && let Err(error) = memory::write(folder, &content, why)
        {
            tracing::error!(folder = %folder.display(), %error, "what was rolled back is not remembered over a restart");
        }
        self.rolled_back = Some((content, reason));
    }
}
