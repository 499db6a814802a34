//! What may be asked of a running weir, and done to it, from outside.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use super::{App, OperationError};
use crate::{
    config,
    metrics::Metrics,
    pipeline::{RecentDeath, Status},
    reload::Outcome,
    threads,
};

/// A reload that was tried.
#[derive(Clone, Debug)]
pub struct LastReload {
    /// When it was over.
    pub at: SystemTime,
    /// What came of it.
    pub outcome: Outcome,
}

/// The whole of what whoever serves operators needs to know of what runs; every method may be called by any thread.
pub trait Operations: Send + Sync {
    /// What each pipeline says of itself, by name.
    fn status(&self) -> Vec<Status>;

    /// What each pipeline runs, by name.
    fn configs(&self) -> BTreeMap<String, Arc<config::Pipeline>>;

    /// The newest dead letters of a pipeline since it started, the newest first, at most `limit` and at most 100.
    ///
    /// # Errors
    /// [`OperationError::Unknown`], [`OperationError::Starting`].
    fn recent_deaths(&self, pipeline: &str, limit: usize) -> Result<Vec<RecentDeath>, OperationError>;

    /// Whether every pipeline has joined its group and none has stopped or was paused, and weir is not ending.
    fn is_ready(&self) -> bool;

    /// How long weir runs.
    fn uptime(&self) -> Duration;

    /// What weir counts and measures.
    fn metrics(&self) -> &Metrics;

    /// The last attempt to reload that changed something or was refused; none: there was none.
    fn last_reload(&self) -> Option<LastReload>;

    /// Reads the configuration again, also content that was refused before, and waits for what comes of it; none where
    /// weir does not reload, or ends.
    fn reload(&self) -> Option<Outcome>;

    /// Brings the generation before the one that serves back, and waits for what comes of it; none as of [`Self::reload`].
    /// What is left is refused until the files change.
    fn roll_back(&self) -> Option<Outcome>;

    /// Stops a pipeline's reading until [`Self::resume`]; what producers have is settled and committed, membership and
    /// partitions stay.
    ///
    /// # Errors
    /// [`OperationError`]; what stopped by itself stays so.
    fn pause(&self, pipeline: &str) -> Result<(), OperationError>;

    /// Starts a pipeline again that has stopped or was paused, from its watermark; waits up to 10 s for the old one to
    /// leave the group.
    ///
    /// # Errors
    /// [`OperationError`]; what stopped stays stopped.
    fn resume(&self, pipeline: &str) -> Result<(), OperationError>;
}

impl Operations for App {
    fn status(&self) -> Vec<Status> {
        self.pipelines.status()
    }

    fn configs(&self) -> BTreeMap<String, Arc<config::Pipeline>> {
        let blueprints = self.pipelines.blueprints().into_iter();
        blueprints.map(|(name, blueprint)| (name, Arc::clone(blueprint.pipeline()))).collect()
    }

    fn recent_deaths(&self, pipeline: &str, limit: usize) -> Result<Vec<RecentDeath>, OperationError> {
        self.pipelines.recent_deaths(pipeline, limit)
    }

    fn is_ready(&self) -> bool {
        !self.signals.came() && threads::panicked().is_none() && self.pipelines.all_run()
    }

    fn uptime(&self) -> Duration {
        self.began.elapsed()
    }

    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn last_reload(&self) -> Option<LastReload> {
        self.last_reload.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reload(&self) -> Option<Outcome> {
        self.requests()?.request()
    }

    fn roll_back(&self) -> Option<Outcome> {
        self.requests()?.roll_back("an operator wants it")
    }

    fn pause(&self, pipeline: &str) -> Result<(), OperationError> {
        self.pipelines.pause(pipeline)
    }

    fn resume(&self, pipeline: &str) -> Result<(), OperationError> {
        self.pipelines.resume(pipeline)
    }
}

/// What may be asked of weir from the beginning of its start on, before anything runs.
#[derive(Debug)]
pub struct Starting {
    app: OnceLock<Arc<App>>,
    metrics: Arc<Metrics>,
    began: Instant,
}

impl Starting {
    /// Nothing runs yet.
    pub fn new(metrics: &Arc<Metrics>) -> Self {
        Self { app: OnceLock::new(), metrics: Arc::clone(metrics), began: Instant::now() }
    }

    /// From now on `app` answers.
    pub fn serve(&self, app: &Arc<App>) {
        self.app.get_or_init(|| Arc::clone(app));
    }
}

impl Operations for Starting {
    fn status(&self) -> Vec<Status> {
        self.app.get().map(|app| app.status()).unwrap_or_default()
    }

    fn configs(&self) -> BTreeMap<String, Arc<config::Pipeline>> {
        self.app.get().map(|app| app.configs()).unwrap_or_default()
    }

    fn recent_deaths(&self, pipeline: &str, limit: usize) -> Result<Vec<RecentDeath>, OperationError> {
        self.app.get().ok_or(OperationError::Starting)?.recent_deaths(pipeline, limit)
    }

    fn is_ready(&self) -> bool {
        self.app.get().is_some_and(|app| app.is_ready())
    }

    fn uptime(&self) -> Duration {
        self.began.elapsed()
    }

    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn last_reload(&self) -> Option<LastReload> {
        self.app.get()?.last_reload()
    }

    fn reload(&self) -> Option<Outcome> {
        self.app.get()?.reload()
    }

    fn roll_back(&self) -> Option<Outcome> {
        self.app.get()?.roll_back()
    }

    fn pause(&self, pipeline: &str) -> Result<(), OperationError> {
        self.app.get().ok_or(OperationError::Starting)?.pause(pipeline)
    }

    fn resume(&self, pipeline: &str) -> Result<(), OperationError> {
        self.app.get().ok_or(OperationError::Starting)?.resume(pipeline)
    }
}
