//! A bounded range of a topic, into a record file: per partition in offset order, without a group and without commits.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::{Duration, Instant},
};

use crate::{
    config::Kafka,
    endpoint::{Error, Partition, Position},
    kafka::{Cluster, Reader, Step},
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

/// What is still to be read of a partition.
#[derive(Debug)]
struct Left {
    next: i64,
    end: i64,
}

/// Writes the range to what `open` answers, which is asked once the brokers have said that the range is there, so that a
/// mistyped topic does not cost the file of an earlier capture. `progress` hears of offsets passed and of all there are to pass, and ends the capture by
/// answering false. Answers how many records were written.
///
/// # Errors
/// [`CaptureError`]; what was written before stays.
pub fn run<W: Write>(
    kafka: &Kafka,
    range: &Range<'_>,
    open: impl FnOnce() -> io::Result<W>,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<u64, CaptureError> {
    let topics = Cluster::connect(kafka)?.topics(QUESTION, || true)?;
    let Some(topic) = topics.iter().find(|topic| topic.name == range.topic) else {
        return Err(CaptureError::NoTopic(range.topic.to_owned()));
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
    let all: u64 = left.values().map(|left| (left.end - left.next) as u64).sum();
    let mut out = open().map_err(CaptureError::Open)?;
    let mut written = 0;
    let mut line = Vec::new();
    // Partition after partition: so the file is in offset order within each, and a limit cuts at a known place.
    for (partition, left) in left {
        let passed_before = written;
        let mut one = One { reader: &reader, partition, left };
        if !one.read(range.limit, all, &mut written, &mut line, &mut out, progress)? {
            break;
        }
        tracing::debug!(partition = %one.partition, records = written - passed_before, "captured");
    }
    out.flush()?;
    Ok(written)
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
        written: &mut u64,
        line: &mut Vec<u8>,
        out: &mut dyn Write,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<bool, CaptureError> {
        let position = Position { partition: self.partition.clone(), offset: self.left.next };
        self.reader.read_from(&[position])?;
        let mut heard = Instant::now();
        while self.left.next < self.left.end {
            if limit.is_some_and(|limit| *written >= limit) || !progress(*written, all) {
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
                    line.clear();
                    record_file::write_record(&record, line);
                    out.write_all(line)?;
                    *written += 1;
                }
                Step::End(number) if number == self.partition.number => break,
                Step::Nothing if heard.elapsed() > PATIENCE => {
                    return Err(CaptureError::Stuck { left: self.left.end - self.left.next });
                }
                Step::End(_) | Step::Nothing => {}
            }
        }
        Ok(true)
    }
}
