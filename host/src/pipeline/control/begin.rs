//! Takes partitions over that the group gives.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    super::{
        Command, Take,
        positions::{self, Beginning},
    },
    Control, StopReason,
};
use crate::{
    delivery::Assignment,
    endpoint::{GroupMember, Partition, Position, Sink},
};

/// How long to ask where new partitions begin, while the group is not served.
const FIRST: Duration = Duration::from_secs(3);
/// The same, where that was asked in vain before; after each vain attempt twice as long ...
pub(super) const AGAIN: Duration = Duration::from_millis(500);
/// ... up to this: brokers that are busy with the questions of many pipelines would else never answer one in time.
const LONGEST: Duration = Duration::from_secs(4);
/// Between two such questions, which leaves most of the time to the group.
const PAUSE: Duration = Duration::from_secs(1);

impl<M: GroupMember, K: Sink> Control<M, K> {
    pub(super) fn take_over(&mut self, partitions: &[Partition]) {
        self.rebalanced("assigned", partitions);
        self.awaiting.extend_from_slice(partitions);
        // Answered in any case, if with none: the group waits for it.
        self.read(&[]);
        self.begin(FIRST);
    }

    /// Asks once more where those begin that nobody could tell of, every now and then.
    pub(super) fn begin_awaiting(&mut self) {
        let is_time = !self.awaiting.is_empty() && Instant::now() >= self.next_look;
        if is_time && !self.shared.is_stopped() {
            let budget = self.patience;
            self.patience = (budget * 2).min(LONGEST);
            self.begin(budget);
        }
    }

    /// Begins those of the awaiting partitions of which it is known where.
    fn begin(&mut self, budget: Duration) {
        let asked = std::mem::take(&mut self.awaiting);
        let found = if self.shared.is_ending() {
            positions::Found::default()
        } else {
            let config = &self.shared.config;
            positions::find(&self.member, (config.start, config.on_gap), &mut self.memory, &asked, budget)
        };
        if let (Some(first), Some(reason)) = (found.missing.first(), &found.reason) {
            let (pipeline, count) = (&self.shared.config.name, found.missing.len());
            tracing::warn!(pipeline, count, "waiting to know where {first} and others begin: {reason}");
        }
        self.next_look = Instant::now() + PAUSE;
        self.awaiting = found.missing;
        if self.awaiting.is_empty() {
            self.patience = AGAIN;
        }
        let mut takes = Vec::with_capacity(found.beginnings.len());
        for Beginning { partition, topic, offset, is_new, gap } in found.beginnings {
            if let Some(gap) = gap {
                self.found_gap(&partition, gap);
            }
            // A restart before the first record would else begin elsewhere: later where `start = "latest"`.
            let assignment =
                self.shared.committer(self.shared.worker_of(&partition)).assign(&partition, offset, is_new);
            if let Some(id) = topic {
                self.memory.identities.note(&partition, id);
            }
            self.mine.insert(partition.clone(), topic);
            takes.push((partition, assignment));
        }
        if !takes.is_empty() || self.awaiting.is_empty() {
            self.shared.joined();
        }
        self.take(takes);
    }

    /// Tells the workers to read partitions by these assignments; they are read once they have heard it.
    pub(super) fn take(&mut self, partitions: Vec<(Partition, Assignment)>) {
        let mut by_worker: BTreeMap<usize, Vec<(Partition, Assignment)>> = BTreeMap::new();
        for one in partitions {
            by_worker.entry(self.shared.worker_of(&one.0)).or_default().push(one);
        }
        for (worker, partitions) in by_worker {
            self.takes += 1;
            self.arriving.extend(partitions.iter().map(|(partition, _)| (partition.clone(), self.takes)));
            let take = Take { partitions, number: self.takes, done: self.taken.0.clone() };
            let _ = self.workers[worker].send(Command::Take(take));
        }
    }

    /// Reads what workers have said that they have taken.
    pub(super) fn read_taken(&mut self) {
        if self.arriving.is_empty() {
            return;
        }
        // To assign while the group takes partitions away would be taken for an answer to that.
        self.events.extend(self.member.poll(Duration::ZERO));
        if !self.events.is_empty() {
            return;
        }
        while let Ok(number) = self.taken.1.try_recv() {
            let taken = self.arriving.extract_if(.., |_, take| *take == number);
            let positions: Vec<Position> = taken
                .filter_map(|(partition, _)| {
                    let offset = self.shared.committer(self.shared.worker_of(&partition)).ledger().next(&partition)?;
                    Some(Position { partition, offset })
                })
                .collect();
            // Of a pipeline that has stopped nothing more is fetched.
            if !positions.is_empty() && !self.shared.is_stopped() {
                self.read(&positions);
            }
        }
    }

    fn read(&self, positions: &[Position]) {
        if let Err(error) = self.member.assign(positions, &|partition| self.shared.worker_of(partition)) {
            self.shared.stop(StopReason::Client(error.to_string()));
        }
    }
}
