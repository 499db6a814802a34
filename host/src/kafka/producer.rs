//! One worker's producer: idempotent, every envelope kept, reports served by the worker itself.

mod channel;
mod lane;
mod pool;

use std::{sync::Arc, time::Duration};

use lane::{Lane, blames};
pub use pool::ProducerPool;
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
    endpoint::{Broken, BrokenBy, Error, Outgoing, Refused, Report, Sink, TopicsTold},
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
    /// Where the next one shares a client, too.
    pool: Option<Arc<ProducerPool>>,
}

/// The lane of a client that is one worker's alone.
const ALONE: usize = 0;

/// The client that a producer sends by.
#[derive(Debug)]
enum Link {
    Own(Box<RawProducer>),
    Shared(Lane),
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
    ) -> Result<Self, Error> {
        let by_source = pipeline.partition_by == PartitionBy::Source;
        let logs = Logs::of(&format!("{} producer {worker}", pipeline.name));
        Self::make(settings::producer(kafka, Some(pipeline), batch), by_source, logs, pool.map(Arc::clone))
    }

    /// A producer of no pipeline, for `weir dev`'s input.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn plain(kafka: &Kafka) -> Result<Self, Error> {
        Self::make(settings::producer(kafka, None, None), false, Logs::of("input"), None)
    }

    fn make(config: ClientConfig, by_source: bool, logs: Logs, pool: Option<Arc<ProducerPool>>) -> Result<Self, Error> {
        let link = match &pool {
            Some(pool) => Link::Shared(pool.lane(&config, by_source)?),
            None => Link::Own(Box::new(RawProducer::new(&config, by_source, logs.clone())?)),
        };
        let set = ["linger.ms", "queue.buffering.max.ms"].iter().find_map(|name| config.get(name));
        let linger =
            set.and_then(|set| set.parse().ok()).and_then(|ms: f64| Duration::try_from_secs_f64(ms / 1e3).ok());
        Ok(Self { link, config, by_source, linger: linger.unwrap_or_default(), logs, pool })
    }
}

impl Sink for Producer {
    type Headers = Headers;

    fn renew(&self) -> Result<Self, Error> {
        // Who was refused once may be refused again, and would break each time what the others send by.
        let shares = matches!(&self.link, Link::Shared(lane) if !lane.is_blamed());
        let pool = self.pool.as_ref().filter(|_| shares).map(Arc::clone);
        Self::make(self.config.clone(), self.by_source, self.logs.clone(), pool)
    }

    fn isolating(&self) -> Result<Self, Error> {
        let mut config = self.config.clone();
        config
            .set("enable.gapless.guarantee", "false")
            .set("max.in.flight.requests.per.connection", "1")
            .set("linger.ms", "1000");
        Self::make(config, self.by_source, self.logs.clone(), None)
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
        match &self.link {
            Link::Own(raw) => raw.client().push(limit),
            Link::Shared(lane) => lane.push(limit),
        }
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
        let Self { link, logs, .. } = self;
        let mut is_blamed = false;
        let mut report = |event| match event {
            Event::Delivered { tag, .. } => each(Report { tag, refused: None }),
            Event::Failed { tag, code, is_singled_out, .. } => {
                let refused = refused(code, is_singled_out);
                is_blamed |= blames(&refused);
                each(Report { tag, refused: Some(refused) });
            }
            // That it broke down is asked for, and said by whoever asks.
            Event::Trouble { code: RDKafkaErrorCode::Fatal, reason } => {
                tracing::debug!(target: "librdkafka", "{reason}");
            }
            Event::Trouble { code, reason } => logs.trouble(code, &reason),
        };
        match link {
            Link::Own(raw) => raw.serve(wait, report),
            Link::Shared(lane) => {
                lane.serve(wait, &mut report);
                if is_blamed {
                    lane.blame();
                }
            }
        }
    }

    fn broken(&self) -> Option<Broken> {
        match &self.link {
            Link::Own(raw) => {
                let (code, reason) = raw.client().fatal()?;
                let is_refusal = code == RDKafkaErrorCode::GaplessGuarantee;
                Some(Broken { reason, cause: if is_refusal { BrokenBy::Refusal } else { BrokenBy::Client } })
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
        match &self.link {
            Link::Own(raw) => raw.client().purge(all),
            Link::Shared(lane) => lane.purge(all),
        }
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
        assert!(producer.broken().is_some_and(|broken| broken.cause == BrokenBy::Refusal), "{reports:?}");
        let (limit, start) = (Duration::from_secs(60), Instant::now());
        reports.extend(wind_up(&mut producer, limit));
        assert!(start.elapsed() < limit / 2, "{:?}", start.elapsed());
        assert_eq!(reports.len(), 20, "{reports:?}");
    }

    fn serve_until(
        producers: &mut [Producer],
        what: &str,
        mut done: impl FnMut(&mut [Producer], &[Vec<Report>]) -> bool,
    ) {
        let mut reports: Vec<Vec<Report>> = producers.iter().map(|_| Vec::new()).collect();
        let start = Instant::now();
        while !done(producers, &reports) {
            assert!(start.elapsed() < Duration::from_secs(30), "{what}: {reports:?}");
            for (producer, reports) in producers.iter_mut().zip(&mut reports) {
                producer.serve(Duration::from_millis(1), |report| reports.push(report));
            }
        }
    }

    fn sharing(kafka: &Kafka, pool: &Arc<ProducerPool>) -> Producer {
        let config = settings::producer(kafka, None, None);
        Producer::make(config, false, Logs::of("shared"), Some(Arc::clone(pool))).unwrap()
    }

    fn clients(producers: &[Producer]) -> usize {
        let clients: std::collections::HashSet<_> = producers
            .iter()
            .map(|producer| match &producer.link {
                Link::Own(raw) => std::ptr::from_ref(raw.client()).addr(),
                Link::Shared(lane) => lane.client(),
            })
            .collect();
        clients.len()
    }

    #[test]
    fn those_who_share_a_producer_get_each_their_own_reports() {
        let cluster = MockCluster::start().unwrap();
        cluster.create(["out"], 1).unwrap();
        let kafka = Kafka { brokers: cluster.address(), options: Default::default() };
        let pool = Arc::default();
        let mut producers: Vec<Producer> = (0..9).map(|_| sharing(&kafka, &pool)).collect();
        assert_eq!(clients(&producers), 2, "eight share one");
        let memory = Arc::new(b"value".to_vec());
        for (number, producer) in producers.iter_mut().enumerate() {
            for output in 0..=number {
                let message = message(number as u32 % 2, output as u32, &memory[..4]);
                producer.send(&message, Headers::NONE, std::iter::empty(), Some(&memory)).unwrap();
            }
        }
        serve_until(&mut producers, "all is reported", |producers, _| producers.iter().all(|one| one.held() == 0));
        assert_eq!(Arc::strong_count(&memory), 1);
        // Who goes makes room for somebody else.
        drop(producers.remove(0));
        producers.push(sharing(&kafka, &pool));
        assert_eq!(clients(&producers), 2);
        serve_until(&mut producers, "nothing comes that was not sent", |_, reports| reports.iter().all(Vec::is_empty));
    }

    #[test]
    fn who_goes_with_messages_that_are_to_be_sent_ends_the_producer_for_all_and_they_are_not_sent() {
        let kafka = Kafka { brokers: "127.0.0.1:9".to_owned(), options: Default::default() };
        let pool = Arc::default();
        let mut producers = vec![sharing(&kafka, &pool), sharing(&kafka, &pool)];
        for producer in &mut producers {
            producer.send(&message(0, 1, b"value"), Headers::NONE, std::iter::empty(), None).unwrap();
            assert_eq!((producer.broken(), producer.held()), (None, 1));
        }
        drop(producers.remove(0));
        assert_eq!(producers[0].broken().map(|broken| broken.cause), Some(BrokenBy::Neighbour));
        let reports = wind_up(&mut producers[0], Duration::from_secs(10));
        assert!(reports.len() == 1 && reports[0].refused.is_some(), "{reports:?}");
        let renewed = producers[0].renew().unwrap();
        assert_eq!(renewed.broken(), None);
        producers.push(renewed);
        assert_eq!(clients(&producers), 2);
    }

    #[test]
    fn who_is_refused_gets_a_producer_of_his_own_and_the_others_share_a_new_one() {
        let cluster = MockCluster::start().unwrap();
        cluster.create(["out"], 1).unwrap();
        cluster.answer_produce(&[Some(Answer::Invalid)]);
        let options = [("enable.gapless.guarantee", "true"), ("linger.ms", "0")];
        let options = options.map(|(name, value)| (name.to_owned(), Secret(value.to_owned())));
        let kafka = Kafka { brokers: cluster.address(), options: options.into() };
        let pool = Arc::default();
        let mut producers: Vec<Producer> = (0..3).map(|_| sharing(&kafka, &pool)).collect();
        producers[1].send(&message(0, 0, b"value"), Headers::NONE, std::iter::empty(), None).unwrap();
        serve_until(&mut producers, "it breaks", |producers, reports| {
            !reports[1].is_empty() && producers.iter().all(|one| one.broken().is_some())
        });
        let causes: Vec<_> = producers.iter().map(|one| one.broken().map(|broken| broken.cause)).collect();
        assert_eq!(causes, [BrokenBy::Neighbour, BrokenBy::Refusal, BrokenBy::Neighbour].map(Some));
        let renewed: Vec<Producer> = producers.iter().map(|one| one.renew().unwrap()).collect();
        let shared: Vec<bool> = renewed.iter().map(|one| matches!(one.link, Link::Shared(_))).collect();
        assert_eq!((shared, clients(&renewed)), (vec![true, false, true], 2));
    }

    #[test]
    fn a_producer_that_goes_with_its_messages_gives_their_memory_back() {
        let memory = Arc::new(b"value".to_vec());
        drop(stuck(&memory));
        assert_eq!(Arc::strong_count(&memory), 1);
    }
}
