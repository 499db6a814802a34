//! A generation's first hour, in which its faults may bring the one before it back (`rollback`).

use std::time::{Duration, Instant};

use super::{StopReason, breaker::Window};
use crate::config::Breaker;

/// How long a generation is watched. Later, faults speak of the records more than of what was changed.
const WATCHED: Duration = Duration::from_secs(3600);

/// What is watched of the generation that serves.
#[derive(Debug)]
pub(super) struct Probation {
    generation: u64,
    window: Window,
    until: Instant,
    failed: Option<String>,
}

impl Probation {
    /// Begins when `generation` comes into service.
    pub(super) fn new(generation: u64, rule: Breaker, now: Instant) -> Self {
        Self { generation, window: Window::new(rule, now), until: now + WATCHED, failed: None }
    }

    /// Counts what ran in a generation; another one than that which is watched counts nothing.
    pub(super) fn count(&mut self, now: Instant, generation: u64, records: u64, faults: u64) {
        if generation != self.generation || now > self.until || self.failed.is_some() {
            return;
        }
        self.failed = self.window.add(now, records, faults).map(|reason| match reason {
            StopReason::Breaker { faults, records, over } => {
                format!("{faults} of {records} records faulted within {over:?}")
            }
            other => other.to_string(),
        });
    }

    /// The pipeline stopped by itself, for this.
    pub(super) fn stopped(&mut self, now: Instant, reason: &StopReason) {
        let speaks_of_the_chain = matches!(reason, StopReason::Fault(_) | StopReason::Breaker { .. });
        if speaks_of_the_chain && now <= self.until {
            self.failed.get_or_insert_with(|| format!("the pipeline stopped: {reason}"));
        }
    }

    /// The generation and why it failed; none: it has not.
    pub(super) fn failed(&self) -> Option<(u64, String)> {
        Some((self.generation, self.failed.clone()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Breaker = Breaker { faults: 0.01, over: Duration::from_secs(60), min: 10 };

    #[test]
    fn faults_of_the_generation_before_do_not_count() {
        let now = Instant::now();
        let mut probation = Probation::new(2, RULE, now);
        probation.count(now, 1, 100, 100);
        assert_eq!(probation.failed(), None);
        probation.count(now, 2, 100, 9);
        assert_eq!(probation.failed(), None);
        probation.count(now, 2, 100, 1);
        assert_eq!(probation.failed(), Some((2, "10 of 200 records faulted within 60s".to_owned())));
    }

    #[test]
    fn a_generation_that_has_served_for_an_hour_stays() {
        let now = Instant::now();
        let mut probation = Probation::new(2, RULE, now);
        let later = now + WATCHED + Duration::from_secs(1);
        probation.count(later, 2, 100, 100);
        probation.stopped(later, &StopReason::Fault("trap".to_owned()));
        assert_eq!(probation.failed(), None);
    }

    #[test]
    fn a_stop_that_does_not_speak_of_the_chain_is_no_failure() {
        let now = Instant::now();
        let mut probation = Probation::new(2, RULE, now);
        probation.stopped(now, &StopReason::Paused);
        probation.stopped(now, &StopReason::Client("fenced".to_owned()));
        assert_eq!(probation.failed(), None);
        probation.stopped(now, &StopReason::Fault("trap".to_owned()));
        assert_eq!(probation.failed(), Some((2, "the pipeline stopped: trap".to_owned())));
    }
}
