//! SIGTERM and Ctrl-C: the first asks, the second insists.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator,
};

/// Signals that ask for the end.
pub(super) struct Signals {
    came: Receiver<()>,
    asked: Arc<AtomicBool>,
}

impl Signals {
    /// From now on the first signal is reported here, and the second ends the process with status 1.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let mut signals = iterator::Signals::new([SIGINT, SIGTERM])?;
        let (tell, came) = channel();
        let asked = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&asked);
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for _ in signals.forever() {
                if seen.swap(true, Ordering::AcqRel) {
                    std::process::exit(1);
                }
                let _ = tell.send(());
            }
        })?;
        Ok(Self { came, asked })
    }

    /// Whether one came.
    pub(super) fn came(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// What [`Self::came`] answers, for other threads.
    pub(super) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.asked)
    }

    /// Waits for a signal.
    pub(super) fn wait(&self) {
        // The sender lives as long as the process.
        let _ = self.came.recv();
    }

    /// Whether a signal came, waiting no longer than `limit`.
    pub(super) fn came_within(&self, limit: Duration) -> bool {
        self.came.recv_timeout(limit).is_ok()
    }
}
