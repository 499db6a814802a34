//! Waits for hints, looks, has built what is new, and tells what came of it.

use std::{
    collections::VecDeque,
    io, mem,
    ops::ControlFlow,
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};

use super::{
    Outcome, Reloader,
    builder::{Builder, Built, Kind},
    candidate::{Candidate, Content},
    debounce::Debounce,
    readings::{CONFIRM_AFTER, EVENT_DELAY, Reading, Readings, Verdict},
    reports::{self, Reports},
    requests::{Request, Rollback},
    thread::Wake,
    watch::{Hint, Wanted, Watch},
    writers::Writers,
};
use crate::{
    failpoint::{Step, pass},
    wasm::Cancel,
};

/// Network file systems and full inotify tables give no events.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is looked whether the thread that builds is still there.
const GIVE_UP_GLANCE: Duration = Duration::from_millis(100);

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

pub(super) struct Watcher<F> {
    path: PathBuf,
    watch: Watch,
    hints: Sender<Wake>,
    /// Of the configuration that serves.
    running_files: Vec<PathBuf>,
    /// Of the last configuration that could be read, which need not be the one that serves.
    looked_at: Vec<PathBuf>,
    builder: Builder,
    state: State,
    /// Who waits for the next look.
    request: Request,
    /// Somebody does, or an attempt is over that hid what came since.
    looks_now: bool,
    debounce: Debounce,
    writers: Writers,
    readings: Readings,
    /// How often something may have changed.
    hints_heard: u64,
    reports: Reports,
    heard: F,
    poll: Instant,
}

impl<F: FnMut(&Outcome)> Watcher<F> {
    /// Begins to watch the files of `reloader`.
    ///
    /// # Errors
    /// The system gives no thread to build on.
    pub(super) fn start(reloader: Reloader, hints: Sender<Wake>, heard: F) -> io::Result<Self> {
        let path = reloader.path().to_owned();
        let running_files = reloader.files().to_vec();
        Ok(Self {
            watch: Watch::new(Wanted::of(&path, running_files.iter().map(PathBuf::as_path)), &hints),
            readings: Readings::new(reloader.content()),
            path,
            looked_at: running_files.clone(),
            running_files,
            builder: Builder::start(reloader, hints.clone())?,
            hints,
            state: State::Idle,
            request: Request::default(),
            looks_now: false,
            debounce: Debounce::default(),
            writers: Writers::default(),
            hints_heard: 0,
            reports: Reports::default(),
            heard,
            poll: Instant::now() + POLL_INTERVAL,
        })
    }

    /// Reloads until weir ends.
    pub(super) fn serve(&mut self, woken: &Receiver<Wake>) {
        loop {
            let delayed_until = self.writers.limit().filter(|_| self.writers.delays_look());
            if self.hear(woken, delayed_until.unwrap_or_else(|| self.due())).is_break() {
                return self.give_up(woken);
            }
            let (due, now) = (self.due(), Instant::now());
            if due <= now && !self.writers.delay_look(now) && self.look(woken).is_break() {
                return self.give_up(woken);
            }
        }
    }

    /// When to look, were nobody writing.
    fn due(&self) -> Instant {
        match self.debounce.due() {
            _ if self.looks_now && !self.readings.is_in_doubt() => Instant::now(),
            // The time for a poll may have come in the middle of a change.
            Some(due) => self.writers.limit().map_or(due, |limit| due.min(limit)),
            None => self.poll,
        }
    }

    /// Waits until `until`, and takes what there is to hear. Broken off where weir ends.
    fn hear(&mut self, woken: &Receiver<Wake>, until: Instant) -> ControlFlow<()> {
        let mut wake = match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(wake) => Some(wake),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return ControlFlow::Break(()),
        };
        // Whoever waits by now is answered by the same attempt.
        while let Some(one) = wake {
            match one {
                Wake::Hint(hint) => self.take_hint(hint),
                Wake::Ask(answer) => {
                    self.request.ask(answer);
                    self.looks_now = true;
                }
                Wake::RollBack(rollback) => self.roll_back(rollback),
                Wake::Built(built) => self.take_built(built),
                Wake::End => return ControlFlow::Break(()),
            }
            wake = woken.try_recv().ok();
        }
        ControlFlow::Continue(())
    }

    fn take_hint(&mut self, hint: Hint) {
        match hint {
            Hint::Changed => {}
            Hint::Begun(path) => self.writers.begin(path),
            Hint::Ended(path) => self.writers.end(&path),
            Hint::Missed => self.writers.forget(),
        }
        self.hints_heard += 1;
        if self.writers.has_delayed() {
            // What was waited for counts for nothing: who closes one file may write the next.
            self.debounce = Debounce::default();
        }
        self.debounce.hint(Instant::now());
    }

    /// Reads the files and has built what is new in them. Broken off where weir ends.
    fn look(&mut self, woken: &Receiver<Wake>) -> ControlFlow<()> {
        self.poll = Instant::now() + POLL_INTERVAL;
        let was_called_for = self.debounce.take(Instant::now()) | mem::take(&mut self.looks_now);
        let request = mem::take(&mut self.request);
        // Before reading, so that no change falls between: directories may be others by now.
        self.renew_watch();
        let heard = self.hints_heard;
        let candidate = Candidate::read(&self.path);
        let settled = Instant::now() + EVENT_DELAY;
        while Instant::now() < settled {
            self.hear(woken, settled)?;
        }
        let was_disturbed = self.hints_heard != heard;
        match self.readings.judge(Reading { content: candidate.content(), was_called_for, was_disturbed }) {
            Verdict::Take => {
                self.writers.end_wait();
                self.take_candidate(candidate, request);
            }
            Verdict::AwaitChange => self.look_again(request),
            // Nobody has asked for it.
            Verdict::Confirm => self.poll = Instant::now() + CONFIRM_AFTER,
        }
        ControlFlow::Continue(())
    }

    /// Looks as soon as may be, for who waits.
    fn look_again(&mut self, request: Request) {
        self.request = mem::take(&mut self.request).join(request);
        self.looks_now = true;
    }

    fn take_candidate(&mut self, candidate: Candidate, request: Request) {
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
                    self.look_again(request);
                } else {
                    self.state = State::RollingBack { answers, request };
                }
            }
            // Nobody had asked when it began: what is refused by now is not told by that, and whoever asked hears why.
            State::Building { forced: false, request, .. }
                if request.asked && built.outcome == Some(Outcome::Unchanged) =>
            {
                self.look_again(request);
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
                self.look_again(request);
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
        let wanted = Wanted::of(&self.path, files);
        if !self.watch.serves(&wanted) {
            self.watch = Watch::new(wanted, &self.hints);
        }
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
