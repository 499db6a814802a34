//! When a producer is told to send what lingers in it.

use std::time::{Duration, Instant};

use super::{SOON, arrivals::Rate};

/// The shortest time after which a producer is told again: where brokers answer late, each time takes the worker a millisecond.
const APART: Duration = Duration::from_millis(3);

/// When a producer is told to send what it has.
///
/// It then sends a request for each partition, five at a time. What it has not come to when it was told for a millisecond lingers
/// on, and all does where the machine held its thread up. So where few records come it is told again while messages are on their
/// way, after 3, 6, 12 ms and so on, until nothing lingers any more. Of 1,000 records a second into 48 partitions one in a hundred
/// waited for the rest of its linger before (measured).
///
/// Where more come it is not told: that makes all partitions due at once, and librdkafka's threads spin while more are due than
/// requests may be on their way: 7 % of the CPU time of an empty chain at 103,000 records a second with two workers, by `perf`. Told
/// once a linger at 20,000 a second into 48 partitions, 99 of 100 records take 45 ms and not 37 (measured).
#[derive(Clone, Copy, Debug)]
pub(super) struct Linger {
    /// The producer's own.
    longest: Duration,
    due: Option<Instant>,
    told: Option<Instant>,
    /// How long after it was told it is told again.
    again: Duration,
    /// When the last that was handed over lingers no more; none where the producer is not told again.
    end: Option<Instant>,
}

impl Linger {
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, due: None, told: None, again: APART, end: None }
    }

    /// Notes that records which came at `came`, at this rate, were handed over now.
    pub(super) fn hand_over(&mut self, rate: Rate, came: Instant, now: Instant) {
        self.due = match rate {
            _ if self.longest.is_zero() => None,
            Rate::Low => {
                let due = came + self.longest.min(SOON);
                let due = self.told.map_or(due, |told| due.max(told + APART));
                Some(self.due.map_or(due, |before| before.min(due)))
            }
            Rate::Moderate | Rate::High => None,
        };
        (self.again, self.end) = (APART, (rate == Rate::Low).then(|| now + self.longest));
    }

    /// Notes that nothing is on its way.
    pub(super) fn clear(&mut self) {
        self.due = None;
    }

    /// Returns how long until the producer is told to send what it has; none where it is not to be told.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(now))
    }

    /// Notes that it was told.
    pub(super) fn note_told(&mut self, now: Instant) {
        let next = now + self.again;
        self.due = self.end.is_some_and(|end| next < end).then_some(next);
        (self.told, self.again) = (Some(now), self.again * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(linger: &Linger, now: Instant) -> Option<u128> {
        linger.left(now).map(|left| left.as_millis())
    }

    #[test]
    fn few_records_are_sent_before_long_and_the_producer_is_told_again_while_they_may_linger() {
        let (mut linger, begin) = (Linger::new(Duration::from_millis(20)), Instant::now());
        let at = |ms| begin + Duration::from_millis(ms);
        assert_eq!(left(&linger, at(0)), None);
        linger.hand_over(Rate::Low, at(1), at(1));
        linger.hand_over(Rate::Low, at(2), at(2));
        assert_eq!([2, 3, 9].map(|ms| left(&linger, at(ms))), [Some(1), Some(0), Some(0)]);
        for (now, next) in [(3, Some(3)), (6, Some(6)), (12, None)] {
            linger.note_told(at(now));
            assert_eq!(left(&linger, at(now)), next, "told at {now}");
        }
    }

    #[test]
    fn the_producer_is_not_told_all_the_time_where_brokers_answer_late() {
        let (mut linger, begin) = (Linger::new(Duration::from_millis(20)), Instant::now());
        let at = |ms| begin + Duration::from_millis(ms);
        let mut told = 0;
        for ms in 0..1_000 {
            linger.hand_over(Rate::Low, at(ms), at(ms));
            if linger.left(at(ms)).is_some_and(|left| left.is_zero()) {
                linger.note_told(at(ms));
                told += 1;
            }
        }
        assert!((300..=340).contains(&told), "told {told} times in a second");
    }

    #[test]
    fn more_records_linger_as_the_producer_is_set() {
        let now = Instant::now();
        for rate in [Rate::Moderate, Rate::High] {
            let mut linger = Linger::new(Duration::from_millis(20));
            linger.hand_over(Rate::Low, now, now);
            linger.hand_over(rate, now, now);
            assert_eq!(linger.left(now), None, "{rate:?}");
            linger.hand_over(Rate::Low, now, now);
            linger.hand_over(rate, now, now);
            linger.note_told(now);
            assert_eq!(linger.left(now), None, "{rate:?}: not again");
        }
    }

    #[test]
    fn nothing_is_told_where_nothing_is_on_its_way_or_lingers() {
        let now = Instant::now();
        let mut linger = Linger::new(Duration::from_millis(1));
        linger.hand_over(Rate::Low, now, now);
        assert_eq!(linger.left(now), Some(Duration::from_millis(1)), "no longer than the producer itself");
        linger.clear();
        assert_eq!(linger.left(now), None);
        let mut linger = Linger::new(Duration::ZERO);
        linger.hand_over(Rate::Low, now, now);
        assert_eq!(linger.left(now), None);
    }
}
