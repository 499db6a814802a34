//! Questions about topics, asked without joining anything.

mod access;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::{Duration, Instant},
};

use rdkafka::{
    admin::{AdminClient, AdminOptions, OwnedResourceSpecifier, ResourceSpecifier},
    client::ClientContext,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    error::{KafkaError, RDKafkaErrorCode},
    metadata::MetadataTopic,
    statistics::Statistics,
    types::RDKafkaRespErr,
};

pub use access::Broker;

use super::{Denied, log::Logs, settings};
use crate::{config::Kafka, endpoint::Error};

/// The first part of a question's time, after which it is looked whether the answer is still wanted; later ones double.
const SLICE: Duration = Duration::from_millis(250);
/// How long to listen for what a client has to say besides.
const LISTEN: Duration = Duration::from_millis(20);
/// How long after a failed authentication other brokers may still answer.
const GRACE: Duration = Duration::from_secs(2);

/// So many topics are asked for one by one.
const MOST_HIDDEN: usize = 32;
/// Of so many brokers it is remembered what was wrong with each.
const MOST_BROKERS: usize = 1000;

/// A topic of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: usize,
}

/// What of a topic's settings matters to whoever writes to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether the broker puts its own time on every record.
    pub append_time: bool,
    /// Bytes of a request's records for one partition that the broker takes at most; none = it did not say.
    pub largest: Option<usize>,
    /// Whether it keeps the newest record of each key only, and takes none without a key.
    pub compacts: bool,
}

/// A connection that asks.
pub struct Cluster {
    client: Arc<BaseConsumer<ErrorRecorder>>,
    /// How long the next part of a question may take.
    slice: Cell<Duration>,
    kafka: Kafka,
}

impl Cluster {
    /// Connects in the background.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn connect(kafka: &Kafka) -> Result<Self, Error> {
        let recorder = ErrorRecorder { logs: Logs::of("questions"), last_errors: Mutex::default() };
        let client = settings::client(kafka).create_with_context(recorder);
        let client = Arc::new(client.map_err(|reason| Error::new("make a client", reason))?);
        Ok(Self { client, slice: Cell::new(SLICE), kafka: kafka.clone() })
    }

    /// Every topic that weir may see. A failed authentication ends the query after a grace period in which other brokers
    /// may answer; see [`Self::denied`].
    ///
    /// # Errors
    /// No broker answered within `wait`, or before `wanted` answered false, which is asked several times a second while
    /// no broker can be reached.
    pub fn topics(&self, wait: Duration, wanted: impl Fn() -> bool) -> Result<Vec<Topic>, Error> {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let slice = self.slice.get().min(left);
            let silence = match self.client.fetch_metadata(None, slice) {
                Ok(metadata) => {
                    let known = metadata.topics().iter().filter(|topic| topic.error().is_none());
                    let topic = |name: &str, partitions| Topic { name: name.to_owned(), partitions };
                    return Ok(known.map(|one| topic(one.name(), one.partitions().len())).collect());
                }
                Err(silence) => silence,
            };
            // Errors are told to whoever polls, and to nobody else. What is polled here is never a record.
            while self.client.poll(LISTEN).is_some() {}
            if silence.rdkafka_error_code() != Some(RDKafkaErrorCode::BrokerTransportFailure) {
                // A broker is there and slow: the next question may wait longer for it.
                self.slice.set(self.slice.get().saturating_mul(2).min(wait));
            }
            let denied = self.denied();
            if denied.is_some() || Instant::now() >= until || !wanted() {
                let said =
                    denied.map(|denied| denied.to_string()).or_else(|| self.client.context().lock().last.clone());
                return Err(Error::new("list the topics", said.unwrap_or_else(|| silence.to_string())));
            }
        }
    }

    /// Those of `topics` that weir may not see, be they there or not; of which nobody answers, none.
    pub fn hidden(&self, topics: &[&str], wait: Duration) -> BTreeSet<String> {
        let mut hidden = BTreeSet::new();
        for name in topics.iter().take(MOST_HIDDEN) {
            // Brokers that are silent now are not asked for the rest.
            let Ok(metadata) = self.client.fetch_metadata(Some(name), wait) else { break };
            let error = metadata.topics().first().and_then(MetadataTopic::error);
            if error == Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
                hidden.insert((*name).to_owned());
            }
        }
        hidden
    }

    /// Why authentication failed, once the grace period of the others is over.
    pub fn denied(&self) -> Option<Denied> {
        let errors = self.client.context().lock();
        errors.denied.as_ref().filter(|(since, _)| since.elapsed() >= GRACE).map(|(_, denied)| denied.clone())
    }

    /// How those of `topics` are set of which the brokers tell weir.
    ///
    /// # Errors
    /// No broker answered within `wait`, or before `wanted` answered false.
    pub fn settings(
        &self,
        topics: &[String],
        wait: Duration,
        wanted: impl Fn() -> bool,
    ) -> Result<BTreeMap<String, Settings>, Error> {
        let doing = "read the topics' settings";
        let failed = |reason: KafkaError| Error::new(doing, reason);
        let admin: AdminClient<Logs> =
            settings::client(&self.kafka).create_with_context(Logs::of("questions")).map_err(failed)?;
        let which: Vec<ResourceSpecifier<'_>> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
        let options = AdminOptions::new().request_timeout(Some(wait));
        let answer = wait_for(admin.describe_configs(&which, &options), wait, wanted)
            .ok_or_else(|| Error::new(doing, "no answer in time"))?
            .map_err(failed)?;
        let mut told = BTreeMap::new();
        // Where it is not allowed to ask, rust-rdkafka hands out a topic without any settings.
        for resource in answer.into_iter().flatten().filter(|resource| !resource.entries.is_empty()) {
            let value = |name| resource.get(name).and_then(|entry| entry.value.as_deref());
            let settings = Settings {
                append_time: value("message.timestamp.type") == Some("LogAppendTime"),
                largest: value("max.message.bytes").and_then(|bytes| bytes.parse().ok()),
                compacts: value("cleanup.policy").is_some_and(|all| all.split(',').any(|one| one.trim() == "compact")),
            };
            if let OwnedResourceSpecifier::Topic(topic) = &resource.specifier {
                told.insert(topic.clone(), settings);
            }
        }
        Ok(told)
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cluster({})", self.kafka.brokers)
    }
}

/// What a client says besides its answers.
struct ErrorRecorder {
    logs: Logs,
    last_errors: Mutex<LastErrors>,
}

#[derive(Default)]
struct LastErrors {
    /// The first failed authentication.
    denied: Option<(Instant, Denied)>,
    /// The last trouble with a connection.
    last: Option<String>,
    /// The last trouble with each broker, by its `host:port`.
    of_broker: BTreeMap<String, String>,
}

impl ErrorRecorder {
    fn lock(&self) -> MutexGuard<'_, LastErrors> {
        self.last_errors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for ErrorRecorder {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        // A connection that is lost: whoever asks tells it. Most of these come as errors too, and not all.
        if facility != "FAIL" {
            return self.logs.log(level, facility, line);
        }
        let line = line.split_once("]: ").map_or(line, |(_, line)| line);
        let advice = if line.contains("isconnected") {
            "; if that lasts, check `security.protocol` in [kafka.options]: a broker hangs up on a client that speaks another protocol"
        } else {
            ""
        };
        let said = format!("{line}{advice}");
        let mut errors = self.lock();
        if let Some((address, _)) = line.split_once('/').filter(|_| errors.of_broker.len() < MOST_BROKERS) {
            errors.of_broker.insert(address.to_owned(), said.clone());
        }
        errors.last = Some(said);
    }

    fn stats(&self, _: Statistics) {}

    fn error(&self, error: KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else { return };
        if code == RDKafkaErrorCode::AllBrokersDown {
            return;
        }
        let mut errors = self.lock();
        errors.last.get_or_insert_with(|| reason.to_owned());
        if let (None, Some(denied)) = (&errors.denied, Denied::of(code, reason)) {
            errors.denied = Some((Instant::now(), denied));
        }
    }
}

impl ConsumerContext for ErrorRecorder {}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for one answer in this thread while it is wanted; weir has no async runtime.
fn wait_for<F: Future>(future: F, limit: Duration, wanted: impl Fn() -> bool) -> Option<F::Output> {
    let until = Instant::now() + limit;
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(answer);
        }
        let left = until.checked_duration_since(Instant::now()).filter(|_| wanted())?;
        std::thread::park_timeout(left.min(SLICE));
    }
}
