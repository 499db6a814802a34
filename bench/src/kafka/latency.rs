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
    kafka::{Outgoing, Producer, Tag},
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
/// The share of it in which everything warms up, and which is left out.
const WARM: f64 = 0.2;
/// How long a record may take.
const END: Duration = Duration::from_secs(30);
/// weir's `linger.ms`, in which a lone record must have left, and what the way itself may take, ms.
const LINGER: f64 = 20.0 + 5.0;

/// Runs every load on the measure itself, the relay and both chains.
pub(super) fn run(bench: &mut Bench, workers: usize, report: &mut Report) -> Result<()> {
    for (load, rate) in LOADS {
        let mut bare = 0.0;
        for contender in [None, Some(Contender::Relay), Some(Contender::Empty), Some(Contender::Recom)] {
            let name = contender.map_or_else(|| "direct".to_owned(), |contender| contender.to_string());
            let times = once(bench, contender, workers, rate).with_context(|| format!("{load}, {name}"))?;
            let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
            tell(format_args!("  {load} {name}: {:.1} ms, 99 %: {:.1} ms, all: {:.1} ms", at(0.5), at(0.99), at(1.0)));
            for (part, value) in [("p50", at(0.5)), ("p99", at(0.99)), ("max", at(1.0))] {
                report.measure("kafka", format!("latency.{load}.{part}.{name}"), Unit::Milliseconds, &[value]);
            }
            if contender.is_none() {
                bare = at(0.5);
            } else if load == "lone" && contender != Some(Contender::Relay) {
                let name = format!("latency.{load}.p99.{name}");
                report.bar(&name, "a lone record leaves within the linger", Limit::AtMost(bare + LINGER));
            }
        }
    }
    Ok(())
}

/// What each record took, in ms, ascending.
fn once(bench: &mut Bench, contender: Option<Contender>, workers: usize, rate: f64) -> Result<Vec<f64>> {
    bench.number += 1;
    let prefix = format!("b{}-{}-", std::process::id(), bench.number);
    let (input, cluster) = (format!("{prefix}in"), &bench.cluster);
    let brokers = &cluster.broker.address;
    let setup = Setup { brokers, input: &input, prefix: &prefix, workers, compression: "none" };
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
    // The first says that everybody is there.
    feed.until(1.0)?;
    let until = Instant::now() + END;
    while seen.load(Ordering::Relaxed) == 0 {
        process.as_mut().map_or(Ok(()), super::process::Process::check)?;
        ensure!(Instant::now() < until && !reading.is_finished(), "no record came out");
        feed.serve()?;
    }
    let begin = Instant::now();
    while begin.elapsed() < TIME {
        feed.until(1.0 + begin.elapsed().as_secs_f64() * rate)?;
        feed.serve()?;
    }
    let count = feed.sent.len();
    let until = Instant::now() + END;
    while seen.load(Ordering::Relaxed) < count as u64 && Instant::now() < until && !reading.is_finished() {
        feed.serve()?;
    }
    over.store(true, Ordering::Relaxed);
    let arrived = reading.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    if let Some(process) = process {
        process.stop(END)?;
    }
    topics.iter().for_each(|topic| cluster.delete(std::slice::from_ref(topic)));
    ensure!(arrived.len() == count, "{} of {count} records came out", arrived.len());
    let skipped = (count as f64 * WARM) as u64;
    let mut times = Vec::with_capacity(count);
    for (number, at) in arrived.range(skipped..) {
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
    fn until(&mut self, count: f64) -> Result<()> {
        while (self.sent.len() as f64) < count {
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
                .send(&message, headers.into_iter())
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
