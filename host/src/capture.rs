//! A bounded range of a topic, into a record file: per partition in offset order, without a group and without commits.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::{Duration, Instant},
};

use crate::{
    config::Kafka,
    endpoint::{Error, Partition, Position, Right},
    kafka::{Cluster, Reader, Step},
    record::Record,
    record_file,
};

/// How long one question to the brokers may take.
const QUESTION: Duration = Duration::from_secs(10);
/// Between two looks at whether to stop.
const LOOK: Duration = Duration::from_millis(100);
/// How long a partition that has records left may give none.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a range begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The oldest record.
    Earliest,
    /// After the newest record that is there now.
    Latest,
    /// An offset, the same in every partition.
    Offset(i64),
    /// The first record at or after this time, ms since the epoch.
    Time(i64),
}

/// What to capture.
#[derive(Clone, Debug)]
pub struct Range<'a> {
    /// Of this topic.
    pub topic: &'a str,
    /// From here on.
    pub from: Mark,
    /// Up to here, this one left out.
    pub to: Mark,
    /// No more records than this, over all partitions.
    pub limit: Option<u64>,
}

/// Why a range could not be captured.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// Kafka's side.
    #[error(transparent)]
    Kafka(#[from] Error),
    /// The topic is not there.
    #[error("there is no topic `{0}`")]
    NoTopic(String),
    /// The topic may not be seen, or not be read.
    #[error("weir lacks {0}")]
    NotAllowed(Right),
    /// The file cannot be opened.
    #[error("cannot open the file for the records: {0}")]
    Open(#[source] io::Error),
    /// The file's side.
    #[error("cannot write the records: {0}")]
    Write(#[from] io::Error),
    /// Records are left and none came for a minute.
    #[error("no record came for {} s, and {left} offsets are left to read", PATIENCE.as_secs())]
    Stuck {
        /// Offsets between where it stands and where it should end.
        left: i64,
    },
}

/// A range that is there, to be read once.
#[derive(Debug)]
pub struct Located {
    reader: Reader,
    left: BTreeMap<Partition, Left>,
    limit: Option<u64>,
}

/// What is still to be read of a partition.
#[derive(Debug)]
struct Left {
    next: i64,
    end: i64,
}

/// Writes the range to what `open` answers, which is asked once the brokers have said that the range is there, so that a
/// mistyped topic does not cost the file of an earlier capture. `progress` is that of [`Located::read`]. Returns how many
/// records were written.
///
/// # Errors
/// [`CaptureError`]; what was written before stays.
pub fn run<W: Write>(
    kafka: &Kafka,
    range: &Range<'_>,
    open: impl FnOnce() -> io::Result<W>,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<u64, CaptureError> {
    let located = Located::find(kafka, range)?;
    let mut out = open().map_err(CaptureError::Open)?;
    let mut line = Vec::new();
    let mut write = |record: &Record| {
        line.clear();
        record_file::write_record(record, &mut line);
        out.write_all(&line)
    };
    let written = located.read(&mut write, progress)?;
    out.flush()?;
    Ok(written)
}

impl Located {
    /// Asks the brokers for it.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn find(kafka: &Kafka, range: &Range<'_>) -> Result<Self, CaptureError> {
        let cluster = Cluster::connect(kafka)?;
        let topics = cluster.topics(QUESTION, || true)?;
        let Some(topic) = topics.iter().find(|topic| topic.name == range.topic) else {
            let name = range.topic.to_owned();
            let is_hidden = cluster.hidden(&[range.topic], QUESTION).contains(range.topic);
            return Err(if is_hidden {
                CaptureError::NotAllowed(Right::ReadTopic(name))
            } else {
                CaptureError::NoTopic(name)
            });
        };
        let reader = Reader::connect(kafka)?;
        let mut left = BTreeMap::new();
        for number in 0..topic.partitions {
            let partition = Partition { topic: range.topic.into(), number: number as i32 };
            let (low, high) = reader.bounds(&partition, QUESTION)?;
            let place = |mark| -> Result<i64, Error> {
                Ok(match mark {
                    Mark::Earliest => low,
                    Mark::Latest => high,
                    Mark::Offset(offset) => offset.clamp(low, high),
                    Mark::Time(time) => reader.offset_at(&partition, time, QUESTION)?.unwrap_or(high).clamp(low, high),
                })
            };
            let (next, end) = (place(range.from)?, place(range.to)?);
            if next < end {
                left.insert(partition, Left { next, end });
            }
        }
        Ok(Self { reader, left, limit: range.limit })
    }

    /// Hands its records to `each`, partition after partition: so they come in offset order within each, and a limit cuts at
    /// a known place. `progress` hears of records passed and of all offsets there are, and ends it by returning false.
    /// Returns how many records there were.
    ///
    /// # Errors
    /// [`CaptureError`], also that of `each`.
    pub fn read(
        self,
        each: &mut dyn FnMut(&Record) -> io::Result<()>,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<u64, CaptureError> {
        let Self { reader, left, limit } = self;
        let all: u64 = left.values().map(|left| (left.end - left.next) as u64).sum();
        let mut count = 0;
        for (partition, left) in left {
            let passed_before = count;
            let mut one = One { reader: &reader, partition, left };
            if !one.read(limit, all, &mut count, each, progress)? {
                break;
            }
            tracing::debug!(partition = %one.partition, records = count - passed_before, "captured");
        }
        Ok(count)
    }
}

/// One partition's part.
struct One<'a> {
    reader: &'a Reader,
    partition: Partition,
    left: Left,
}

impl One<'_> {
    /// False = the capture is over: the limit is reached, or it was ended.
    fn read(
        &mut self,
        limit: Option<u64>,
        all: u64,
        count: &mut u64,
        each: &mut dyn FnMut(&Record) -> io::Result<()>,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<bool, CaptureError> {
        let position = Position { partition: self.partition.clone(), offset: self.left.next };
        self.reader.read_from(&[position])?;
        let mut heard = Instant::now();
        while self.left.next < self.left.end {
            if limit.is_some_and(|limit| *count >= limit) || !progress(*count, all) {
                return Ok(false);
            }
            match self.reader.next(LOOK)? {
                Step::Record(record) => {
                    heard = Instant::now();
                    let offset = record.offset.unwrap_or(self.left.next);
                    self.left.next = offset + 1;
                    if offset >= self.left.end || record.partition != Some(self.partition.number) {
                        continue;
                    }
                    each(&record)?;
                    *count += 1;
                }
                Step::End(number) if number == self.partition.number => break,
                Step::Nothing if heard.elapsed() > PATIENCE => {
                    return Err(CaptureError::Stuck { left: self.left.end - self.left.next });
                }
                Step::Denied => {
                    let topic = self.partition.topic.to_string();
                    return Err(CaptureError::NotAllowed(Right::ReadTopic(topic)));
                }
                Step::End(_) | Step::Nothing => {}
            }
        }
        Ok(true)
    }
}
