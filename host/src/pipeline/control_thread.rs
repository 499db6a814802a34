//! One thread that serves the groups of all pipelines, and one more for each of them while that may block.
//!
//! ```text
//! quiet   the control thread looks after every group, 20 times a second
//!  |  ^
//!  |  |   nothing was to be done for 0.1 s
//!  v  |
//! busy    a thread of the pipeline's own: partitions come or go, something is put right, the end
//! ```
//!
//! So no pipeline's rebalance holds another one up, and a hundred that are quiet need one thread.

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::{Duration, Instant},
};

use crate::threads::{self, Role};

/// Between two looks at a group.
pub(super) const TICK: Duration = Duration::from_millis(50);
/// How long nothing is to be done before a pipeline counts as quiet: of a rebalance one part follows the other.
const CALM: Duration = Duration::from_millis(100);

const NAME: &str = "control";

/// What a panic is told to, by its words.
pub(super) type OnPanic = Box<dyn FnOnce(&str) + Send>;

/// What serves one pipeline's group; by one thread at a time.
pub(super) trait Serve: Send {
    /// Returns the pipeline's name.
    fn name(&self) -> &str;
    /// Hears what the group and the pipeline tell, and does what blocks for nothing. Returns whether something is to be
    /// done that may block.
    fn listen(&mut self) -> bool;
    /// Does what may block, then waits up to [`TICK`] for more. Returns none once the pipeline has ended.
    fn work(self: Box<Self>) -> Option<Box<dyn Serve>>;
    /// Returns what stops the pipeline where `thread` panics.
    fn on_panic(&self, thread: &str) -> OnPanic;
}

/// The thread that serves the pipelines that are quiet. It ends when this and all of them are gone. A panic while it
/// serves one of them stops that one; any other ends the process.
#[derive(Debug)]
pub struct ControlThread {
    home: Sender<Served>,
}

/// A pipeline, and where it comes back to when it is quiet.
struct Served {
    pipeline: Box<dyn Serve>,
    home: Sender<Served>,
}

impl ControlThread {
    /// Starts it, with nothing to serve yet.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> io::Result<Self> {
        let (home, arrivals) = channel();
        threads::start(Role::Control, NAME, move || serve_quiet(&arrivals))?;
        Ok(Self { home })
    }

    /// Serves this pipeline, too, until it has ended.
    pub(super) fn serve(&self, pipeline: impl Serve + 'static) {
        let served = Served { pipeline: Box::new(pipeline), home: self.home.clone() };
        // Where the thread has panicked, the process ends for that.
        let _ = self.home.send(served);
    }
}

fn serve_quiet(arrivals: &Receiver<Served>) {
    let mut quiet: Vec<Served> = Vec::new();
    let mut next = Instant::now();
    loop {
        match arrivals.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(served) => {
                quiet.push(served);
                continue;
            }
            Err(RecvTimeoutError::Timeout) => next = Instant::now() + TICK,
            Err(RecvTimeoutError::Disconnected) => return,
        }
        for served in std::mem::take(&mut quiet) {
            quiet.extend(served.look_after());
        }
        threads::doing("");
    }
}

impl Served {
    /// Returns it where it is quiet.
    fn look_after(mut self) -> Option<Self> {
        threads::doing(self.pipeline.name());
        match threads::guarded(|| self.pipeline.listen()) {
            Ok(false) => Some(self),
            Ok(true) => self.move_out(),
            Err(words) => {
                self.give_up(&words);
                None
            }
        }
    }

    /// Serves it in a thread of its own until it is quiet. Returns it where the system gives no thread: it is served here
    /// then, and the others wait.
    fn move_out(self) -> Option<Self> {
        let (give, given) = channel::<Self>();
        // An error is a pipeline that went another way.
        let body = move || given.recv().map_or((), Self::serve_alone);
        match self.start_thread(body) {
            // A thread that panicked before it took the pipeline has stopped it.
            Ok(()) => drop(give.send(self)),
            Err(reason) => {
                let Self { pipeline, home } = self;
                tracing::warn!(pipeline = pipeline.name(), "no thread to serve its group, the others wait: {reason}");
                let on_panic = pipeline.on_panic(NAME);
                return match threads::guarded(|| pipeline.work()) {
                    Ok(rest) => rest.map(|pipeline| Self { pipeline, home }),
                    Err(words) => {
                        on_panic(&words);
                        None
                    }
                };
            }
        }
        None
    }

    fn serve_alone(self) {
        let Self { mut pipeline, home } = self;
        let mut calm_since = Instant::now();
        while calm_since.elapsed() < CALM {
            let Some(rest) = pipeline.work() else { return };
            pipeline = rest;
            if pipeline.listen() {
                calm_since = Instant::now();
            }
        }
        // Where the control thread has panicked, the process ends for that.
        let _ = home.send(Self { pipeline, home: home.clone() });
    }

    /// Stops the pipeline for a panic while it was served, and drops what serves its group elsewhere: it leaves the group,
    /// which takes as long as the coordinator likes.
    fn give_up(self, words: &str) {
        self.pipeline.on_panic(NAME)(words);
        let (give, given) = channel::<Self>();
        let body = move || drop(given.recv());
        if let Err(reason) = self.start_thread(body) {
            tracing::warn!(pipeline = self.pipeline.name(), "no thread to leave its group, the others wait: {reason}");
        }
        let _ = give.send(self);
    }

    fn start_thread(&self, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let name = format!("{}-control", self.pipeline.name());
        threads::start_guarded(Role::Group, &name, self.pipeline.on_panic(&name), body).map(drop)
    }
}

#[cfg(test)]
mod tests;
