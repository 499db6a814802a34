//! Produces the input into the broker, no faster than it settles.

use std::{
    collections::{BTreeMap, VecDeque},
    io::BufRead,
    time::Duration,
};

use super::{Broker, PARTITIONS, reads};
use crate::{
    app::Pipelines,
    endpoint::{Error, Outgoing, Partition, Refused, Sink as _, Tag},
    kafka::{Headers, Producer, Reader},
    pipeline::State,
    record::{Record, sent_millis},
    record_file::{self, ReadError},
};

/// Bytes that may be unsettled: far below what the mock cluster keeps of a partition.
const UNSETTLED: usize = 1 << 20;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// How long the broker, which is in this process, may take for an answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Why the input could not be run through.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The input.
    #[error(transparent)]
    Input(#[from] ReadError),
    /// The broker.
    #[error(transparent)]
    Kafka(#[from] Error),
    /// A record that the broker does not take.
    #[error("a record for `{0}` was refused: {1}")]
    Refused(String, String),
    /// A pipeline stopped by itself.
    #[error("pipeline `{0}` stopped: {1}")]
    Stopped(String, String),
}

/// Feeds the pipelines.
pub struct Feed<'a> {
    pipelines: &'a Pipelines,
    broker: &'a mut Broker,
    producer: Producer,
    reader: Reader,
    /// Bytes of what was produced and may not be settled, oldest first.
    sizes: VecDeque<usize>,
    unsettled: usize,
    produced: u64,
    reported: u64,
    refused: Option<Refused>,
}

impl<'a> Feed<'a> {
    /// Connects to the broker.
    ///
    /// # Errors
    /// librdkafka's.
    pub fn new(broker: &'a mut Broker, pipelines: &'a Pipelines) -> Result<Self, Error> {
        let kafka = broker.kafka();
        Ok(Self {
            pipelines,
            producer: Producer::plain(&kafka)?,
            reader: Reader::connect(&kafka)?,
            broker,
            sizes: VecDeque::new(),
            unsettled: 0,
            produced: 0,
            reported: 0,
            refused: None,
        })
    }

    /// Produces every record of `input`; ends early where `stop` says so. Returns how many.
    ///
    /// # Errors
    /// [`FeedError`]; what was produced before stays.
    pub fn produce<R: BufRead>(
        &mut self,
        input: &mut record_file::Reader<R>,
        stop: &dyn Fn() -> bool,
    ) -> Result<u64, FeedError> {
        while let Some(record) = input.next_record()? {
            self.send(&record)?;
            self.sizes.push_back(size(&record));
            self.unsettled += size(&record);
            while self.unsettled > UNSETTLED && self.sizes.len() > 1 {
                if stop() {
                    return Ok(self.produced);
                }
                self.look()?;
            }
        }
        while self.reported < self.produced && !stop() {
            self.look()?;
        }
        Ok(self.produced)
    }

    /// Waits until every record of every source is settled, also what one pipeline wrote for another; false = `stop`
    /// said so before.
    ///
    /// # Errors
    /// [`FeedError`].
    pub fn settle(&mut self, stop: &dyn Fn() -> bool) -> Result<bool, FeedError> {
        let mut ends = self.ends()?;
        loop {
            if stop() {
                return Ok(false);
            }
            if self.is_settled(&ends) {
                let now = self.ends()?;
                if now == ends {
                    return Ok(true);
                }
                ends = now;
            }
            self.look()?;
        }
    }

    fn send(&mut self, record: &Record) -> Result<(), FeedError> {
        self.broker.create([record.topic.as_str()])?;
        let partition = record.partition.filter(|number| (0..PARTITIONS).contains(number));
        let tag = Tag { slot: 0, output: 0, partition: (self.produced % PARTITIONS as u64) as i32 };
        let message = Outgoing {
            topic: &record.topic,
            partition,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            timestamp: record.timestamp.millis().map(sent_millis),
            tag,
        };
        let headers = record.headers.iter().map(|header| (header.name.as_slice(), header.value.as_deref()));
        self.producer
            .send(&message, Headers::NONE, headers, None)
            .map_err(|refused| FeedError::Refused(record.topic.clone(), refused.reason))?;
        self.produced += 1;
        Ok(())
    }

    /// Serves reports, forgets what is settled, and waits a little.
    fn look(&mut self) -> Result<(), FeedError> {
        let (reported, refused) = (&mut self.reported, &mut self.refused);
        self.producer.serve(LOOK, |report| {
            *reported += 1;
            *refused = refused.take().or(report.refused);
        });
        if let Some(refused) = self.refused.take() {
            return Err(FeedError::Refused("the input".into(), refused.reason));
        }
        for status in self.pipelines.status() {
            if let State::Stopped(reason) = status.state {
                return Err(FeedError::Stopped(status.name, reason.to_string()));
            }
        }
        let open = self.produced.saturating_sub(self.settled()) as usize;
        while self.sizes.len() > open {
            self.unsettled -= self.sizes.pop_front().unwrap_or_default();
        }
        Ok(())
    }

    /// Records of the sources that every pipeline which reads them has settled. The mock cluster's offsets begin at 0
    /// and have no gaps.
    fn settled(&self) -> u64 {
        let mut slowest: BTreeMap<Partition, i64> = BTreeMap::new();
        for status in self.pipelines.status() {
            for progress in status.partitions {
                let mark = slowest.entry(progress.partition).or_insert(i64::MAX);
                *mark = (*mark).min(progress.watermark);
            }
        }
        slowest.values().map(|mark| u64::try_from(*mark).unwrap_or(0)).sum()
    }

    /// The end of every partition that any pipeline reads.
    fn ends(&self) -> Result<BTreeMap<Partition, i64>, Error> {
        let mut ends = BTreeMap::new();
        let blueprints = self.pipelines.blueprints();
        for topic in self.broker.topics() {
            if !blueprints.values().any(|blueprint| reads(blueprint.pipeline(), topic)) {
                continue;
            }
            for number in 0..PARTITIONS {
                let partition = Partition { topic: topic.as_str().into(), number };
                let (_, end) = self.reader.bounds(&partition, ANSWER)?;
                ends.insert(partition, end);
            }
        }
        Ok(ends)
    }

    fn is_settled(&self, ends: &BTreeMap<Partition, i64>) -> bool {
        let blueprints = self.pipelines.blueprints();
        self.pipelines.status().into_iter().all(|status| {
            let marks: BTreeMap<Partition, i64> =
                status.partitions.into_iter().map(|one| (one.partition, one.watermark)).collect();
            let Some(blueprint) = blueprints.get(&status.name) else { return true };
            let mut mine = ends.iter().filter(|(partition, _)| reads(blueprint.pipeline(), &partition.topic));
            mine.all(|(partition, end)| marks.get(partition).is_some_and(|mark| mark >= end))
        })
    }
}

impl std::fmt::Debug for Feed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("produced", &self.produced).field("reported", &self.reported).finish()
    }
}

fn size(record: &Record) -> usize {
    let headers: usize =
        record.headers.iter().map(|one| one.name.len() + one.value.as_ref().map_or(0, Vec::len) + 8).sum();
    record.key.as_ref().map_or(0, Vec::len) + record.value.as_ref().map_or(0, Vec::len) + headers + 64
}
