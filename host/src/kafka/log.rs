//! librdkafka's own log lines and statistics, into weir's log.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rdkafka::{
    client::ClientContext,
    config::RDKafkaLogLevel,
    error::{KafkaError, RDKafkaErrorCode},
    statistics::Statistics,
};

use super::{Denied, bootstrap, client_load, reconnect::Absence};
use crate::{metrics::ClientGauges, threads::lock};

/// Between two lines of one class; a client whose brokers are away says so four times a second.
const QUIET: Duration = Duration::from_secs(10);

/// Where one client's log lines go. Clones share their memory of what was said.
#[derive(Clone, Debug, Default)]
pub(super) struct Logs {
    who: Arc<str>,
    said: Arc<Mutex<HashMap<String, Said>>>,
    /// Whether the last statistics knew no broker, and nobody has taken notice.
    is_lost: Arc<AtomicBool>,
    /// Where a producer's statistics are shown.
    gauges: Option<Arc<ClientGauges>>,
    absence: Arc<Mutex<Absence>>,
}

#[derive(Debug)]
struct Said {
    at: Instant,
    since: u32,
}

impl Logs {
    /// `who` stands in every line.
    pub(super) fn of(who: &str) -> Self {
        Self { who: who.into(), ..Self::default() }
    }

    /// The same, which show the statistics of the producer whose they are.
    pub(super) fn with_gauges(self, gauges: ClientGauges) -> Self {
        Self { gauges: Some(Arc::new(gauges)), ..self }
    }

    /// The same for a client beside the one whose statistics are shown.
    pub(super) fn without_gauges(&self) -> Self {
        Self { gauges: None, ..self.clone() }
    }

    /// Whether the client knows no broker any more and is to begin anew; told once for each time that it was seen.
    pub(super) fn take_lost(&self) -> bool {
        self.is_lost.swap(false, Ordering::Relaxed)
    }

    /// The client's own trouble; it goes on by itself.
    pub(super) fn trouble(&self, code: RDKafkaErrorCode, reason: &str) {
        let unsaid = self.may_say(&format!("{code:?}"));
        lock(&self.absence).note(code, unsaid.is_some(), Instant::now());
        let Some(unsaid) = unsaid else { return };
        let who = &*self.who;
        match Denied::of(code, reason) {
            Some(Denied { reason, advice }) => {
                tracing::error!(who, unsaid, "a broker does not let weir in, which keeps retrying: {reason}; {advice}");
            }
            None => tracing::warn!(target: "librdkafka", who, ?code, unsaid, "{reason}"),
        }
    }

    /// Whether a line of `class` may be said now, and how many were not said since the last one.
    fn may_say(&self, class: &str) -> Option<u32> {
        let mut said = lock(&self.said);
        let now = Instant::now();
        match said.get_mut(class) {
            Some(last) if now - last.at < QUIET => {
                last.since += 1;
                None
            }
            Some(last) => {
                last.at = now;
                Some(std::mem::take(&mut last.since))
            }
            None => {
                said.insert(class.to_owned(), Said { at: now, since: 0 });
                Some(0)
            }
        }
    }
}

impl ClientContext for Logs {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        let who = &*self.who;
        // Nothing is wrong: weir wants that setting, or that end, and goes on after what it reports, in words of its own.
        let wanted = ["enable.gapless.guarantee", "Gap-less ordering", "test_fatal_error"];
        let is_wanted = wanted.iter().any(|words| line.contains(words));
        if matches!(level, RDKafkaLogLevel::Debug) || is_wanted {
            tracing::debug!(target: "librdkafka", who, facility, "{line}");
            return;
        }
        let Some(unsaid) = self.may_say(facility) else { return };
        match level {
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "librdkafka", who, facility, unsaid, "{line}");
            }
            _ => tracing::warn!(target: "librdkafka", who, facility, unsaid, "{line}"),
        }
    }

    fn stats(&self, statistics: Statistics) {
        if bootstrap::is_lost(&statistics) {
            tracing::warn!(
                who = &*self.who,
                "the brokers listed none of themselves; asking those of the configuration again"
            );
            self.is_lost.store(true, Ordering::Relaxed);
        }
        if let Some(gauges) = &self.gauges {
            gauges.set((statistics.msg_cnt, statistics.msg_size), client_load::round_trip(&statistics));
        }
        // Nobody waits for the log with this locked.
        let returned = lock(&self.absence).end(&statistics, Instant::now());
        if let Some(brokers) = returned {
            tracing::info!(who = &*self.who, brokers, "connected again");
        }
        tracing::debug!(
            target: "librdkafka",
            who = &*self.who,
            messages = statistics.msg_cnt,
            bytes = statistics.msg_size,
            sent = statistics.txmsgs,
            received = statistics.rxmsgs,
            "statistics",
        );
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(code) = error.rdkafka_error_code() {
            self.trouble(code, reason);
        }
    }
}
