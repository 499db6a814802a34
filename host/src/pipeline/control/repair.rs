//! Puts right what went wrong with a partition while it was read.

use std::time::{Duration, Instant};

use super::{
    super::{
        StopReason,
        positions::{self, Gap},
    },
    Control,
};
use crate::{
    config::OnGap,
    delivery::Assignment,
    endpoint::{Error, GroupMember, Partition, Sink, TopicId, TopicState},
    metrics::Name,
};

/// How long a leader may take to answer; meanwhile the group is not served.
const ANSWER: Duration = Duration::from_secs(1);
/// Between two attempts, where one failed.
const PAUSE: Duration = Duration::from_millis(500);
/// How soon a partition is read on after an error, which may come again at once.
const BREATH: Duration = Duration::from_millis(200);

/// Why a partition is not read as it should be; the graver ones come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// An error stood where a record should have.
    Error,
    /// The broker says that its offset is gone.
    Gap,
    /// Its topic is another one by now.
    Recreated(TopicId),
}

/// A partition to be put right.
#[derive(Debug)]
pub(super) struct Repair {
    partition: Partition,
    trouble: Trouble,
    not_before: Instant,
}

impl<M: GroupMember, K: Sink> Control<M, K> {
    /// Takes in what the workers reported.
    pub(super) fn note_reports(&mut self) {
        let now = Instant::now();
        for partition in self.shared.take_gaps() {
            self.looks.hurry();
            self.report(partition, Trouble::Gap);
        }
        for partition in self.shared.take_errors() {
            self.looks.hurry();
            add(&mut self.repairs, partition, Trouble::Error, now + BREATH);
        }
    }

    /// Puts right what was reported, and what failed before and is due again.
    pub(super) fn repair(&mut self) {
        let now = Instant::now();
        self.repairs.retain(|one| self.mine.contains_key(&one.partition));
        if self.shared.is_stopped() {
            return self.repairs.clear();
        }
        // No longer than one answer in a go: the group is to be served in between.
        while now.elapsed() < ANSWER {
            let Some(at) = self.repairs.iter().position(|one| one.not_before <= now) else { return };
            let Repair { partition, trouble, .. } = self.repairs.swap_remove(at);
            match trouble {
                Trouble::Error => self.read_on(&partition),
                Trouble::Recreated(id) => self.start_anew(&partition, id),
                Trouble::Gap => {
                    if let Err(error) = self.bridge(&partition) {
                        tracing::warn!(pipeline = self.shared.config.name, %partition, "{error}");
                        add(&mut self.repairs, partition, trouble, Instant::now() + PAUSE);
                    }
                }
            }
        }
    }

    pub(super) fn report(&mut self, partition: Partition, trouble: Trouble) {
        add(&mut self.repairs, partition, trouble, Instant::now());
    }

    pub(super) fn found_gap(&self, partition: &Partition, gap: Gap) {
        let (config, lost) = (&self.shared.config, gap.lost());
        let stop = match (config.on_gap, gap) {
            (OnGap::Stop, Gap::OutOfRange { offset, low, high }) => {
                StopReason::Gap { partition: partition.clone(), offset, low, high }
            }
            (OnGap::Stop, Gap::Recreated) => StopReason::Recreated { partition: partition.clone() },
            (OnGap::Earliest, Gap::OutOfRange { offset, low, high }) => {
                tracing::error!(
                    pipeline = config.name, %partition, offset, low, high, lost,
                    "the offset to read is gone; going on from the oldest record",
                );
                let labels = vec![("pipeline", config.name.clone()), ("topic", partition.topic.to_string())];
                return self.shared.metrics.add(Name::RecordsLost, labels, lost);
            }
            (OnGap::Earliest, Gap::Recreated) => {
                return tracing::error!(
                    pipeline = config.name, %partition,
                    "the topic was deleted and created anew; going on from its first record. How many records the old one \
                     had that were not read is not known",
                );
            }
        };
        self.shared.stop(stop);
    }

    /// Where the worker stands with a partition; none where it is not ours.
    fn standing(&self, partition: &Partition) -> Option<(Assignment, i64)> {
        let committer = self.shared.committer(self.shared.worker_of(partition));
        let ledger = committer.ledger();
        Some((ledger.assignment(partition)?, ledger.next(partition)?))
    }

    /// After an error librdkafka may go on behind the record that it stands for (its issue 4844), and the worker takes
    /// nothing more: so both are told where to read.
    fn read_on(&mut self, partition: &Partition) {
        if let Some((assignment, _)) = self.standing(partition) {
            self.move_to(partition, assignment);
        }
    }

    /// While reading, the broker said that an offset is gone.
    fn bridge(&mut self, partition: &Partition) -> Result<(), Error> {
        let Some((assignment, next)) = self.standing(partition) else { return Ok(()) };
        if let Some(id) = self.recreated(partition)? {
            self.start_anew(partition, id);
            return Ok(());
        }
        let Some(gap) = positions::gap_at(&self.member, partition, next, ANSWER)? else {
            self.move_to(partition, assignment);
            return Ok(());
        };
        self.found_gap(partition, gap);
        if self.shared.is_stopped() {
            return Ok(());
        }
        let offset = gap.earliest();
        let assignment = {
            let mut committer = self.shared.committer(self.shared.worker_of(partition));
            if offset > next {
                // What is on its way stays in the same books, and is committed with what follows the gap.
                committer.pass_over(partition, offset);
                assignment
            } else {
                committer.assign(partition, offset, true)
            }
        };
        self.move_to(partition, assignment);
        Ok(())
    }

    /// The id that the partition's topic has by now, where that is another one than it was read as.
    fn recreated(&mut self, partition: &Partition) -> Result<Option<TopicId>, Error> {
        let Some(Some(was)) = self.mine.get(partition).copied() else { return Ok(None) };
        self.memory.identities.begin_round();
        let topics = self.member.topics(std::slice::from_ref(&partition.topic), ANSWER)?;
        let Some(TopicState::There { id: Some(is), .. }) = topics.get(&partition.topic) else { return Ok(None) };
        let is_another = self.memory.identities.is_recreated(&partition.topic, was, *is)?;
        Ok(is_another.then_some(*is))
    }

    /// The partition's topic was deleted and created anew. What is on its way was read as of the old one: it is delivered,
    /// and commits nothing any more.
    fn start_anew(&mut self, partition: &Partition, id: TopicId) {
        if self.mine.get(partition) == Some(&Some(id)) {
            return;
        }
        self.found_gap(partition, Gap::Recreated);
        if self.shared.is_stopped() {
            return;
        }
        let offset = Gap::Recreated.earliest();
        let assignment = self.shared.committer(self.shared.worker_of(partition)).assign(partition, offset, true);
        self.memory.identities.note(partition, id);
        self.mine.insert(partition.clone(), Some(id));
        self.move_to(partition, assignment);
    }

    /// Reads a partition that is ours by an assignment that its committer has already, from where that stands. Where that
    /// cannot be done now, it is retried.
    fn move_to(&mut self, partition: &Partition, assignment: Assignment) {
        // To change what is assigned while the group waits for an answer would be taken for that answer.
        self.events.extend(self.member.poll(Duration::ZERO));
        let now = Instant::now();
        if !self.events.is_empty() {
            return add(&mut self.repairs, partition.clone(), Trouble::Error, now);
        }
        if let Err(error) = self.member.unassign(std::slice::from_ref(partition)) {
            tracing::warn!(pipeline = self.shared.config.name, %partition, "{error}");
            return add(&mut self.repairs, partition.clone(), Trouble::Error, now + PAUSE);
        }
        self.take(vec![(partition.clone(), assignment)]);
    }
}

/// Adds a repair; of one partition there is one, and the graver trouble counts.
fn add(repairs: &mut Vec<Repair>, partition: Partition, trouble: Trouble, not_before: Instant) {
    match repairs.iter_mut().find(|one| one.partition == partition) {
        Some(known) => known.trouble = known.trouble.max(trouble),
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
