//! The broker of the benchmark, seen from outside: its topics, how far they are filled, what it costs.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use rdkafka::{
    config::ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
    topic_partition_list::{Offset, TopicPartitionList},
};
use weir_tests::{Broker, Topic};

/// Partitions of every topic.
pub(crate) const PARTITIONS: i32 = 4;
/// How long the broker may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A real Kafka, and a client that asks it.
pub(crate) struct Cluster {
    pub(crate) broker: &'static Broker,
    eyes: BaseConsumer,
}

impl Cluster {
    /// Starts one, or takes the one that `WEIR_TEST_BROKERS` names.
    pub(crate) fn start() -> Result<Self> {
        let broker = Broker::measured();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &broker.address).set("group.id", "weir-bench-eyes");
        Ok(Self { broker, eyes: config.create()? })
    }

    /// Makes topics whose records stay however old their timestamps are.
    pub(crate) fn create(&self, topics: &[String]) {
        self.broker.oracle.create(topics.iter().map(|topic| Topic::new(topic, PARTITIONS)));
    }

    /// Makes topics that keep their newest records only: in a long run nobody reads the others.
    pub(crate) fn create_short(&self, topics: &[String]) {
        self.broker.oracle.create(topics.iter().map(|topic| {
            Topic::new(topic, PARTITIONS)
                .with("retention.bytes", "134217728")
                .with("segment.bytes", "33554432")
                .with("file.delete.delay.ms", "1000")
        }));
    }

    /// Deletes topics, and waits until their files are gone: else the broker would remove gigabytes during a later run.
    pub(crate) fn delete(&self, topics: &[String]) {
        for topic in topics {
            self.broker.oracle.delete(topic);
        }
        self.broker.await_removal(topics);
    }

    /// How many records each of the topics holds.
    pub(crate) fn count(&self, topics: &[String]) -> Result<BTreeMap<String, u64>> {
        let mut list = TopicPartitionList::new();
        for topic in topics {
            for partition in 0..PARTITIONS {
                list.add_partition_offset(topic, partition, Offset::End)?;
            }
        }
        let ends = self.eyes.offsets_for_times(list, ANSWER)?;
        let mut counts = BTreeMap::new();
        for element in ends.elements() {
            element.error()?;
            let Offset::Offset(end) = element.offset() else { continue };
            *counts.entry(element.topic().to_owned()).or_insert(0) += u64::try_from(end)?;
        }
        Ok(counts)
    }

    /// How many records the group has behind it.
    pub(crate) fn committed(&self, group: &str) -> u64 {
        self.broker.oracle.committed(group).values().map(|&offset| u64::try_from(offset).unwrap_or(0)).sum()
    }

    /// Waits until the group has committed `records`.
    pub(crate) fn await_commit(&self, group: &str, records: u64) -> Result<()> {
        let until = Instant::now() + ANSWER;
        while self.committed(group) < records {
            anyhow::ensure!(Instant::now() < until, "{group} has committed {} of {records}", self.committed(group));
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The broker's process, where it is ours.
    pub(crate) fn process(&self) -> Option<u32> {
        self.broker.process()
    }

    /// Reads everything that stands in the topics; `each` gets the topic, and the message as librdkafka has it.
    pub(crate) fn read(
        &self,
        topics: &[String],
        mut each: impl FnMut(&rdkafka::message::BorrowedMessage<'_>),
    ) -> Result<()> {
        let expected: u64 = self.count(topics)?.values().sum();
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.broker.address)
            .set("group.id", "weir-bench-reader")
            .set("enable.auto.commit", "false")
            .set("queued.max.messages.kbytes", "16384")
            .set("fetch.queue.backoff.ms", "5");
        let reader: BaseConsumer = config.create()?;
        reader.assign(&whole(topics)?)?;
        for _ in 0..expected {
            let message = reader.poll(ANSWER).context("no more records came")??;
            each(&message);
        }
        Ok(())
    }
}

/// Every partition of the topics, from its beginning.
pub(super) fn whole(topics: &[String]) -> Result<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    for topic in topics {
        for partition in 0..PARTITIONS {
            list.add_partition_offset(topic, partition, Offset::Beginning)?;
        }
    }
    Ok(list)
}
