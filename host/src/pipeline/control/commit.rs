//! Sends what the committers want committed, and tells them what became of it.

use std::time::{Duration, Instant};

use super::{
    super::{control_thread::TICK, mark::Mark},
    Control,
};
use crate::{
    delivery::{Action, Input, Offset, Outcome},
    endpoint::{Committed, GroupMember, Partition, Sink},
    failpoint::{Step, pass},
    metrics::{Labels, Name, partition_labels},
};

/// Between two looks at committers that are letting go.
const PAUSE: Duration = Duration::from_millis(2);
/// Between two reports of the watermarks.
const REPORTS: Duration = Duration::from_secs(1);

/// What committers have let go of.
#[derive(Clone, Copy, Debug, Default)]
struct Released {
    /// How many committers have.
    committers: usize,
    /// Of how many partitions something is delivered again.
    unfinished: usize,
}

impl<M: GroupMember, K: Sink> Control<M, K> {
    /// Takes in what became of the last request, sends what is due, and reports the watermarks.
    pub(super) fn commit(&mut self) {
        self.act(Duration::ZERO);
        if Instant::now() >= self.next_report {
            self.next_report = Instant::now() + REPORTS;
            self.report_watermarks();
        }
    }

    /// Tells every committer what happens.
    pub(super) fn tell(&self, input: &Input) {
        for worker in 0..self.shared.workers() {
            self.shared.committer(worker).handle(Instant::now(), input.clone());
        }
    }

    /// Has every committer let go of what `input` tells it to; commits until that is done. Returns of how many partitions
    /// something could not be settled or committed in time.
    pub(super) fn release(&mut self, input: &Input) -> usize {
        self.tell(input);
        self.hurry_ledger();
        let mut all = Released::default();
        while all.committers < self.shared.workers() {
            let Released { committers, unfinished } = self.act(TICK);
            all.committers += committers;
            all.unfinished += unfinished;
            std::thread::sleep(PAUSE);
        }
        all.unfinished
    }

    /// Waits up to `wait` for what became of the request on its way, or of what is being recorded, then does what the
    /// committers want. One request holds what all of them want committed, and there is no other before its answer.
    fn act(&mut self, wait: Duration) -> Released {
        self.hear_ledger(if self.sent.is_some() { Duration::ZERO } else { wait });
        self.hear(wait);
        let may_commit = self.sent.is_none() && !self.member.has_lost();
        let (mut commits, mut workers, mut released) = (Vec::new(), Vec::new(), Released::default());
        for worker in 0..self.shared.workers() {
            let actions = self.shared.committer(worker).actions(Instant::now(), may_commit);
            for action in actions {
                match action {
                    Action::Record(ranges) => self.record(&ranges),
                    Action::Commit(offsets) => {
                        workers.push(worker);
                        commits.extend(offsets.into_iter().map(|offset| self.committed(offset)));
                    }
                    Action::Released { partitions, unfinished } => {
                        self.forget_ranges(&partitions);
                        released.committers += 1;
                        released.unfinished += unfinished;
                    }
                }
            }
        }
        if !commits.is_empty() {
            self.sent = Some(workers);
            self.sent_at = Instant::now();
            pass(Step::OffsetsDue);
            match self.member.commit(&commits) {
                Ok(()) => pass(Step::OffsetsSent),
                Err(error) => {
                    tracing::warn!(pipeline = self.shared.config.name, "{error}; retrying");
                    self.tell_outcome(&Outcome::Failed);
                }
            }
        }
        released
    }

    fn committed(&self, Offset { partition, offset, generation }: Offset) -> Committed {
        let digest = self.shared.digest(generation);
        let mark = Mark {
            digest: (!digest.is_empty()).then(|| digest.to_string()),
            topic: self.mine.get(&partition).copied().flatten(),
            from: Some(self.subscription.clone()),
        };
        Committed { partition, offset, metadata: mark.to_metadata() }
    }

    /// Tells those whose request it was.
    pub(super) fn tell_outcome(&mut self, outcome: &Outcome) {
        for worker in self.sent.take().unwrap_or_default() {
            self.shared.committer(worker).handle(Instant::now(), Input::Outcome(outcome.clone()));
        }
    }

    fn hear(&mut self, wait: Duration) {
        if self.sent.is_none() {
            return;
        }
        let Some(outcome) = self.member.commit_outcome(wait) else { return };
        self.commit_seconds.observe(self.sent_at.elapsed().as_secs_f64());
        let stands = outcome.as_ref().is_ok_and(Vec::is_empty);
        if stands {
            pass(Step::OffsetsCommitted);
        }
        let label = if stands { "ok" } else { "failed" };
        let name = &self.shared.config.name;
        self.shared.metrics.add(Name::Commits, vec![("pipeline", name.clone()), ("outcome", label.to_owned())], 1);
        // What is nobody's any more is committed by nobody, and is not retried.
        let outcome = match outcome {
            Ok(refused) => {
                for (partition, error) in refused.iter().filter(|(partition, _)| self.mine.contains_key(partition)) {
                    tracing::warn!(pipeline = name, %partition, "{error}; retrying");
                }
                Outcome::Stands { refused: refused.into_iter().map(|(partition, _)| partition).collect() }
            }
            Err(error) => {
                if !self.mine.is_empty() {
                    tracing::warn!(pipeline = name, "{error}; retrying");
                }
                Outcome::Failed
            }
        };
        self.tell_outcome(&outcome);
    }

    fn report_watermarks(&self) {
        for progress in self.shared.progress() {
            self.shared.metrics.watermark(self.labels(&progress.partition), Some(progress.watermark));
        }
    }

    /// The partition is read by somebody else now, or by nobody.
    pub(super) fn forget_metrics(&self, partition: &Partition) {
        self.shared.metrics.watermark(self.labels(partition), None);
        self.shared.metrics.lag(self.labels(partition), None);
    }

    fn labels(&self, partition: &Partition) -> Labels {
        partition_labels(&self.shared.config.name, &partition.topic, partition.number)
    }
}
