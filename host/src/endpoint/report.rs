//! What becomes of a message.

use super::Tag;

/// What kind of refusal it is, which decides what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This record will never be taken: too large, invalid. It is this one for certain.
    Record,
    /// The request was refused because of a record of it, which may be this one.
    Candidate,
    /// The request was refused because of another record of it: send this one again.
    Unaffected,
    /// The topic does not exist.
    Topic,
    /// The topic has no such partition.
    Partition,
    /// weir may not write there.
    Authorization,
    /// Not now: send it again.
    Retriable,
    /// The request is refused for good, whatever its records are.
    Request,
    /// This sink can send no more.
    Fatal,
}

/// A message that was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The kind.
    pub kind: Refusal,
    /// Whether it was too many bytes.
    pub too_large: bool,
    /// The client library's words for its code.
    pub reason: String,
}

/// The fate of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The message's tag.
    pub tag: Tag,
    /// Why it was not delivered; none = every replica that `acks=all` asks for has it.
    pub refused: Option<Refused>,
}

/// Why a sink can send no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The client library's words.
    pub reason: String,
    /// What broke it.
    pub cause: BrokenBy,
}

/// What broke a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenBy {
    /// The client lost its place: what it has not delivered is sent again by another one.
    Client,
    /// weir may not produce at all.
    Denied,
    /// Only that the broker refused a request: what stood behind that is held back, so that order holds.
    Refusal,
    /// The same, of somebody else who sends by the same client; or he went with messages that were still to be sent.
    Neighbour,
}

/// What a broker says of topics that a sink asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicsTold {
    /// Topics that exist, with how many partitions.
    pub present: Vec<(String, i32)>,
    /// Topics that the broker does not know.
    pub absent: Vec<String>,
}
