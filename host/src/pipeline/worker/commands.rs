//! What the control thread tells a worker.

use std::{
    sync::mpsc::{Receiver, TryRecvError},
    time::Instant,
};

use super::{REPORTS, Worker};
use crate::{
    endpoint::{Partition, Sink, Source},
    failpoint::{Step, pass},
    pipeline::{Command, Take},
};

impl<S: Source, K: Sink<Headers = S::Headers>> Worker<S, K> {
    /// Does what it was told meanwhile. Returns how many commands that were; none once the worker has ended.
    pub(super) fn obey(&mut self, inbox: &Receiver<Command>) -> Option<usize> {
        let mut obeyed = 0;
        loop {
            let command = match inbox.try_recv() {
                Ok(command) => command,
                Err(TryRecvError::Empty) => return Some(obeyed),
                Err(TryRecvError::Disconnected) => return None,
            };
            obeyed += 1;
            match command {
                Command::Take(Take { partitions, number, done }) => {
                    for (partition, assignment) in partitions {
                        self.drop_ready(std::slice::from_ref(&partition));
                        let next = self.shared.committer(self.index).ledger().next(&partition);
                        if let Some(next) = next {
                            self.partitions.take(partition, assignment, next);
                        }
                    }
                    let _ = done.send(number);
                }
                Command::Give { partitions, until, done } => {
                    self.drop_ready(&partitions);
                    self.settle(&partitions, until);
                    self.dispatcher.revoke(&partitions);
                    self.partitions.give(partitions);
                    let _ = done.send(());
                }
                Command::Adopt { prepared, blueprint, generation, done } => {
                    pass(Step::Adopting);
                    let began = Instant::now();
                    self.count(true);
                    self.chain = Some(prepared.adopt(self.chain.take()));
                    self.blueprint = blueprint;
                    self.generation = generation;
                    self.tally.swapped(began.elapsed());
                    pass(Step::Adopted);
                    let _ = done.send(());
                }
                Command::Finish { until, done } => {
                    self.settle(&self.partitions.all(), until);
                    self.count(true);
                    // What is not settled by now is settled by nobody.
                    self.tally.released(self.dispatcher.records_in_flight());
                    let _ = done.send(());
                    return None;
                }
            }
        }
    }

    /// Batches of these partitions that were read and not run: whoever reads them next reads these records again.
    fn drop_ready(&mut self, partitions: &[Partition]) {
        let Self { ready, dispatcher, .. } = self;
        ready.retain(|one| {
            let stays = !partitions.contains(&one.partition);
            if !stays {
                dispatcher.release(one.slot);
            }
            stays
        });
    }

    /// Waits until what is in flight of `partitions` is settled, or nothing more can settle.
    fn settle(&mut self, partitions: &[Partition], until: Instant) {
        loop {
            let settled = {
                let committer = self.shared.committer(self.index);
                partitions.iter().all(|partition| committer.is_settled(partition))
            };
            let stuck = self.shared.is_stopped() && !self.dispatcher.expects_reports();
            if settled || stuck || Instant::now() >= until {
                return;
            }
            self.serve(REPORTS);
        }
    }
}
