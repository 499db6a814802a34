//! Records that say where they came from, sent at a pace, and the count of what became of them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{Broker, Record};

/// The header that names a record's source: `partition:sequence`.
pub const SOURCE: &str = "source";

/// The `seq`-th record of a partition.
pub fn record(topic: &str, partition: i32, seq: u64) -> Record {
    Record::to(topic)
        .partition(partition)
        .at(1_700_000_000_000 + seq as i64)
        .key(format!("key-{}", seq % 97))
        .value(format!(
            r#"{{"partition":{partition},"seq":{seq},"userId":{},"text":"{}"}}"#,
            seq % 1000,
            "x".repeat(200)
        ))
        .header(SOURCE, format!("{partition}:{seq}"))
}

/// A feed that runs beside the test.
#[derive(Debug)]
pub struct Load {
    sent: Arc<AtomicU64>,
    end: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Load {
    /// Sends `rate` records a second, round about the partitions, until [`Load::finish`].
    pub fn start(broker: &'static Broker, topic: &str, partitions: i32, rate: u64) -> Self {
        let (sent, end) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, over, topic) = (Arc::clone(&sent), Arc::clone(&end), topic.to_owned());
        let thread = thread::spawn(move || {
            let (start, mut next) = (Instant::now(), 0);
            let mut feed = broker.oracle.feed();
            while !over.load(Ordering::Relaxed) {
                let due = start.elapsed().as_millis() as u64 * rate / 1000;
                for number in next..due {
                    feed.send(&record(&topic, (number % partitions as u64) as i32, number / partitions as u64));
                }
                next = due;
                feed.flush();
                count.store(next, Ordering::Relaxed);
                // The pace of the load, not a wait for anything.
                thread::sleep(Duration::from_millis(10));
            }
            feed.finish();
            next
        });
        Self { sent, end, thread }
    }

    /// How many were sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Ends it; how many records the broker has.
    pub fn finish(self) -> u64 {
        self.end.store(true, Ordering::Relaxed);
        self.thread.join().expect("the load")
    }
}

/// What became of a load.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sent and never seen again.
    pub lost: u64,
    /// Seen more than once: how often too many.
    pub duplicates: u64,
    /// First seen after a later record of the same source partition in the same destination partition.
    pub disordered: u64,
}

impl Tally {
    /// Counts the outputs (read per partition in order) of `sent` records of a [`Load`] over `partitions`.
    pub fn of(outputs: &[Record], sent: u64, partitions: i32) -> Self {
        let mut seen: BTreeMap<(i32, u64), u64> = BTreeMap::new();
        let mut last: BTreeMap<(i32, &str, Option<i32>), u64> = BTreeMap::new();
        let mut tally = Self::default();
        for output in outputs {
            let (partition, seq) = source(output);
            let times = seen.entry((partition, seq)).or_default();
            *times += 1;
            if *times > 1 {
                tally.duplicates += 1;
                continue;
            }
            let before = last.insert((partition, &output.topic, output.partition), seq);
            tally.disordered += u64::from(before.is_some_and(|before| before > seq));
        }
        for number in 0..sent {
            let place = ((number % partitions as u64) as i32, number / partitions as u64);
            tally.lost += u64::from(!seen.contains_key(&place));
        }
        tally
    }
}

/// Where a record of a load came from.
pub fn source(output: &Record) -> (i32, u64) {
    let text = output.text(SOURCE).expect("the header `source`");
    let (partition, seq) = text.split_once(':').expect("partition:sequence");
    (partition.parse().expect("a partition"), seq.parse().expect("a sequence"))
}
