//! Says again and again which pipelines have stopped.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::pipelines::stop_reason;
use crate::pipeline::Status;

/// Between two words about the same pipeline.
const AGAIN: Duration = Duration::from_secs(60);

/// When each stopped pipeline was seen stopped first, and when to speak of it next. What stopped it says so itself
/// when it happens.
#[derive(Debug, Default)]
pub(super) struct Reminder {
    stopped: BTreeMap<String, (Instant, Instant)>,
}

impl Reminder {
    /// Logs what is due.
    pub(super) fn remind(&mut self, now: Instant, all: &[Status]) {
        for (name, seconds, reason) in self.due(now, all) {
            tracing::error!(pipeline = name, seconds, "still stopped: {reason}");
        }
    }

    /// Of which pipelines to speak now: name, seconds since it stopped, reason.
    fn due(&mut self, now: Instant, all: &[Status]) -> Vec<(String, u64, String)> {
        let stopped = all.iter().filter_map(|status| Some((status, stop_reason(status)?)));
        let stopped: BTreeMap<&str, _> = stopped.map(|(status, reason)| (status.name.as_str(), reason)).collect();
        self.stopped.retain(|name, _| stopped.contains_key(name.as_str()));
        let mut due = Vec::new();
        for (name, reason) in stopped {
            let (since, next) = self.stopped.entry(name.to_owned()).or_insert((now, now + AGAIN));
            if now >= *next {
                *next = now + AGAIN;
                due.push((name.to_owned(), now.duration_since(*since).as_secs(), reason.to_string()));
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{State, StopReason};

    fn status(name: &str, state: State) -> Status {
        let (name, digest) = (name.to_owned(), String::new());
        Status {
            name,
            state,
            partitions: Vec::new(),
            generation: 1,
            digest,
            serving: Duration::ZERO,
            topic_troubles: BTreeMap::new(),
            last_rebalance: None,
        }
    }

    fn stopped(reason: &str) -> State {
        State::Stopped(StopReason::Fault(reason.to_owned()))
    }

    #[test]
    fn a_stopped_pipeline_is_named_every_minute_until_it_runs_again() {
        let start = Instant::now();
        let mut reminder = Reminder::default();
        let mut said = Vec::new();
        for second in 0..400 {
            let late = if second < 200 { stopped("why") } else { State::Running };
            let all = [
                status("late", late),
                status("paused", State::Stopped(StopReason::Paused)),
                status("runs", State::Running),
                status("stands", stopped("because")),
            ];
            said.extend(reminder.due(start + Duration::from_secs(second), &all));
        }
        let of = |name: &str| said.iter().filter(|one| one.0 == name).map(|one| one.1).collect::<Vec<_>>();
        assert_eq!(of("stands"), [60, 120, 180, 240, 300, 360]);
        assert_eq!(of("late"), [60, 120, 180]);
        assert_eq!(said.len(), 9, "{said:?}");
        assert_eq!(said[0].2, "why");
    }

    #[test]
    fn one_that_stops_once_more_counts_anew() {
        let start = Instant::now();
        let mut reminder = Reminder::default();
        let mut look = |second, state| reminder.due(start + Duration::from_secs(second), &[status("p", state)]);
        assert!(look(0, stopped("first")).is_empty());
        assert!(look(50, State::Running).is_empty());
        assert!(look(55, stopped("second")).is_empty());
        assert!(look(100, stopped("second")).is_empty());
        assert_eq!(look(115, stopped("second")), [("p".to_owned(), 60, "second".to_owned())]);
    }
}
