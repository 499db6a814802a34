//! Ranges of settled records, for a ledger topic: each is recorded there before it is committed.
//!
//! ```text
//! committed <= recorded <= cut <= watermark
//! ```
//!
//! So what is committed is recorded, whenever the process ends. Of a partition one range at a time is on its way, and the
//! next begins where it ends: what a process that goes on records has neither holes nor overlaps.

use serde::{Deserialize, Serialize};

use super::{Assignment, Ledger};

/// What became of records; as a ledger topic has it, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fates {
    /// How many were read.
    #[serde(rename = "in")]
    pub records: u64,
    /// Records delivered in their place, dead letters apart.
    pub out: u64,
    /// Of `records`, those all of whose outputs were delivered.
    pub passed: u64,
    /// Of `records`, those dropped by a verdict.
    pub dropped: u64,
    /// Of `records`, those that became dead letters.
    pub dead: u64,
}

impl Fates {
    /// Adds those of other records.
    pub fn add(&mut self, more: Self) {
        // What a ledger topic has may be any numbers.
        self.records = self.records.saturating_add(more.records);
        self.out = self.out.saturating_add(more.out);
        self.passed = self.passed.saturating_add(more.passed);
        self.dropped = self.dropped.saturating_add(more.dropped);
        self.dead = self.dead.saturating_add(more.dead);
    }
}

/// Offsets of one partition that are settled, all by one generation. Offsets that hold no record, such as those of control
/// records, may be among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range<P> {
    /// Of this partition.
    pub partition: P,
    /// By which it was read.
    pub assignment: Assignment,
    /// The first offset.
    pub from: i64,
    /// The one after the last.
    pub to: i64,
    /// The generation's number within the process.
    pub generation: u64,
    /// What became of its records.
    pub fates: Fates,
}

/// How far a partition is recorded.
#[derive(Debug)]
pub(super) struct Recorded {
    /// The end of the last range that was handed out.
    cut: i64,
    /// The same of the last one that is recorded.
    up_to: i64,
}

impl Recorded {
    /// Nothing is settled yet.
    pub(super) fn up_to_beginning(offset: i64) -> Self {
        Self { cut: offset, up_to: offset }
    }

    /// The offset that no commit may pass.
    pub(super) fn up_to(&self) -> i64 {
        self.up_to
    }
}

impl<P: Ord + Clone> Ledger<P> {
    /// A ledger of which nothing is due that was not recorded before.
    pub fn recording() -> Self {
        Self { is_recording: true, ..Self::default() }
    }

    /// The next range of each of the partitions that are `wanted` and have one to record, and none on its way. Say
    /// [`Self::recorded`] of each. What was passed over is in no range.
    pub fn cut_ranges(&mut self, wanted: impl Fn(&P) -> bool) -> Vec<Range<P>> {
        let mut ranges = Vec::new();
        for (partition, book) in self.books.iter_mut().filter(|(partition, _)| wanted(partition)) {
            let Some(recorded) = book.recorded.as_mut().filter(|recorded| recorded.cut == recorded.up_to) else {
                continue;
            };
            for settled in &mut book.settled {
                if settled.offset <= recorded.cut {
                    continue;
                }
                let from = std::mem::replace(&mut recorded.cut, settled.offset);
                if settled.is_gap {
                    recorded.up_to = settled.offset;
                    continue;
                }
                ranges.push(Range {
                    partition: partition.clone(),
                    assignment: book.assignment,
                    from,
                    to: settled.offset,
                    generation: settled.generation,
                    fates: std::mem::take(&mut settled.fates),
                });
                break;
            }
        }
        ranges
    }

    /// A range that was cut for `assignment` is recorded, up to `to`.
    pub fn recorded(&mut self, partition: &P, assignment: Assignment, to: i64) {
        let book = self.books.get_mut(partition).filter(|book| book.assignment == assignment);
        if let Some(recorded) = book.and_then(|book| book.recorded.as_mut()) {
            recorded.up_to = recorded.up_to.max(to);
        }
    }
}

#[cfg(test)]
mod tests;
