//! A worker thread: reads, runs the chain, sends; serves its own reports between batches.

mod arrivals;
mod batches;
mod commands;
mod linger;
mod partitions;
mod silence;

use std::{
    collections::VecDeque,
    sync::{Arc, mpsc::Receiver},
    time::{Duration, Instant, SystemTime},
};

use arrivals::{Arrivals, Rate};
use linger::Linger;
use partitions::Partitions;
use silence::Silence;

use super::{
    Command,
    dispatcher::{self, Dispatcher},
    shared::Shared,
    tally::Tally,
};
use crate::{
    chain::{Blueprint, Chain},
    delivery::Assignment,
    endpoint::{Partition, Sink, Source},
};

/// Between two looks at what plugins counted.
const COUNTING: Duration = Duration::from_millis(100);
/// The longest wait for records: what the worker is told, and what the broker reports, waits as long.
const SLICE: Duration = Duration::from_millis(50);
/// How long the producer's threads are told to send what they have.
const AT_ONCE: Duration = Duration::from_millis(1);
/// The same where the worker is full.
const PUSH: Duration = Duration::from_millis(2);
/// How long to wait for a report where there is nothing else to do.
const REPORTS: Duration = Duration::from_millis(10);
/// The same where something waits for that report; few records linger as long for others that go with them.
const SOON: Duration = Duration::from_millis(2);

/// One worker of a pipeline.
pub(super) struct Worker<S, K: Sink> {
    index: usize,
    shared: Arc<Shared>,
    source: S,
    chain: Option<Chain>,
    dispatcher: Dispatcher<K>,
    tally: Tally,
    blueprint: Arc<Blueprint>,
    generation: u64,
    partitions: Partitions,
    /// Batches that were filled and not run.
    ready: VecDeque<Ready>,
    /// When the records that are being taken over were received, ms since the epoch.
    received: i64,
    counted: Instant,
    linger: Linger,
    /// When the first of what the source holds came.
    came: Instant,
    arrivals: Arrivals,
    rate: Rate,
    silence: Silence,
}

/// A batch that was filled.
struct Ready {
    slot: usize,
    partition: Partition,
    /// The assignment that it was read for.
    assignment: Assignment,
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl<S: Source, K: Sink<Headers = S::Headers>> Worker<S, K> {
    pub(super) fn new(
        index: usize,
        (source, chain, dispatcher): (S, Chain, Dispatcher<K>),
        (blueprint, generation): (Arc<Blueprint>, u64),
        shared: Arc<Shared>,
    ) -> Self {
        let linger = dispatcher.linger();
        Self {
            index,
            source,
            chain: Some(chain),
            dispatcher,
            tally: Tally::new(&shared),
            shared,
            blueprint,
            generation,
            partitions: Partitions::default(),
            ready: VecDeque::new(),
            received: 0,
            counted: Instant::now(),
            linger: Linger::new(linger),
            came: Instant::now(),
            arrivals: Arrivals::new(Instant::now()),
            rate: Rate::Low,
            silence: Silence::default(),
        }
    }

    /// Works until told to finish, or until the pipeline's handle is gone.
    pub(super) fn run(mut self, inbox: &Receiver<Command>) {
        while self.gather(inbox) {
            let held = self.source.held();
            if held > 0 {
                self.received = now();
                self.rate = self.arrivals.count_records(held, Instant::now());
            }
            let is_lone = self.dispatcher.outstanding() == 0 && self.rate == Rate::Low;
            self.take_records();
            if !self.run_batches(inbox) {
                return;
            }
            if held > 0 {
                self.linger.hand_over(self.rate, self.came, Instant::now());
            }
            if is_lone && self.dispatcher.outstanding() > 0 {
                self.hurry();
            }
            self.serve(Duration::ZERO);
            self.count(false);
        }
    }

    /// Fetches until a batch is full or old enough, nothing is on its way that it could wait beside, or something else is
    /// to be done first. Returns false once the worker has ended.
    fn gather(&mut self, inbox: &Receiver<Command>) -> bool {
        let cut = self.shared.config.batch;
        let most = cut.records.clamp(1, dispatcher::MAX_FETCHED);
        // When the first of what is held is old enough.
        let mut until: Option<Instant> = None;
        loop {
            match self.obey(inbox) {
                None => return false,
                Some(0) => {}
                // What is held came before the command, what comes next may belong to another assignment.
                Some(_) => return true,
            }
            if self.dispatcher.outstanding() == 0 {
                self.linger.clear();
            } else if self.linger.left(Instant::now()).is_some_and(|left| left.is_zero()) {
                self.hurry();
            }
            if self.shared.is_stopped() || self.dispatcher.is_full() {
                self.await_reports();
                return true;
            }
            self.silence.clear();
            let idle = match (self.dispatcher.is_busy(), self.dispatcher.outstanding()) {
                (true, _) => SOON,
                (false, 0) => SLICE,
                (false, _) => REPORTS,
            };
            let idle = self.linger.left(Instant::now()).map_or(idle, |left| left.clamp(AT_ONCE, idle));
            let held = match until {
                // The first comes as soon as it is there, and what stands behind it at once.
                None if self.source.fill(1, idle) == 0 => 0,
                None => self.source.fill(most, Duration::ZERO),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now()).min(SLICE);
                    let is_brief = self.dispatcher.is_busy() || self.rate == Rate::Low;
                    self.source.fill(most, if is_brief { left.min(SOON) } else { left })
                }
            };
            self.serve(Duration::ZERO);
            let now = Instant::now();
            if held > 0 && until.is_none() {
                self.came = now;
            }
            let is_old = held > 0 && now >= *until.get_or_insert(now + self.rate.patience(cut.age));
            if held >= most || is_old || held > 0 && self.dispatcher.outstanding() == 0 {
                return true;
            }
            self.count(false);
        }
    }

    /// Waits for reports where no more may be read. Nothing joins what lingers in the producer meanwhile: where the brokers are
    /// quiet, it is sent before long. Where reports come it lingers on: larger requests cost less CPU time, which is what is short then.
    fn await_reports(&mut self) {
        if self.dispatcher.is_busy() {
            return self.serve(SOON);
        }
        if self.shared.is_stopped() {
            return self.serve(REPORTS);
        }
        let before = self.dispatcher.outstanding();
        let began = Instant::now();
        let wait = self.silence.begin_wait(began);
        self.serve(wait);
        let now = Instant::now();
        let waited = now.saturating_duration_since(began);
        self.dispatcher.adapt_window(waited, self.silence.is_late(now), now);
        if self.dispatcher.outstanding() != before {
            self.silence.clear();
        } else if waited >= wait && self.silence.note_wait(now) {
            self.dispatcher.flush(PUSH);
        }
    }

    /// Sends what the producer has, however long it might linger.
    fn hurry(&mut self) {
        self.dispatcher.flush(AT_ONCE);
        self.linger.note_told(Instant::now());
    }

    /// Every record that was taken is passed, dropped, dead, given up or still there; else weir has a fault.
    fn check_accounts(&mut self) {
        let (counted, there) = (self.tally.open(), self.dispatcher.records_in_flight());
        if counted != there {
            let pipeline = &self.shared.config.name;
            tracing::error!(
                pipeline,
                counted,
                there,
                "records in flight are not those that were counted: a fault of weir"
            );
        }
    }

    /// Passes on what plugins counted, every now and then or `at_once`.
    fn count(&mut self, at_once: bool) {
        if !at_once && self.counted.elapsed() < COUNTING {
            return;
        }
        self.counted = Instant::now();
        self.check_accounts();
        let Some(chain) = &mut self.chain else { return };
        self.tally.count(&self.shared, self.generation, &chain.take_counts());
    }
}
