//! How long a record is on its way: from the call that sends it into the source topic to the moment at which a consumer
//! has it out of the destination. Also without anybody between: that much is the measuring itself.

use std::{
    collections::BTreeMap,
    fs, iter,
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
    figures::SECTION,
    process::{Process, usage},
    rounds::Bench,
    setup::{Contender, Setup},
};
use crate::{
    events::{Size, events},
    report::{Limit, Report, Unit, tell},
};

/// Who is compared, besides nobody.
pub(super) const CONTENDERS: [Contender; 4] = [Contender::Relay, Contender::Empty, Contender::Native, Contender::Recom];

/// The header that a record is recognised by.
const NUMBER: &str = "bench-number";

/// How many records come.
struct Load {
    /// As it stands in the names of figures.
    name: &'static str,
    /// Records a second.
    rate: f64,
    /// `linger.ms` of the producer that they come from.
    linger: &'static str,
    /// ms that 99 of 100 records of the recom chain may be on their way beyond what 99 of 100 need that nobody handles.
    limit: Option<f64>,
}

/// One now and then, some, many.
const LOADS: [Load; 3] = [
    Load { name: "lone", rate: 10.0, linger: "0", limit: None },
    Load { name: "1k", rate: 1_000.0, linger: "0", limit: Some(8.0) },
    // Java's producers let records linger so long since Kafka 4.0. With 0 the broker is busy with 8,000 requests a second.
    Load { name: "20k", rate: 20_000.0, linger: "5", limit: Some(40.0) },
];
/// CPU time of the recom chain, in that of the native program, under these loads.
const CPU: f64 = 1.2;
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

/// What one run says.
struct Passed {
    /// What each record took, ms, ascending.
    times: Vec<f64>,
    /// CPU seconds of the process per million records, where there was one.
    cpu: Option<f64>,
}

/// Runs every load `rounds` times, in turns: nobody, and then each of `contenders`.
pub(super) fn run(
    bench: &mut Bench,
    workers: usize,
    rounds: usize,
    contenders: &[Contender],
    report: &mut Report,
) -> Result<()> {
    let contenders: Vec<Option<Contender>> = iter::once(None).chain(contenders.iter().copied().map(Some)).collect();
    for load in &LOADS {
        // By contender, what each round said.
        let mut passed: BTreeMap<Option<Contender>, Vec<Passed>> = BTreeMap::new();
        for round in 0..rounds {
            for turn in 0..contenders.len() {
                let contender = contenders[(round + turn) % contenders.len()];
                let what = || format!("{}, {}", load.name, name(contender));
                let one = once(bench, contender, workers, load).with_context(what)?;
                let [half, most, all] = PARTS.map(|(_, share)| one.quantile(share));
                let cpu = one.cpu.map_or_else(String::new, |cpu| format!(", {cpu:.2} s/M"));
                tell(format_args!("  {}: {half:.1} ms, 99 %: {most:.1} ms, all: {all:.1} ms{cpu}", what()));
                passed.entry(contender).or_default().push(one);
            }
        }
        tell_load(report, load, &passed);
    }
    Ok(())
}

/// Adds what was measured under one load.
fn tell_load(report: &mut Report, load: &Load, passed: &BTreeMap<Option<Contender>, Vec<Passed>>) {
    let called = |part: &str, who: &str| format!("latency.{}.{part}.{who}", load.name);
    let mut bare = [0.0; PARTS.len()];
    for (contender, rounds) in passed {
        let medians = PARTS.map(|(part, share)| {
            let samples: Vec<f64> = rounds.iter().map(|one| one.quantile(share)).collect();
            report.measure(SECTION, called(part, &name(*contender)), Unit::Milliseconds, &samples)
        });
        let Some(contender) = contender else {
            bare = medians;
            continue;
        };
        let [half, most, _] = bare;
        let p99 = called("p99", &contender.to_string());
        match (load.limit, contender) {
            (None, Contender::Empty | Contender::Recom) => {
                report.bar(&p99, "a lone record leaves within the linger", Limit::AtMost(half + LINGER));
            }
            (Some(limit), Contender::Recom) => {
                report.bar(&p99, format!("the recom chain adds at most {limit} ms"), Limit::AtMost(most + limit));
            }
            _ => {}
        }
    }
    let cpu = |contender| passed.get(&Some(contender)).into_iter().flatten().filter_map(|one| one.cpu).collect();
    for contender in passed.keys().flatten() {
        let samples: Vec<f64> = cpu(*contender);
        report.measure(SECTION, called("cpu", &contender.to_string()), Unit::SecondsPerMillion, &samples);
    }
    let name = called("cpu", &format!("{}/{}", Contender::Recom, Contender::Native));
    report.ratio(SECTION, name.clone(), &cpu(Contender::Recom), &cpu(Contender::Native));
    if load.limit.is_some() {
        let text = format!("the recom chain takes at most {CPU} times the native program's CPU");
        report.bar(&name, text, Limit::AtMost(CPU));
    }
}

impl Passed {
    /// Returns what that share of the records took no longer than, ms.
    fn quantile(&self, share: f64) -> f64 {
        self.times[((self.times.len() - 1) as f64 * share) as usize]
    }
}

fn name(contender: Option<Contender>) -> String {
    contender.map_or_else(|| "direct".to_owned(), |contender| contender.to_string())
}

/// One run of one contender, or of nobody.
fn once(bench: &mut Bench, contender: Option<Contender>, workers: usize, load: &Load) -> Result<Passed> {
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
    let id = process.as_ref().map(Process::id);
    let cpu = || id.map(usage).transpose();
    let start = Instant::now();
    let (seen, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let reading = thread::spawn({
        let (seen, over, eyes) = (Arc::clone(&seen), Arc::clone(&over), eyes(brokers, &read)?);
        move || arrivals(&eyes, start, &seen, &over)
    });
    let mut feed = Feed::new(brokers, &input, load.linger, start)?;
    let mut await_all = |feed: &mut Feed| {
        let until = Instant::now() + END;
        while seen.load(Ordering::Relaxed) < feed.sent.len() as u64 {
            process.as_mut().map_or(Ok(()), Process::check)?;
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
    let before = cpu()?;
    let begin = Instant::now();
    while begin.elapsed() < TIME {
        feed.until(WARM.0 + (begin.elapsed().as_secs_f64() * load.rate) as usize)?;
        feed.serve()?;
    }
    await_all(&mut feed)?;
    let after = cpu()?;
    let count = feed.sent.len();
    over.store(true, Ordering::Relaxed);
    let arrived = reading.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
    if let Some(process) = process {
        process.stop(END)?;
    }
    cluster.delete(&topics);
    ensure!(arrived.len() == count, "{} of {count} records came out", arrived.len());
    let mut times = Vec::with_capacity(count);
    for (number, at) in arrived.range(WARM.0 as u64..) {
        let sent = feed.sent.get(*number as usize).context("a record that was not sent")?;
        times.push((*at - *sent).as_secs_f64() * 1e3);
    }
    ensure!(!times.is_empty(), "no records");
    times.sort_by(f64::total_cmp);
    let millions = times.len() as f64 / 1e6;
    let cpu = before.zip(after).map(|(before, after)| (after.cpu - before.cpu) / millions);
    Ok(Passed { times, cpu })
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

/// Numbered records.
struct Feed {
    producer: Producer,
    topic: String,
    start: Instant,
    events: Box<dyn Iterator<Item = crate::events::Event>>,
    /// When each was sent, counted from the start.
    sent: Vec<Duration>,
}

impl Feed {
    fn new(brokers: &str, topic: &str, linger: &str, start: Instant) -> Result<Self> {
        // An idempotent producer of librdkafka has one request of a partition on its way, and its thread spins while the next
        // message is due: 0.7 of a processor that what is measured needs.
        let options = [("linger.ms", linger), ("enable.idempotence", "false")];
        let options = options.map(|(name, value)| (name.to_owned(), Secret(value.to_owned()))).into();
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
