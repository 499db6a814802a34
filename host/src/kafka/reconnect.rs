//! Brokers that were lost, and are connected again.

use std::time::{Duration, Instant};

use rdkafka::{error::RDKafkaErrorCode, statistics::Statistics};

/// What was said of lost brokers and has not been taken back.
#[derive(Debug, Default)]
pub(super) struct Absence {
    /// When the last connection failed; none where that was not said.
    failed_last: Option<Instant>,
}

impl Absence {
    /// Notes a client's trouble and whether it was said.
    pub(super) fn note(&mut self, code: RDKafkaErrorCode, is_said: bool, now: Instant) {
        let is_of_connection = matches!(
            code,
            RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::SSL
        );
        if is_of_connection && (is_said || self.failed_last.is_some()) {
            self.failed_last = Some(now);
        }
    }

    /// The brokers that were connected since the last connection failed, once for each time that this was said. Those
    /// that have been connected all along say nothing of those that were lost.
    pub(super) fn end(&mut self, statistics: &Statistics, now: Instant) -> Option<String> {
        let since = now.saturating_duration_since(self.failed_last?);
        let is_new = |age: i64| Duration::from_micros(age.try_into().unwrap_or_default()) < since;
        let connected = statistics.brokers.values().filter(|broker| broker.state == "UP" && is_new(broker.stateage));
        let mut names: Vec<&str> = connected.map(|broker| broker.nodename.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return None;
        }
        self.failed_last = None;
        Some(names.join(", "))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use rdkafka::statistics::Broker;

    use super::*;

    /// Brokers by name, state, and since how many seconds they are in it.
    fn brokers(all: &[(&str, &str, i64)]) -> Statistics {
        let broker = |(name, state, seconds): &(&str, &str, i64)| {
            let (nodename, state) = (name.to_string(), state.to_string());
            (nodename.clone(), Broker { nodename, state, stateage: seconds * 1_000_000, ..Broker::default() })
        };
        Statistics { brokers: all.iter().map(broker).collect(), ..Statistics::default() }
    }

    #[test]
    fn a_broker_that_comes_back_is_told_once_and_one_that_was_there_all_along_is_not() {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let mut absence = Absence::default();
        let back = brokers(&[("a:1", "UP", 3), ("b:1", "UP", 500), ("c:1", "CONNECT", 1)]);
        assert_eq!(absence.end(&back, at(0)), None, "nothing was lost");
        absence.note(RDKafkaErrorCode::UnknownTopic, true, at(1));
        absence.note(RDKafkaErrorCode::BrokerTransportFailure, false, at(2));
        assert_eq!(absence.end(&back, at(10)), None, "nobody was told");
        absence.note(RDKafkaErrorCode::BrokerTransportFailure, true, at(11));
        absence.note(RDKafkaErrorCode::AllBrokersDown, false, at(18));
        assert_eq!(absence.end(&back, at(20)), None, "a was connected before the last failure");
        assert_eq!(absence.end(&back, at(22)).as_deref(), Some("a:1"));
        assert_eq!(absence.end(&back, at(32)), None, "it is told");
    }
}
