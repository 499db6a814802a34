//! The control thread: the only one that speaks to the group.

mod begin;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{
    Command, StopReason,
    board::Board,
    positions::{self, Gap, Origins},
};
use crate::{
    config::OnGap,
    kafka::{Committed, Consumer, Event, Partition, Position},
    metrics::Name,
};

/// Between two looks at the group.
const TICK: Duration = Duration::from_millis(50);
/// Between two commits.
const COMMITS: Duration = Duration::from_secs(1);
/// How long a revoked partition may take to settle and commit; far below the session's timeout.
const REVOKE: Duration = Duration::from_secs(10);
/// How long the group's coordinator may take to let us go.
const LEAVE: Duration = Duration::from_secs(5);

/// What the handle asks for.
pub(super) enum Request {
    /// Commit what is due now.
    Commit,
    /// End by then.
    Finish(Instant),
}

pub(super) struct Control {
    consumer: Consumer,
    board: Arc<Board>,
    workers: Vec<Sender<Command>>,
    threads: Vec<JoinHandle<()>>,
    requests: Receiver<Request>,
    mine: BTreeSet<Partition>,
    /// Given to us by the group, and not begun: nobody has said yet where. Those that have waited longest come first.
    awaiting: Vec<Partition>,
    /// When to ask again where they begin.
    next_look: Instant,
    origins: Origins,
    /// The commit that was sent and not answered.
    sent: Option<Vec<Committed>>,
    next_commit: Instant,
    is_paused: bool,
}

impl Control {
    pub(super) fn new(
        consumer: Consumer,
        board: Arc<Board>,
        workers: Vec<Sender<Command>>,
        threads: Vec<JoinHandle<()>>,
        requests: Receiver<Request>,
    ) -> Self {
        Self {
            consumer,
            board,
            workers,
            threads,
            requests,
            mine: BTreeSet::new(),
            awaiting: Vec::new(),
            next_look: Instant::now(),
            origins: Origins::default(),
            sent: None,
            next_commit: Instant::now(),
            is_paused: false,
        }
    }

    /// Serves the group until the end is asked for; answers whether everything that was delivered is committed.
    pub(super) fn run(mut self) -> bool {
        loop {
            for event in self.consumer.poll(TICK) {
                self.react(event);
            }
            match self.requests.try_recv() {
                Ok(Request::Commit) => self.next_commit = Instant::now(),
                Ok(Request::Finish(until)) => return self.finish(until),
                Err(TryRecvError::Disconnected) => return self.finish(Instant::now() + REVOKE),
                Err(TryRecvError::Empty) => {}
            }
            self.hear_commit(Duration::ZERO);
            if self.sent.is_none() && Instant::now() >= self.next_commit {
                self.commit_due();
            }
            self.begin_awaiting();
            for partition in self.board.take_gaps() {
                self.bridge(&partition);
            }
            for partition in self.board.take_errors() {
                self.go_back(&partition);
            }
            if self.threads.iter().any(JoinHandle::is_finished) {
                // Only a panic ends a worker before it is told to; its partitions would stand still unseen.
                self.board.stop(StopReason::Client("a worker panicked".to_owned()));
            }
            if self.board.is_stopped() && !self.is_paused {
                self.is_paused = true;
                self.pause(&self.mine.iter().cloned().collect::<Vec<_>>());
            }
        }
    }

    fn react(&mut self, event: Event) {
        match event {
            Event::Assigned(partitions) => self.take_over(&partitions),
            Event::Revoked { partitions, lost } => self.give_back(&partitions, lost),
            Event::Stray(partition, offset) => {
                // Forwarding before assigning excludes it; if it ever happens, reading on would lose the record.
                let what = format!("{partition} offset {offset} came outside its worker's queue");
                self.board.stop(StopReason::Client(what));
            }
            Event::Fatal(reason) => self.board.stop(StopReason::Client(format!("out of the group: {reason}"))),
        }
    }

    fn rebalanced(&self, kind: &str, partitions: &[Partition]) {
        let name = &self.board.config.name;
        tracing::info!(pipeline = name, count = partitions.len(), "partitions {kind}");
        self.board.metrics.add(Name::Rebalances, vec![("p", name.clone()), ("kind", kind.to_owned())], 1);
    }

    fn give_back(&mut self, partitions: &[Partition], lost: bool) {
        self.rebalanced(if lost { "lost" } else { "revoked" }, partitions);
        let until = Instant::now() + REVOKE;
        // Where it begins was not known yet: there is nothing to settle, and librdkafka was never told to read it.
        self.awaiting.retain(|awaiting| !partitions.contains(awaiting));
        if !lost {
            let (done, settled) = channel();
            for worker in &self.workers {
                let give = Command::Give { partitions: partitions.to_vec(), until, done: done.clone() };
                let _ = worker.send(give);
            }
            drop(done);
            while settled.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {}
            self.commit_all(until, Some(partitions));
        }
        for partition in partitions {
            self.mine.remove(partition);
            self.board.ledger(self.board.worker_of(partition)).revoke(partition);
        }
        if lost {
            // Nothing of it is committed any more; the workers only have to let go.
            let (done, _) = channel();
            let until = Instant::now();
            for worker in &self.workers {
                let _ = worker.send(Command::Give { partitions: partitions.to_vec(), until, done: done.clone() });
            }
        }
        if let Err(error) = self.consumer.unassign(partitions) {
            tracing::warn!(pipeline = self.board.config.name, "{error}");
        }
    }

    fn pause(&self, partitions: &[Partition]) {
        if let Err(error) = self.consumer.pause(partitions) {
            tracing::warn!(pipeline = self.board.config.name, "{error}");
        }
    }

    fn found_gap(&self, partition: &Partition, gap: Gap) {
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

    /// An error stood where a record should have. librdkafka counts it as a record read (its issue 4844), and the pause
    /// of the next rebalance would go on behind that record: so it is told where to read.
    fn go_back(&self, partition: &Partition) {
        let next = self.board.ledger(self.board.worker_of(partition)).next(partition);
        let Some(offset) = next.filter(|_| !self.board.is_stopped()) else { return };
        if let Err(error) = self.consumer.seek(&Position { partition: partition.clone(), offset }) {
            tracing::warn!(pipeline = self.board.config.name, %partition, "{error}");
            self.board.report_error(partition.clone());
        }
    }

    /// While reading, the broker said that an offset is gone.
    fn bridge(&mut self, partition: &Partition) {
        let worker = self.board.worker_of(partition);
        let Some(next) = self.board.ledger(worker).next(partition) else { return };
        let (low, high) = match self.consumer.bounds(partition, LEAVE) {
            Ok(bounds) => bounds,
            Err(error) => {
                tracing::warn!(pipeline = self.board.config.name, %partition, "{error}");
                self.board.report_gap(partition.clone());
                return;
            }
        };
        let beginning = positions::continued(partition, next, low, high, self.board.config.on_gap);
        if let Some(gap) = beginning.gap {
            self.found_gap(partition, gap);
        }
        let position = Position { partition: partition.clone(), offset: beginning.offset };
        if beginning.offset != next {
            let (done, settled) = channel();
            let until = Instant::now() + REVOKE;
            let partitions = vec![partition.clone()];
            let _ = self.workers[worker].send(Command::Give { partitions, until, done });
            let _ = settled.recv_timeout(REVOKE);
            self.commit_all(until, Some(std::slice::from_ref(partition)));
            self.board.ledger(worker).assign(partition.clone(), beginning.offset);
            let _ = self.workers[worker].send(Command::Take(vec![(partition.clone(), beginning.offset)]));
        }
        if !self.board.is_stopped()
            && let Err(error) = self.consumer.seek(&position)
        {
            tracing::warn!(pipeline = self.board.config.name, %partition, "{error}");
            self.board.report_gap(partition.clone());
        }
    }

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

    fn commit_due(&mut self) {
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

    /// Takes the outcome of the commit under way in, waiting up to `wait`; false = it failed.
    fn hear_commit(&mut self, wait: Duration) -> bool {
        if self.sent.is_none() {
            return true;
        }
        let Some(outcome) = self.consumer.commit_outcome(wait) else { return true };
        let Some(commit) = self.sent.take() else { return true };
        let label = if outcome.is_ok() { "ok" } else { "failed" };
        let labels = vec![("p", self.board.config.name.clone()), ("outcome", label.to_owned())];
        self.board.metrics.add(Name::Commits, labels, 1);
        if let Err(error) = outcome {
            tracing::warn!(pipeline = self.board.config.name, "{error}; it is tried again");
            return false;
        }
        for one in &commit {
            self.board.ledger(self.board.worker_of(&one.partition)).committed(&one.partition, one.offset);
        }
        true
    }

    /// Commits until nothing is due, of `only` these partitions where given; answers whether that was reached.
    fn commit_all(&mut self, until: Instant, only: Option<&[Partition]>) -> bool {
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

    /// Drains, commits, leaves.
    fn finish(mut self, until: Instant) -> bool {
        let (done, settled) = channel();
        // Committing and leaving take their share of the time.
        let drained_by = until - until.saturating_duration_since(Instant::now()) / 4;
        for worker in &self.workers {
            let _ = worker.send(Command::Finish { until: drained_by, done: done.clone() });
        }
        drop(done);
        let mut ended = 0;
        while ended < self.workers.len() {
            match settled.recv_timeout(drained_by.saturating_duration_since(Instant::now()) + TICK) {
                Ok(()) => ended += 1,
                Err(_) => break,
            }
        }
        self.board.abandon();
        let settled = self.board.progress().iter().all(|one| one.next == one.watermark);
        let committed = self.commit_all(until, None);
        while self.threads.iter().any(|thread| !thread.is_finished()) {
            if Instant::now() >= until {
                tracing::warn!(pipeline = self.board.config.name, "a worker did not end in time");
                // The worker still has its queue; whoever is last closes, and that must not be waited for.
                self.consumer.close(TICK);
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!(pipeline = self.board.config.name, "a worker panicked");
            }
        }
        let left = until.saturating_duration_since(Instant::now()).clamp(TICK, LEAVE);
        let closed = self.consumer.close(left);
        settled && committed && closed
    }
}
