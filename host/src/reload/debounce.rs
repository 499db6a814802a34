//! When to look: some quiet after the last hint, but not later than a limit after the first.

use std::time::{Duration, Instant};

/// Editors, `cp` and ConfigMaps touch files several times within milliseconds: shorter would look in between, longer
/// would only be slower.
const QUIET: Duration = Duration::from_millis(200);
/// A file that is written all the time must not put off a reload for ever.
const CAP: Duration = Duration::from_secs(2);

/// Hints that are waiting to be looked into.
///
/// Idle, it has no hint; a hint makes it wait; it is due once it was quiet for 200 ms, or 2 s after the first hint; to
/// look makes it idle again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Debounce {
    waiting: Option<(Instant, Instant)>,
}

impl Debounce {
    /// Something may have changed.
    pub(super) fn hint(&mut self, now: Instant) {
        let first = self.waiting.map_or(now, |(first, _)| first);
        self.waiting = Some((first, now));
    }

    /// When to look; none while nothing has happened.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.map(|(first, last)| (last + QUIET).min(first + CAP))
    }

    /// Whether it is time to look; if so, the hints are taken as looked into.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let due = self.due().is_some_and(|due| due <= now);
        if due {
            self.waiting = None;
        }
        due
    }
}
