//! What a pipeline's threads know of each other.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    NamedTopic, Progress, Rebalance, State, StopReason, TopicTrouble, breaker::Window, deaths::Deaths,
    probation::Probation,
};
use crate::{config, delivery::AtLeastOnce, endpoint::Partition, metrics::Metrics, threads::lock};

/// Shared by control, the workers and the handle.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Arc<config::Pipeline>,
    pub(super) metrics: Arc<Metrics>,
    /// One per worker.
    committers: Vec<Mutex<AtLeastOnce>>,
    pub(super) deaths: Deaths,
    stopped: AtomicBool,
    ending: AtomicBool,
    state: Mutex<State>,
    digests: Mutex<BTreeMap<u64, Arc<str>>>,
    window: Option<Mutex<Window>>,
    /// Of the generation that serves, where its faults may bring the one before it back.
    probation: Mutex<Option<Probation>>,
    /// Partitions whose offset was found gone while reading.
    gaps: Mutex<Vec<Partition>>,
    /// Partitions that an error stood in the queue of.
    errors: Mutex<Vec<Partition>>,
    named_topics: Mutex<Arc<[NamedTopic]>>,
    topic_troubles: Mutex<BTreeMap<Arc<str>, TopicTrouble>>,
    last_rebalance: Mutex<Option<Rebalance>>,
}

fn committer(config: &config::Pipeline) -> AtLeastOnce {
    match config.ledger_topic {
        Some(_) => AtLeastOnce::recording(Instant::now()),
        None => AtLeastOnce::new(Instant::now()),
    }
}

impl Shared {
    pub(super) fn new(config: &Arc<config::Pipeline>, workers: usize, metrics: &Arc<Metrics>) -> Self {
        Self {
            config: Arc::clone(config),
            metrics: Arc::clone(metrics),
            committers: (0..workers).map(|_| Mutex::new(committer(config))).collect(),
            deaths: Deaths::default(),
            stopped: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            state: Mutex::new(State::Joining),
            digests: Mutex::default(),
            window: config.breaker.map(|breaker| Mutex::new(Window::new(breaker, Instant::now()))),
            probation: Mutex::default(),
            gaps: Mutex::default(),
            errors: Mutex::default(),
            named_topics: Mutex::new(Arc::new([])),
            topic_troubles: Mutex::default(),
            last_rebalance: Mutex::default(),
        }
    }

    /// Which worker a partition belongs to: neighbours to different ones.
    pub(super) fn worker_of(&self, partition: &Partition) -> usize {
        let hash = partition
            .topic
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (hash.wrapping_add(u64::from(partition.number.unsigned_abs())) % self.committers.len().max(1) as u64) as usize
    }

    pub(super) fn committer(&self, worker: usize) -> MutexGuard<'_, AtLeastOnce> {
        lock(&self.committers[worker])
    }

    pub(super) fn workers(&self) -> usize {
        self.committers.len()
    }

    pub(super) fn progress(&self) -> Vec<Progress> {
        let mut all = Vec::new();
        for committer in &self.committers {
            let committer = lock(committer);
            let ledger = committer.ledger();
            all.extend(ledger.partitions().filter_map(|partition| {
                let (next, watermark) = (ledger.next(partition)?, ledger.watermark(partition)?);
                Some(Progress { partition: partition.clone(), next, watermark })
            }));
        }
        all.sort_by(|a, b| a.partition.cmp(&b.partition));
        all
    }

    /// The digest that commits of `generation` carry.
    pub(super) fn name_generation(&self, generation: u64, digest: &str) {
        lock(&self.digests).insert(generation, digest.into());
    }

    /// What the generation that serves names.
    pub(super) fn name_topics(&self, topics: Arc<[NamedTopic]>) {
        *lock(&self.named_topics) = topics;
    }

    pub(super) fn named_topics(&self) -> Arc<[NamedTopic]> {
        Arc::clone(&lock(&self.named_topics))
    }

    /// What is wrong with them, as the looks have shown so far.
    pub(super) fn set_topic_troubles(&self, troubles: BTreeMap<Arc<str>, TopicTrouble>) {
        self.metrics.unusable_topics(&self.config.name, troubles.len());
        *lock(&self.topic_troubles) = troubles;
    }

    pub(super) fn topic_troubles(&self) -> BTreeMap<Arc<str>, TopicTrouble> {
        lock(&self.topic_troubles).clone()
    }

    /// The group has given partitions or taken them away.
    pub(super) fn note_rebalance(&self, rebalance: Rebalance) {
        *lock(&self.last_rebalance) = Some(rebalance);
    }

    pub(super) fn last_rebalance(&self) -> Option<Rebalance> {
        lock(&self.last_rebalance).clone()
    }

    pub(super) fn digest(&self, generation: u64) -> Arc<str> {
        lock(&self.digests).get(&generation).cloned().unwrap_or_default()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Whether the handle has asked for the end, so that nothing should wait for a broker any more.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Release);
    }

    /// Stops the pipeline; the first reason counts.
    pub(super) fn stop(&self, reason: StopReason) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Stopped(_)) {
            return;
        }
        match reason {
            StopReason::Paused => tracing::info!(pipeline = self.config.name, "paused"),
            _ => tracing::error!(pipeline = self.config.name, "stopped: {reason}"),
        }
        if let Some(probation) = &mut *lock(&self.probation) {
            probation.stopped(Instant::now(), &reason);
        }
        *state = State::Stopped(reason);
        self.stopped.store(true, Ordering::Release);
    }

    /// What stops the pipeline where its thread `thread` panics.
    pub(super) fn stop_on_panic(self: &Arc<Self>, thread: &str) -> impl FnOnce(&str) + Send + 'static {
        let (shared, thread) = (Arc::clone(self), thread.to_owned());
        move |words| shared.stop(StopReason::Panicked { thread, words: words.to_owned() })
    }

    pub(super) fn joined(&self) {
        let mut state = lock(&self.state);
        if *state == State::Joining {
            *state = State::Running;
        }
    }

    pub(super) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    /// Watches a generation that has replaced another from now on; none: nothing.
    pub(super) fn watch(&self, probation: Option<Probation>) {
        // In the order of [`Self::stop`], which may have come before.
        let state = lock(&self.state);
        let mut watched = lock(&self.probation);
        *watched = probation;
        if let (State::Stopped(reason), Some(probation)) = (&*state, &mut *watched) {
            probation.stopped(Instant::now(), reason);
        }
    }

    /// What was watched, which is not watched here any more.
    pub(super) fn take_watch(&self) -> Option<Probation> {
        lock(&self.probation).take()
    }

    /// The watched generation and why it failed; none: it has not.
    pub(super) fn failed_generation(&self) -> Option<(u64, String)> {
        lock(&self.probation).as_ref()?.failed()
    }

    /// Counts towards the breaker, which may stop the pipeline, and towards a rollback, what ran in `generation`.
    pub(super) fn count_faults(&self, generation: u64, records: u64, faults: u64) {
        if let Some(probation) = &mut *lock(&self.probation) {
            probation.count(Instant::now(), generation, records, faults);
        }
        let Some(window) = &self.window else { return };
        if let Some(reason) = lock(window).add(Instant::now(), records, faults) {
            self.stop(reason);
        }
    }

    pub(super) fn report_gap(&self, partition: Partition) {
        let mut gaps = lock(&self.gaps);
        if !gaps.contains(&partition) {
            gaps.push(partition);
        }
    }

    pub(super) fn report_error(&self, partition: Partition) {
        let mut errors = lock(&self.errors);
        if !errors.contains(&partition) {
            errors.push(partition);
        }
    }

    pub(super) fn take_errors(&self) -> Vec<Partition> {
        std::mem::take(&mut *lock(&self.errors))
    }

    pub(super) fn take_gaps(&self) -> Vec<Partition> {
        std::mem::take(&mut *lock(&self.gaps))
    }
}
