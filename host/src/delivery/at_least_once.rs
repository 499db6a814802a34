//! Commits what is settled, now and then, and at once where partitions go: at least once. Where there is a ledger topic,
//! what is committed is recorded there before.

use std::time::{Duration, Instant};

use super::{Assignment, Fates, Ledger, NotOpened, Range, Ticket};
use crate::endpoint::Partition;

/// Between two commits, and between two ranges of a partition.
const COMMITS: Duration = Duration::from_secs(1);
/// Between two attempts, where one failed and partitions wait for it.
const RETRY: Duration = Duration::from_millis(50);

/// What happens to one worker's committer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// What is due is to be committed at once: another generation begins.
    Adopting,
    /// These go, and the worker has let go of them: what is not settled by now will hardly be.
    Revoking {
        /// Which; those that the worker does not have are passed over.
        partitions: Vec<Partition>,
        /// Whether others may have them already: nothing of them may be committed any more.
        lost: bool,
        /// When what is not committed is given up.
        until: Instant,
    },
    /// All that there is goes; the worker has ended.
    Finishing {
        /// When what is not committed is given up.
        until: Instant,
    },
    /// What became of the last [`Action::Commit`].
    Outcome(Outcome),
    /// A range that [`Action::Record`] named stands in the ledger topic.
    Recorded {
        /// Its partition.
        partition: Partition,
        /// The assignment that it was read by.
        assignment: Assignment,
        /// Where it ends.
        to: i64,
    },
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It stands, but for these partitions.
    Stands {
        /// Those that were refused.
        refused: Vec<Partition>,
    },
    /// It may stand or not.
    Failed,
}

/// What a committer wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Record these in the ledger topic, however long that takes: what follows them is recorded, and they and what follows
    /// them is committed, only after [`Input::Recorded`].
    Record(Vec<Range<Partition>>),
    /// Commit these; the next comes only after [`Input::Outcome`].
    Commit(Vec<Offset>),
    /// The one answer to [`Input::Revoking`] and to [`Input::Finishing`]: these are nobody's here any more.
    Released {
        /// Which.
        partitions: Vec<Partition>,
        /// How many of them had records on their way, or settled and not committed: these are delivered again.
        unfinished: usize,
    },
}

/// An offset to commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Of this partition.
    pub partition: Partition,
    /// The next record to read.
    pub offset: i64,
    /// The generation that the records below it went through, back to the commit before; 0 = it is a beginning.
    pub generation: u64,
}

/// Partitions on their way out.
#[derive(Debug)]
struct Leaving {
    partitions: Vec<Partition>,
    until: Instant,
}

/// The committer of one worker. Pure: it is told the time and what happens, and says what is to be done.
#[derive(Debug)]
pub struct AtLeastOnce {
    ledger: Ledger<Partition>,
    /// What the commit on its way is for; empty where all of that is lost meanwhile.
    sent: Option<Vec<(Partition, Assignment, i64)>>,
    leaving: Vec<Leaving>,
    next_range: Instant,
    next_commit: Instant,
    next_retry: Instant,
}

impl AtLeastOnce {
    /// One that has no partitions.
    pub fn new(now: Instant) -> Self {
        Self::of(Ledger::default(), now)
    }

    /// The same, which commits nothing that was not recorded before.
    pub fn recording(now: Instant) -> Self {
        Self::of(Ledger::recording(), now)
    }

    fn of(ledger: Ledger<Partition>, now: Instant) -> Self {
        Self { ledger, sent: None, leaving: Vec::new(), next_range: now, next_commit: now, next_retry: now }
    }

    /// What is opened, settled and due.
    pub fn ledger(&self) -> &Ledger<Partition> {
        &self.ledger
    }

    /// A partition is the worker's from `offset` on, or once more from another offset. `is_new` = that is to be committed,
    /// since a restart would begin elsewhere.
    pub fn assign(&mut self, partition: &Partition, offset: i64, is_new: bool) -> Assignment {
        let assignment = self.ledger.assign(partition.clone(), offset);
        if is_new {
            self.ledger.commit_beginning(partition);
        }
        assignment
    }

    /// As [`Ledger::pass_over`].
    pub fn pass_over(&mut self, partition: &Partition, offset: i64) {
        self.ledger.pass_over(partition, offset);
    }

    /// As [`Ledger::open`].
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn open(
        &mut self,
        partition: &Partition,
        assignment: Assignment,
        records: std::ops::Range<i64>,
        generation: u64,
    ) -> Result<Ticket, NotOpened> {
        self.ledger.open(partition, assignment, records.start, records.end, generation)
    }

    /// As [`Ledger::settle`].
    pub fn settle(&mut self, partition: &Partition, ticket: Ticket, fates: Fates) {
        self.ledger.settle(partition, ticket, fates);
    }

    /// As [`Ledger::is_open`].
    pub fn is_open(&self, partition: &Partition, ticket: Ticket) -> bool {
        self.ledger.is_open(partition, ticket)
    }

    /// As [`Ledger::is_settled`].
    pub fn is_settled(&self, partition: &Partition) -> bool {
        self.ledger.is_settled(partition)
    }

    /// Takes in what happened at `now`.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Adopting => (self.next_range, self.next_commit) = (now, now),
            Input::Revoking { partitions, lost, until } => {
                let partitions = partitions.into_iter().filter(|one| self.stays(one)).collect();
                self.leaving.push(Leaving { partitions, until: if lost { now } else { until } });
            }
            Input::Finishing { until } => {
                let partitions = self.ledger.partitions().filter(|one| self.stays(one)).cloned().collect();
                self.leaving.push(Leaving { partitions, until });
            }
            Input::Outcome(outcome) => self.take_outcome(now, outcome),
            Input::Recorded { partition, assignment, to } => {
                self.ledger.recorded(&partition, assignment, to);
                self.next_commit = now;
            }
        }
    }

    /// Returns what is to be done at `now`; a commit, and a range to record for it, only where `may_commit`: where it could
    /// be sent, and would count.
    pub fn actions(&mut self, now: Instant, may_commit: bool) -> Vec<Action> {
        let mut actions = Vec::new();
        self.release(now, &mut actions);
        if may_commit {
            actions.extend(self.record(now));
            actions.extend(self.commit(now));
        }
        actions
    }

    /// Whether a partition is the worker's, and is not on its way out.
    fn stays(&self, partition: &Partition) -> bool {
        let leaves = self.leaving.iter().any(|leaving| leaving.partitions.contains(partition));
        !leaves && self.ledger.assignment(partition).is_some()
    }

    fn take_outcome(&mut self, now: Instant, outcome: Outcome) {
        let sent = self.sent.take().unwrap_or_default();
        match outcome {
            Outcome::Failed => self.next_retry = now + RETRY,
            Outcome::Stands { refused } => {
                for (partition, assignment, offset) in sent {
                    if refused.contains(&partition) {
                        self.next_retry = now + RETRY;
                    } else {
                        self.ledger.committed(&partition, assignment, offset);
                    }
                }
            }
        }
    }

    /// Whether something of a partition is to be committed, or is being committed.
    fn is_due(&self, partition: &Partition) -> bool {
        let is_sent = self.sent.iter().flatten().any(|(sent, ..)| sent == partition);
        is_sent || self.ledger.is_uncommitted(partition)
    }

    /// Lets those go that are committed as far as they are settled, or whose time is over.
    fn release(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let mut leaving = std::mem::take(&mut self.leaving);
        leaving.retain_mut(|Leaving { partitions, until }| {
            if now < *until && partitions.iter().any(|one| self.is_due(one)) {
                return true;
            }
            let is_unfinished = |one: &&Partition| self.is_due(one) || !self.ledger.is_settled(one);
            let unfinished = partitions.iter().filter(is_unfinished).count();
            for partition in &*partitions {
                self.ledger.revoke(partition);
            }
            if let Some(sent) = &mut self.sent {
                sent.retain(|(sent, ..)| !partitions.contains(sent));
            }
            actions.push(Action::Released { partitions: std::mem::take(partitions), unfinished });
            false
        });
        self.leaving = leaving;
    }

    /// What is settled and not recorded, where it is time for it, or the partition waits to go.
    fn record(&mut self, now: Instant) -> Option<Action> {
        let is_time = now >= self.next_range;
        if !is_time && self.leaving.is_empty() {
            return None;
        }
        if is_time {
            self.next_range = now + COMMITS;
        }
        let leaving = &self.leaving;
        let leaves = |partition: &Partition| leaving.iter().any(|leaving| leaving.partitions.contains(partition));
        let ranges = self.ledger.cut_ranges(|partition| is_time || leaves(partition));
        (!ranges.is_empty()).then_some(Action::Record(ranges))
    }

    /// What is due, where it is time for it, or partitions wait to go.
    fn commit(&mut self, now: Instant) -> Option<Action> {
        let is_urgent = now >= self.next_retry && !self.leaving.is_empty();
        if self.sent.is_some() || now < self.next_commit && !is_urgent {
            return None;
        }
        self.next_commit = now + COMMITS;
        let (mut offsets, mut sent) = (Vec::new(), Vec::new());
        for (partition, due) in self.ledger.due() {
            let Some(assignment) = self.ledger.assignment(&partition) else { continue };
            sent.push((partition.clone(), assignment, due.offset));
            offsets.push(Offset { partition, offset: due.offset, generation: due.generation });
        }
        if offsets.is_empty() {
            return None;
        }
        self.sent = Some(sent);
        Some(Action::Commit(offsets))
    }
}

#[cfg(test)]
mod tests;
