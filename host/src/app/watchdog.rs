//! Ends the process when the time for its end is over, and says what was still going on.

use std::{
    io,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    time::Instant,
};

use crate::threads::{self, Role};

const NAME: &str = "watchdog";
/// As many threads are named at most.
const NAMED: usize = 20;

/// While this is there, the process ends when its time is over.
#[derive(Debug)]
pub(super) struct Watchdog {
    ended: Sender<()>,
}

impl Watchdog {
    /// At `until` the process ends with `status`, unless it or this has ended before.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(until: Instant, status: u8) -> io::Result<Self> {
        let (ended, rest) = channel();
        let body = move || {
            let left = until.saturating_duration_since(Instant::now());
            if rest.recv_timeout(left) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let going_on = going_on(threads::alive());
            tracing::error!(status, going_on, "the time to end is over; what is not committed will come again");
            threads::end_process(status);
        };
        threads::start(Role::Watchdog, NAME, body)?;
        Ok(Self { ended })
    }

    /// It watches until the process ends.
    pub(super) fn keep(self) {
        std::mem::forget(self.ended);
    }
}

fn going_on(mut alive: Vec<String>) -> String {
    alive.retain(|name| ![NAME, "signals", "wasm-clock", "control"].contains(&name.as_str()));
    let more = alive.len().saturating_sub(NAMED);
    alive.truncate(NAMED);
    let named = alive.join(", ");
    if more > 0 { format!("{named} and {more} more threads") } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_goes_on_but_not_what_always_does() {
        let threads = ["main (loading)", "signals", "wasm-clock", "control", "recom-0", "watchdog"].map(str::to_owned);
        assert_eq!(going_on(threads.into()), "main (loading), recom-0");
        let many = (0..25).map(|number| format!("recom-{number}")).collect();
        assert!(going_on(many).ends_with("recom-19 and 5 more threads"));
    }
}
