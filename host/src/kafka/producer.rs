//! One worker's producer: idempotent, every envelope kept, reports served by the worker itself.

use std::time::Duration;

use rdkafka::types::RDKafkaErrorCode;

use super::{
    Error,
    log::Logs,
    raw::producer::{Event, RawProducer},
    settings,
};
use crate::config::{Kafka, PartitionBy, Pipeline};

/// What a message's report is recognised by. It travels with the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The worker's slot, below [`Tag::SLOTS`].
    pub slot: u32,
    /// Which output of the slot, below [`Tag::OUTPUTS`].
    pub output: u32,
    /// The source partition, below 2^24 (larger ones wrap: only the choice of a partition looks at it).
    pub partition: i32,
}

impl Tag {
    /// How many slots there can be.
    pub const SLOTS: u32 = 1 << 14;
    /// How many outputs a slot can have.
    pub const OUTPUTS: u32 = 1 << 26;
}

/// A message to send, headers apart.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The destination.
    pub topic: &'a str,
    /// The partition; none = by key as the Java client does, without a key by the source partition.
    pub partition: Option<i32>,
    /// The key; null differs from empty.
    pub key: Option<&'a [u8]>,
    /// The value; null differs from empty.
    pub value: Option<&'a [u8]>,
    /// Milliseconds since the epoch; none = now. 0 cannot be sent: librdkafka takes it for now.
    pub timestamp: Option<i64>,
    /// What the report is recognised by.
    pub tag: Tag,
}

/// What kind of refusal it is, which decides what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This record will never be taken: too large, invalid.
    Record,
    /// The topic does not exist.
    Topic,
    /// The topic has no such partition.
    Partition,
    /// weir may not write there.
    Authorization,
    /// Not now: send it again.
    Again,
    /// This producer can send no more.
    Fatal,
}

/// A message that was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The kind.
    pub kind: Refusal,
    /// librdkafka's or the broker's words.
    pub reason: String,
}

/// The fate of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which message.
    pub tag: Tag,
    /// Why it was not delivered; none = every replica that `acks=all` asks for has it.
    pub refused: Option<Refused>,
}

/// A producer of one worker.
#[derive(Debug)]
pub struct Producer {
    raw: RawProducer,
}

impl Producer {
    /// Connects in the background.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn new(kafka: &Kafka, pipeline: &Pipeline, worker: usize) -> Result<Self, Error> {
        let by_source = pipeline.partition_by == PartitionBy::Source;
        let logs = Logs::of(&format!("{} producer {worker}", pipeline.name));
        RawProducer::new(&settings::producer(kafka, Some(pipeline)), by_source, logs).map(|raw| Self { raw })
    }

    /// A producer of no pipeline, for `weir dev`'s input.
    ///
    /// # Errors
    /// A setting that librdkafka refuses.
    pub fn plain(kafka: &Kafka) -> Result<Self, Error> {
        RawProducer::new(&settings::producer(kafka, None), false, Logs::of("input")).map(|raw| Self { raw })
    }

    /// Copies a message into the producer's queue; never blocks. A message that was taken gets exactly one report.
    ///
    /// # Errors
    /// Not taken, and no report will come: [`Refusal::Again`] where the queue is full.
    pub fn send<'a>(
        &mut self,
        message: &Outgoing<'_>,
        headers: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> Result<(), Refused> {
        self.raw.send(message, headers).map_err(refused)
    }

    /// Hands the reports that are there to `each`; waits up to `wait` for the first. Answers why, once this producer
    /// can send no more.
    pub fn serve(&mut self, wait: Duration, mut each: impl FnMut(Report)) -> Option<String> {
        let mut fatal = None;
        self.raw.serve(wait, |event| match event {
            Event::Report(tag, code) => each(Report { tag, refused: code.map(refused) }),
            Event::Trouble { reason, fatal: true, .. } => fatal = Some(reason),
            Event::Trouble { code, reason, fatal: false } => {
                tracing::debug!(target: "librdkafka", ?code, "{reason}");
            }
        });
        fatal
    }

    /// Messages without a served report.
    pub fn held(&self) -> usize {
        self.raw.held()
    }
}

fn refused(code: RDKafkaErrorCode) -> Refused {
    use RDKafkaErrorCode as E;
    let kind = match code {
        E::MessageSizeTooLarge
        | E::InvalidMessage
        | E::InvalidMessageSize
        | E::InvalidTimestamp
        | E::InvalidRecord
        | E::BadMessage
        | E::PolicyViolation => Refusal::Record,
        E::UnknownTopic | E::UnknownTopicOrPartition | E::InvalidTopic => Refusal::Topic,
        E::UnknownPartition => Refusal::Partition,
        E::TopicAuthorizationFailed | E::ClusterAuthorizationFailed => Refusal::Authorization,
        E::Fatal | E::State => Refusal::Fatal,
        _ => Refusal::Again,
    };
    Refused { kind, reason: code.to_string() }
}
