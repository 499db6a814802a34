//! The share of faults over a sliding time.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::StopReason;
use crate::config::Breaker;

/// Steps that the time is cut into.
const STEPS: u32 = 30;

/// Records and faults of the last while.
#[derive(Debug)]
pub(super) struct Window {
    breaker: Breaker,
    step: Duration,
    /// When the step began, records, faults.
    steps: VecDeque<(Instant, u64, u64)>,
}

impl Window {
    pub(super) fn new(breaker: Breaker, now: Instant) -> Self {
        let step = (breaker.over / STEPS).max(Duration::from_millis(1));
        Self { breaker, step, steps: VecDeque::from([(now, 0, 0)]) }
    }

    /// Counts; answers why, where that is too much.
    pub(super) fn add(&mut self, now: Instant, records: u64, faults: u64) -> Option<StopReason> {
        let over = self.breaker.over;
        while self.steps.pop_front_if(|step| now.saturating_duration_since(step.0) > over).is_some() {}
        match self.steps.back_mut() {
            Some(step) if now.saturating_duration_since(step.0) < self.step => {
                step.1 += records;
                step.2 += faults;
            }
            _ => self.steps.push_back((now, records, faults)),
        }
        if faults == 0 {
            return None;
        }
        let (records, faults) = self.steps.iter().fold((0, 0), |sum, step| (sum.0 + step.1, sum.1 + step.2));
        let too_many = faults >= self.breaker.min && faults as f64 > self.breaker.faults * records as f64;
        too_many.then_some(StopReason::Breaker { faults, records, over })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKER: Breaker = Breaker { faults: 0.01, over: Duration::from_secs(60), min: 10 };

    #[test]
    fn opens_at_the_share_and_not_below() {
        let now = Instant::now();
        let mut window = Window::new(BREAKER, now);
        assert_eq!(window.add(now, 10_000, 100), None);
        assert!(window.add(now, 0, 1).is_some());
    }

    #[test]
    fn a_few_faults_are_too_few_to_judge() {
        let now = Instant::now();
        let mut window = Window::new(BREAKER, now);
        assert_eq!(window.add(now, 9, 9), None);
        assert!(window.add(now, 1, 1).is_some());
    }

    #[test]
    fn forgets_what_is_long_ago() {
        let now = Instant::now();
        let mut window = Window::new(BREAKER, now);
        assert_eq!(window.add(now, 9, 9), None);
        assert_eq!(window.add(now + Duration::from_secs(61), 9, 9), None);
    }
}
