//! The pipelines that run in this process, by name.

use std::{
    collections::BTreeMap,
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
    pipeline::{ControlThread, Limits, Pipeline, State, Status, StopReason, SwapError},
    reload::Swapped,
    threads::lock,
};

/// How long the workers may take to the end of their batches.
const SWAP: Duration = Duration::from_secs(15);
/// How long a stopped pipeline may take to leave its group before it starts again.
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
    share: Share,
    metrics: Arc<Metrics>,
    producers: Arc<ProducerPool>,
    control: ControlThread,
    slots: BTreeMap<String, Slot>,
    is_ending: AtomicBool,
}

#[derive(Debug)]
struct Slot {
    pipeline: Mutex<Arc<Pipeline>>,
    /// Held while the pipeline is replaced.
    replacing: Mutex<()>,
}

impl Slot {
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
        let (mut slots, share) = (BTreeMap::new(), Share::of_machine(blueprints.len()));
        let producers = Arc::default();
        let control = ControlThread::start().map_err(StartError::Thread)?;
        for (name, blueprint) in blueprints.iter().take_while(|_| wanted()) {
            let connection = Connection::new(&config.kafka, blueprint.pipeline(), share, metrics).sharing(&producers);
            let pipeline = Pipeline::start(&connection, &control, blueprint, 1, &limits, share, metrics)
                .map_err(|source| StartError::Pipeline { name: name.clone(), source })?;
            let pipeline = Mutex::new(Arc::new(pipeline));
            slots.insert(name.clone(), Slot { pipeline, replacing: Mutex::default() });
        }
        let (kafka, metrics) = (config.kafka.clone(), Arc::clone(metrics));
        Ok(Self { kafka, limits, share, metrics, producers, control, slots, is_ending: AtomicBool::new(false) })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What each says of itself, by name.
    pub fn status(&self) -> Vec<Status> {
        self.slots.values().map(|slot| slot.pipeline().status()).collect()
    }

    /// Whether each has joined its group and none has stopped or was paused.
    pub(super) fn all_run(&self) -> bool {
        self.slots.values().all(|slot| slot.pipeline().state() == State::Running)
    }

    /// What each runs, by name.
    pub fn blueprints(&self) -> BTreeMap<String, Arc<Blueprint>> {
        self.slots.iter().map(|(name, slot)| (name.clone(), slot.pipeline().generation().1)).collect()
    }

    /// Hands a pipeline its new chain; one that has stopped by itself starts again with it, from its watermark, and one
    /// that was paused stays so.
    ///
    /// # Errors
    /// Why not, in words for people; a pipeline that runs goes on as it was.
    pub(super) fn swap(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<Swapped, String> {
        let slot = self.slot(name).map_err(|error| error.to_string())?;
        // Else somebody who resumes it meanwhile would start the old chain behind this one's back.
        let _replacing = lock(&slot.replacing);
        let pipeline = slot.pipeline();
        if stop_reason(&pipeline.status()).is_some() {
            self.replace(name, slot, blueprint, generation).map_err(|error| error.to_string())?;
            return Ok(Swapped::Revived);
        }
        match pipeline.swap(blueprint, generation, SWAP) {
            Ok(()) => Ok(Swapped::InService),
            // They hold it and take it as soon as they can: it is in service, only not everywhere yet.
            Err(SwapError::Late(workers)) => {
                tracing::warn!(generation, workers, "workers that have not come to the end of a batch follow later");
                Ok(Swapped::InService)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Stops reading until [`Self::resume`]; what producers have is settled and committed, membership and partitions stay.
    ///
    /// # Errors
    /// [`OperationError`]: there is none of that name, it has stopped by itself, or weir is ending.
    pub(super) fn pause(&self, name: &str) -> Result<(), OperationError> {
        let pipeline = self.slot(name)?.pipeline();
        if self.is_ending() {
            return Err(OperationError::Ending);
        }
        pipeline.pause();
        match stop_reason(&pipeline.status()) {
            Some(reason) => Err(OperationError::Stopped(name.to_owned(), reason.to_string())),
            None => Ok(()),
        }
    }

    /// Starts a pipeline again that has stopped or was paused, from its watermark.
    ///
    /// # Errors
    /// [`OperationError`]; what stopped stays stopped.
    pub(super) fn resume(&self, name: &str) -> Result<(), OperationError> {
        let slot = self.slot(name)?;
        let _replacing = lock(&slot.replacing);
        let (generation, blueprint) = slot.pipeline().generation();
        self.replace(name, slot, &blueprint, generation)
    }

    /// Whoever calls this holds `slot.replacing`.
    fn replace(
        &self,
        name: &str,
        slot: &Slot,
        blueprint: &Arc<Blueprint>,
        generation: u64,
    ) -> Result<(), OperationError> {
        let old = slot.pipeline();
        if !is_stopped(&old.status()) {
            return Err(OperationError::NotStopped(name.to_owned()));
        }
        old.shut_down(LEAVE);
        drop(old);
        if self.is_ending() {
            return Err(OperationError::Ending);
        }
        let connection = Connection::new(&self.kafka, blueprint.pipeline(), self.share, &self.metrics);
        let connection = connection.sharing(&self.producers);
        let (control, limits, metrics) = (&self.control, &self.limits, &self.metrics);
        let new = Pipeline::start(&connection, control, blueprint, generation, limits, self.share, metrics);
        let new = new.map_err(|error| OperationError::Start(name.to_owned(), error.to_string()))?;
        let mut pipeline = lock(&slot.pipeline);
        if self.is_ending() {
            // It has joined nothing yet, or has nothing that would have to settle.
            new.begin_shut_down(Duration::ZERO);
            return Err(OperationError::Ending);
        }
        *pipeline = Arc::new(new);
        tracing::info!(pipeline = name, generation, "started again from the watermark");
        Ok(())
    }

    fn slot(&self, name: &str) -> Result<&Slot, OperationError> {
        self.slots.get(name).ok_or_else(|| OperationError::Unknown(name.to_owned()))
    }

    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Asks every pipeline to end by `until`.
    pub(super) fn begin_end(&self, until: Instant) {
        self.is_ending.store(true, Ordering::Release);
        let left = until.saturating_duration_since(Instant::now());
        for slot in self.slots.values() {
            slot.pipeline().begin_shut_down(left);
        }
    }

    /// Waits until every pipeline has ended. Returns whether everything delivered is committed.
    pub(super) fn end(&self, until: Instant) -> bool {
        let mut all = true;
        for (name, slot) in &self.slots {
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
