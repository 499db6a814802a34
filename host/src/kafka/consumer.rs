//! The group's member of one pipeline; used by its control thread.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rdkafka::{
    client::ClientContext,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext, RebalanceProtocol},
    error::{KafkaError, RDKafkaErrorCode},
    message::Message as _,
    statistics::Statistics,
    topic_partition_list::{Offset, TopicPartitionList},
    types::RDKafkaRespErr,
};

use super::{
    Queue, lag,
    log::Logs,
    range,
    raw::{commits::Commits, queue::Door},
    settings,
};
use crate::{
    config::{Kafka, Pipeline, Share},
    endpoint::{Committed, Error, Partition, Position},
    metrics::Metrics,
    threads::{self, Role},
};

/// What the group or the cluster tells.
#[derive(Debug)]
pub enum Event {
    /// These are added; the consumer waits for [`Consumer::assign`].
    Assigned(Vec<Partition>),
    /// These go; the consumer waits for [`Consumer::unassign`]. `lost` = others may have them already: never commit.
    Revoked {
        /// Which.
        partitions: Vec<Partition>,
        /// Whether it is too late to commit.
        lost: bool,
    },
    /// A record of a partition that was not forwarded. It must not be forgotten.
    Stray(Partition, i64),
    /// Trouble that no retry cures: this member is out of the group.
    Fatal(String),
}

/// Stores rebalances for the control thread, which answers them in its own time.
#[derive(Debug)]
pub(super) struct Context {
    logs: Logs,
    pipeline: String,
    metrics: Arc<Metrics>,
    events: Mutex<Vec<Event>>,
    closing: AtomicBool,
}

impl Context {
    fn tell(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.logs.log(level, facility, line);
    }

    fn stats(&self, statistics: Statistics) {
        lag::note(&self.metrics, &self.pipeline, &statistics);
        self.logs.stats(statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.logs.error(error, reason);
    }
}

impl ConsumerContext for Context {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, what: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let partitions = partitions(list);
        match what {
            _ if self.closing.load(Ordering::Relaxed) => {
                // Everything was given back and committed before closing: only librdkafka's protocol is left.
                if let Err(error) = leave(consumer, list) {
                    tracing::warn!("giving partitions back while leaving: {error}");
                }
            }
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.tell(Event::Assigned(partitions)),
            _ => self.tell(Event::Revoked { partitions, lost: consumer.assignment_lost() }),
        }
    }
}

/// One member of the group.
pub struct Consumer {
    inner: Arc<BaseConsumer<Context>>,
    commits: Commits,
    doors: Vec<Door>,
}

impl Consumer {
    /// Joins `pipeline`'s group in the background, subscribed to its sources.
    ///
    /// # Errors
    /// A setting or a topic pattern that librdkafka refuses.
    pub fn join(kafka: &Kafka, pipeline: &Pipeline, share: Share, metrics: &Arc<Metrics>) -> Result<Self, Error> {
        let failed = |reason: KafkaError| Error::new("make a consumer", reason);
        let logs = Logs::of(&format!("{} consumer", pipeline.name));
        let context = Context {
            logs,
            pipeline: pipeline.name.clone(),
            metrics: Arc::clone(metrics),
            events: Mutex::default(),
            closing: AtomicBool::new(false),
        };
        let inner: BaseConsumer<Context> =
            settings::consumer(kafka, pipeline, share).create_with_context(context).map_err(failed)?;
        let topics: Vec<&str> = pipeline.from.iter().map(String::as_str).collect();
        inner.subscribe(&topics).map_err(failed)?;
        let inner = Arc::new(inner);
        Ok(Self { commits: Commits::new(&inner), inner, doors: Vec::new() })
    }

    /// A queue for one more worker; workers are numbered from 0 in the order of this call.
    pub fn queue(&mut self) -> Queue {
        let queue = Queue::new(&self.inner);
        self.doors.push(queue.door());
        queue
    }

    /// Serves the group for `wait`; what happened is answered in order.
    pub fn poll(&self, wait: Duration) -> Vec<Event> {
        match self.inner.poll(wait) {
            Some(Ok(message)) => {
                let partition = Partition { topic: message.topic().into(), number: message.partition() };
                self.inner.context().tell(Event::Stray(partition, message.offset()));
            }
            Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
                self.inner.context().tell(Event::Fatal(code.to_string()));
            }
            // librdkafka goes on by itself, and has told the context.
            Some(Err(_)) | None => {}
        }
        std::mem::take(&mut *self.inner.context().events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers [`Event::Assigned`]: reads each partition from its position, into the queue of the worker that
    /// `worker` names. Partitions that were assigned and are missing here may follow in a later call.
    ///
    /// # Errors
    /// librdkafka's refusal; nothing is assigned then.
    pub fn assign(&self, positions: &[Position], worker: impl Fn(&Partition) -> usize) -> Result<(), Error> {
        let doing = "take over partitions";
        for position in positions {
            if let Some(door) = self.doors.get(worker(&position.partition)) {
                door.forward(&position.partition)?;
            }
        }
        let list = offsets(doing, positions.iter().map(|one| (&one.partition, one.offset, "")))?;
        match self.inner.rebalance_protocol() {
            RebalanceProtocol::Cooperative => self.inner.incremental_assign(&list),
            _ => self.inner.assign(&list),
        }
        .map_err(|reason| Error::new(doing, reason))
    }

    /// Answers [`Event::Revoked`].
    ///
    /// # Errors
    /// librdkafka's refusal.
    pub fn unassign(&self, partitions: &[Partition]) -> Result<(), Error> {
        let doing = "give partitions back";
        let list = offsets(doing, partitions.iter().map(|partition| (partition, 0, "")))?;
        leave(&self.inner, &list).map_err(|reason| Error::new(doing, reason))
    }

    /// Reads an assigned partition from `position` on; what was fetched before is gone from its queue.
    ///
    /// # Errors
    /// librdkafka's refusal, or it was not done within `wait`.
    pub fn seek(&self, position: &Position, wait: Duration) -> Result<(), Error> {
        let Partition { topic, number } = &position.partition;
        self.inner
            .seek(topic, *number, Offset::Offset(position.offset), wait)
            .map_err(|reason| Error::new("go to an offset", reason))
    }

    /// Stops fetching these; membership stays.
    ///
    /// # Errors
    /// librdkafka's refusal.
    pub fn pause(&self, partitions: &[Partition]) -> Result<(), Error> {
        let doing = "pause partitions";
        let list = offsets(doing, partitions.iter().map(|partition| (partition, 0, "")))?;
        self.inner.pause(&list).map_err(|reason| Error::new(doing, reason))
    }

    /// Sends a commit; its outcome comes out of [`Self::commit_outcome`].
    ///
    /// # Errors
    /// It was not sent.
    pub fn commit(&self, what: &[Committed]) -> Result<(), Error> {
        let doing = "commit offsets";
        let list = offsets(doing, what.iter().map(|one| (&one.partition, one.offset, one.metadata.as_str())))?;
        self.commits.send(&list).map_err(|reason| Error::new(doing, reason))
    }

    /// The outcome of the oldest commit sent, if it is there within `wait`: the partitions that were refused while the
    /// others stand, or why nothing stands.
    pub fn commit_outcome(&self, wait: Duration) -> Option<Result<Vec<(Partition, Error)>, Error>> {
        let failed = |reason: RDKafkaErrorCode| Error::new("commit offsets", reason);
        let outcome = self.commits.outcome(wait)?;
        Some(match outcome.refused() {
            Ok(refused) => Ok(refused.into_iter().map(|(partition, code)| (partition, failed(code))).collect()),
            Err(RDKafkaErrorCode::NoOffset) => Ok(Vec::new()),
            Err(code) => Err(failed(code)),
        })
    }

    /// What the group has committed for each, `None` where nothing.
    ///
    /// # Errors
    /// The coordinator did not answer in time, or refused.
    pub fn committed(&self, partitions: &[Partition], wait: Duration) -> Result<Vec<Option<Committed>>, Error> {
        let doing = "read the committed offsets";
        let list = offsets(doing, partitions.iter().map(|partition| (partition, -1001, "")))?;
        let list = self.inner.committed_offsets(list, wait).map_err(|reason| Error::new(doing, reason))?;
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

    /// How many partitions a topic has.
    ///
    /// # Errors
    /// No broker answered in time, or there is no such topic.
    pub fn partition_count(&self, topic: &str, wait: Duration) -> Result<i32, Error> {
        let doing = "count a topic's partitions";
        let metadata = self.inner.fetch_metadata(Some(topic), wait).map_err(|reason| Error::new(doing, reason))?;
        let found = metadata.topics().iter().find(|one| one.name() == topic && one.error().is_none());
        let found = found.ok_or_else(|| Error::new(doing, format_args!("no `{topic}`")))?;
        i32::try_from(found.partitions().len()).map_err(|error| Error::new(doing, error))
    }

    /// The oldest record's offset and the one after the newest that may be read.
    ///
    /// # Errors
    /// The leader did not answer in time, or refused.
    pub fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error> {
        range::bounds(&self.inner, partition, wait)
    }

    /// The first offset at or after `time` (ms since the epoch); `None` = there is none yet.
    ///
    /// # Errors
    /// The leader did not answer in time, or refused.
    pub fn offset_at(&self, partition: &Partition, time: i64, wait: Duration) -> Result<Option<i64>, Error> {
        range::offset_at(&self.inner, partition, time, wait)
    }

    /// Leaves the group and closes. Every queue must be gone. Answers whether that was done within `limit`; if not, it
    /// goes on in a thread of its own.
    pub fn close(self, limit: Duration) -> bool {
        let (done, closed) = std::sync::mpsc::channel();
        let started = Instant::now();
        // rust-rdkafka closes when the last handle goes, and without a bound.
        let spawned = threads::start(Role::Close, "kafka-close", move || {
            drop(self);
            let _ = done.send(());
        });
        spawned.is_ok() && closed.recv_timeout(limit.saturating_sub(started.elapsed())).is_ok()
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        // rust-rdkafka closes when the last handle goes, and waits for ever for a rebalance that nobody answers.
        self.inner.context().closing.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Consumer")
    }
}

/// Gives back what of `list` was taken over: one partition that was not would make librdkafka refuse them all.
fn leave(consumer: &BaseConsumer<Context>, list: &TopicPartitionList) -> Result<(), KafkaError> {
    match consumer.rebalance_protocol() {
        RebalanceProtocol::Cooperative => {
            let taken = consumer.assignment()?;
            let mut back = TopicPartitionList::new();
            for one in list.elements() {
                if taken.find_partition(one.topic(), one.partition()).is_some() {
                    back.add_partition(one.topic(), one.partition());
                }
            }
            consumer.incremental_unassign(&back)
        }
        _ => consumer.unassign(),
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<Partition> {
    list.elements().iter().map(|one| Partition { topic: one.topic().into(), number: one.partition() }).collect()
}

fn offsets<'a>(
    doing: &'static str,
    parts: impl Iterator<Item = (&'a Partition, i64, &'a str)>,
) -> Result<TopicPartitionList, Error> {
    let mut list = TopicPartitionList::new();
    for (partition, offset, metadata) in parts {
        let mut element = list.add_partition(&partition.topic, partition.number);
        let offset = if offset >= 0 { Offset::Offset(offset) } else { Offset::Invalid };
        element.set_offset(offset).map_err(|reason| Error::new(doing, reason))?;
        if !metadata.is_empty() {
            element.set_metadata(metadata);
        }
    }
    Ok(list)
}
