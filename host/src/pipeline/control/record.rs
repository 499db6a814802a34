//! Has ranges of records written into the ledger topic, and tells the committers which stand there.

use std::time::{Duration, Instant};

use super::{super::ledger_writer::Told, Control, StopReason};
use crate::{
    delivery::{Input, Range},
    endpoint::{GroupMember, Partition, Sink},
    failpoint::{Step, pass},
    ledger::Entry,
};

impl<M: GroupMember, K: Sink> Control<M, K> {
    /// Takes in what became of the ranges on their way; waits up to `wait` for the first.
    pub(super) fn hear_ledger(&mut self, wait: Duration) {
        let Some(ledger) = &mut self.ledger else { return };
        for told in ledger.serve(Instant::now(), wait) {
            match told {
                Told::Recorded { partition, assignment, to } => {
                    pass(Step::RangeRecorded);
                    let worker = self.shared.worker_of(&partition);
                    let recorded = Input::Recorded { partition, assignment, to };
                    self.shared.committer(worker).handle(Instant::now(), recorded);
                }
                Told::Stop(reason) => self.shared.stop(reason),
            }
        }
    }

    /// Has what waits tried at once: there is not much time left.
    pub(super) fn hurry_ledger(&mut self) {
        if let Some(ledger) = &mut self.ledger {
            ledger.hurry(Instant::now());
        }
    }

    /// Has these ranges written.
    pub(super) fn record(&mut self, ranges: &[Range<Partition>]) {
        pass(Step::RangeCut);
        let now = Instant::now();
        for range in ranges {
            let entry = self.entry(range);
            match (entry.to_json(), &mut self.ledger) {
                (Ok(value), Some(ledger)) => ledger.write(now, range, entry.key(), value),
                (Ok(_), None) => {}
                (Err(error), _) => {
                    self.shared.stop(StopReason::Client(format!("a range for the ledger topic: {error}")))
                }
            }
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.advance(now);
            pass(Step::RangeSent);
        }
    }

    fn entry(&self, Range { partition, from, to, generation, fates, .. }: &Range<Partition>) -> Entry {
        let config = &self.shared.config;
        let source = (&*partition.topic, partition.number);
        let mut entry = Entry::new((&config.group, &config.name), source, (*from, *to));
        entry.topic_id = self.mine.get(partition).copied().flatten().map(|id| id.to_string());
        entry.digest = self.shared.digest(*generation).to_string();
        entry.generation = *generation;
        entry.records = *fates;
        entry
    }

    /// What waits to be written of these is another's by now.
    pub(super) fn forget_ranges(&mut self, partitions: &[Partition]) {
        if let Some(ledger) = &mut self.ledger {
            ledger.forget(partitions);
        }
    }
}
