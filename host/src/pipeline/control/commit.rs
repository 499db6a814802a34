//! Commits what the ledgers say is due.

use std::time::{Duration, Instant};

use super::{COMMITS, Control, TICK};
use crate::{
    endpoint::{Committed, Partition},
    metrics::Name,
};

impl Control {
    /// Sends a commit of what is due, of `only` these partitions where given; false = nothing is due.
    fn commit_due_of(&mut self, only: Option<&[Partition]>) -> bool {
        let mut commit = Vec::new();
        for worker in 0..self.board.workers() {
            let due = self.board.ledger(worker).due();
            for (partition, due) in due {
                if only.is_none_or(|only| only.contains(&partition)) {
                    let metadata = self.board.digest(due.generation).to_string();
                    commit.push(Committed { partition, offset: due.offset, metadata });
                }
            }
        }
        let any = !commit.is_empty();
        if any {
            self.send(commit);
        }
        any
    }

    pub(super) fn commit_due(&mut self) {
        self.next_commit = Instant::now() + COMMITS;
        self.commit_due_of(None);
        for progress in self.board.progress() {
            let labels = vec![
                ("p", self.board.config.name.clone()),
                ("topic", progress.partition.topic.to_string()),
                ("partition", progress.partition.number.to_string()),
            ];
            self.board.metrics.watermark(labels, progress.watermark);
        }
    }

    fn send(&mut self, commit: Vec<Committed>) {
        match self.consumer.commit(&commit) {
            Ok(()) => self.sent = Some(commit),
            Err(error) => tracing::warn!(pipeline = self.board.config.name, "{error}"),
        }
    }

    /// Takes the outcome of the commit under way in, waiting up to `wait`; false = it failed, if only for a partition.
    /// What failed stays due.
    pub(super) fn hear_commit(&mut self, wait: Duration) -> bool {
        if self.sent.is_none() {
            return true;
        }
        let Some(outcome) = self.consumer.commit_outcome(wait) else { return true };
        let Some(commit) = self.sent.take() else { return true };
        let stands = outcome.as_ref().is_ok_and(Vec::is_empty);
        let label = if stands { "ok" } else { "failed" };
        let name = &self.board.config.name;
        self.board.metrics.add(Name::Commits, vec![("p", name.clone()), ("outcome", label.to_owned())], 1);
        let refused = match outcome {
            Ok(refused) => refused,
            Err(error) => {
                tracing::warn!(pipeline = name, "{error}; it is tried again");
                return false;
            }
        };
        for (partition, error) in &refused {
            tracing::warn!(pipeline = name, %partition, "{error}; it is tried again");
        }
        for Committed { partition, offset, .. } in &commit {
            if refused.iter().all(|(one, _)| one != partition) {
                self.board.ledger(self.board.worker_of(partition)).committed(partition, *offset);
            }
        }
        stands
    }

    /// Commits until nothing is due, of `only` these partitions where given; answers whether that was reached.
    pub(super) fn commit_all(&mut self, until: Instant, only: Option<&[Partition]>) -> bool {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let heard = self.hear_commit(left);
            if self.sent.is_none() && heard && !self.commit_due_of(only) {
                return true;
            }
            if left.is_zero() {
                tracing::warn!(
                    pipeline = self.board.config.name,
                    "not everything delivered could be committed in time; it will be delivered again",
                );
                return false;
            }
            if !heard || self.sent.is_none() {
                std::thread::sleep(TICK);
            }
        }
    }
}
