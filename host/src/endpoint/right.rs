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
    /// See how topics are set; one or more.
    DescribeConfigs(Vec<String>),
    /// Produce without duplicates: on any topic, or, for old brokers, on the cluster.
    Produce,
}

/// So many topics are named in one message.
const NAMED: usize = 3;

/// Returns the first few in backticks, and how many more there are.
pub fn list_topics(topics: &[impl AsRef<str>]) -> String {
    let named: Vec<String> = topics.iter().take(NAMED).map(|topic| format!("`{}`", topic.as_ref())).collect();
    match topics.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// With the command that grants it.
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (right, on, flags) = match self {
            Self::ReadTopic(topic) => ("Read", format!("the topic `{topic}`"), format!("--topic {topic}")),
            Self::WriteTopic(topic) => ("Write", format!("the topic `{topic}`"), format!("--topic {topic}")),
            Self::ReadGroup(group) => ("Read", format!("the group `{group}`"), format!("--group {group}")),
            Self::DescribeConfigs(topics) => {
                let noun = if topics.len() == 1 { "topic" } else { "topics" };
                let flags: Vec<String> = topics.iter().take(NAMED).map(|topic| format!("--topic {topic}")).collect();
                ("DescribeConfigs", format!("the {noun} {}", list_topics(topics)), flags.join(" "))
            }
            Self::Produce => (
                "IdempotentWrite",
                "the cluster (or Write on a topic, from Kafka 3.0 on)".to_owned(),
                "--cluster".to_owned(),
            ),
        };
        write!(f, "{right} on {on}; grant it: kafka-acls.sh --add --allow-principal User:… --operation {right} {flags}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_topics_are_named_up_to_three_with_one_command() {
        let lacks =
            |names: &[&str]| Right::DescribeConfigs(names.iter().map(|&name| name.to_owned()).collect()).to_string();
        let grant = "grant it: kafka-acls.sh --add --allow-principal User:… --operation DescribeConfigs";
        assert_eq!(lacks(&["a"]), format!("DescribeConfigs on the topic `a`; {grant} --topic a"));
        assert_eq!(
            lacks(&["a", "b", "c", "d", "e"]),
            format!("DescribeConfigs on the topics `a`, `b`, `c` and 2 more; {grant} --topic a --topic b --topic c")
        );
    }
}
