//! How often something failed of late.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The time that counts.
const WINDOW: Duration = Duration::from_secs(60);

/// Counts failures within the last minute.
#[derive(Debug)]
pub(super) struct Failures {
    times: VecDeque<Instant>,
    most: usize,
}

impl Failures {
    /// More than `most` a minute are too many.
    pub(super) const fn new(most: usize) -> Self {
        Self { times: VecDeque::new(), most }
    }

    /// Counts one more; whether it is one too many. Whoever resumes the pipeline lets it fail as often again.
    pub(super) fn is_one_too_many(&mut self, now: Instant) -> bool {
        while self.times.pop_front_if(|at| now.saturating_duration_since(*at) > WINDOW).is_some() {}
        self.times.push_back(now);
        let too_many = self.times.len() > self.most;
        if too_many {
            self.times.clear();
        }
        too_many
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_within_a_minute_are_told_and_those_long_ago_forgotten() {
        let (mut failures, now) = (Failures::new(2), Instant::now());
        assert!(!failures.is_one_too_many(now));
        assert!(!failures.is_one_too_many(now + Duration::from_secs(30)));
        assert!(!failures.is_one_too_many(now + Duration::from_secs(61)));
        assert!(failures.is_one_too_many(now + Duration::from_secs(62)));
        assert!(!failures.is_one_too_many(now + Duration::from_secs(62)), "it was resumed");
    }
}
