//! What librdkafka tells a group's member, kept for the thread that serves the group.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rdkafka::{
    client::ClientContext,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    error::KafkaError,
    statistics::Statistics,
    topic_partition_list::TopicPartitionList,
    types::RDKafkaRespErr,
};

use super::{
    super::{client_load, lag, log::Logs},
    leave,
};
use crate::{
    endpoint::{GroupEvent, Partition},
    metrics::{ClientGauges, Metrics},
    threads::lock,
};

/// Stores rebalances for the control thread, which answers them in its own time.
#[derive(Debug)]
pub(in super::super) struct Context {
    logs: Logs,
    pipeline: String,
    metrics: Arc<Metrics>,
    gauges: ClientGauges,
    /// By partition: the number of the queue that it is forwarded to.
    queues: Mutex<BTreeMap<Partition, usize>>,
    events: Mutex<Vec<GroupEvent>>,
    closing: AtomicBool,
}

impl Context {
    pub(super) fn new(pipeline: &str, metrics: &Arc<Metrics>) -> Self {
        Self {
            logs: Logs::of(&format!("{pipeline} consumer")),
            pipeline: pipeline.to_owned(),
            metrics: Arc::clone(metrics),
            gauges: ClientGauges::new(metrics, pipeline, "consumer"),
            queues: Mutex::default(),
            events: Mutex::default(),
            closing: AtomicBool::new(false),
        }
    }

    pub(super) fn tell(&self, event: GroupEvent) {
        lock(&self.events).push(event);
    }

    /// What was told since the last time.
    pub(super) fn take_events(&self) -> Vec<GroupEvent> {
        std::mem::take(&mut *lock(&self.events))
    }

    /// A partition's messages go to the queue of that number.
    pub(super) fn forwarded(&self, partition: &Partition, queue: usize) {
        lock(&self.queues).insert(partition.clone(), queue);
    }

    /// Whether the client knows no broker any more and is to begin anew.
    pub(super) fn take_lost(&self) -> bool {
        self.logs.take_lost()
    }

    /// From now on rebalances are answered at once: nobody serves the group any more.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.logs.log(level, facility, line);
    }

    fn stats(&self, statistics: Statistics) {
        lag::note(&self.metrics, &self.pipeline, &statistics);
        let fetched = client_load::fetched(&statistics, &lock(&self.queues));
        self.gauges.set(fetched, client_load::round_trip(&statistics));
        self.logs.stats(statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.logs.error(error, reason);
    }
}

impl ConsumerContext for Context {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, what: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let element = |one: rdkafka::topic_partition_list::TopicPartitionListElem<'_>| Partition {
            topic: one.topic().into(),
            number: one.partition(),
        };
        let partitions = list.elements().into_iter().map(element).collect();
        match what {
            _ if self.closing.load(Ordering::Relaxed) => {
                // Everything was given back and committed before closing: only librdkafka's protocol is left.
                if let Err(error) = leave(consumer, list) {
                    tracing::warn!("giving partitions back while leaving: {error}");
                }
            }
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.tell(GroupEvent::Assigned(partitions)),
            _ => self.tell(GroupEvent::Revoked { partitions, lost: consumer.assignment_lost() }),
        }
    }
}
