//! How densely records come.

use std::time::{Duration, Instant};

/// How densely records come, and so how long they linger in the producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rate {
    /// A record is sent at once where nothing else is on its way, and else with those that come within a moment.
    Low,
    /// The linger counts from when a record came, so that it and the time in which a batch fills do not add up.
    Moderate,
    /// The producer lingers as it is set: its requests are larger for it. To tell it to send makes all partitions due at once,
    /// and librdkafka's threads spin while more are due than requests may be on their way: 7 % of the CPU time of an empty
    /// chain at 103,000 records a second with two workers, by `perf`.
    High,
}

/// A low rate: less than this many records in two windows.
const LOW: usize = 64;
/// A high rate: at least this many.
const HIGH: usize = 512;

/// Counts records by windows of time.
pub(super) struct Arrivals {
    window: Duration,
    /// When the current window began.
    since: Instant,
    current: usize,
    previous: usize,
}

impl Arrivals {
    pub(super) fn new(window: Duration, now: Instant) -> Self {
        Self { window, since: now, current: 0, previous: 0 }
    }

    /// Counts records that came now. Returns the rate in this window and the one before, with these.
    pub(super) fn count_records(&mut self, records: usize, now: Instant) -> Rate {
        let age = now.saturating_duration_since(self.since);
        if age >= self.window {
            self.previous = if age < self.window * 2 { self.current } else { 0 };
            (self.since, self.current) = (now, 0);
        }
        self.current += records;
        match self.previous + self.current {
            ..LOW => Rate::Low,
            LOW..HIGH => Rate::Moderate,
            HIGH.. => Rate::High,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_two_windows() {
        let begin = Instant::now();
        let mut arrivals = Arrivals::new(Duration::from_millis(20), begin);
        let mut add = |ms, records| arrivals.count_records(records, begin + Duration::from_millis(ms));
        assert_eq!(
            [add(0, 40), add(19, 23), add(20, 1), add(39, 448)],
            [Rate::Low, Rate::Low, Rate::Moderate, Rate::High]
        );
        assert_eq!([add(40, 62), add(60, 1)], [Rate::Moderate, Rate::Low], "of 449 and 62, then of 62 and 1");
        assert_eq!([add(61, 512), add(100, 1)], [Rate::High, Rate::Low], "nothing came for a window");
    }
}
