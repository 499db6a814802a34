//! The thread that waits for hints, looks, and tells what came of it.

use std::{
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use signal_hook::{consts::SIGHUP, iterator::Signals};

use super::{Outcome, Reloader, Settle, watch::Watch};
use crate::threads::{self, Role};

/// Network file systems and full inotify tables give no events.
const POLL: Duration = Duration::from_secs(5);

/// What wakes the thread.
pub(super) enum Wake {
    /// Something may have changed.
    Hint,
    /// Somebody asks for a reload; whoever asks wants an answer, also to no change.
    Ask(Option<Sender<Outcome>>),
    /// weir ends.
    End,
}

/// How long a reload thread that is dropped may take to the end of the attempt under way.
const DROPPED: Duration = Duration::from_secs(30);

/// A running reload thread. Dropped, it ends after the attempt under way, which [`Reload::end`] bounds.
#[derive(Debug)]
pub struct Reload {
    wake: Sender<Wake>,
    thread: Option<JoinHandle<Option<()>>>,
    signals: signal_hook::iterator::Handle,
}

/// Watches the files of `reloader` and reloads on a change or a SIGHUP. `heard` hears of every outcome that is news, on
/// the reload thread; each has been logged.
///
/// # Errors
/// The system gives no thread or no signal.
pub fn start(reloader: Reloader, heard: impl FnMut(&Outcome) + Send + 'static) -> io::Result<Reload> {
    let (wake, woken) = mpsc::channel();
    let mut signals = Signals::new([SIGHUP])?;
    let handle = signals.handle();
    let asked = wake.clone();
    threads::start(Role::Sighup, "weir-sighup", move || {
        for _ in signals.forever() {
            if asked.send(Wake::Ask(None)).is_err() {
                return;
            }
        }
    })?;
    let hints = wake.clone();
    let watch = Watch::new(reloader.path(), reloader.files(), &hints);
    // What changed between the reading of the configuration and the watch that has just begun.
    let _ = hints.send(Wake::Hint);
    let body = move || serve(reloader, watch, heard, &woken, &hints);
    let thread = threads::start(Role::Reload, "weir-reload", body)?;
    Ok(Reload { wake, thread: Some(thread), signals: handle })
}

impl Reload {
    /// As [`Requests::request`].
    pub fn request(&self) -> Option<Outcome> {
        self.requests().request()
    }

    /// For threads that ask for reloads.
    pub fn requests(&self) -> Requests {
        Requests { wake: self.wake.clone() }
    }

    /// Ends the thread, waiting for the attempt under way until `until`. Returns whether it has ended.
    pub fn end(mut self, until: Instant) -> bool {
        self.end_by(until)
    }

    fn end_by(&mut self, until: Instant) -> bool {
        self.signals.close();
        // Gone already is as good.
        let _ = self.wake.send(Wake::End);
        let Some(thread) = self.thread.take() else { return true };
        while !thread.is_finished() {
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }
}

impl Drop for Reload {
    fn drop(&mut self) {
        self.end_by(Instant::now() + DROPPED);
    }
}

/// Asks for reloads.
#[derive(Clone, Debug)]
pub struct Requests {
    wake: Sender<Wake>,
}

impl Requests {
    /// Asks for a reload and waits for what comes of it. Requests that wait together get one answer.
    /// None: the thread has ended.
    pub fn request(&self) -> Option<Outcome> {
        let (answer, answered) = mpsc::channel();
        self.wake.send(Wake::Ask(Some(answer))).ok()?;
        answered.recv().ok()
    }
}

fn serve(
    mut reloader: Reloader,
    mut watch: Watch,
    mut heard: impl FnMut(&Outcome),
    woken: &Receiver<Wake>,
    hints: &Sender<Wake>,
) {
    let mut settle = Settle::default();
    let mut reports = Reports::default();
    let mut poll = Instant::now() + POLL;
    loop {
        let until = settle.due().map_or(poll, |due| due.min(poll));
        let mut asking = Vec::new();
        let mut asked = false;
        match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Wake::Hint) => {
                settle.hint(Instant::now());
                continue;
            }
            Ok(Wake::Ask(answer)) => {
                asked = true;
                asking.extend(answer);
            }
            Ok(Wake::End) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        // Whoever waits by now is answered by the same attempt.
        while let Ok(more) = woken.try_recv() {
            match more {
                Wake::Hint => settle.hint(Instant::now()),
                Wake::Ask(answer) => {
                    asked = true;
                    asking.extend(answer);
                }
                Wake::End => return,
            }
        }
        let now = Instant::now();
        let hinted = settle.take(now);
        if !asked && !hinted && now < poll {
            continue;
        }
        poll = now + POLL;
        // Before reading, so that no change falls between: directories may be others by now.
        watch.renew(&reloader, hints);
        threads::doing("an attempt to reload");
        let outcome = reloader.attempt(asked);
        threads::doing("");
        if reports.is_news(&outcome, asked) {
            report(&outcome);
            heard(&outcome);
        } else if reports.is_pending() {
            settle.hint(now);
        }
        if matches!(outcome, Outcome::Applied { .. }) {
            watch.renew(&reloader, hints);
        }
        for answer in asking {
            // Who asked may have gone.
            let _ = answer.send(outcome.clone());
        }
    }
}

impl Watch {
    fn renew(&mut self, reloader: &Reloader, hints: &Sender<Wake>) {
        *self = Self::new(reloader.path(), reloader.files(), hints);
    }
}

fn report(outcome: &Outcome) {
    match outcome {
        Outcome::Unchanged => {
            tracing::info!("reload: the files are those of the running generation, nothing has changed")
        }
        Outcome::Applied { generation, digest, revived } => {
            tracing::info!(generation, digest, "reload: applied");
            for pipeline in revived {
                tracing::info!(pipeline, generation, "reload: the pipeline had stopped and starts again");
            }
        }
        Outcome::Rejected { reasons } => {
            for reason in reasons {
                tracing::error!(reason, "reload: rejected; the old generation goes on");
            }
        }
        Outcome::NeedsRestart { keys } => {
            let keys = keys.join(", ");
            tracing::error!(keys, "reload: needs a restart; the old generation goes on");
        }
    }
}

/// What has been told already.
///
/// A refusal is looked into once more before it is told, because a file may have been read half written; the same
/// refusal is told once, until something else has come of an attempt. An answer to a request is always news.
#[derive(Debug, Default)]
pub(super) struct Reports {
    told: Option<Outcome>,
    pending: Option<Outcome>,
}

impl Reports {
    pub(super) fn is_news(&mut self, outcome: &Outcome, asked: bool) -> bool {
        let pending = self.pending.take();
        if !outcome.is_refusal() {
            // Whoever put the old files back wants to hear that the refusal is over.
            let refused = self.told.take().is_some();
            return asked || refused || *outcome != Outcome::Unchanged;
        }
        if asked {
            self.told = Some(outcome.clone());
            return true;
        }
        if self.told.as_ref() == Some(outcome) {
            return false;
        }
        if pending.is_none() {
            self.pending = Some(outcome.clone());
            return false;
        }
        self.told = Some(outcome.clone());
        true
    }

    pub(super) fn is_pending(&self) -> bool {
        self.pending.is_some()
    }
}
