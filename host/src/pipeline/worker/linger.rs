//! When a producer is told to send what lingers in it.

use std::time::{Duration, Instant};

use super::{SOON, arrivals::Rate};

/// The longest time until the producer is told again.
const LONGEST: Duration = Duration::from_millis(16);

/// When a producer is told to send what it has.
///
/// Where few records come it is told. It sends a request for each partition, five at a time, and those whose turn has not come
/// when it was told long enough linger on; a thread that the machine held up sends none of them. So it is told again as long as
/// there is no report of all, after longer and longer times: brokers may be slow. Of 1,000 records a second into 48 partitions
/// one in a hundred waited for the rest of its linger before.
///
/// Where more come it is not told: that makes all partitions due at once, and librdkafka's threads spin while more are due than
/// requests may be on their way: 7 % of the CPU time of an empty chain at 103,000 records a second with two workers, by `perf`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linger {
    /// The producer's own.
    longest: Duration,
    due: Option<Instant>,
    /// How long after it was told it is told again.
    again: Duration,
}

impl Linger {
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, due: None, again: SOON }
    }

    /// Notes that records which came at `came`, at this rate, were handed over.
    pub(super) fn hand_over(&mut self, rate: Rate, came: Instant) {
        self.due = match rate {
            _ if self.longest.is_zero() => None,
            Rate::Low => self.due.into_iter().chain([came + self.longest.min(SOON)]).min(),
            Rate::Moderate | Rate::High => None,
        };
        self.again = SOON;
    }

    /// Returns how long until the producer is told to send what it has; none where it is not to be told.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.due.map(|due| due.saturating_duration_since(now))
    }

    /// Notes that it was told, and whether messages are on their way for all that.
    pub(super) fn note_told(&mut self, now: Instant, is_outstanding: bool) {
        self.due = is_outstanding.then(|| now + self.again);
        self.again = (self.again * 2).min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_records_are_sent_before_long_and_the_producer_is_told_again_until_all_are_reported() {
        let (mut linger, begin) = (Linger::new(Duration::from_millis(20)), Instant::now());
        let at = |ms| begin + Duration::from_millis(ms);
        let left = |linger: &Linger, ms| linger.left(at(ms)).map(|left| left.as_millis());
        assert_eq!(left(&linger, 0), None);
        linger.hand_over(Rate::Low, at(1));
        linger.hand_over(Rate::Low, at(2));
        assert_eq!([left(&linger, 2), left(&linger, 3), left(&linger, 9)], [Some(1), Some(0), Some(0)]);
        let mut now = 3;
        for after in [2, 4, 8, 16, 16] {
            linger.note_told(at(now), true);
            assert_eq!(left(&linger, now), Some(after));
            now += after as u64;
        }
        linger.hand_over(Rate::Low, at(now));
        linger.note_told(at(now), true);
        assert_eq!(left(&linger, now), Some(2), "others were handed over");
        linger.note_told(at(now), false);
        assert_eq!(left(&linger, now), None);
    }

    #[test]
    fn many_records_and_a_producer_that_lets_none_linger_need_no_telling() {
        let now = Instant::now();
        for (linger, rate) in [(20, Rate::Moderate), (20, Rate::High), (0, Rate::Low)] {
            let mut linger = Linger::new(Duration::from_millis(linger));
            linger.hand_over(Rate::Low, now);
            linger.hand_over(rate, now);
            assert_eq!(linger.left(now), None, "{rate:?}");
        }
        let mut linger = Linger::new(Duration::from_millis(1));
        linger.hand_over(Rate::Low, now);
        assert_eq!(linger.left(now), Some(Duration::from_millis(1)), "no longer than the producer itself");
    }
}
