//! The thread that builds new generations, so that the one that watches the files is always free to give one up.

use std::{
    io,
    path::PathBuf,
    sync::mpsc::{self, Sender},
    thread::JoinHandle,
};

use super::{Outcome, Reloader, candidate::Candidate, thread::Wake};
use crate::{
    threads::{self, Role},
    wasm::Cancel,
};

/// What came of a job.
pub(super) struct Built {
    pub(super) kind: Kind,
    /// None: it was given up.
    pub(super) outcome: Option<Outcome>,
    /// The files of the configuration that serves now.
    pub(super) files: Vec<PathBuf>,
}

/// What was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Attempt,
    Rollback,
}

enum Job {
    Attempt { candidate: Box<Candidate>, force: bool, cancel: Cancel },
    RollBack { only: Option<u64>, why: String },
}

/// A thread that has the running configuration. One attempt at a time.
#[derive(Debug)]
pub(super) struct Builder {
    jobs: Sender<Job>,
    thread: JoinHandle<Option<()>>,
}

impl Builder {
    /// Starts the thread; what comes of attempts is sent to `tell`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(mut reloader: Reloader, tell: Sender<Wake>) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = threads::start(Role::Reload, "weir-build", move || {
            for job in queue {
                threads::doing("an attempt to reload");
                let (kind, outcome) = match job {
                    Job::Attempt { candidate, force, cancel } => {
                        (Kind::Attempt, reloader.attempt(*candidate, force, &cancel))
                    }
                    Job::RollBack { only, why } => (Kind::Rollback, Some(reloader.roll_back(only, &why))),
                };
                threads::doing("");
                let built = Built { kind, outcome, files: reloader.files().to_vec() };
                if tell.send(Wake::Built(built)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs, thread })
    }

    /// Begins an attempt, which can be given up by what is returned.
    pub(super) fn begin(&self, candidate: Candidate, force: bool) -> Cancel {
        let cancel = Cancel::default();
        // The thread is gone only where weir ends.
        let candidate = Box::new(candidate);
        let _ = self.jobs.send(Job::Attempt { candidate, force, cancel: cancel.clone() });
        cancel
    }

    /// Brings the generation before back, after the attempt under way, see [`Reloader::roll_back`].
    pub(super) fn roll_back(&self, only: Option<u64>, why: String) {
        // As above.
        let _ = self.jobs.send(Job::RollBack { only, why });
    }

    /// Whether the thread has ended: it panicked, and weir ends.
    pub(super) fn is_gone(&self) -> bool {
        self.thread.is_finished()
    }
}
