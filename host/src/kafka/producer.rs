//! One worker's producer: idempotent, every envelope kept, reports served by the worker itself.

mod channel;
mod lane;
mod pool;
mod sharing;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lane::Lane;
pub use pool::ProducerPool;
use rdkafka::config::ClientConfig;
use rdkafka::types::RDKafkaErrorCode;
use sharing::Sharing;

use super::{
    log::Logs,
    raw::{
        client::ProducerClient,
        headers::Headers,
        producer::{Event, RawProducer},
    },
    refusal::refused,
    settings,
};
use crate::{
    config::{Kafka, PartitionBy, Pipeline},
    endpoint::{Broken, BrokenBy, Error, Outgoing, Refused, Report, Sink, TopicsTold},
    metrics::{ClientGauges, Metrics},
    threads::{self, Role},
};

/// A producer of one worker.
#[derive(Debug)]
pub struct Producer {
    link: Link,
    config: ClientConfig,
    by_source: bool,
    linger: Duration,
    logs: Logs,
    /// Where it shares a client, or the next one may.
    sharing: Option<Sharing>,
}

/// The lane of a client that is one worker's alone.
const ALONE: usize = 0;

/// The client that a producer sends by.
#[derive(Debug)]
enum Link {
    Own(Box<RawProducer>),
    Shared(Lane),
}

impl Link {
    /// Returns what any thread may do with the client; of a shared one that concerns everybody who sends by it.
    fn client(&self) -> &ProducerClient {
        match self {
            Self::Own(raw) => raw.client(),
            Self::Shared(lane) => lane.client(),
        }
    }
}

impl Producer {
    /// Connects in the background, or shares a client of `pool`. No request holds more than `batch` bytes, unless of a single
    /// message.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn new(
        kafka: &Kafka,
        pipeline: &Pipeline,
        worker: usize,
        batch: Option<usize>,
        pool: Option<&Arc<ProducerPool>>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, Error> {
        let by_source = pipeline.partition_by == PartitionBy::Source;
        let gauges = ClientGauges::new(metrics, &pipeline.name, &format!("producer-{worker}"));
        let logs = Logs::of(&format!("{} producer {worker}", pipeline.name)).with_gauges(gauges);
        Self::make(settings::producer(kafka, Some(pipeline), batch), by_source, logs, pool.map(Sharing::of))
    }

    /// A producer of no pipeline, for `weir dev`'s input.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn plain(kafka: &Kafka) -> Result<Self, Error> {
        Self::make(settings::producer(kafka, None, None), false, Logs::of("input"), None)
    }

    fn make(config: ClientConfig, by_source: bool, logs: Logs, sharing: Option<Sharing>) -> Result<Self, Error> {
        let link = match sharing.as_ref().filter(|sharing| sharing.is_allowed(Instant::now())) {
            Some(Sharing { pool, .. }) => Link::Shared(pool.lane(&config, by_source)?),
            None => Link::Own(Box::new(RawProducer::new(&config, by_source, logs.clone())?)),
        };
        let set = ["linger.ms", "queue.buffering.max.ms"].iter().find_map(|name| config.get(name));
        let linger =
            set.and_then(|set| set.parse().ok()).and_then(|ms: f64| Duration::try_from_secs_f64(ms / 1e3).ok());
        Ok(Self { link, config, by_source, linger: linger.unwrap_or_default(), logs, sharing })
    }
}

impl Sink for Producer {
    type Headers = Headers;

    fn renew(&self) -> Result<Self, Error> {
        let mut sharing = self.sharing.clone();
        if let (Some(sharing), Link::Shared(lane)) = (&mut sharing, &self.link) {
            sharing.note_broken(lane.is_refused(), Instant::now());
        }
        Self::make(self.config.clone(), self.by_source, self.logs.clone(), sharing)
    }

    fn isolating(&self) -> Result<Self, Error> {
        let mut config = self.config.clone();
        config
            .set("enable.gapless.guarantee", "false")
            .set("max.in.flight.requests.per.connection", "1")
            .set("linger.ms", "1000");
        Self::make(config, self.by_source, self.logs.without_gauges(), None)
    }

    fn request_limits(&self) -> (usize, usize) {
        let set = |name| self.config.get(name).and_then(|set| set.parse().ok());
        (set("batch.num.messages").unwrap_or(usize::MAX), set("batch.size").unwrap_or(usize::MAX))
    }

    fn linger(&self) -> Duration {
        self.linger
    }

    fn compresses(&self) -> bool {
        let codec = ["compression.codec", "compression.type"].iter().find_map(|name| self.config.get(name));
        codec.is_some_and(|codec| codec != "none")
    }

    fn flush(&mut self, limit: Duration) {
        self.link.client().push(limit);
    }

    fn send<'a>(
        &mut self,
        message: &Outgoing<'_>,
        mut headers: Headers,
        more: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        memory: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), Refused> {
        headers.extend(more);
        let sent = match &mut self.link {
            Link::Own(raw) => raw.send(ALONE, message, headers, memory),
            Link::Shared(lane) => lane.send(message, headers, memory),
        };
        sent.map_err(|code| refused(code, true))
    }

    fn serve(&mut self, wait: Duration, mut each: impl FnMut(Report)) {
        let report = |event| match event {
            Event::Delivered { tag, .. } => each(Report { tag, refused: None }),
            Event::Failed { tag, code, is_singled_out, .. } => {
                each(Report { tag, refused: Some(refused(code, is_singled_out)) });
            }
        };
        match &mut self.link {
            Link::Own(raw) => raw.serve(wait, report),
            Link::Shared(lane) => lane.serve(wait, report),
        }
    }

    fn broken(&self) -> Option<Broken> {
        match &self.link {
            Link::Own(raw) => {
                let (code, reason) = raw.client().fatal()?;
                let cause = match code {
                    RDKafkaErrorCode::GaplessGuarantee => BrokenBy::Refusal,
                    RDKafkaErrorCode::ClusterAuthorizationFailed => BrokenBy::Denied,
                    _ => BrokenBy::Client,
                };
                Some(Broken { reason, cause })
            }
            Link::Shared(lane) => lane.broken(),
        }
    }

    fn held(&self) -> usize {
        match &self.link {
            Link::Own(raw) => raw.client().held(),
            Link::Shared(lane) => lane.held(),
        }
    }

    fn give_up(&mut self, all: bool) {
        self.link.client().purge(all);
    }

    fn ask_topics(&mut self, topics: &[&str]) {
        match &self.link {
            Link::Own(raw) => raw.ask_topics(topics),
            Link::Shared(lane) => lane.ask_topics(topics),
        }
    }

    fn topics_told(&mut self) -> Option<Result<TopicsTold, Error>> {
        let told = match &mut self.link {
            Link::Own(raw) => raw.topics_told(),
            Link::Shared(lane) => lane.topics_told(),
        };
        Some(told?.map_err(|code| Error::new("ask for topics", code)))
    }

    fn discard(self) {
        if matches!(self.link, Link::Shared(_)) {
            return;
        }
        // Where there is no thread, it is dropped here.
        let _ = threads::start(Role::Discard, "kafka-discard", move || drop(self));
    }
}

#[cfg(test)]
mod tests;
