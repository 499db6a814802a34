//! What runs in this process: its pipelines, the reload beside them, what may be asked of them, and how it ends.
//!
//! ```text
//! start   signals -> configuration -> blueprints -> topics are there -> pipelines -> reload
//! wait    for a signal, for the last pipeline to stop, for a thread to panic
//! end     pipelines and reload at the same time; when the time is over the watchdog ends the process
//! ```

mod activity;
mod build;
mod operations;
mod pipelines;
mod preflight;
mod reminder;
mod signals;
mod watchdog;

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, TryRecvError},
    },
    time::{Duration, Instant, SystemTime},
};

use activity::Activity;
pub use build::{Look, blueprints, digest, load, refuse_exactly_once, refuse_rolled_back};
pub use operations::{LastReload, Operations, Starting};
pub use pipelines::{FIRST_GENERATION, OperationError, Pipelines};
pub use preflight::{ClusterReport, Outside, PreflightError, await_topics, check_online};
use reminder::Reminder;
pub use signals::Signals;
use watchdog::Watchdog;

use crate::{
    chain::Blueprint,
    config::{Config, OnStop},
    metrics::{Metrics, Name},
    pipeline::{self, Limits},
    reload::{self, Outcome, Preflight, Reload, Reloader, Requests},
    threads,
    wasm::Engine,
};

/// Between two looks at the pipelines and the threads.
const LOOK: Duration = Duration::from_millis(100);
/// How long the pipelines may take to settle after a thread panicked that weir cannot do without.
const AFTER_PANIC: Duration = Duration::from_secs(3);

/// Why weir could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// One of the pipelines.
    #[error("pipeline `{name}` cannot start")]
    Pipeline {
        /// Its name.
        name: String,
        /// What it lacks.
        source: pipeline::StartError,
    },
    /// The system gives no thread.
    #[error("no thread")]
    Thread(#[source] io::Error),
    /// The configuration cannot be watched.
    #[error("cannot watch the configuration")]
    Watch(#[from] io::Error),
}

/// Why weir ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// SIGTERM or Ctrl-C, or whoever started it has seen enough.
    Asked,
    /// Every pipeline has stopped by itself, and `on_stop = "exit"`.
    Stopped,
    /// A thread panicked that weir cannot do without: which, and its words.
    Panicked(String),
}

/// Everything that runs.
#[derive(Debug)]
pub struct App {
    pipelines: Arc<Pipelines>,
    reload: Mutex<Option<Reload>>,
    signals: Signals,
    on_stop: OnStop,
    shutdown_timeout: Duration,
    metrics: Arc<Metrics>,
    last_reload: Arc<Mutex<Option<LastReload>>>,
    began: Instant,
}

/// What the looks at the pipelines remember.
struct Looks {
    reminder: Reminder,
    activity: Activity,
    /// The newest generation that was told to go, and what comes of that.
    left: u64,
    rollback: Option<Receiver<Outcome>>,
}

impl Looks {
    fn new(now: Instant) -> Self {
        Self { reminder: Reminder::default(), activity: Activity::new(now), left: 0, rollback: None }
    }
}

impl App {
    /// Starts every pipeline. `limits` is what is known of the destinations, see [`await_topics`]. Where a signal came
    /// meanwhile, not all of them run.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(
        config: &Config,
        blueprints: &BTreeMap<String, Arc<Blueprint>>,
        limits: Limits,
        metrics: &Arc<Metrics>,
        signals: &Signals,
    ) -> Result<Self, StartError> {
        let shutdown_timeout = config.shutdown_timeout;
        signals.serve(shutdown_timeout);
        threads::doing("starting the pipelines");
        let pipelines = Pipelines::start(config, blueprints, limits, metrics, || !signals.came())?;
        threads::doing("");
        let (reload, signals) = (Mutex::new(None), signals.clone());
        Ok(Self {
            pipelines: Arc::new(pipelines),
            reload,
            signals,
            on_stop: config.on_stop,
            shutdown_timeout,
            metrics: Arc::clone(metrics),
            last_reload: Arc::default(),
            began: Instant::now(),
        })
    }

    /// Takes changes of the configuration at `path` over while records flow. `config` is what runs; `preflight` looks at
    /// what a new configuration needs from outside; with `deny_warnings` one that there is something to warn of is refused.
    ///
    /// # Errors
    /// [`StartError::Watch`].
    pub fn watch(
        &self,
        path: &Path,
        engine: Engine,
        config: Config,
        preflight: Option<Box<dyn Preflight>>,
        deny_warnings: bool,
    ) -> Result<(), StartError> {
        let (running, blueprints) = (Arc::clone(&self.pipelines), self.pipelines.blueprints());
        let mut reloader = Reloader::new(path.to_owned(), engine, config, running, blueprints);
        if deny_warnings {
            reloader = reloader.without_warnings();
        }
        if let Some(preflight) = preflight {
            reloader = reloader.with_preflight(preflight);
        }
        let (last, metrics) = (Arc::clone(&self.last_reload), Arc::clone(&self.metrics));
        let heard = move |outcome: &Outcome| {
            metrics.add(Name::Reloads, vec![("outcome", outcome.as_str().to_owned())], 1);
            if *outcome != Outcome::Unchanged {
                let reload = LastReload { at: SystemTime::now(), outcome: outcome.clone() };
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(reload);
            }
        };
        *self.reload.lock().unwrap_or_else(PoisonError::into_inner) = Some(reload::start(reloader, heard)?);
        Ok(())
    }

    /// The pipelines.
    pub fn pipelines(&self) -> &Pipelines {
        &self.pipelines
    }

    /// For those who ask for reloads; none where weir does not reload, or ends.
    fn requests(&self) -> Option<Requests> {
        let reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner);
        reload.as_ref().map(Reload::requests)
    }

    /// Waits until weir is to end. Meanwhile says every minute which pipelines have stopped, and has generations rolled
    /// back that failed.
    pub fn wait(&self) -> Ending {
        let mut looks = Looks::new(Instant::now());
        loop {
            if self.signals.came_within(LOOK) {
                return Ending::Asked;
            }
            if let Some(ending) = self.look(&mut looks) {
                return ending;
            }
        }
    }

    /// One look at the pipelines and the threads: why weir is to end, if it is.
    fn look(&self, looks: &mut Looks) -> Option<Ending> {
        if let Some(what) = threads::panicked() {
            return Some(Ending::Panicked(what));
        }
        // Before the status is asked, which would else be of the time before it was over.
        looks.rollback.take_if(|outcome| !matches!(outcome.try_recv(), Err(TryRecvError::Empty)));
        let was_changing = self.pipelines.is_changing();
        let all = self.pipelines.status();
        let is_changing = was_changing || self.pipelines.is_changing();
        looks.reminder.remind(Instant::now(), &all);
        let newest = |pipeline: &str| self.pipelines.recent_deaths(pipeline, 1).ok()?.pop();
        looks.activity.tell(Instant::now(), &self.metrics, newest);
        if let Some((failed, why)) = self.pipelines.failed_generation().filter(|(failed, _)| *failed > looks.left) {
            looks.left = failed;
            looks.rollback = self.requests().map(|requests| requests.begin_roll_back(failed, why));
        }
        // Until a rollback or a reload is over nothing that has stopped is given up.
        let none_runs = looks.rollback.is_none()
            && !is_changing
            && all.iter().all(|status| pipelines::stop_reason(status).is_some());
        (none_runs && self.on_stop == OnStop::Exit).then_some(Ending::Stopped)
    }

    /// Stops reading, settles what is in flight, commits it, leaves the groups, all within `shutdown_timeout`: when that
    /// is over the process ends with status 1 wherever it is. Returns whether everything delivered is committed, nothing
    /// had stopped by itself and no thread panicked.
    pub fn end(&self, ending: &Ending) -> bool {
        let now = Instant::now();
        let until = match ending {
            Ending::Asked => {
                let came = self.signals.came_at();
                if came.is_some() {
                    tracing::info!("stopping: settling what is in flight; a second signal ends at once");
                }
                came.unwrap_or(now) + self.shutdown_timeout
            }
            Ending::Stopped => {
                tracing::error!("no pipeline runs any more: ending with status 1 (see `on_stop`)");
                now + self.shutdown_timeout
            }
            Ending::Panicked(what) => {
                tracing::error!("ending with status 1: {what}");
                now + AFTER_PANIC.min(self.shutdown_timeout)
            }
        };
        // A signal has begun that already. It watches until the end of this function.
        let _watchdog = if self.signals.came() { None } else { self.watch_end(until) };
        let stopped = self.pipelines.status();
        let stopped: Vec<_> =
            stopped.iter().filter_map(|status| Some((&status.name, pipelines::stop_reason(status)?))).collect();
        for (name, reason) in &stopped {
            tracing::error!(pipeline = name, "was stopped, so that weir ends with status 1: {reason}");
        }
        // What comes after the pipelines takes its share of the time.
        let settled_by = until - until.saturating_duration_since(now) / 10;
        self.pipelines.begin_end(settled_by);
        threads::doing("waiting for the reload to end");
        let reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner).take();
        if reload.is_some_and(|reload| !reload.end(settled_by)) {
            tracing::warn!("the attempt to reload that is under way is given up");
        }
        threads::doing("waiting for the pipelines to end");
        let settled = self.pipelines.end(settled_by);
        threads::doing("");
        let panicked = threads::panicked();
        // Where a thread panicked, nobody counted what it had.
        let is_accounted = activity::tell_totals(&self.metrics) || panicked.is_some();
        if let (Some(what), Ending::Asked | Ending::Stopped) = (&panicked, ending) {
            tracing::error!("ending with status 1: {what}");
        }
        settled && is_accounted && stopped.is_empty() && *ending == Ending::Asked && panicked.is_none()
    }

    /// Has the end watched, where the system gives a thread for it.
    fn watch_end(&self, until: Instant) -> Option<Watchdog> {
        let watchdog = Watchdog::start(until, 1);
        watchdog.inspect_err(|error| tracing::error!("nobody watches how long the end takes: {error}")).ok()
    }
}

#[cfg(test)]
mod tests;
