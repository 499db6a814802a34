//! A message to send.

/// What a message's report is recognised by. It travels with the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The worker's slot, below [`Tag::SLOTS`].
    pub slot: u32,
    /// Which output of the slot, below [`Tag::OUTPUTS`].
    pub output: u32,
    /// The source partition, below 2^21 (larger ones wrap: only the choice of a partition looks at it).
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
