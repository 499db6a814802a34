//! The thread that waits for hints, looks, has built what is new, and tells what came of it.

use std::{
    collections::VecDeque,
    io, mem,
    path::PathBuf,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use signal_hook::{consts::SIGHUP, iterator::Signals};

use super::{
    Outcome, Reloader,
    builder::{Builder, Built, Kind},
    candidate::{Candidate, Content},
    debounce::Debounce,
    reports::{self, Reports},
    watch::Watch,
};
use crate::{
    failpoint::{Step, pass},
    threads::{self, Role},
    wasm::Cancel,
};

/// Network file systems and full inotify tables give no events.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How long a reload thread that is dropped may take to the end of the attempt that it gives up.
const DROP_TIMEOUT: Duration = Duration::from_secs(30);

/// How often it is looked whether the thread that builds is still there.
const GIVE_UP_GLANCE: Duration = Duration::from_millis(100);

/// What wakes the thread.
pub(super) enum Wake {
    /// Something may have changed.
    Hint,
    /// Somebody asks for a reload; whoever asks wants an answer, also to no change.
    Ask(Option<Sender<Outcome>>),
    /// The generation before is to serve again.
    RollBack(Rollback),
    /// A job is over.
    Built(Built),
    /// weir ends.
    End,
}

/// A running reload thread. Dropped, it gives up the attempt under way and ends, as by [`Reload::end`].
#[derive(Debug)]
pub struct Reload {
    wake: Sender<Wake>,
    thread: Option<JoinHandle<Option<()>>>,
    signals: signal_hook::iterator::Handle,
}

/// Watches the files of `reloader` and reloads on a change or a SIGHUP. A change gives up the attempt under way if the
/// content is another. `heard` hears of every outcome that is news, on the reload thread; each has been logged.
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
    // What changed between the reading of the configuration and the watch that begins below.
    let _ = hints.send(Wake::Hint);
    let path = reloader.path().to_owned();
    let running_files = reloader.files().to_vec();
    let mut watcher = Watcher {
        watch: Watch::new(&path, running_files.iter().map(PathBuf::as_path), &hints),
        path,
        looked_at: running_files.clone(),
        running_files,
        builder: Builder::start(reloader, hints.clone())?,
        hints,
        state: State::Idle,
        debounce: Debounce::default(),
        reports: Reports::default(),
        heard,
        poll: Instant::now() + POLL_INTERVAL,
    };
    let thread = threads::start(Role::Reload, "weir-reload", move || watcher.serve(&woken))?;
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

    /// Ends the thread, waiting until `until` for the attempt that is given up. Returns whether it has ended.
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
        self.end_by(Instant::now() + DROP_TIMEOUT);
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

    /// Brings the generation before the one that serves back and waits for what comes of it; an attempt under way is
    /// given up. None: the thread has ended.
    pub fn roll_back(&self, why: &str) -> Option<Outcome> {
        let (answer, answered) = mpsc::channel();
        let rollback = Rollback { only: None, why: why.to_owned(), answer };
        self.wake.send(Wake::RollBack(rollback)).ok()?;
        answered.recv().ok()
    }

    /// The same where `generation` serves, without waiting: what comes of it is received.
    pub fn begin_roll_back(&self, generation: u64, why: String) -> Receiver<Outcome> {
        let (answer, answered) = mpsc::channel();
        // The thread is gone only where weir ends.
        let _ = self.wake.send(Wake::RollBack(Rollback { only: Some(generation), why, answer }));
        answered
    }
}

/// Who wants the generation before back.
pub(super) struct Rollback {
    /// Only where this one serves.
    only: Option<u64>,
    why: String,
    answer: Sender<Outcome>,
}

/// Who asked for a reload.
#[derive(Default)]
struct Request {
    /// Whether anybody asked: then content that was refused is tried once more, and any outcome is told.
    asked: bool,
    answers: Vec<Sender<Outcome>>,
}

impl Request {
    fn ask(&mut self, answer: Option<Sender<Outcome>>) {
        self.asked = true;
        self.answers.extend(answer);
    }

    fn join(mut self, other: Self) -> Self {
        self.asked |= other.asked;
        self.answers.extend(other.answers);
        self
    }
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    /// An attempt is under way; `forced`: it was asked for when it began.
    Building { content: Option<Content>, cancel: Cancel, forced: bool, request: Request },
    /// It was given up for something newer, which is looked at when it has ended; the request waits for that.
    Superseded { request: Request },
    /// The generation before is brought back, so often; then the files are looked at.
    RollingBack { answers: VecDeque<Sender<Outcome>>, request: Request },
}

struct Watcher<F> {
    path: PathBuf,
    watch: Watch,
    hints: Sender<Wake>,
    /// Of the configuration that serves.
    running_files: Vec<PathBuf>,
    /// Of the last configuration that could be read, which need not be the one that serves.
    looked_at: Vec<PathBuf>,
    builder: Builder,
    state: State,
    debounce: Debounce,
    reports: Reports,
    heard: F,
    poll: Instant,
}

impl<F: FnMut(&Outcome)> Watcher<F> {
    fn serve(&mut self, woken: &Receiver<Wake>) {
        loop {
            let until = self.debounce.due().map_or(self.poll, |due| due.min(self.poll));
            let mut request = Request::default();
            let mut wake = match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(wake) => Some(wake),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // Whoever waits by now is answered by the same attempt.
            while let Some(one) = wake {
                match one {
                    Wake::Hint => self.debounce.hint(Instant::now()),
                    Wake::Ask(answer) => request.ask(answer),
                    Wake::RollBack(rollback) => self.roll_back(rollback),
                    Wake::Built(built) => self.take_built(built),
                    Wake::End => return self.give_up(woken),
                }
                wake = woken.try_recv().ok();
            }
            let now = Instant::now();
            if self.debounce.take(now) || request.asked || now >= self.poll {
                self.look(request);
            }
        }
    }

    /// Reads the files and has built what is new in them.
    fn look(&mut self, request: Request) {
        self.poll = Instant::now() + POLL_INTERVAL;
        // Before reading, so that no change falls between: directories may be others by now.
        self.renew_watch();
        let candidate = Candidate::read(&self.path);
        if let Some(files) = candidate.files() {
            self.looked_at = files.to_vec();
        }
        self.state = match mem::take(&mut self.state) {
            State::Idle => {
                let content = candidate.content();
                let forced = request.asked;
                State::Building { content, cancel: self.builder.begin(candidate, forced), forced, request }
            }
            State::Building { content, cancel, forced, request: earlier }
                if content.is_some() && content == candidate.content() =>
            {
                State::Building { content, cancel, forced, request: earlier.join(request) }
            }
            State::Building { cancel, request: earlier, .. } => {
                cancel.cancel();
                State::Superseded { request: earlier.join(request) }
            }
            State::Superseded { request: earlier } => State::Superseded { request: earlier.join(request) },
            State::RollingBack { answers, request: earlier } => {
                State::RollingBack { answers, request: earlier.join(request) }
            }
        };
    }

    /// Has the generation before brought back; what is under way is given up for it.
    fn roll_back(&mut self, rollback: Rollback) {
        self.builder.roll_back(rollback.only, rollback.why);
        let (mut answers, request) = match mem::take(&mut self.state) {
            State::Idle => (VecDeque::new(), Request::default()),
            State::Building { cancel, request, .. } => {
                cancel.cancel();
                (VecDeque::new(), request)
            }
            State::Superseded { request } => (VecDeque::new(), request),
            State::RollingBack { answers, request } => (answers, request),
        };
        answers.push_back(rollback.answer);
        self.state = State::RollingBack { answers, request };
    }

    fn take_built(&mut self, built: Built) {
        self.running_files = built.files;
        match mem::take(&mut self.state) {
            State::Idle => {}
            // The attempt that was given up; the rollback comes behind it.
            State::RollingBack { answers, request } if built.kind == Kind::Attempt => {
                if let Some(outcome) = built.outcome.filter(|outcome| !outcome.is_refusal()) {
                    self.tell(&outcome, Request::default());
                }
                self.state = State::RollingBack { answers, request };
            }
            State::RollingBack { mut answers, request } => {
                let answer = Request { asked: true, answers: answers.pop_front().into_iter().collect() };
                if let Some(outcome) = built.outcome {
                    self.tell(&outcome, answer);
                }
                if answers.is_empty() {
                    self.look(request);
                } else {
                    self.state = State::RollingBack { answers, request };
                }
            }
            // Nobody had asked when it began: what is refused by now is not told by that, and whoever asked hears why.
            State::Building { forced: false, request, .. }
                if request.asked && built.outcome == Some(Outcome::Unchanged) =>
            {
                self.look(request);
            }
            State::Building { request, .. } => {
                if let Some(outcome) = built.outcome {
                    self.tell(&outcome, request);
                }
            }
            State::Superseded { request } => {
                // It may have been in service before it heard that it was given up.
                match built.outcome.filter(|outcome| !outcome.is_refusal()) {
                    Some(outcome) => self.tell(&outcome, Request::default()),
                    None => {
                        reports::log(&Outcome::Superseded);
                        (self.heard)(&Outcome::Superseded);
                    }
                }
                self.look(request);
            }
        }
    }

    fn tell(&mut self, outcome: &Outcome, request: Request) {
        if self.reports.is_news(outcome, request.asked) {
            reports::log(outcome);
            (self.heard)(outcome);
        } else if self.reports.is_pending() {
            self.debounce.hint(Instant::now());
        }
        if matches!(outcome, Outcome::Applied { .. } | Outcome::RolledBack { .. }) {
            pass(Step::Told);
            self.renew_watch();
        }
        for answer in request.answers {
            // Who asked may have gone.
            let _ = answer.send(outcome.clone());
        }
    }

    fn renew_watch(&mut self) {
        let files = self.running_files.iter().chain(&self.looked_at).map(PathBuf::as_path);
        self.watch = Watch::new(&self.path, files, &self.hints);
    }

    /// weir ends: the attempt under way must not take anything over any more.
    fn give_up(&mut self, woken: &Receiver<Wake>) {
        match &self.state {
            State::Idle => return,
            State::Building { cancel, .. } => cancel.cancel(),
            State::Superseded { .. } | State::RollingBack { .. } => {}
        }
        while !self.builder.is_gone() {
            if let Ok(Wake::Built(_)) = woken.recv_timeout(GIVE_UP_GLANCE) {
                return;
            }
        }
    }
}
