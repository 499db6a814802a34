//! What a client holds and how long its brokers take, out of librdkafka's statistics.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::statistics::Statistics;

use super::lag;
use crate::endpoint::Partition;

/// Returns how long the slowest broker took to answer, on average since the last statistics. None: none answered anything.
pub(super) fn round_trip(statistics: &Statistics) -> Option<Duration> {
    let windows = statistics.brokers.values().filter_map(|broker| broker.rtt.as_ref());
    let micros = windows.filter(|window| window.cnt > 0).map(|window| window.avg).max()?;
    Some(Duration::from_micros(u64::try_from(micros).unwrap_or_default()))
}

/// Returns messages and bytes that a consumer has fetched and no worker has taken. `queues` says to which queue each partition
/// is forwarded: librdkafka tells of a partition what the whole queue holds, so that each queue is counted once.
pub(super) fn fetched(statistics: &Statistics, queues: &BTreeMap<Partition, usize>) -> (u64, u64) {
    let mut held: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
    for (partition, queue) in queues {
        let topic = statistics.topics.get(&*partition.topic);
        let Some(told) = topic.and_then(|topic| topic.partitions.get(&partition.number)) else { continue };
        if lag::is_read(told) {
            let held = held.entry(*queue).or_default();
            held.0 = held.0.max(u64::try_from(told.fetchq_cnt).unwrap_or_default());
            held.1 = held.1.max(told.fetchq_size);
        }
    }
    held.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use rdkafka::statistics::{Broker, Topic, Window};

    use super::*;

    fn told(count: i64, size: u64) -> rdkafka::statistics::Partition {
        let fetch_state = "active".to_owned();
        rdkafka::statistics::Partition { fetchq_cnt: count, fetchq_size: size, fetch_state, ..Default::default() }
    }

    #[test]
    fn a_queue_that_several_partitions_go_to_is_counted_once() {
        let partitions = [(0, told(7, 700)), (1, told(7, 700)), (2, told(5, 50)), (3, told(9, 900))];
        let topic = Topic { partitions: partitions.into(), ..Default::default() };
        let statistics = Statistics { topics: [("t".to_owned(), topic)].into(), ..Default::default() };
        // The last one is somebody else's.
        let queues = [(0, 0), (1, 0), (2, 1)];
        let queues = queues.map(|(number, queue)| (Partition { topic: "t".into(), number }, queue));
        assert_eq!(fetched(&statistics, &queues.into()), (12, 750));
    }

    #[test]
    fn the_slowest_broker_that_answered_counts() {
        let broker = |cnt, avg| Broker { rtt: Some(Window { cnt, avg, ..Default::default() }), ..Default::default() };
        let of = |brokers: Vec<Broker>| {
            let brokers = brokers.into_iter().enumerate().map(|(number, broker)| (number.to_string(), broker));
            round_trip(&Statistics { brokers: brokers.collect(), ..Default::default() })
        };
        assert_eq!(of(vec![broker(3, 100), broker(1, 2500), broker(0, 9000)]), Some(Duration::from_micros(2500)));
        assert_eq!(of(vec![broker(0, 9000)]), None);
    }
}
