//! What weir may do, and a right that it lacks.

use std::fmt;

/// What weir may do with a topic or a group, as the brokers tell it (KIP-430).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Read the topic; be a member of the group and commit there.
    pub read: bool,
    /// Write to the topic.
    pub write: bool,
}

/// What weir may not do, of what it has to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// Read a topic.
    ReadTopic(String),
    /// Write to a topic.
    WriteTopic(String),
    /// Be a member of a group and commit there.
    ReadGroup(String),
    /// Produce without duplicates: on any topic, or, for old brokers, on the cluster.
    Produce,
}

/// With the command that grants it.
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (right, on, flags) = match self {
            Self::ReadTopic(topic) => ("Read", format!("the topic `{topic}`"), format!("--topic {topic}")),
            Self::WriteTopic(topic) => ("Write", format!("the topic `{topic}`"), format!("--topic {topic}")),
            Self::ReadGroup(group) => ("Read", format!("the group `{group}`"), format!("--group {group}")),
            Self::Produce => (
                "IdempotentWrite",
                "the cluster (or Write on a topic, from Kafka 3.0 on)".to_owned(),
                "--cluster".to_owned(),
            ),
        };
        write!(f, "{right} on {on}; grant it: kafka-acls.sh --add --allow-principal User:… --operation {right} {flags}")
    }
}
