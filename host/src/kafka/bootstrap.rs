//! Clients that know no broker any more, and ask nobody ever again.
//!
//! librdkafka forgets every broker that an answer about topics does not list, and a broker lists none while it is cut off
//! from the rest of its cluster: for a moment after it has stood still for longer than its own session with the controller
//! lasts. A client that asks then has nobody left to ask, also once that broker is well again (librdkafka's issue 5301).

use rdkafka::statistics::Statistics;

/// Whether the client knows no broker, be it one that was told to it or one that its configuration names. Those that remain
/// then stand for no address.
pub(super) fn is_lost(statistics: &Statistics) -> bool {
    let mut known = statistics.brokers.values().map(|broker| broker.source.as_str());
    !known.any(|source| matches!(source, "learned" | "configured"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use rdkafka::statistics::Broker;

    use super::*;

    fn knowing(sources: &[&str]) -> Statistics {
        let broker = |source: &&str| (source.to_string(), Broker { source: source.to_string(), ..Broker::default() });
        Statistics { brokers: sources.iter().map(broker).collect(), ..Statistics::default() }
    }

    #[test]
    fn a_client_is_lost_that_knows_no_address() {
        assert!(is_lost(&knowing(&["internal", "logical"])));
        assert!(!is_lost(&knowing(&["internal", "logical", "learned"])), "its broker may be down, but it is known");
        assert!(!is_lost(&knowing(&["internal", "configured"])), "it has just begun, or begun anew");
    }
}
