//! One line from source topics to commit: what serves its group, its workers, its drain, its stop.
//!
//! ```text
//!            rebalances, commits              batches, reports
//! group <--------- control ---> commands ---> worker threads ---> destination topics
//!                     ^                              |
//!                     +------- ledgers, shared ------+
//! ```
//!
//! A worker owns a queue that its partitions are forwarded to, an instance of the chain and a producer. It opens each
//! batch in its ledger and settles it once every report is in. Control alone speaks to the group: it commits what the
//! ledgers say is due, where there is a ledger topic once that says so too, and before a partition goes it waits for the
//! workers and commits a last time. While nothing blocks, it runs in one thread with that of all other pipelines; what may
//! block, such as a rebalance, runs in a thread of the pipeline's own ([`ControlThread`]).

mod breaker;
mod control;
mod control_thread;
mod deaths;
mod dispatcher;
mod failures;
mod identity;
mod ledger_writer;
mod mark;
mod named_topics;
mod positions;
mod probation;
mod shared;
mod state;
mod tally;
mod worker;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};

pub use control_thread::ControlThread;
pub use deaths::RecentDeath;
use dispatcher::Dispatcher;
use ledger_writer::LedgerWriter;
pub use named_topics::TopicTrouble;
use named_topics::{NamedTopic, TopicUse};
use probation::Probation;
use shared::Shared;
pub use state::{State, StopReason};
use worker::Worker;

use crate::{
    chain::{Blueprint, Prepared},
    config::Share,
    delivery::Assignment,
    endpoint::{Connect, Error, Partition, Sink as _},
    failpoint::{Step, pass},
    metrics::Metrics,
    threads::{self, Role},
    wasm,
};

/// Bytes that a broker takes at most in one request's records for a partition of a topic, by topic.
pub type Limits = BTreeMap<String, usize>;

/// What control tells a worker.
enum Command {
    /// These are the worker's from now on.
    Take(Take),
    /// These are not its any more: settle what is in flight, then say so.
    Give { partitions: Vec<Partition>, until: Instant, done: Sender<()> },
    /// A new generation, from the next batch on.
    Adopt { prepared: Prepared, blueprint: Arc<Blueprint>, generation: u64, done: Sender<()> },
    /// Settle what is in flight and end.
    Finish { until: Instant, done: Sender<()> },
}

/// Partitions to be read, each by an assignment that the worker's committer has, from where that stands. What the worker
/// holds of them and has not opened is of an earlier time: it comes again, or must not come. Nothing comes before `done` has
/// told the number, so that both sides find the same place.
struct Take {
    partitions: Vec<(Partition, Assignment)>,
    number: u64,
    done: Sender<u64>,
}

/// Why a pipeline could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An endpoint's side.
    #[error(transparent)]
    Endpoint(#[from] Error),
    /// A plugin's side.
    #[error(transparent)]
    Plugin(#[from] wasm::SetupError),
    /// The system gave no thread.
    #[error("no thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Why a generation was not swapped in. The old one goes on, except after [`SwapError::Late`].
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// An interceptor could not be made.
    #[error(transparent)]
    Plugin(#[from] wasm::SetupError),
    /// Not every worker came to the end of its batch in time; those that had not will adopt it when they do.
    #[error("{0} workers have not taken the new generation yet")]
    Late(usize),
    /// The pipeline is ending.
    #[error("the pipeline is ending")]
    Ending,
}

/// Where one partition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which.
    pub partition: Partition,
    /// The next record to be read.
    pub next: i64,
    /// The offset below which every record is settled.
    pub watermark: i64,
}

/// Partitions that the group gave or took away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalance {
    /// `assigned`, `revoked`, or `lost`: taken away before anything could be committed.
    pub kind: &'static str,
    /// How many.
    pub partitions: usize,
    /// When.
    pub at: Instant,
}

/// What a pipeline says of itself.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// Whether it runs, and if not, why.
    pub state: State,
    /// The partitions it has, by topic and number.
    pub partitions: Vec<Progress>,
    /// The generation's number within the process, from 1.
    pub generation: u64,
    /// The generation's digest.
    pub digest: String,
    /// How long it serves.
    pub serving: Duration,
    /// The topics that its configuration and plans name and that it cannot use, as the last looks have shown.
    pub topic_troubles: BTreeMap<Arc<str>, TopicTrouble>,
    /// The last time that partitions came or went; none: none came yet.
    pub last_rebalance: Option<Rebalance>,
}

/// Bytes that a record has at least in a request of its own, besides those of its key, value and headers.
const ENVELOPE: usize = 67;

/// By topic, how many bytes of a record are too many, as far as that is known before one is refused.
fn record_limits(limits: &Limits, compresses: bool) -> HashMap<String, usize> {
    // Compressed, a larger one may fit.
    let known = limits.iter().filter(|_| !compresses);
    known.map(|(topic, bytes)| (topic.clone(), bytes.saturating_sub(ENVELOPE))).collect()
}

/// What a pipeline runs.
#[derive(Debug)]
struct Serving {
    generation: u64,
    blueprint: Arc<Blueprint>,
    since: Instant,
}

/// A running pipeline.
#[derive(Debug)]
pub struct Pipeline {
    shared: Arc<Shared>,
    workers: Vec<Sender<Command>>,
    running: Mutex<Serving>,
    /// Held while a generation is made and handed out, so that they reach every worker in one order.
    swapping: Mutex<()>,
    /// Whether everything is committed, at the end; nothing comes where the pipeline's control panicked.
    finished: Mutex<Option<Receiver<bool>>>,
    requests: Sender<control::Request>,
}

impl Pipeline {
    /// Joins the group by `connection` and reads on from what it has committed; `control` serves the group. `limits` is
    /// what is known of the destinations; the rest is learned from refusals. `share` holds where the pipeline says
    /// nothing else.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then. Brokers that are away are no error: they are waited for.
    pub fn start(
        connection: &impl Connect,
        control: &ControlThread,
        blueprint: &Arc<Blueprint>,
        generation: u64,
        limits: &Limits,
        share: Share,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let config = Arc::clone(blueprint.pipeline());
        let count = config.workers.unwrap_or(share.workers).max(1);
        let shared = Arc::new(Shared::new(&config, count, metrics));
        shared.name_generation(generation, blueprint.digest());
        shared.name_topics(named_topics::of(blueprint));
        let (member, queues) = connection.join(count)?;
        let limits: Limits = limits.clone().into_iter().filter(|(topic, _)| config.may_write(topic)).collect();
        // Of requests to the destinations; those to the ledger topic are small and few.
        let is_destination = |topic: &String| config.ledger_topic.as_ref() != Some(topic);
        let smallest = limits.iter().filter(|(topic, _)| is_destination(topic)).map(|(_, bytes)| *bytes).min();
        let mut lines = Vec::with_capacity(count);
        for (worker, queue) in queues.into_iter().enumerate() {
            let chain = blueprint.prepare(None)?.adopt(None);
            let producer = connection.sink(worker, smallest)?;
            lines.push((queue, chain, producer));
        }
        let ledger = match &config.ledger_topic {
            Some(topic) => {
                let sink = connection.sink(count, limits.get(topic).copied())?;
                Some(LedgerWriter::new(sink, topic, &config.name, metrics))
            }
            None => None,
        };
        let own: Vec<String> = config.exact_topics().into_iter().map(|(_, topic)| topic.to_owned()).collect();
        let limits = record_limits(&limits, lines.first().is_some_and(|(_, _, producer)| producer.compresses()));
        let mut workers = Vec::with_capacity(count);
        let mut handles = Vec::with_capacity(count);
        for (index, (queue, chain, producer)) in lines.into_iter().enumerate() {
            let (commands, inbox): (Sender<Command>, Receiver<Command>) = channel();
            let dispatcher = Dispatcher::new(producer, limits.clone(), own.clone());
            let parts = (queue, chain, dispatcher);
            let worker = Worker::new(index, parts, (Arc::clone(blueprint), generation), Arc::clone(&shared));
            let name = format!("{}-{index}", config.name);
            let on_panic = shared.stop_on_panic(&name);
            let body = move || worker.run(&inbox);
            handles.push(threads::start_guarded(Role::Worker, &name, on_panic, body)?);
            workers.push(commands);
        }
        let (requests, inbox) = channel();
        let (finished, outcome) = channel();
        let ends = (inbox, finished);
        let outside = (member, ledger);
        control.serve(control::Control::new(outside, Arc::clone(&shared), workers.clone(), handles, ends));
        let running = Mutex::new(Serving { generation, blueprint: Arc::clone(blueprint), since: Instant::now() });
        let (swapping, finished) = (Mutex::default(), Mutex::new(Some(outcome)));
        Ok(Self { shared, workers, running, swapping, finished, requests })
    }

    /// Swaps a new generation in: makes its instances in this thread, then hands each worker one, between two batches,
    /// and waits up to `wait` until every worker has it. What was read before is committed under the old digest.
    ///
    /// # Errors
    /// [`SwapError`].
    pub fn swap(&self, blueprint: &Arc<Blueprint>, generation: u64, wait: Duration) -> Result<(), SwapError> {
        let swapping = self.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        // Not under the lock of what runs: instances may take seconds to make, and the status is asked meanwhile.
        let before = self.generation().1;
        let mut made = Vec::with_capacity(self.workers.len());
        for _ in &self.workers {
            made.push(blueprint.prepare(Some(&before))?);
        }
        pass(Step::Prepared);
        self.shared.name_generation(generation, blueprint.digest());
        // Whoever swapped it in says when it is watched.
        self.shared.watch(None);
        let until = Instant::now() + wait;
        let (done, adopted) = channel();
        for (worker, prepared) in self.workers.iter().zip(made) {
            let blueprint = Arc::clone(blueprint);
            worker
                .send(Command::Adopt { prepared, blueprint, generation, done: done.clone() })
                .map_err(|_| SwapError::Ending)?;
            pass(Step::AdoptSent);
        }
        drop(done);
        self.shared.name_topics(named_topics::of(blueprint));
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) =
            Serving { generation, blueprint: Arc::clone(blueprint), since: Instant::now() };
        drop(swapping);
        let mut missing = self.workers.len();
        while missing > 0 && adopted.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {
            missing -= 1;
        }
        pass(Step::Swapped);
        let _ = self.requests.send(control::Request::Commit);
        if missing > 0 { Err(SwapError::Late(missing)) } else { Ok(()) }
    }

    /// The running generation's number and blueprint.
    pub fn generation(&self) -> (u64, Arc<Blueprint>) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        (running.generation, Arc::clone(&running.blueprint))
    }

    /// Its newest dead letters, the newest first, at most `limit` and at most 100.
    pub fn recent_deaths(&self, limit: usize) -> Vec<RecentDeath> {
        self.shared.deaths.newest(limit)
    }

    /// Whether it runs, and if not, why.
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// The generation that serves and why it is to be rolled back; none: it is not, as far as its faults say.
    pub fn failed_generation(&self) -> Option<(u64, String)> {
        self.shared.failed_generation()
    }

    /// Begins the first hour of what it runs, in which faults may bring the generation before back.
    pub fn watch(&self) {
        let (generation, blueprint) = self.generation();
        let rule = blueprint.pipeline().rollback;
        self.shared.watch(rule.map(|rule| Probation::new(generation, rule, Instant::now())));
    }

    /// Goes on with the first hour of `old`, which ran the same.
    pub fn watch_on(&self, old: &Self) {
        self.shared.watch(old.shared.take_watch());
    }

    /// What it says of itself.
    pub fn status(&self) -> Status {
        let (generation, blueprint) = self.generation();
        let serving = self.running.lock().unwrap_or_else(PoisonError::into_inner).since.elapsed();
        Status {
            name: self.shared.config.name.clone(),
            state: self.shared.state(),
            partitions: self.shared.progress(),
            generation,
            digest: blueprint.digest().to_owned(),
            serving,
            topic_troubles: self.shared.topic_troubles(),
            last_rebalance: self.shared.last_rebalance(),
        }
    }

    /// Stops the pipeline for a reason; one that stopped earlier keeps the reason it had.
    pub fn stop(&self, reason: StopReason) {
        self.shared.stop(reason);
    }

    /// Stops reading as an operator wants it: what is in flight is settled and committed, membership stays.
    pub fn pause(&self) {
        self.shared.stop(StopReason::Paused);
    }

    /// Stops reading, settles what is in flight, commits it, leaves the group. Returns whether all of that was done
    /// within `limit`; if not, the rest will come again after the next start, and nothing is lost.
    pub fn shut_down(&self, limit: Duration) -> bool {
        self.begin_shut_down(limit);
        let finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner).take();
        finished.is_none_or(|finished| finished.recv().unwrap_or(false))
    }

    /// Asks for [`Self::shut_down`] without waiting, so that several pipelines end at the same time.
    pub fn begin_shut_down(&self, limit: Duration) {
        self.shared.end();
        let _ = self.requests.send(control::Request::Finish(Instant::now() + limit));
    }
}

#[cfg(test)]
mod tests;
