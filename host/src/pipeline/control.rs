//! What is done for a pipeline's group: by one thread at a time, see [`super::control_thread`].

mod begin;
mod commit;
mod look;
mod named;
mod record;
mod rejoin;
mod repair;
mod waiting;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use look::Looks;
use named::NamedLooks;
use repair::Repair;
use waiting::Waiting;

use super::{
    Command, Rebalance, StopReason,
    control_thread::{OnPanic, Serve, TICK},
    ledger_writer::LedgerWriter,
    mark,
    positions::{Memory, Origins},
    shared::Shared,
};
use crate::{
    delivery::Input,
    endpoint::{GroupEvent, GroupMember, Partition, Right, Sink, TopicId},
    failpoint::{Step, pass},
    metrics::{Distribution, Histogram, Name},
};

/// Between two looks at the group while a worker is to say that it has taken partitions.
const HASTE: Duration = Duration::from_millis(2);
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

pub(super) struct Control<M, K: Sink> {
    member: M,
    /// Where there is a ledger topic.
    ledger: Option<LedgerWriter<K>>,
    shared: Arc<Shared>,
    workers: Vec<Sender<Command>>,
    threads: Vec<JoinHandle<Option<()>>>,
    requests: Receiver<Request>,
    /// Until when to end, once that is asked for.
    finish_by: Option<Instant>,
    /// Where to tell, at the end, whether everything that was delivered is committed.
    finished: Sender<bool>,
    /// What the group told and is still to be answered.
    events: VecDeque<GroupEvent>,
    /// What is read, and as which topic; none where the brokers do not tell.
    mine: BTreeMap<Partition, Option<TopicId>>,
    /// Given to us by the group, and not begun: nobody has said yet where. Those that have waited longest come first.
    awaiting: Vec<Partition>,
    /// When to ask again where they begin.
    next_look: Instant,
    /// How long that question may take.
    patience: Duration,
    /// Begun, and not read yet: once the worker has said that it has obeyed this [`Command::Take`]. Before that it may
    /// still hold records of an earlier time that it was told to read the partition.
    arriving: BTreeMap<Partition, u64>,
    takes: u64,
    taken: (Sender<u64>, Receiver<u64>),
    memory: Memory,
    looks: Looks,
    named: NamedLooks,
    /// What the pipeline is subscribed to, as commits name it.
    subscription: String,
    /// The workers whose commits are in the request that was sent and not answered.
    sent: Option<Vec<usize>>,
    sent_at: Instant,
    commit_seconds: Histogram,
    /// What went wrong while reading and is put right at some time.
    repairs: Vec<Repair>,
    next_report: Instant,
    is_paused: bool,
    waiting: Waiting,
}

impl<M: GroupMember, K: Sink> Control<M, K> {
    pub(super) fn new(
        (member, ledger): (M, Option<LedgerWriter<K>>),
        shared: Arc<Shared>,
        workers: Vec<Sender<Command>>,
        threads: Vec<JoinHandle<Option<()>>>,
        (requests, finished): (Receiver<Request>, Sender<bool>),
    ) -> Self {
        let subscription = mark::subscription(&shared.config.from);
        let commit_seconds = shared.metrics.distribution(Distribution::Commit, &shared.config.name);
        Self {
            member,
            ledger,
            shared,
            workers,
            threads,
            requests,
            finish_by: None,
            finished,
            events: VecDeque::new(),
            mine: BTreeMap::new(),
            awaiting: Vec::new(),
            next_look: Instant::now(),
            patience: begin::AGAIN,
            arriving: BTreeMap::new(),
            takes: 0,
            taken: channel(),
            memory: Memory { origins: Origins::of(subscription.clone()), ..Memory::default() },
            looks: Looks::default(),
            named: NamedLooks::default(),
            subscription,
            sent: None,
            sent_at: Instant::now(),
            commit_seconds,
            repairs: Vec::new(),
            next_report: Instant::now(),
            is_paused: false,
            waiting: Waiting::to_join(Instant::now()),
        }
    }

    fn take_requests(&mut self) {
        loop {
            match self.requests.try_recv() {
                Ok(Request::Commit) => {
                    self.tell(&Input::Adopting);
                    pass(Step::CommitAsked);
                }
                Ok(Request::Finish(until)) => self.finish_by = self.finish_by.or(Some(until)),
                Err(TryRecvError::Disconnected) => {
                    self.finish_by.get_or_insert_with(|| Instant::now() + REVOKE);
                    return;
                }
                Err(TryRecvError::Empty) => return,
            }
        }
    }

    /// Whether something is to be done that may block.
    fn is_busy(&self) -> bool {
        let is_stopped = self.shared.is_stopped();
        let waits = !self.awaiting.is_empty() || self.waiting.is_stuck(Instant::now());
        !self.events.is_empty()
            || self.finish_by.is_some()
            || !self.repairs.is_empty()
            || if is_stopped { !self.is_paused } else { waits || !self.arriving.is_empty() }
    }

    fn react(&mut self, event: GroupEvent) {
        match event {
            GroupEvent::Assigned(partitions) => {
                self.waiting = Waiting::over();
                self.take_over(&partitions);
            }
            GroupEvent::Revoked { partitions, lost } => {
                self.give_back(&partitions, lost);
                if lost {
                    self.waiting = Waiting::to_rejoin(Instant::now());
                }
            }
            GroupEvent::Stray(partition, offset) => {
                // Forwarding before assigning excludes it; if it ever happens, reading on would lose the record.
                let what = format!("{partition} offset {offset} came outside its worker's queue");
                self.shared.stop(StopReason::Client(what));
            }
            GroupEvent::Denied(reason) => {
                let right = Right::ReadGroup(self.shared.config.group.clone());
                self.shared.stop(StopReason::NotAllowed { right, reason });
            }
            GroupEvent::Fatal(reason) => self.shared.stop(StopReason::Client(format!("out of the group: {reason}"))),
        }
    }

    pub(super) fn rebalanced(&self, kind: &'static str, partitions: &[Partition]) {
        let name = &self.shared.config.name;
        // A group tells each member of each rebalance, also where nothing changes for it.
        if !partitions.is_empty() {
            tracing::info!(pipeline = name, count = partitions.len(), "partitions {kind}");
            self.shared.note_rebalance(Rebalance { kind, partitions: partitions.len(), at: Instant::now() });
        }
        self.shared.metrics.add(Name::Rebalances, vec![("pipeline", name.clone()), ("kind", kind.to_owned())], 1);
    }

    fn give_back(&mut self, partitions: &[Partition], lost: bool) {
        self.rebalanced(if lost { "lost" } else { "revoked" }, partitions);
        let until = Instant::now() + REVOKE;
        // Where it begins was not known yet: there is nothing to settle, and librdkafka was never told to read it.
        self.awaiting.retain(|awaiting| !partitions.contains(awaiting));
        self.arriving.retain(|arriving, _| !partitions.contains(arriving));
        let (done, settled) = channel();
        // Of what is lost nothing is committed any more: it need not settle.
        let settle_by = if lost { Instant::now() } else { until };
        for worker in &self.workers {
            let give = Command::Give { partitions: partitions.to_vec(), until: settle_by, done: done.clone() };
            let _ = worker.send(give);
        }
        drop(done);
        // Also for what is lost: had a worker not let go when the partition comes back, it would take what it fetched
        // for the new assignment as left from the old one.
        while settled.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {}
        let unfinished = self.release(&Input::Revoking { partitions: partitions.to_vec(), lost, until });
        if unfinished > 0 && !lost {
            tracing::warn!(
                pipeline = self.shared.config.name,
                partitions = unfinished,
                "revoked before all that was read was delivered and committed; whoever reads them next delivers it again",
            );
        }
        for partition in partitions {
            self.mine.remove(partition);
            self.forget_metrics(partition);
        }
        if let Err(error) = self.member.unassign(partitions) {
            tracing::warn!(pipeline = self.shared.config.name, "{error}");
        }
    }

    fn pause(&self, partitions: &[Partition]) {
        if let Err(error) = self.member.pause(partitions) {
            tracing::warn!(pipeline = self.shared.config.name, "{error}");
        }
    }

    /// Drains, commits, leaves. Returns whether everything that was delivered is committed.
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
        // Leaving the group gets its share, also where the ledger topic takes nothing.
        let left = until.saturating_duration_since(Instant::now());
        let unfinished = self.release(&Input::Finishing { until: until - left / 8 });
        if let Some(ledger) = self.ledger.take() {
            ledger.discard();
        }
        self.mine.keys().for_each(|partition| self.forget_metrics(partition));
        while self.threads.iter().any(|thread| !thread.is_finished()) {
            if Instant::now() >= until {
                tracing::warn!(pipeline = self.shared.config.name, "a worker did not end in time");
                // The worker still has its queue; whoever is last closes, and that must not be waited for.
                self.member.close(TICK);
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let left = until.saturating_duration_since(Instant::now()).clamp(TICK, LEAVE);
        if !self.member.close(left) {
            // Nothing is lost by it: what was delivered is committed, only the others learn late that we have gone. So
            // it goes where the coordinator still waits for a member that died before it lets anybody join.
            let name = &self.shared.config.name;
            tracing::warn!(pipeline = name, "the group did not let go in time; it gives the partitions away later");
        }
        unfinished == 0
    }
}

impl<M: GroupMember + 'static, K: Sink + 'static> Serve for Control<M, K> {
    fn name(&self) -> &str {
        &self.shared.config.name
    }

    fn listen(&mut self) -> bool {
        self.events.extend(self.member.poll(Duration::ZERO));
        self.take_requests();
        self.commit();
        self.mind_waiting();
        self.look();
        self.note_reports();
        self.is_busy()
    }

    fn work(mut self: Box<Self>) -> Option<Box<dyn Serve>> {
        while let Some(event) = self.events.pop_front() {
            self.react(event);
        }
        if let Some(until) = self.finish_by {
            let finished = self.finished.clone();
            // Nobody may wait for it.
            let _ = finished.send(self.finish(until));
            return None;
        }
        self.replace_stuck_member();
        self.begin_awaiting();
        self.read_taken();
        self.repair();
        if self.shared.is_stopped() && !self.is_paused {
            self.is_paused = true;
            self.pause(&self.mine.keys().cloned().collect::<Vec<_>>());
        }
        // Of a stopped pipeline nothing is read any more, and its workers may be gone.
        let wait = if self.arriving.is_empty() || self.shared.is_stopped() { TICK } else { HASTE };
        self.events.extend(self.member.poll(wait));
        Some(self)
    }

    fn on_panic(&self, thread: &str) -> OnPanic {
        let stop = self.shared.stop_on_panic(thread);
        let workers = self.workers.clone();
        Box::new(move |words| {
            stop(words);
            // They end, so that the client is closed that their queues keep: others shall have the partitions.
            for worker in workers {
                let _ = worker.send(Command::Finish { until: Instant::now(), done: channel().0 });
            }
        })
    }
}
