//! One worker's producer: idempotent, every envelope kept, reports served by the worker itself.

use std::{sync::Arc, time::Duration};

use rdkafka::config::ClientConfig;
use rdkafka::types::RDKafkaErrorCode;

use super::{
    log::Logs,
    raw::{
        headers::Headers,
        producer::{Event, RawProducer},
    },
    refusal::refused,
    settings,
};
use crate::{
    config::{Kafka, PartitionBy, Pipeline},
    endpoint::{Broken, Error, Outgoing, Refused, Report, Sink, TopicsTold},
    threads::{self, Role},
};

/// A producer of one worker.
#[derive(Debug)]
pub struct Producer {
    raw: RawProducer,
    config: ClientConfig,
    by_source: bool,
    linger: Duration,
    logs: Logs,
}

impl Producer {
    /// Connects in the background. No request holds more than `batch` bytes, unless of a single message.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn new(kafka: &Kafka, pipeline: &Pipeline, worker: usize, batch: Option<usize>) -> Result<Self, Error> {
        let by_source = pipeline.partition_by == PartitionBy::Source;
        let logs = Logs::of(&format!("{} producer {worker}", pipeline.name));
        Self::make(settings::producer(kafka, Some(pipeline), batch), by_source, logs)
    }

    /// A producer of no pipeline, for `weir dev`'s input.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn plain(kafka: &Kafka) -> Result<Self, Error> {
        Self::make(settings::producer(kafka, None, None), false, Logs::of("input"))
    }

    fn make(config: ClientConfig, by_source: bool, logs: Logs) -> Result<Self, Error> {
        let raw = RawProducer::new(&config, by_source, logs.clone())?;
        let set = ["linger.ms", "queue.buffering.max.ms"].iter().find_map(|name| config.get(name));
        let linger =
            set.and_then(|set| set.parse().ok()).and_then(|ms: f64| Duration::try_from_secs_f64(ms / 1e3).ok());
        Ok(Self { raw, config, by_source, linger: linger.unwrap_or_default(), logs })
    }
}

impl Sink for Producer {
    type Headers = Headers;

    fn renew(&self) -> Result<Self, Error> {
        Self::make(self.config.clone(), self.by_source, self.logs.clone())
    }

    fn isolating(&self) -> Result<Self, Error> {
        let mut config = self.config.clone();
        config
            .set("enable.gapless.guarantee", "false")
            .set("max.in.flight.requests.per.connection", "1")
            .set("linger.ms", "1000");
        Self::make(config, self.by_source, self.logs.clone())
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
        self.raw.push(limit);
    }

    fn send<'a>(
        &mut self,
        message: &Outgoing<'_>,
        mut headers: Headers,
        more: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        memory: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), Refused> {
        headers.extend(more);
        self.raw.send(message, headers, memory).map_err(|code| refused(code, true))
    }

    fn serve(&mut self, wait: Duration, mut each: impl FnMut(Report)) {
        let Self { raw, logs, .. } = self;
        raw.serve(wait, |event| match event {
            Event::Delivered(tag) => each(Report { tag, refused: None }),
            Event::Failed { tag, code, is_singled_out } => {
                each(Report { tag, refused: Some(refused(code, is_singled_out)) });
            }
            // That it broke down is asked for, and said by whoever asks.
            Event::Trouble { code: RDKafkaErrorCode::Fatal, reason } => {
                tracing::debug!(target: "librdkafka", "{reason}");
            }
            Event::Trouble { code, reason } => logs.trouble(code, &reason),
        });
    }

    fn broken(&self) -> Option<Broken> {
        let (code, reason) = self.raw.fatal()?;
        Some(Broken { reason, by_refusal: code == RDKafkaErrorCode::GaplessGuarantee })
    }

    fn held(&self) -> usize {
        self.raw.held()
    }

    fn give_up(&mut self, all: bool) {
        self.raw.purge(all);
    }

    fn ask_topics(&mut self, topics: &[&str]) {
        self.raw.ask_topics(topics);
    }

    fn topics_told(&mut self) -> Option<Result<TopicsTold, Error>> {
        Some(self.raw.topics_told()?.map_err(|code| Error::new("ask for topics", code)))
    }

    fn discard(self) {
        // Where there is no thread, it is dropped here.
        let _ = threads::start(Role::Discard, "kafka-discard", move || drop(self));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::Instant;

    use super::{
        super::mock::{Answer, MockCluster},
        *,
    };
    use crate::{config::Secret, endpoint::Tag};

    fn message(slot: u32, output: u32, value: &[u8]) -> Outgoing<'_> {
        let (topic, partition, tag) = ("out", Some(0), Tag { slot, output, partition: 0 });
        Outgoing { topic, partition, key: None, value: Some(value), timestamp: None, tag }
    }

    /// Serves the reports of a broken producer until it holds none.
    fn wind_up(producer: &mut Producer, limit: Duration) -> Vec<Report> {
        let (mut reports, until) = (Vec::new(), Instant::now() + limit);
        while producer.held() > 0 {
            producer.give_up(Instant::now() >= until);
            producer.serve(Duration::from_millis(10), |report| reports.push(report));
        }
        reports
    }

    /// A producer that reaches no broker, and has three messages of `memory`.
    fn stuck(memory: &Arc<Vec<u8>>) -> Producer {
        let kafka = Kafka { brokers: "127.0.0.1:9".to_owned(), options: Default::default() };
        let mut producer = Producer::plain(&kafka).unwrap();
        for output in 0..3 {
            producer.send(&message(7, output, &memory[..4]), Headers::NONE, std::iter::empty(), Some(memory)).unwrap();
        }
        producer
    }

    #[test]
    fn memory_is_kept_while_a_message_of_it_may_be_sent() {
        let memory = Arc::new(b"value".to_vec());
        let mut producer = stuck(&memory);
        producer.serve(Duration::from_millis(20), |_| {});
        assert_eq!((producer.held(), Arc::strong_count(&memory)), (3, 2), "nothing is reported");
        let reports = wind_up(&mut producer, Duration::ZERO);
        assert!(reports.len() == 3 && reports.iter().all(|report| report.refused.is_some()), "{reports:?}");
        assert_eq!(Arc::strong_count(&memory), 1, "all were given up");
    }

    #[test]
    fn what_an_answer_puts_back_into_a_broken_producer_is_not_waited_for() {
        let cluster = MockCluster::start().unwrap();
        cluster.create(["out"], 1).unwrap();
        // One message is taken, the next one refused, and once that has broken the producer, those behind it are to be sent
        // again.
        let mut answers = vec![None, Some(Answer::Invalid)];
        answers.extend([Some(Answer::NotNowAndLate); 4]);
        cluster.answer_produce(&answers);
        let options = [("enable.gapless.guarantee", "true"), ("batch.num.messages", "1"), ("linger.ms", "0")];
        let options = options.map(|(name, value)| (name.to_owned(), Secret(value.to_owned())));
        let kafka = Kafka { brokers: cluster.address(), options: options.into() };
        let mut producer = Producer::plain(&kafka).unwrap();
        for output in 0..20 {
            producer.send(&message(0, output, b"value"), Headers::NONE, std::iter::empty(), None).unwrap();
        }
        let (mut reports, start) = (Vec::new(), Instant::now());
        while producer.broken().is_none() && start.elapsed() < Duration::from_secs(30) {
            producer.serve(Duration::from_millis(1), |report| reports.push(report));
        }
        assert!(producer.broken().is_some_and(|broken| broken.by_refusal), "{reports:?}");
        let (limit, start) = (Duration::from_secs(60), Instant::now());
        reports.extend(wind_up(&mut producer, limit));
        assert!(start.elapsed() < limit / 2, "{:?}", start.elapsed());
        assert_eq!(reports.len(), 20, "{reports:?}");
    }

    #[test]
    fn a_producer_that_goes_with_its_messages_gives_their_memory_back() {
        let memory = Arc::new(b"value".to_vec());
        drop(stuck(&memory));
        assert_eq!(Arc::strong_count(&memory), 1);
    }
}
