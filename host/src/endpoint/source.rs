//! One worker's input.

use std::time::Duration;

use crate::{
    batch::{Batch, Full},
    record::Timestamp,
};

/// What stands in a source in place of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The partition's end was reached; nothing is wrong.
    End,
    /// The offset to read is gone; the partition is read no further.
    Gap,
    /// Records that cannot be decoded: a wrong checksum, an unknown format. The client goes on behind them.
    Unreadable(String),
    /// weir may not read the topic: the client's words.
    Denied(String),
    /// The client's words; it goes on by itself.
    Other(String),
}

/// What was taken out of a source: a record, or what went wrong with a partition.
pub trait Incoming {
    /// The record's headers in the form that they came in.
    type Headers;

    /// The topic's handle: equal for equal topics, cheap to compare.
    fn topic_id(&self) -> usize;
    /// The topic's name; empty where an error names none.
    fn topic(&self) -> &str;
    /// The partition.
    fn partition(&self) -> i32;
    /// The offset.
    fn offset(&self) -> i64;
    /// What is wrong, where this is no record.
    fn trouble(&self) -> Option<Trouble>;
    /// Bytes of key and value.
    fn size(&self) -> usize;
    /// The timestamp with its type.
    fn timestamp(&self) -> Timestamp;
    /// Copies the record to the end of `batch` and returns its headers as they came.
    ///
    /// # Errors
    /// [`Full`].
    fn copy_to(self, batch: &mut Batch, received: i64) -> Result<Self::Headers, Full>;
}

/// Records of the partitions that a worker was given; used by one thread at a time.
pub trait Source: Send {
    /// Headers as they came.
    type Headers: Send;
    /// What is handed out.
    type Record<'a>: Incoming<Headers = Self::Headers>;

    /// How many records it holds that were fetched and not handed out.
    fn held(&self) -> usize;
    /// Fetches until it holds `most` records or `wait` is over. Returns how many it holds.
    fn fill(&mut self, most: usize, wait: Duration) -> usize;
    /// Hands what is held to `each`, in the order of arrival, and holds nothing afterwards.
    fn drain(&mut self, each: impl FnMut(Self::Record<'_>));
}
