//! Reads a range of a topic without a group and without commits.

use std::time::Duration;

use rdkafka::{
    consumer::{BaseConsumer, Consumer as _},
    error::{KafkaError, RDKafkaErrorCode},
    message::{Headers as _, Message as _, Timestamp as Stamp},
    topic_partition_list::{Offset, TopicPartitionList},
};

use super::{log::Logs, range, settings};
use crate::{
    config::Kafka,
    endpoint::{Error, Partition, Position},
    record::{Header, Record, Timestamp},
};

/// A consumer of one topic's ranges.
pub struct Reader {
    inner: BaseConsumer<Quiet>,
}

/// What a look at the topic gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A record.
    Record(Record),
    /// Everything there is of this partition was read, or passed over: control records and aborted ones never come.
    End(i32),
    /// Nothing came in time.
    Nothing,
    /// weir lacks the right to read the topic.
    Denied,
}

/// What a reader's context is: log lines only.
struct Quiet(Logs);

impl rdkafka::client::ClientContext for Quiet {
    fn log(&self, level: rdkafka::config::RDKafkaLogLevel, facility: &str, line: &str) {
        self.0.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        match error.rdkafka_error_code() {
            // The end of a partition is what a reader waits for.
            Some(RDKafkaErrorCode::PartitionEOF) => {}
            // librdkafka looks for the coordinator of the group that it is given, which a reader never joins and need not be
            // allowed to.
            Some(RDKafkaErrorCode::GroupAuthorizationFailed) => {}
            _ => self.0.error(error, reason),
        }
    }
}

impl rdkafka::consumer::ConsumerContext for Quiet {}

impl Reader {
    /// Connects in the background.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn connect(kafka: &Kafka) -> Result<Self, Error> {
        let inner = settings::reader(kafka)
            .create_with_context(Quiet(Logs::of("reader")))
            .map_err(|reason| Error::new("make a consumer", reason))?;
        Ok(Self { inner })
    }

    /// The oldest offset of a partition and the one after its newest readable record.
    ///
    /// # Errors
    /// The leader did not answer in time, or refused.
    pub fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error> {
        range::bounds(&self.inner, partition, wait)
    }

    /// The first offset at or after `time` (ms since the epoch); `None` = there is none yet.
    ///
    /// # Errors
    /// The leader did not answer in time, or refused.
    pub fn offset_at(&self, partition: &Partition, time: i64, wait: Duration) -> Result<Option<i64>, Error> {
        range::offset_at(&self.inner, partition, time, wait)
    }

    /// Reads these from their positions on.
    ///
    /// # Errors
    /// librdkafka's refusal.
    pub fn read_from(&self, positions: &[Position]) -> Result<(), Error> {
        let doing = "start reading";
        let mut list = TopicPartitionList::new();
        for Position { partition, offset } in positions {
            list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(*offset))
                .map_err(|reason| Error::new(doing, reason))?;
        }
        self.inner.assign(&list).map_err(|reason| Error::new(doing, reason))
    }

    /// The next record of any of the partitions, waiting no longer than `wait`.
    ///
    /// # Errors
    /// A partition cannot be read on, such as where its offset is gone.
    pub fn next(&self, wait: Duration) -> Result<Step, Error> {
        let message = match self.inner.poll(wait) {
            None => return Ok(Step::Nothing),
            Some(Err(KafkaError::PartitionEOF(number))) => return Ok(Step::End(number)),
            Some(Err(KafkaError::MessageConsumption(code))) if is_passing(code) => return Ok(Step::Nothing),
            Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::TopicAuthorizationFailed))) => {
                return Ok(Step::Denied);
            }
            Some(Err(reason)) => return Err(Error::new("read records", reason)),
            Some(Ok(message)) => message,
        };
        let headers = message.headers().map(|headers| {
            let owned = headers
                .iter()
                .map(|header| Header { name: header.key.as_bytes().to_vec(), value: header.value.map(<[u8]>::to_vec) });
            owned.collect()
        });
        Ok(Step::Record(Record {
            topic: message.topic().to_owned(),
            partition: Some(message.partition()),
            offset: Some(message.offset()),
            timestamp: match message.timestamp() {
                Stamp::NotAvailable => Timestamp::None,
                Stamp::CreateTime(ms) => Timestamp::Create(ms),
                Stamp::LogAppendTime(ms) => Timestamp::LogAppend(ms),
            },
            received: None,
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: headers.unwrap_or_default(),
        }))
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

/// Trouble that librdkafka cures by itself, or that hinders no reading, as that of the group that a reader never joins.
fn is_passing(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as E;
    matches!(
        code,
        E::BrokerTransportFailure
            | E::AllBrokersDown
            | E::Resolve
            | E::OperationTimedOut
            | E::NotLeaderForPartition
            | E::GroupAuthorizationFailed
    )
}
