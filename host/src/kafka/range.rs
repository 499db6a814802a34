//! Which offsets a partition has: questions that every consumer may ask.

use std::time::Duration;

use rdkafka::{
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    topic_partition_list::{Offset, TopicPartitionList},
};

use crate::endpoint::{Error, Partition};

/// The oldest record's offset and the one after the newest that may be read.
pub(super) fn bounds<C: ConsumerContext>(
    asked: &BaseConsumer<C>,
    partition: &Partition,
    wait: Duration,
) -> Result<(i64, i64), Error> {
    asked
        .fetch_watermarks(&partition.topic, partition.number, wait)
        .map_err(|reason| Error::new("read the first and last offset", reason))
}

/// The first offset at or after `time` (ms since the epoch); `None` = there is none yet.
pub(super) fn offset_at<C: ConsumerContext>(
    asked: &BaseConsumer<C>,
    partition: &Partition,
    time: i64,
    wait: Duration,
) -> Result<Option<i64>, Error> {
    let doing = "look a time up";
    let mut list = TopicPartitionList::new();
    // Below zero, numbers are words of the protocol, such as "the end".
    list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(time.max(0)))
        .map_err(|reason| Error::new(doing, reason))?;
    let list = asked.offsets_for_times(list, wait).map_err(|reason| Error::new(doing, reason))?;
    let found = list.find_partition(&partition.topic, partition.number);
    Ok(found.and_then(|one| match one.offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    }))
}
