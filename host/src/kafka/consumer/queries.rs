//! What a group's member may ask.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use rdkafka::{consumer::Consumer as _, topic_partition_list::Offset, types::RDKafkaErrorCode};

use super::{super::range, Consumer, offsets};
use crate::endpoint::{Committed, Error, GroupQueries, Partition, TopicState};

impl GroupQueries for Consumer {
    fn committed(&self, partitions: &[Partition], wait: Duration) -> Result<Vec<Option<Committed>>, Error> {
        let doing = "read the committed offsets";
        let list = offsets(doing, partitions.iter().map(|partition| (partition, -1001, "")))?;
        let list = self.client.inner.committed_offsets(list, wait).map_err(|reason| Error::new(doing, reason))?;
        let mut found = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let element = list
                .find_partition(&partition.topic, partition.number)
                .ok_or_else(|| Error::new(doing, format_args!("no answer for {partition}")))?;
            element.error().map_err(|reason| Error::new(doing, reason))?;
            let metadata = element.metadata().to_owned();
            found.push(match element.offset() {
                Offset::Offset(offset) => Some(Committed { partition: partition.clone(), offset, metadata }),
                _ => None,
            });
        }
        Ok(found)
    }

    fn partition_counts(&self, wait: Duration) -> Result<BTreeMap<Arc<str>, i32>, Error> {
        let doing = "list the topics";
        let metadata = self.client.inner.fetch_metadata(None, wait).map_err(|reason| Error::new(doing, reason))?;
        let known = metadata.topics().iter().filter(|topic| topic.error().is_none());
        let count = |partitions: usize| i32::try_from(partitions).unwrap_or(i32::MAX);
        Ok(known.map(|topic| (Arc::from(topic.name()), count(topic.partitions().len()))).collect())
    }

    fn group_commits(&self, wait: Duration) -> Result<Vec<Committed>, Error> {
        let failed = |reason: RDKafkaErrorCode| Error::new("list what the group has committed", reason);
        self.client.ask().group_commits(&self.pipeline.group, wait).map_err(failed)
    }

    fn topics(&self, names: &[Arc<str>], wait: Duration) -> Result<BTreeMap<Arc<str>, TopicState>, Error> {
        let doing = "ask for the topics' ids";
        let Some(first) = names.first() else { return Ok(BTreeMap::new()) };
        let broker = self.client.described_by(first, wait).map_err(|reason| Error::new(doing, reason))?;
        let ask = self.client.ask();
        ask.ask_topics(names, broker, false, wait);
        ask.await_topics(wait).map_err(|reason| Error::new(doing, reason))
    }

    fn end(&self, partition: &Partition, wait: Duration) -> Result<i64, Error> {
        let failed = |reason: RDKafkaErrorCode| Error::new("read the end of a partition", reason);
        self.client.ask().end(partition, wait).map_err(failed)
    }

    fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error> {
        range::bounds(&self.client.inner, partition, wait)
    }

    fn offset_at(&self, partition: &Partition, time: i64, wait: Duration) -> Result<Option<i64>, Error> {
        range::offset_at(&self.client.inner, partition, time, wait)
    }
}
