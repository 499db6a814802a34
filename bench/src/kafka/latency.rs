//! How long a record is on its way: from the call that sends it into the source topic to the moment at which a consumer
//! has it out of the destination. Also without anybody between: that much is the measuring itself.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rdkafka::{
    config::ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
    message::{Headers as _, Message as _},
};
use weir::{
    config::{Kafka, Secret},
    endpoint::{Outgoing, Sink as _, Tag},
    kafka::{Headers, Producer},
};

use super::{
    cluster::whole,
    rounds::Bench,
    setup::{Contender, Setup},
};
use crate::{
    events::{Size, events},
    report::{Limit, Report, Unit, tell},
};

/// The header that a record is recognised by.
const NUMBER: &str = "bench-number";
/// Of the figures' names and of records a second: one now and then, some, many.
const LOADS: [(&str, f64); 3] = [("lone", 10.0), ("1k", 1_000.0), ("20k", 20_000.0)];
/// How long records are sent.
const TIME: Duration = Duration::from_secs(6);
/// Before that so many are sent, and so many of them a second, which are left out: every partition is written to, and the
/// broker is done with new ones. The first record of a partition takes it 10 to 100 ms longer.
const WARM: (usize, f64) = (2_000, 1_000.0);
/// How long a record may take.
const END: Duration = Duration::from_secs(30);
/// weir's `linger.ms`, in which a lone record must have left, and what the way itself may take, ms.
const LINGER: f64 = 20.0 + 5.0;

/// Rounds where nothing else is said: of a few dozen lone records, one that the machine held up is the 99th percentile.
pub(super) const ROUNDS: usize = 3;

/// Of the figures' names and of a round's samples: which share of the records took no longer.
const PARTS: [(&str, f64); 3] = [("p50", 0.5), ("p99", 0.99), ("max", 1.0)];

/// Runs every load `rounds` times, in turns, on the measure itself, the relay and both chains.
pub(super) fn run(bench: &mut Bench, workers: usize, rounds: usize, report: &mut Report) -> Result<()> {
    let contenders = [None, Some(Contender::Relay), Some(Contender::Empty), Some(Contender::Recom)];
    for (load, rate) in LOADS {
        // By contender and part, a sample a round.
        let mut samples: [[Vec<f64>; PARTS.len()]; 4] = Default::default();
        for round in 0..rounds {
            for turn in 0..contenders.len() {
                let at = (round + turn) % contenders.len();
                let what = || format!("{load}, {}", name(contenders[at]));
                let times = once(bench, contenders[at], workers, rate).with_context(what)?;
                let parts = PARTS.map(|(_, share)| times[((times.len() - 1) as f64 * share) as usize]);
                let [half, most, all] = parts;
                tell(format_args!("  {}: {half:.1} ms, 99 %: {most:.1} ms, all: {all:.1} ms", what()));
                samples[at].iter_mut().zip(parts).for_each(|(samples, part)| samples.push(part));
            }
        }
        let mut bare = None;
        for (contender, samples) in contenders.into_iter().zip(&samples) {
            let called = |part: &str| format!("latency.{load}.{part}.{}", name(contender));
            let mut medians = Vec::new();
            for ((part, _), samples) in PARTS.into_iter().zip(samples) {
                medians.push(report.measure("kafka", called(part), Unit::Milliseconds, samples));
            }
            let limit = *bare.get_or_insert(medians[0]) + LINGER;
            if load == "lone" && matches!(contender, Some(Contender::Empty | Contender::Recom)) {
                report.bar(&called("p99"), "a lone record leaves within the linger", Limit::AtMost(limit));
            }
        }
    }
    Ok(())
}

fn name(contender: Option<Contender>) -> String {
    contender.map_or_else(|| "direct".to_owned(), |contender| contender.to_string())
}

/// What each record took, in ms, ascending.
fn once(bench: &mut Bench, contender: Option<Contender>, workers: usize, rate: f64) -> Result<Vec<f64>> {
    bench.number += 1;
    let prefix = format!("b{}-{}-", std::process::id(), bench.number);
    let (input, cluster) = (format!("{prefix}in"), &bench.cluster);
    let brokers = &cluster.broker.address;
    let setup = Setup { brokers, input: &input, prefix: &prefix, workers, compression: "none", admin: None };
    let mut topics = contender.map_or_else(Vec::new, |contender| setup.topics(contender));
    let read = if topics.is_empty() { vec![input.clone()] } else { topics.clone() };
    topics.push(input.clone());
    cluster.create(&topics);
    let folder = bench.binaries.folder.join(&prefix);
    fs::create_dir_all(&folder)?;
    let mut process = match contender {
        Some(contender) => Some(bench.binaries.start(contender, &setup, &folder)?),
        None => None,
    };
    let start = Instant::now();
    let (seen, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let reading = thread::spawn({
        let (seen, over, eyes) = (Arc::clone(&seen), Arc::clone(&over), eyes(brokers, &read)?);
        move || arrivals(&eyes, start, &seen, &over)
    });
    let mut feed = Feed::new(brokers, &input, start)?;
    let mut await_all = |feed: &mut Feed| {
        let until = Instant::now() + END;
        while seen.load(Ordering::Relaxed) < feed.sent.len() as u64 {
            process.as_mut().map_or(Ok(()), super::process::Process::check)?;
            ensure!(Instant::now() < until && !reading.is_finished(), "not every record came out");
            feed.serve()?;
        }
        Ok(())
    };
    // The first says that everybody is there.
    feed.until(1)?;
    await_all(&mut feed)?;
    let begin = Instant::now();
    while feed.sent.len() < WARM.0 {
        feed.until(WARM.0.min((begin.elapsed().as_secs_f64() * WARM.1) as usize))?;
        feed.serve()?;
    }
    await_all(&mut feed)?;
    let begin = Instant::now();
    while begin.elapsed() < TIME {
        feed.until(WARM.0 + (begin.elapsed().as_secs_f64() * rate) as usize)?;
        feed.serve()?;
    }
    await_all(&mut feed)?;
    let count = feed.sent.len();
    over.store(true, Ordering::Relaxed);
    let arrived = reading.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    if let Some(process) = process {
        process.stop(END)?;
    }
    topics.iter().for_each(|topic| cluster.delete(std::slice::from_ref(topic)));
    ensure!(arrived.len() == count, "{} of {count} records came out", arrived.len());
    let mut times = Vec::with_capacity(count);
    for (number, at) in arrived.range(WARM.0 as u64..) {
        let sent = feed.sent.get(*number as usize).context("a record that was not sent")?;
        times.push((*at - *sent).as_secs_f64() * 1e3);
    }
    ensure!(!times.is_empty(), "no records");
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Reads from the beginning of all these topics.
fn eyes(brokers: &str, topics: &[String]) -> Result<BaseConsumer> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("group.id", "weir-bench-reader")
        .set("enable.auto.commit", "false")
        .set("fetch.wait.max.ms", "500");
    let eyes: BaseConsumer = config.create()?;
    eyes.assign(&whole(topics)?)?;
    Ok(eyes)
}

/// When each record came, by its number, counted from `start`.
fn arrivals(
    eyes: &BaseConsumer,
    start: Instant,
    seen: &AtomicU64,
    over: &AtomicBool,
) -> Result<BTreeMap<u64, Duration>> {
    let mut arrived = BTreeMap::new();
    while !over.load(Ordering::Relaxed) {
        let Some(message) = eyes.poll(Duration::from_millis(20)) else { continue };
        let (message, at) = (message?, start.elapsed());
        let headers = message.headers().context("headers")?;
        let number = headers.iter().find(|header| header.key == NUMBER).and_then(|header| header.value);
        arrived.insert(std::str::from_utf8(number.context("a number")?)?.parse()?, at);
        seen.store(arrived.len() as u64, Ordering::Relaxed);
    }
    Ok(arrived)
}

/// Numbered records, each sent at once.
struct Feed {
    producer: Producer,
    topic: String,
    start: Instant,
    events: Box<dyn Iterator<Item = crate::events::Event>>,
    /// When each was sent, counted from the start.
    sent: Vec<Duration>,
}

impl Feed {
    fn new(brokers: &str, topic: &str, start: Instant) -> Result<Self> {
        let options = BTreeMap::from([("linger.ms".to_owned(), Secret("0".to_owned()))]);
        let producer = Producer::plain(&Kafka { brokers: brokers.to_owned(), options })?;
        let events = Box::new(events(10_000, Size::Usual).into_iter().cycle());
        Ok(Self { producer, topic: topic.to_owned(), start, events, sent: Vec::new() })
    }

    /// Sends until there are so many.
    fn until(&mut self, count: usize) -> Result<()> {
        while self.sent.len() < count {
            let event = self.events.next().context("events without an end")?;
            let number = self.sent.len().to_string();
            let message = Outgoing {
                topic: &self.topic,
                partition: None,
                key: Some(&event.key),
                value: Some(&event.value),
                timestamp: Some(event.server),
                tag: Tag { slot: 0, output: 0, partition: 0 },
            };
            let headers = [(NUMBER.as_bytes(), Some(number.as_bytes()))];
            self.sent.push(self.start.elapsed());
            self.producer
                .send(&message, Headers::NONE, headers.into_iter(), None)
                .map_err(|why| anyhow::anyhow!("feeding: {}", why.reason))?;
        }
        Ok(())
    }

    /// Takes in what the broker says, for a moment.
    fn serve(&mut self) -> Result<()> {
        let mut refused = None;
        self.producer.serve(Duration::from_millis(1), |report| refused = refused.take().or(report.refused));
        refused.map_or(Ok(()), |why| bail!("feeding: {}", why.reason))
    }
}
