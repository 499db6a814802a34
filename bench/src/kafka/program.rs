//! What both native programs are: consume in batches, do something to each record, produce, commit what was delivered.
//!
//! They read weir's own configuration, so that topics, group, workers and every client setting are those of the weir that
//! they are compared with. Each runs as a process of its own (`weir-bench program …`).

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rdkafka::{
    config::ClientConfig,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    error::KafkaError,
    topic_partition_list::{Offset, TopicPartitionList},
};
use weir::{config, kafka};

use super::{
    native::Recom,
    raw::{Headers, Holding, Message, Producer, Queue, Topic},
    relay::Relay,
    track::Track,
};

/// Records taken from a queue at once.
const BATCH: usize = 1024;
/// How long to wait for a batch to fill.
const AGE: Duration = Duration::from_millis(20);
/// Between two commits.
const COMMITS: Duration = Duration::from_secs(1);
/// How long the last reports and the last commit may take.
const END: Duration = Duration::from_secs(10);

/// Which of them.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Job {
    /// Records go on as they came.
    Relay,
    /// The recom job, by hand.
    Native,
}

/// `weir-bench program`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// What to run.
    job: Job,
    /// A configuration of weir with one pipeline.
    #[arg(short, long)]
    config: PathBuf,
    /// Send each value from the consumed message, held until the report, instead of copying it into the producer. Measured:
    /// no faster (0.98 of the copying one's records per CPU second), and the fetched responses stay in memory longer.
    #[arg(long)]
    hold_values: bool,
    /// Copy headers one by one instead of handing the consumed message's own list on. Measured: 9 % slower.
    #[arg(long)]
    copy_headers: bool,
    /// Records of a worker whose reports are awaited; beyond, it reads no more. Measured: the relay costs twice as much with
    /// 20,000 (what is sent has left the cache before it is written out, and librdkafka spins over what is past its linger),
    /// and no less with 3,000, which halves what it moves a second; the recom job takes a fifth more with 10,000.
    #[arg(long, default_value_t = 5_000)]
    in_flight: usize,
}

/// What is done to a record.
pub(crate) trait Step: Send {
    /// Where it goes, with which headers and time.
    fn step(&mut self, message: &mut Message) -> (Topic, Option<Headers>, i64);
}

/// Runs until SIGTERM.
pub(crate) fn run(options: &Options) -> Result<()> {
    let config = config::load(&options.config)?;
    let pipeline = config.pipelines.values().next().context("a pipeline")?;
    let (consuming, mut producing) = kafka::client_configs(&config.kafka, pipeline);
    // As weir and the Java client choose.
    producing.set("partitioner", "murmur2_random");
    let holding = if options.hold_values { Holding::Hold } else { Holding::Copy };
    let workers = pipeline.workers.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let mut lines = Vec::new();
    for _ in 0..workers {
        let mut producer = Producer::new(&producing, holding)?;
        let step: Box<dyn Step> = match options.job {
            Job::Relay => Box::new(Relay::new(pipeline, &mut producer, options.copy_headers)?),
            Job::Native => Box::new(Recom::new(pipeline, &mut producer, options.copy_headers)?),
        };
        lines.push((producer, step));
    }
    let ending = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&ending))?;
    relay(consuming, &pipeline.from, lines, options.in_flight, &ending)
}

/// A line of one worker.
type Line = (Producer, Box<dyn Step>);

fn relay(
    mut consuming: ClientConfig,
    from: &[String],
    lines: Vec<Line>,
    in_flight: usize,
    ending: &Arc<AtomicBool>,
) -> Result<()> {
    consuming.set("auto.offset.reset", "earliest");
    let consumer: Arc<BaseConsumer> = Arc::new(consuming.create()?);
    let [topic] = from else { bail!("one topic to read from") };
    let partitions = count_partitions(&consumer, topic)?;
    let queues: Vec<Queue> = lines.iter().map(|_| Queue::new(&consumer)).collect();
    let mut assignment = TopicPartitionList::new();
    for partition in 0..partitions {
        queues[partition as usize % queues.len()].forward(topic, partition)?;
        assignment.add_partition_offset(topic, partition, Offset::Stored)?;
    }
    consumer.assign(&assignment)?;
    let marks: Arc<[AtomicI64]> = (0..partitions).map(|_| AtomicI64::new(-1)).collect();
    let workers: Vec<_> = queues
        .into_iter()
        .zip(lines)
        .map(|(queue, line)| {
            let (marks, ending) = (Arc::clone(&marks), Arc::clone(ending));
            thread::spawn(move || {
                let result = work(queue, line, in_flight, &marks, &ending);
                // Where one fails, all end.
                ending.store(true, Ordering::Relaxed);
                result
            })
        })
        .collect();
    let mut committed = vec![-1; partitions as usize];
    let mut next = Instant::now() + COMMITS;
    while !ending.load(Ordering::Relaxed) {
        if let Some(message) = consumer.poll(Duration::from_millis(50)) {
            ensure!(message.is_err(), "a record came outside its worker's queue");
        }
        if Instant::now() >= next {
            commit(&consumer, topic, &marks, &mut committed, CommitMode::Async)?;
            next += COMMITS;
        }
    }
    for worker in workers {
        worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))??;
    }
    commit(&consumer, topic, &marks, &mut committed, CommitMode::Sync)
}

fn count_partitions(consumer: &BaseConsumer, topic: &str) -> Result<i32> {
    let metadata = consumer.fetch_metadata(Some(topic), END)?;
    let found = metadata.topics().first().map_or(0, |topic| topic.partitions().len());
    ensure!(found > 0, "there is no topic {topic}");
    Ok(i32::try_from(found)?)
}

fn commit(
    consumer: &BaseConsumer,
    topic: &str,
    marks: &[AtomicI64],
    committed: &mut [i64],
    mode: CommitMode,
) -> Result<()> {
    let mut list = TopicPartitionList::new();
    for ((partition, mark), committed) in marks.iter().enumerate().zip(committed) {
        let mark = mark.load(Ordering::Relaxed);
        if mark > *committed {
            *committed = mark;
            list.add_partition_offset(topic, i32::try_from(partition)?, Offset::Offset(mark))?;
        }
    }
    if list.count() == 0 { Ok(()) } else { consumer.commit(&list, mode).map_err(KafkaError::into) }
}

fn work(
    mut queue: Queue,
    (mut producer, mut step): Line,
    in_flight: usize,
    marks: &[AtomicI64],
    ending: &AtomicBool,
) -> Result<()> {
    let mut tracks: Vec<Track> = marks.iter().map(|_| Track::default()).collect();
    let (mut waiting, mut failed) = (0_usize, None);
    let serve = |producer: &mut Producer, wait: Duration, tracks: &mut [Track], waiting: &mut usize| {
        let mut failed = None;
        producer.serve(wait, |partition, offset, error| {
            *waiting -= 1;
            failed = failed.or(error);
            tracks[partition as usize].deliver(offset);
        });
        for (track, mark) in tracks.iter().zip(marks) {
            if let Some(next) = track.next() {
                mark.store(next, Ordering::Relaxed);
            }
        }
        failed.map_or(Ok(()), |error| Err(anyhow::anyhow!("not delivered: {error}")))
    };
    while !ending.load(Ordering::Relaxed) {
        if waiting >= in_flight {
            serve(&mut producer, Duration::from_millis(10), &mut tracks, &mut waiting)?;
            continue;
        }
        queue.take(BATCH, AGE, |mut message| {
            if let Some(code) = message.trouble() {
                failed = failed.or(Some(code));
                return;
            }
            tracks[message.partition() as usize].send(message.offset());
            let (topic, headers, timestamp) = step.step(&mut message);
            match producer.send(topic, message, headers, timestamp) {
                Ok(()) => waiting += 1,
                Err(code) => failed = failed.or(Some(code)),
            }
        });
        if let Some(code) = failed {
            bail!("a record was not taken: {code}");
        }
        serve(&mut producer, Duration::ZERO, &mut tracks, &mut waiting)?;
    }
    let until = Instant::now() + END;
    while waiting > 0 && Instant::now() < until {
        serve(&mut producer, Duration::from_millis(10), &mut tracks, &mut waiting)?;
    }
    Ok(())
}
