//! Takes partitions over that the group gives.

use std::time::{Duration, Instant};

use super::{
    super::{
        Command, StopReason,
        positions::{self, Beginning},
    },
    Control,
};
use crate::endpoint::{Partition, Position};

/// How long the control thread may ask where new partitions begin.
const FIRST: Duration = Duration::from_secs(3);
/// The same, where that was asked in vain before.
const AGAIN: Duration = Duration::from_millis(500);
/// Between two such questions, which leaves most of the time to the group.
const PAUSE: Duration = Duration::from_secs(1);

impl Control {
    pub(super) fn take_over(&mut self, partitions: &[Partition]) {
        self.rebalanced("assigned", partitions);
        self.awaiting.extend_from_slice(partitions);
        // Answered in any case, if with none: the group waits for it.
        self.begin(FIRST);
    }

    /// Asks once more where those begin that nobody could tell of, every now and then.
    pub(super) fn begin_awaiting(&mut self) {
        let is_time = !self.awaiting.is_empty() && Instant::now() >= self.next_look;
        if is_time && !self.board.is_stopped() {
            self.begin(AGAIN);
        }
    }

    /// Begins those of the awaiting partitions of which it is known where.
    fn begin(&mut self, budget: Duration) {
        let asked = std::mem::take(&mut self.awaiting);
        let found = if self.board.is_ending() {
            positions::Found::default()
        } else {
            let config = &self.board.config;
            positions::find(&self.consumer, (config.start, config.on_gap), &mut self.origins, &asked, budget)
        };
        if let (Some(first), Some(reason)) = (found.missing.first(), &found.reason) {
            let (pipeline, count) = (&self.board.config.name, found.missing.len());
            tracing::warn!(pipeline, count, "waiting to know where {first} and others begin: {reason}");
        }
        self.next_look = Instant::now() + PAUSE;
        self.awaiting = found.missing;
        let mut taken = vec![Vec::new(); self.workers.len()];
        let mut positions = Vec::with_capacity(found.beginnings.len());
        for Beginning { partition, offset, is_new, gap } in found.beginnings {
            if let Some(gap) = gap {
                self.found_gap(&partition, gap);
            }
            let worker = self.board.worker_of(&partition);
            {
                let mut ledger = self.board.ledger(worker);
                ledger.assign(partition.clone(), offset);
                if is_new {
                    // A restart before the first record would else begin elsewhere: later where `start = "latest"`.
                    ledger.commit_beginning(&partition);
                }
            }
            taken[worker].push((partition.clone(), offset));
            self.mine.insert(partition.clone());
            positions.push(Position { partition, offset });
        }
        for (worker, partitions) in self.workers.iter().zip(taken) {
            if !partitions.is_empty() {
                let _ = worker.send(Command::Take(partitions));
            }
        }
        if let Err(error) = self.consumer.assign(&positions, |partition| self.board.worker_of(partition)) {
            self.board.stop(StopReason::Client(error.to_string()));
        }
        if !positions.is_empty() || self.awaiting.is_empty() {
            self.board.joined();
        }
        if self.board.is_stopped() {
            self.pause(&positions.into_iter().map(|one| one.partition).collect::<Vec<_>>());
        }
    }
}
