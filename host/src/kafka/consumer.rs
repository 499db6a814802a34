//! The group's member of one pipeline; used by its control thread.

mod context;
mod queries;

use std::{
    cell::OnceCell,
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

pub(super) use context::Context;
use rdkafka::{
    consumer::{BaseConsumer, Consumer as _, RebalanceProtocol},
    error::{KafkaError, RDKafkaErrorCode},
    message::Message as _,
    topic_partition_list::{Offset, TopicPartitionList},
};

use super::{
    Queue,
    raw::{admin::Admin, bootstrap::begin_anew, commits::Commits, events, queue::QueueHandle},
    settings,
};
use crate::{
    config::{Kafka, Pipeline, Share},
    endpoint::{Committed, Error, GroupEvent, GroupMember, Partition, Position, TopicState},
    metrics::Metrics,
    threads::{self, Role},
};

/// Between two looks whether a client that was left may be closed.
const PAUSE: Duration = Duration::from_millis(50);

/// Events that are taken at a time.
const POLLS: usize = 1000;

/// How many fields of [`Client`] keep a client alive.
const OWN: usize = 3;

/// One member of the group.
pub struct Consumer {
    client: Client,
    handles: Vec<QueueHandle>,
    kafka: Kafka,
    pipeline: Arc<Pipeline>,
    share: Share,
    metrics: Arc<Metrics>,
}

/// librdkafka's side of a member. Each of its fields keeps the client alive.
struct Client {
    inner: Arc<BaseConsumer<Context>>,
    commits: Commits,
    /// Questions whose answers are looked for now and then.
    looks: Admin,
    /// Whom to ask for topics' ids, once that is known; `None` = the controller.
    described_by: OnceCell<Option<i32>>,
}

impl Client {
    fn join(kafka: &Kafka, pipeline: &Pipeline, share: Share, metrics: &Arc<Metrics>) -> Result<Self, Error> {
        let failed = |reason: KafkaError| Error::new("make a consumer", reason);
        let context = Context::new(&pipeline.name, metrics);
        let inner: BaseConsumer<Context> =
            settings::consumer(kafka, pipeline, share).create_with_context(context).map_err(failed)?;
        let topics: Vec<&str> = pipeline.from.iter().map(String::as_str).collect();
        inner.subscribe(&topics).map_err(failed)?;
        let inner = Arc::new(inner);
        Ok(Self { commits: Commits::new(&inner), looks: Admin::new(&inner), inner, described_by: OnceCell::new() })
    }

    /// Whom to ask for topics' ids. That is the controller, which librdkafka follows when it moves; but librdkafka's mock
    /// cluster names one that it does not have.
    fn described_by(&self, name: &str, wait: Duration) -> Result<Option<i32>, KafkaError> {
        if let Some(known) = self.described_by.get() {
            return Ok(*known);
        }
        let metadata = self.inner.fetch_metadata(Some(name), wait)?;
        let brokers: Vec<i32> = metadata.brokers().iter().map(|broker| broker.id()).collect();
        let controller = self.looks.controller();
        let is_there = controller.is_some_and(|controller| brokers.contains(&controller));
        let broker = if is_there { None } else { brokers.first().copied() };
        Ok(*self.described_by.get_or_init(|| broker))
    }

    /// For one question, so that no late answer to another one is taken for its.
    fn ask(&self) -> Admin {
        Admin::new(&self.inner)
    }

    /// Closes the client in this thread, once no worker uses it any more: the last to let go of it closes it, which takes
    /// as long as its coordinator likes.
    fn close(self) {
        while Arc::strong_count(&self.inner) > OWN {
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // rust-rdkafka closes when the last handle goes, and waits for ever for a rebalance that nobody answers.
        self.inner.context().close();
    }
}

impl Consumer {
    /// Joins `pipeline`'s group in the background, subscribed to its sources.
    ///
    /// # Errors
    /// A setting or a topic pattern that librdkafka refuses.
    pub fn join(kafka: &Kafka, pipeline: &Arc<Pipeline>, share: Share, metrics: &Arc<Metrics>) -> Result<Self, Error> {
        let (kafka, pipeline, metrics) = (kafka.clone(), Arc::clone(pipeline), Arc::clone(metrics));
        let client = Client::join(&kafka, &pipeline, share, &metrics)?;
        Ok(Self { client, handles: Vec::new(), kafka, pipeline, share, metrics })
    }

    /// Returns a queue for one more worker; workers are numbered from 0 in the order of this call.
    pub fn queue(&mut self) -> Queue {
        let queue = Queue::new(&self.client.inner);
        self.handles.push(queue.handle());
        queue
    }

    fn forward(&self, positions: &[Position], worker: impl Fn(&Partition) -> usize) -> Result<(), Error> {
        for position in positions {
            let worker = worker(&position.partition);
            if let Some(handle) = self.handles.get(worker) {
                handle.forward(&position.partition)?;
                self.client.inner.context().forwarded(&position.partition, worker);
            }
        }
        Ok(())
    }
}

impl GroupMember for Consumer {
    fn poll(&self, wait: Duration) -> Vec<GroupEvent> {
        let context = self.client.inner.context();
        let mut wait = wait;
        // One poll that does not wait takes one event, and what concerns the group may stand behind log lines.
        for _ in 0..POLLS {
            match self.client.inner.poll(wait) {
                Some(Ok(message)) => {
                    let partition = Partition { topic: message.topic().into(), number: message.partition() };
                    context.tell(GroupEvent::Stray(partition, message.offset()));
                }
                Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
                    context.tell(GroupEvent::Fatal(code.to_string()));
                }
                Some(Err(error)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::GroupAuthorizationFailed) => {
                    context.tell(GroupEvent::Denied(error.to_string()));
                }
                // librdkafka goes on by itself, and has told the context.
                Some(Err(_)) | None => {}
            }
            if events::waiting(&self.client.inner) == 0 {
                break;
            }
            wait = Duration::ZERO;
        }
        if context.take_lost() {
            begin_anew(self.client.inner.client());
        }
        context.take_events()
    }

    fn assign(&self, positions: &[Position], worker: &dyn Fn(&Partition) -> usize) -> Result<(), Error> {
        let doing = "take over partitions";
        self.forward(positions, worker)?;
        let list = offsets(doing, positions.iter().map(|one| (&one.partition, one.offset, "")))?;
        match self.client.inner.rebalance_protocol() {
            // weir refuses `partition.assignment.strategy`: no group of its is eager.
            RebalanceProtocol::Cooperative => self.client.inner.incremental_assign(&list),
            _ => self.client.inner.assign(&list),
        }
        .map_err(|reason| Error::new(doing, reason))?;
        // Where a partition was given back just before, that undid the forwarding: what came meanwhile follows now.
        self.forward(positions, worker)
    }

    fn unassign(&self, partitions: &[Partition]) -> Result<(), Error> {
        let doing = "give partitions back";
        let list = offsets(doing, partitions.iter().map(|partition| (partition, 0, "")))?;
        leave(&self.client.inner, &list).map_err(|reason| Error::new(doing, reason))
    }

    fn has_lost(&self) -> bool {
        self.client.inner.assignment_lost()
    }

    fn pause(&self, partitions: &[Partition]) -> Result<(), Error> {
        let doing = "pause partitions";
        let list = offsets(doing, partitions.iter().map(|partition| (partition, 0, "")))?;
        self.client.inner.pause(&list).map_err(|reason| Error::new(doing, reason))
    }

    fn commit(&self, offsets_of: &[Committed]) -> Result<(), Error> {
        let doing = "commit offsets";
        let list = offsets(doing, offsets_of.iter().map(|one| (&one.partition, one.offset, one.metadata.as_str())))?;
        self.client.commits.send(&list).map_err(|reason| Error::new(doing, reason))
    }

    fn commit_outcome(&self, wait: Duration) -> Option<Result<Vec<(Partition, Error)>, Error>> {
        let failed = |reason: RDKafkaErrorCode| Error::new("commit offsets", reason);
        let outcome = self.client.commits.outcome(wait)?;
        Some(match outcome.refused() {
            Ok(refused) => Ok(refused.into_iter().map(|(partition, code)| (partition, failed(code))).collect()),
            Err(RDKafkaErrorCode::NoOffset) => Ok(Vec::new()),
            Err(code) => {
                if code == RDKafkaErrorCode::GroupAuthorizationFailed {
                    self.client.inner.context().tell(GroupEvent::Denied(code.to_string()));
                }
                Err(failed(code))
            }
        })
    }

    fn ask_topics(&self, names: &[Arc<str>], with_rights: bool, limit: Duration) {
        let broker = self.client.described_by.get().copied().flatten();
        self.client.looks.ask_topics(names, broker, with_rights, limit);
    }

    fn topics_told(&self) -> Option<Result<BTreeMap<Arc<str>, TopicState>, Error>> {
        let failed = |reason: RDKafkaErrorCode| Error::new("ask for the topics' ids", reason);
        Some(self.client.looks.topics(Duration::ZERO)?.map_err(failed))
    }

    fn rejoin(&mut self) -> Result<(), Error> {
        let client = Client::join(&self.kafka, &self.pipeline, self.share, &self.metrics)?;
        for handle in &self.handles {
            handle.replace(&client.inner);
        }
        let old = std::mem::replace(&mut self.client, client);
        let spawned = threads::start(Role::Close, "kafka-close", move || old.close());
        if let Err(reason) = spawned {
            // The new member is there, and the old one was closed where it was dropped.
            tracing::warn!(pipeline = self.pipeline.name, "no thread to leave the group in: {reason}");
        }
        Ok(())
    }

    fn close(self, limit: Duration) -> bool {
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
