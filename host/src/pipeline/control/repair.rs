//! Puts right what went wrong with a partition while it was read.

use std::{
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use super::{
    super::{
        Command, StopReason,
        positions::{self, Gap},
    },
    Control, REVOKE,
};
use crate::{
    config::OnGap,
    endpoint::{Error, Partition, Position},
    metrics::Name,
};

/// How long a leader may take to answer; meanwhile the group is not served.
const ANSWER: Duration = Duration::from_secs(1);
/// Between two attempts, where one failed.
const PAUSE: Duration = Duration::from_secs(2);

/// Why a partition is not read as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The broker says that its offset is gone.
    Gap,
    /// An error stood where a record should have.
    Error,
}

/// A partition to be put right.
#[derive(Debug)]
pub(super) struct Repair {
    partition: Partition,
    trouble: Trouble,
    not_before: Instant,
}

impl Control {
    /// Puts right what the workers reported, and what failed before and is due again.
    pub(super) fn repair(&mut self) {
        let now = Instant::now();
        let gaps = self.board.take_gaps().into_iter().map(|partition| (partition, Trouble::Gap));
        let errors = self.board.take_errors().into_iter().map(|partition| (partition, Trouble::Error));
        for (partition, trouble) in gaps.chain(errors) {
            add(&mut self.repairs, partition, trouble, now);
        }
        // No longer than one answer in a go: the group is to be served in between.
        while now.elapsed() < ANSWER {
            let Some(at) = self.repairs.iter().position(|one| one.not_before <= now) else { return };
            let Repair { partition, trouble, .. } = self.repairs.remove(at);
            let done = match trouble {
                Trouble::Gap => self.bridge(&partition),
                Trouble::Error => self.go_back(&partition),
            };
            if let Err(error) = done {
                tracing::warn!(pipeline = self.board.config.name, %partition, "{error}");
                add(&mut self.repairs, partition, trouble, Instant::now() + PAUSE);
            }
        }
    }

    pub(super) fn found_gap(&self, partition: &Partition, gap: Gap) {
        let Gap { offset, low, high } = gap;
        let labels = vec![("p", self.board.config.name.clone()), ("topic", partition.topic.to_string())];
        match self.board.config.on_gap {
            OnGap::Stop => self.board.stop(StopReason::Gap { partition: partition.clone(), offset, low, high }),
            OnGap::Earliest => {
                tracing::error!(
                    pipeline = self.board.config.name,
                    %partition, offset, low, high, lost = gap.lost(),
                    "the offset to read is gone; going on from the oldest record",
                );
                self.board.metrics.add(Name::RecordsLost, labels, gap.lost());
            }
        }
    }

    /// librdkafka counts an error as a record read (its issue 4844), and the pause of the next rebalance would go on
    /// behind that record: so it is told where to read.
    fn go_back(&self, partition: &Partition) -> Result<(), Error> {
        let next = self.board.ledger(self.board.worker_of(partition)).next(partition);
        let Some(offset) = next.filter(|_| !self.board.is_stopped()) else { return Ok(()) };
        self.consumer.seek(&Position { partition: partition.clone(), offset }, ANSWER)
    }

    /// While reading, the broker said that an offset is gone.
    fn bridge(&mut self, partition: &Partition) -> Result<(), Error> {
        let worker = self.board.worker_of(partition);
        let next = self.board.ledger(worker).next(partition);
        let Some(next) = next.filter(|_| !self.board.is_stopped()) else { return Ok(()) };
        let (low, high) = self.consumer.bounds(partition, ANSWER)?;
        let beginning = positions::continued(partition, next, low, high, self.board.config.on_gap);
        if beginning.offset != next {
            self.move_to(partition, next, beginning.offset)?;
        }
        if let Some(gap) = beginning.gap {
            self.found_gap(partition, gap);
        }
        if self.board.is_stopped() {
            return Ok(());
        }
        self.consumer.seek(&Position { partition: partition.clone(), offset: beginning.offset }, ANSWER)
    }

    /// The partition's worker, which was to read on from `next`, goes on at `offset`, once what it has read is settled and committed.
    fn move_to(&mut self, partition: &Partition, next: i64, offset: i64) -> Result<(), Error> {
        let worker = self.board.worker_of(partition);
        let until = Instant::now() + REVOKE;
        let partitions = vec![partition.clone()];
        let (done, settled) = channel();
        let _ = self.workers[worker].send(Command::Give { partitions, until, done });
        let let_go = settled.recv_timeout(REVOKE).is_ok();
        // To assign it anew would forget what is still on its way: that would never be committed, and come again.
        if !let_go || !self.board.ledger(worker).is_settled(partition) {
            // It keeps it: the next attempt may find nothing to move.
            let _ = self.workers[worker].send(Command::Take(vec![(partition.clone(), next)]));
            let reason = "what was read before the gap is still on its way".to_owned();
            return Err(Error { doing: "go on behind a gap", reason });
        }
        self.commit_all(until, Some(std::slice::from_ref(partition)));
        self.board.ledger(worker).assign(partition.clone(), offset);
        let _ = self.workers[worker].send(Command::Take(vec![(partition.clone(), offset)]));
        Ok(())
    }
}

/// Adds a repair; of one partition there is one, and a gap is the graver trouble: its offset is looked up anew.
fn add(repairs: &mut Vec<Repair>, partition: Partition, trouble: Trouble, not_before: Instant) {
    match repairs.iter_mut().find(|one| one.partition == partition) {
        Some(known) if trouble == Trouble::Gap => known.trouble = trouble,
        Some(_) => {}
        None => repairs.push(Repair { partition, trouble, not_before }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_reported_again_and_again_is_put_right_once_and_no_sooner() {
        let partition = Partition { topic: "t".into(), number: 0 };
        let (mut repairs, now) = (Vec::new(), Instant::now());
        let later = now + PAUSE;
        for (trouble, at) in [(Trouble::Error, later), (Trouble::Gap, now), (Trouble::Error, now)] {
            add(&mut repairs, partition.clone(), trouble, at);
        }
        let left: Vec<_> = repairs.iter().map(|one| (one.trouble, one.not_before)).collect();
        assert_eq!(left, [(Trouble::Gap, later)]);
    }
}
