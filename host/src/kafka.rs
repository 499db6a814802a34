//! Speaks to Kafka: clients from configuration, batch consumption, a producer that keeps the whole envelope.
//!
//! The only room that knows rdkafka. Everything unsafe stands in `raw`; what is offered here is safe:
//! [`Consumer`] (the group's member, one thread), [`Queue`] (what one worker consumes), [`Producer`] (one worker's),
//! [`Cluster`] (questions about topics) and [`MockCluster`] (the broker of `weir dev`).

mod cluster;
mod consumer;
mod denied;
mod lag;
mod log;
mod mock;
mod producer;
mod range;
mod raw;
mod reader;
mod settings;

use std::sync::Arc;

pub use cluster::{Cluster, Settings, Topic};
pub use consumer::{Committed, Consumer, Event, Position};
pub use denied::Denied;
#[cfg(test)]
pub(crate) use mock::Answer;
pub use mock::MockCluster;
pub use producer::{Broken, Outgoing, Producer, Refusal, Refused, Report, Tag};
pub use raw::{
    headers::Headers,
    queue::{Fetched, Queue, Trouble},
};
pub use reader::{Reader, Step};
pub use settings::client_configs;

/// librdkafka's name and version.
pub fn librdkafka() -> String {
    format!("librdkafka {}", rdkafka::util::get_rdkafka_version().1)
}

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition's number.
    pub number: i32,
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]", self.topic, self.number)
    }
}

/// What Kafka or librdkafka refused to do, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{doing}: {reason}")]
pub struct Error {
    /// What was being done, such as `read the committed offsets`.
    pub doing: &'static str,
    /// What librdkafka says.
    pub reason: String,
}

impl Error {
    fn new(doing: &'static str, reason: impl std::fmt::Display) -> Self {
        Self { doing, reason: reason.to_string() }
    }
}
