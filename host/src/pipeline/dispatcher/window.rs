//! How many messages of a worker may be on their way.

use std::time::{Duration, Instant};

/// Follows what brokers acknowledge.
///
/// What was sent should still be in the processor's caches when it is reported, and be enough for requests of many partitions:
/// with 10,000 messages an empty chain takes a tenth more CPU time than with 6,000 where brokers answer at once, with fewer the
/// recom chain moves less (measured). Where they answer late, so few may be all that moves in that time, or as many as they can
/// take anyhow: then more of them wait in librdkafka, whose threads spin over what is past its linger while its partition awaits
/// an answer (2.2 CPU seconds a million records of an empty chain where 1.2 would do, measured). Which of both it is, is tried:
/// a wider window that does not make more move is given up.
pub(super) struct Window {
    messages: usize,
    /// Of the current period: when it began, how many were reported, how long the worker waited for that while it was full, and
    /// for how much of that brokers were late.
    since: Option<Instant>,
    reported: usize,
    waited: Duration,
    late: Duration,
    /// When it was adapted the last time.
    adapted: Option<Instant>,
    trial: Option<Trial>,
    next: Step,
    /// No trial begins before then, and after one that failed for so long.
    paused_until: Option<Instant>,
    pause: Duration,
}

/// Another size, as long as a period takes.
struct Trial {
    step: Step,
    /// The size before, and how many messages were reported a second with it.
    messages: usize,
    rate: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Widen,
    Narrow,
}

impl Step {
    /// By half, and back; what is less than the least or more than the most is not.
    fn apply(self, messages: usize) -> usize {
        let messages = match self {
            Self::Widen => messages / 2 * 3,
            Self::Narrow => messages / 3 * 2,
        };
        messages.clamp(Window::LEAST, Window::MOST)
    }

    /// Of the rate before what must be reached for the step to stand. Half as many messages more make half as much more move
    /// where they are what limits it; what is measured is uncertain by an eighth at each end: see [`Window::TURNS`].
    fn least_gain(self) -> f64 {
        match self {
            Self::Widen => 1.2,
            Self::Narrow => 0.9,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Widen => Self::Narrow,
            Self::Narrow => Self::Widen,
        }
    }
}

impl Window {
    const LEAST: usize = 6_000;
    /// The bytes that may be on their way are the bound of larger messages.
    const MOST: usize = 100_000;
    /// A period takes as long as so many times the window needs to be reported, and at least ...
    const TURNS: usize = 8;
    const PERIOD: Duration = Duration::from_millis(100);
    /// After so long without a full worker nothing is known, and less will do.
    const STALE: Duration = Duration::from_secs(1);
    const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

    /// Whether one more may be sent while so many are on their way.
    pub(super) fn has_room(&self, outstanding: usize) -> bool {
        outstanding <= self.messages
    }

    /// Notes that so many messages were reported.
    pub(super) fn count_reports(&mut self, messages: usize) {
        self.reported += messages;
    }

    /// Adapts to what was reported, after the full worker `waited` for reports, where `is_late` from brokers that are late.
    pub(super) fn adapt(&mut self, waited: Duration, is_late: bool, now: Instant) {
        let before = self.adapted.replace(now);
        let Some(since) = self.since else { return self.begin_period(now) };
        if before.is_none_or(|before| now.saturating_duration_since(before) >= Self::STALE + waited) {
            self.messages = self.trial.take().map_or(Step::Narrow.apply(self.messages), |trial| trial.messages);
            return self.begin_period(now);
        }
        self.waited += waited;
        self.late += if is_late { waited } else { Duration::ZERO };
        let age = now.saturating_duration_since(since);
        if age < Self::PERIOD || self.reported < Self::TURNS * self.messages {
            return;
        }
        let rate = self.reported as f64 / age.as_secs_f64();
        if let Some(trial) = self.trial.take() {
            self.judge(&trial, rate, now);
        } else if self.paused_until.is_none_or(|until| now >= until) {
            let are_late = !self.late.is_zero() && self.late >= self.waited / 2;
            let step = if are_late { self.next } else { Step::Narrow };
            let messages = step.apply(self.messages);
            if messages == self.messages {
                self.next = step.other();
            } else {
                self.trial = Some(Trial { step, messages: self.messages, rate });
                self.messages = messages;
            }
        }
        self.begin_period(now);
    }

    fn judge(&mut self, trial: &Trial, rate: f64, now: Instant) {
        if rate >= trial.rate * trial.step.least_gain() {
            (self.next, self.pause, self.paused_until) = (trial.step, Self::PAUSES[0], None);
        } else {
            self.messages = trial.messages;
            self.next = trial.step.other();
            self.paused_until = Some(now + self.pause);
            self.pause = (self.pause * 2).min(Self::PAUSES[1]);
        }
    }

    fn begin_period(&mut self, now: Instant) {
        (self.since, self.reported) = (Some(now), 0);
        (self.waited, self.late) = (Duration::ZERO, Duration::ZERO);
    }
}

impl Default for Window {
    fn default() -> Self {
        Self {
            messages: Self::LEAST,
            since: None,
            reported: 0,
            waited: Duration::ZERO,
            late: Duration::ZERO,
            adapted: None,
            trial: None,
            next: Step::Widen,
            paused_until: None,
            pause: Self::PAUSES[0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A worker for so many seconds that takes 3 µs a message: all that is on its way is reported together after `delay`, or, where
    /// brokers take only `most` messages a second, when they have taken it.
    fn simulate(window: &mut Window, begin: Instant, seconds: u64, delay: Duration, most: usize) -> Instant {
        let end = begin + Duration::from_secs(seconds);
        let mut now = begin;
        while now < end {
            let works = Duration::from_micros(3) * window.messages as u32;
            let answer = delay.max(Duration::from_secs_f64(window.messages as f64 / most as f64));
            let mut left = answer.saturating_sub(works);
            (now, left) = (now + works, left.max(Duration::from_micros(10)));
            let (mut silent, usual) = (Duration::ZERO, Duration::from_millis(6));
            while !left.is_zero() {
                let waits = left.min(usual);
                (now, left, silent) = (now + waits, left - waits, silent + waits);
                if left.is_zero() {
                    window.count_reports(window.messages);
                }
                window.adapt(waits, silent >= 2 * usual, now);
            }
        }
        now
    }

    #[test]
    fn where_brokers_answer_late_and_take_more_the_window_widens_until_they_take_no_more() {
        let mut window = Window::default();
        let now = simulate(&mut window, Instant::now(), 20, Duration::from_millis(100), 300_000);
        assert!((30_000..=50_000).contains(&window.messages), "300,000 a second in 100 ms: {}", window.messages);
        simulate(&mut window, now, 30, Duration::from_millis(1), 1_000_000);
        assert_eq!(window.messages, Window::LEAST, "brokers answer at once");
    }

    #[test]
    fn where_brokers_take_no_more_the_window_stays() {
        let mut window = Window::default();
        let mut now = Instant::now();
        let mut wide = 0;
        for _ in 0..600 {
            now = simulate(&mut window, now, 1, Duration::from_millis(2), 200_000);
            wide += usize::from(window.messages > Window::LEAST);
        }
        assert!(wide < 30, "wider at {wide} of 600 looks");
        assert!(window.messages <= 9_000, "{}", window.messages);
    }

    #[test]
    fn a_window_has_bounds() {
        let (mut window, mut now) = (Window::default(), Instant::now());
        assert!(window.has_room(6_000) && !window.has_room(6_001));
        let mut widest = 0;
        for _ in 0..300 {
            now = simulate(&mut window, now, 1, Duration::from_secs(1), usize::MAX);
            widest = widest.max(window.messages);
        }
        assert_eq!(widest, Window::MOST);
    }

    #[test]
    fn what_was_tried_when_the_worker_was_full_for_the_last_time_is_given_up() {
        let (mut window, begin) = (Window::default(), Instant::now());
        let second = Duration::from_secs(1);
        window.adapt(Duration::ZERO, false, begin);
        window.count_reports(48_000);
        window.adapt(second, true, begin + second);
        assert_eq!(window.messages, 9_000);
        window.count_reports(1_000_000);
        window.adapt(second, true, begin + 4 * second);
        assert_eq!(window.messages, 6_000);
    }
}
