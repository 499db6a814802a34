//! The pipelines that run in this process, by name.

mod change;
mod operate;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::StartError;
use crate::{
    chain::Blueprint,
    config::{self, Config, Share},
    kafka::{Connection, ProducerPool},
    metrics::Metrics,
    pipeline::{self, ControlThread, Limits, Pipeline, RecentDeath, State, Status, StopReason},
    threads::lock,
};

/// The number of the generation that weir starts with.
pub const FIRST_GENERATION: u64 = 1;

/// How long a pipeline may take to settle, commit and leave its group before it starts again or is forgotten.
const LEAVE: Duration = Duration::from_secs(10);

/// Why a pipeline was not paused or resumed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// There is none of that name.
    #[error("there is no pipeline `{0}`")]
    Unknown(String),
    /// It is not stopped, so that there is nothing to resume.
    #[error("pipeline `{0}` is not stopped")]
    NotStopped(String),
    /// It has stopped by itself: why.
    #[error("pipeline `{0}` has stopped by itself: {1}")]
    Stopped(String, String),
    /// It could not start again, and stays stopped.
    #[error("pipeline `{0}` cannot start again: {1}")]
    Start(String, String),
    /// weir is starting, and its pipelines are not there yet.
    #[error("weir is starting: its pipelines are not there yet")]
    Starting,
    /// weir is ending.
    #[error("weir is ending")]
    Ending,
}

/// The pipelines, each of which may be replaced by one that starts again from its watermark.
#[derive(Debug)]
pub struct Pipelines {
    kafka: config::Kafka,
    limits: Limits,
    metrics: Arc<Metrics>,
    producers: Arc<ProducerPool>,
    control: ControlThread,
    slots: Mutex<BTreeMap<String, Arc<Slot>>>,
    is_ending: AtomicBool,
    /// Whether a reload is changing them.
    is_changing: AtomicBool,
    /// Those that the change under way removed, and that were paused.
    removed_paused: Mutex<BTreeSet<String>>,
}

#[derive(Debug)]
struct Slot {
    pipeline: Mutex<Arc<Pipeline>>,
    /// Held while the pipeline is replaced.
    replacing: Mutex<()>,
}

impl Slot {
    fn of(pipeline: Pipeline) -> Arc<Self> {
        Arc::new(Self { pipeline: Mutex::new(Arc::new(pipeline)), replacing: Mutex::default() })
    }

    fn pipeline(&self) -> Arc<Pipeline> {
        Arc::clone(&lock(&self.pipeline))
    }
}

impl Pipelines {
    /// Starts every pipeline of `config`; the rest is left out as soon as `wanted` returns false.
    ///
    /// # Errors
    /// One that cannot start; those before it end by themselves.
    pub(super) fn start(
        config: &Config,
        blueprints: &BTreeMap<String, Arc<Blueprint>>,
        limits: Limits,
        metrics: &Arc<Metrics>,
        wanted: impl Fn() -> bool,
    ) -> Result<Self, StartError> {
        let pipelines = Self {
            kafka: config.kafka.clone(),
            limits,
            metrics: Arc::clone(metrics),
            producers: Arc::new(ProducerPool::new(metrics)),
            control: ControlThread::start().map_err(StartError::Thread)?,
            slots: Mutex::default(),
            is_ending: AtomicBool::new(false),
            is_changing: AtomicBool::new(false),
            removed_paused: Mutex::default(),
        };
        for (name, blueprint) in blueprints.iter().take_while(|_| wanted()) {
            let pipeline = pipelines
                .start_one(blueprint, FIRST_GENERATION, blueprints.len())
                .map_err(|source| StartError::Pipeline { name: name.clone(), source })?;
            lock(&pipelines.slots).insert(name.clone(), Slot::of(pipeline));
        }
        Ok(pipelines)
    }

    /// Starts one of `count` pipelines.
    fn start_one(
        &self,
        blueprint: &Arc<Blueprint>,
        generation: u64,
        count: usize,
    ) -> Result<Pipeline, pipeline::StartError> {
        let (share, metrics) = (Share::of_machine(count), &self.metrics);
        let connection = Connection::new(&self.kafka, blueprint.pipeline(), share, metrics).sharing(&self.producers);
        Pipeline::start(&connection, &self.control, blueprint, generation, &self.limits, share, metrics)
    }

    /// All of them, by name, as they are at this moment.
    fn slots(&self) -> BTreeMap<String, Arc<Slot>> {
        lock(&self.slots).clone()
    }

    /// How many there are.
    fn len(&self) -> usize {
        lock(&self.slots).len()
    }

    /// What each says of itself, by name.
    pub fn status(&self) -> Vec<Status> {
        self.slots().values().map(|slot| slot.pipeline().status()).collect()
    }

    /// The newest dead letters of one, the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`OperationError::Unknown`].
    pub(super) fn recent_deaths(&self, name: &str, limit: usize) -> Result<Vec<RecentDeath>, OperationError> {
        Ok(self.slot(name)?.pipeline().recent_deaths(limit))
    }

    /// Whether each has joined its group and none has stopped or was paused.
    pub(super) fn all_run(&self) -> bool {
        self.slots().values().all(|slot| slot.pipeline().state() == State::Running)
    }

    /// A generation that is to be rolled back, and why: `pipeline NAME: …`; none: none is.
    pub(super) fn failed_generation(&self) -> Option<(u64, String)> {
        let failed = |(name, slot): (&String, &Arc<Slot>)| {
            let (generation, why) = slot.pipeline().failed_generation()?;
            Some((generation, format!("pipeline `{name}`: {why}")))
        };
        self.slots().iter().filter_map(failed).max_by_key(|(generation, _)| *generation)
    }

    /// Whether a reload is changing them: until it is over, whether none runs says nothing.
    pub(super) fn is_changing(&self) -> bool {
        self.is_changing.load(Ordering::Acquire)
    }

    /// What each runs, by name.
    pub fn blueprints(&self) -> BTreeMap<String, Arc<Blueprint>> {
        self.slots().into_iter().map(|(name, slot)| (name, slot.pipeline().generation().1)).collect()
    }

    fn slot(&self, name: &str) -> Result<Arc<Slot>, OperationError> {
        let slot = lock(&self.slots).get(name).map(Arc::clone);
        slot.ok_or_else(|| OperationError::Unknown(name.to_owned()))
    }

    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Asks every pipeline to end by `until`.
    pub(super) fn begin_end(&self, until: Instant) {
        self.is_ending.store(true, Ordering::Release);
        let left = until.saturating_duration_since(Instant::now());
        for slot in self.slots().values() {
            slot.pipeline().begin_shut_down(left);
        }
    }

    /// Waits until every pipeline has ended. Returns whether everything delivered is committed.
    pub(super) fn end(&self, until: Instant) -> bool {
        let mut all = true;
        for (name, slot) in &self.slots() {
            wait_for(&slot.replacing, until);
            if !slot.pipeline().shut_down(until.saturating_duration_since(Instant::now())) {
                tracing::warn!(
                    pipeline = name,
                    "ended before everything was settled and committed; it will come again"
                );
                all = false;
            }
        }
        all
    }
}

/// Waits until nobody holds it, no longer than `until`.
fn wait_for(held: &Mutex<()>, until: Instant) {
    while matches!(held.try_lock(), Err(TryLockError::WouldBlock)) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether it has stopped, or was paused.
fn is_stopped(status: &Status) -> bool {
    matches!(status.state, State::Stopped(_))
}

/// Why it has stopped; none where it runs or was paused.
pub(super) fn stop_reason(status: &Status) -> Option<&StopReason> {
    match &status.state {
        State::Stopped(reason) if *reason != StopReason::Paused => Some(reason),
        _ => None,
    }
}
