//! SIGTERM and Ctrl-C: the first asks for the end and starts the time for it, the second insists.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator,
};

use super::watchdog::Watchdog;
use crate::threads::{self, Role};

/// How long a start may go on that is asked to end. Nothing that it has done by then needs to be settled.
const STARTING: Duration = Duration::from_secs(1);

/// Signals that ask for the end. Clones see the same ones.
#[derive(Clone, Debug)]
pub struct Signals {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    came: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// When the first one came.
    came: Option<Instant>,
    /// How long the end may take; none: nothing runs yet.
    limit: Option<Duration>,
}

impl Signals {
    /// From now on the first signal is noted here, and the second ends the process with status 1. Whatever goes on, the
    /// process ends [`Self::serve`]'s limit after the first one, or a second after it where nothing runs yet: with
    /// status 0 then.
    ///
    /// # Errors
    /// The system gives no handler or no thread.
    pub fn listen() -> io::Result<Self> {
        let mut signals = iterator::Signals::new([SIGINT, SIGTERM])?;
        let shared = Arc::new(Shared::default());
        let noted = Arc::clone(&shared);
        threads::start(Role::Signals, "signals", move || {
            for _ in signals.forever() {
                noted.note();
            }
        })?;
        Ok(Self { shared })
    }

    /// From now on something runs whose end may take `limit`. Returns false where a signal came before.
    pub fn serve(&self, limit: Duration) -> bool {
        let mut state = self.shared.lock();
        state.limit = Some(limit);
        state.came.is_none()
    }

    /// Whether one came.
    pub fn came(&self) -> bool {
        self.shared.lock().came.is_some()
    }

    /// When the first one came.
    pub fn came_at(&self) -> Option<Instant> {
        self.shared.lock().came
    }

    /// Whether one came, waiting no longer than `limit` for it.
    pub fn came_within(&self, limit: Duration) -> bool {
        let waits = |state: &mut State| state.came.is_none();
        let waited = self.shared.came.wait_timeout_while(self.shared.lock(), limit, waits);
        waited.unwrap_or_else(PoisonError::into_inner).0.came.is_some()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self) {
        let mut state = self.lock();
        if state.came.is_some() {
            threads::end_process(1);
        }
        let now = Instant::now();
        state.came = Some(now);
        let (limit, status) = state.limit.map_or((STARTING, 0), |limit| (limit, 1));
        drop(state);
        self.came.notify_all();
        match Watchdog::start(now + limit, status) {
            Ok(watchdog) => watchdog.keep(),
            Err(error) => tracing::error!("nobody watches how long the end takes: {error}"),
        }
    }
}
