//! One Kafka record, owned: what record files, tests and single-record paths speak of.
//!
//! The hot path uses [`crate::batch::Batch`], which holds many records in one buffer.

/// A timestamp as Kafka keeps it, in milliseconds since the epoch (may be negative), with its type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timestamp {
    /// The record has none.
    #[default]
    None,
    /// Set by the producer.
    Create(i64),
    /// Set by the broker when it appended the record.
    LogAppend(i64),
}

impl Timestamp {
    /// Milliseconds since the epoch, or none.
    pub fn millis(self) -> Option<i64> {
        match self {
            Self::None => None,
            Self::Create(ms) | Self::LogAppend(ms) => Some(ms),
        }
    }
}

/// What a timestamp that is sent becomes in Kafka: librdkafka takes 0 for "now", so it is sent as 1.
///
/// Everything that sends records, or shows what would be sent, goes by this.
pub const fn sent_millis(ms: i64) -> i64 {
    if ms == 0 { 1 } else { ms }
}

/// One header: names may repeat within a record and need not be UTF-8; a null value differs from an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name's bytes.
    pub name: Vec<u8>,
    /// The value's bytes, or null.
    pub value: Option<Vec<u8>>,
}

/// One Kafka record with the whole envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Where it stands, or where it goes.
    pub topic: String,
    /// The partition, where known.
    pub partition: Option<i32>,
    /// The offset, where known.
    pub offset: Option<i64>,
    /// The timestamp and its type.
    pub timestamp: Timestamp,
    /// When weir fetched it, in ms since the epoch, where known.
    pub received: Option<i64>,
    /// The key; null differs from empty.
    pub key: Option<Vec<u8>>,
    /// The value; null (a tombstone) differs from empty.
    pub value: Option<Vec<u8>>,
    /// The headers, in their order.
    pub headers: Vec<Header>,
}
