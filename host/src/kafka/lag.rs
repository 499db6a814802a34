//! How far partitions are behind, out of librdkafka's statistics.

use rdkafka::statistics::{Partition, Statistics};

use crate::metrics::{Metrics, partition_labels};

/// Notes the lag of every partition that this client reads, and forgets those it reads no more.
pub(super) fn note(metrics: &Metrics, pipeline: &str, statistics: &Statistics) {
    for (topic, partitions) in statistics.topics.iter().map(|(name, topic)| (name, &topic.partitions)) {
        // Number -1 is librdkafka's place for what has no partition yet.
        for (number, partition) in partitions.iter().filter(|(number, _)| **number >= 0) {
            let labels = partition_labels(pipeline, topic, number);
            metrics.lag(labels, lag(partition));
        }
    }
}

/// Returns whether this client reads it.
pub(super) fn is_read(partition: &Partition) -> bool {
    matches!(partition.fetch_state.as_str(), "active" | "offset-query" | "offset-wait")
}

/// Against the last stable offset; none where the partition is not read here.
fn lag(partition: &Partition) -> Option<i64> {
    if !is_read(partition) {
        return None;
    }
    // Nothing is committed before the first commit of this assignment; where reading stands is as near.
    let done = if partition.committed_offset >= 0 { partition.committed_offset } else { partition.app_offset };
    (done >= 0 && partition.ls_offset >= 0).then(|| (partition.ls_offset - done).max(0))
}
