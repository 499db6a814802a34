//! How long brokers have reported nothing to a full worker, which therefore sends nothing either.

use std::time::{Duration, Instant};

/// Where a full worker gets no report for so long, what it sent lingers in the producer, which is told to send it.
const USUAL: Duration = Duration::from_millis(6);
/// The same where brokers were late: what they are about to answer is no reason to tell. Telling makes all that waits due at
/// once, and librdkafka's threads spin over what is due while its partition awaits an answer.
const PATIENT: Duration = Duration::from_millis(24);
/// How long after they were late.
const LATELY: Duration = Duration::from_secs(1);
/// Brokers that report nothing for so long are late.
const LATE: Duration = Duration::from_millis(12);
/// When the producer is told again: a connection may have been about to be made.
const AGAIN: Duration = Duration::from_millis(100);

/// The silence of brokers while a worker is full.
#[derive(Default)]
pub(super) struct Silence {
    since: Option<Instant>,
    /// When the producer was told to send, in this silence.
    pushed: Option<Instant>,
    late: Option<Instant>,
}

impl Silence {
    /// Returns how long to wait for reports; a silence begins unless one lasts.
    pub(super) fn begin_wait(&mut self, now: Instant) -> Duration {
        self.since.get_or_insert(now);
        if self.late.is_some_and(|late| now.saturating_duration_since(late) < LATELY) { PATIENT } else { USUAL }
    }

    /// Forgets the silence: there were reports, or the worker is full no longer.
    pub(super) fn clear(&mut self) {
        (self.since, self.pushed) = (None, None);
    }

    /// Notes that there were none in all the time that was to be waited. Returns whether to tell the producer to send what it has.
    pub(super) fn note_wait(&mut self, now: Instant) -> bool {
        if self.pushed.is_some() {
            self.late = Some(now);
        }
        let is_due = self.pushed.is_none_or(|pushed| now.saturating_duration_since(pushed) > AGAIN);
        if is_due {
            self.pushed = Some(now);
        }
        is_due
    }

    /// Whether it has lasted so long that brokers are late.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now.saturating_duration_since(since) >= LATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_producer_is_told_once_in_a_silence_and_later_where_brokers_are_late() {
        let (mut silence, begin) = (Silence::default(), Instant::now());
        let at = |ms| begin + Duration::from_millis(ms);
        assert_eq!(silence.begin_wait(at(0)), USUAL);
        assert!(silence.note_wait(at(6)) && !silence.is_late(at(6)));
        assert_eq!(silence.begin_wait(at(8)), USUAL, "what was sent may be answered at once");
        assert!(!silence.note_wait(at(14)) && silence.is_late(at(14)));
        assert_eq!(silence.begin_wait(at(14)), PATIENT);
        assert!(silence.note_wait(at(107)));
        silence.clear();
        assert_eq!((silence.begin_wait(at(200)), silence.is_late(at(200))), (PATIENT, false));
        assert!(silence.note_wait(at(224)));
        silence.clear();
        assert_eq!((silence.begin_wait(at(1_106)), silence.begin_wait(at(1_107))), (PATIENT, USUAL));
    }
}
