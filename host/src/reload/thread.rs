//! The thread that reloads: how it is started, woken and ended.

use std::{
    io,
    sync::mpsc::{self, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use signal_hook::{consts::SIGHUP, iterator::Signals};

use super::{
    Outcome, Reloader,
    builder::Built,
    requests::{Requests, Rollback},
    watch::Hint,
    watcher::Watcher,
};
use crate::threads::{self, Role};

/// How long a reload thread that is dropped may take to the end of the attempt that it gives up.
const DROP_TIMEOUT: Duration = Duration::from_secs(30);

/// What wakes the thread.
pub(super) enum Wake {
    /// Something may have changed.
    Hint(Hint),
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
    let _ = hints.send(Wake::Hint(Hint::Changed));
    let mut watcher = Watcher::start(reloader, hints, heard)?;
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
        Requests::new(self.wake.clone())
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
