//! Questions about topics, asked without joining anything.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::{Duration, Instant},
};

use rdkafka::{
    admin::{AdminClient, AdminOptions, OwnedResourceSpecifier, ResourceSpecifier},
    client::Client,
    types::RDKafkaType,
};

use super::{Error, log::Logs, settings};
use crate::config::Kafka;

/// A topic of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: usize,
}

/// A connection that asks.
pub struct Cluster {
    client: Client<Logs>,
    kafka: Kafka,
}

impl Cluster {
    /// Connects in the background.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn connect(kafka: &Kafka) -> Result<Self, Error> {
        let failed = |reason: rdkafka::error::KafkaError| Error::new("make a client", reason);
        let config = settings::client(kafka);
        let native = config.create_native_config().map_err(failed)?;
        let client =
            Client::new(&config, native, RDKafkaType::RD_KAFKA_PRODUCER, Logs::of("questions")).map_err(failed)?;
        Ok(Self { client, kafka: kafka.clone() })
    }

    /// Every topic that weir may see.
    ///
    /// # Errors
    /// No broker answered within `wait`.
    pub fn topics(&self, wait: Duration) -> Result<Vec<Topic>, Error> {
        let failed = |reason: rdkafka::error::KafkaError| Error::new("list the topics", reason);
        let metadata = self.client.fetch_metadata(None, wait).map_err(failed)?;
        let known = metadata.topics().iter().filter(|topic| topic.error().is_none());
        Ok(known.map(|topic| Topic { name: topic.name().to_owned(), partitions: topic.partitions().len() }).collect())
    }

    /// Those of `topics` whose timestamps the broker sets itself.
    ///
    /// # Errors
    /// The broker did not answer within `wait`, or does not tell us.
    pub fn with_append_time(&self, topics: &[String], wait: Duration) -> Result<Vec<String>, Error> {
        let doing = "read the topics' settings";
        let failed = |reason: rdkafka::error::KafkaError| Error::new(doing, reason);
        let admin: AdminClient<Logs> =
            settings::client(&self.kafka).create_with_context(Logs::of("questions")).map_err(failed)?;
        let which: Vec<ResourceSpecifier<'_>> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
        let options = AdminOptions::new().request_timeout(Some(wait));
        let answer = wait_for(admin.describe_configs(&which, &options), wait)
            .ok_or_else(|| Error::new(doing, "no answer in time"))?
            .map_err(failed)?;
        let mut found = Vec::new();
        for resource in answer.into_iter().flatten() {
            let by_broker = resource.get("message.timestamp.type").and_then(|entry| entry.value.as_deref());
            if let (OwnedResourceSpecifier::Topic(topic), Some("LogAppendTime")) = (&resource.specifier, by_broker) {
                found.push(topic.clone());
            }
        }
        Ok(found)
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cluster({})", self.kafka.brokers)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for one answer in this thread; weir has no async runtime.
fn wait_for<F: Future>(future: F, limit: Duration) -> Option<F::Output> {
    let until = Instant::now() + limit;
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(answer);
        }
        let left = until.checked_duration_since(Instant::now())?;
        std::thread::park_timeout(left);
    }
}
