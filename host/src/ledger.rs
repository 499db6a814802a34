//! The records of a ledger topic: which generation carried which range of a source partition. Pure.
//!
//! One record for each range, as JSON, under a key that is the same for all ranges of a group and a partition, so that they
//! keep their order:
//!
//! ```text
//! weir-recom/client-events/0   {"version":1,"group":"weir-recom","pipeline":"recom","topic":"client-events",
//!                               "topic_id":"MkU3OEVBNTcwNTJENDM2Qg","partition":0,"from":0,"to":600,"digest":"9f2c…",
//!                               "generation":3,"records":{"in":600,"out":590,"passed":590,"dropped":0,"dead":10},
//!                               "at":"2026-01-31T08:00:00.123Z"}
//! ```

mod history;

pub use history::{History, Row, Wanted};
use serde::{Deserialize, Serialize};

use crate::delivery::Fates;

/// The form that is written; a reader refuses any other.
const VERSION: u32 = 1;
/// Bytes of a name at most, as Kafka has them for topics; of groups and pipelines none has been seen that is longer.
const LONGEST: usize = 249;

/// What a ledger topic says of one range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    version: u32,
    /// The consumer group, which has at most one pipeline for a topic.
    pub group: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The source topic.
    pub topic: String,
    /// Its id, as Kafka's tools show it; none where the brokers do not tell.
    pub topic_id: Option<String>,
    /// Its partition.
    pub partition: i32,
    /// The first offset of the range.
    pub from: i64,
    /// The one after its last.
    pub to: i64,
    /// Of the generation that the range went through.
    pub digest: String,
    /// The same generation's number, which counts within a process.
    pub generation: u64,
    /// What became of the range's records.
    pub records: Fates,
    /// When all of it was settled.
    #[serde(with = "time")]
    pub at: jiff::Timestamp,
}

/// A time as RFC 3339 has it.
mod time {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &jiff::Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<jiff::Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Why a record of a ledger topic is not understood.
#[derive(Debug, thiserror::Error)]
pub enum NotAnEntry {
    /// It has no value: somebody compacts the topic, or writes to it.
    #[error("it has no value")]
    Empty,
    /// Not the JSON that weir writes.
    #[error("it is not what weir writes: {0}")]
    Json(#[from] serde_json::Error),
    /// A later weir's.
    #[error("it is of version {0}, and this weir reads version {VERSION}")]
    Version(u32),
    /// An empty or impossible range.
    #[error("offsets {0} to {1} are no range")]
    Range(i64, i64),
    /// Longer than what stands there can be.
    #[error("it has a name or a digest of more than {LONGEST} bytes")]
    TooLong,
}

impl Entry {
    /// What `pipeline` of `group` says of the range `from..to` of a partition that is settled now.
    pub fn new((group, pipeline): (&str, &str), (topic, partition): (&str, i32), (from, to): (i64, i64)) -> Self {
        Self {
            version: VERSION,
            group: group.to_owned(),
            pipeline: pipeline.to_owned(),
            topic: topic.to_owned(),
            topic_id: None,
            partition,
            from,
            to,
            digest: String::new(),
            generation: 0,
            records: Fates::default(),
            at: jiff::Timestamp::now(),
        }
    }

    /// The record's key.
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.group, self.topic, self.partition)
    }

    /// The record's value.
    ///
    /// # Errors
    /// serde_json's, for which there is no cause.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads a record's value; members that it does not know are passed over.
    ///
    /// # Errors
    /// [`NotAnEntry`].
    pub fn parse(value: Option<&[u8]>) -> Result<Self, NotAnEntry> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let value = value.ok_or(NotAnEntry::Empty)?;
        let Versioned { version } = serde_json::from_slice(value)?;
        if version != VERSION {
            return Err(NotAnEntry::Version(version));
        }
        let entry: Self = serde_json::from_slice(value)?;
        if entry.from < 0 || entry.from >= entry.to {
            return Err(NotAnEntry::Range(entry.from, entry.to));
        }
        if [&entry.topic, &entry.digest].into_iter().any(|text| text.len() > LONGEST) {
            return Err(NotAnEntry::TooLong);
        }
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn entry() -> Entry {
        Entry {
            topic_id: Some("MkU3OEVBNTcwNTJENDM2Qg".to_owned()),
            digest: "9f2c".to_owned(),
            generation: 3,
            records: Fates { records: 600, out: 590, passed: 590, dropped: 0, dead: 10 },
            at: "2026-01-31T08:00:00.123Z".parse().unwrap(),
            ..Entry::new(("weir-recom", "recom"), ("client-events", 7), (0, 600))
        }
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let value = entry().to_json().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&value),
            r#"{"version":1,"group":"weir-recom","pipeline":"recom","topic":"client-events","topic_id":"MkU3OEVBNTcwNTJENDM2Qg","partition":7,"from":0,"to":600,"digest":"9f2c","generation":3,"records":{"in":600,"out":590,"passed":590,"dropped":0,"dead":10},"at":"2026-01-31T08:00:00.123Z"}"#
        );
        assert_eq!(Entry::parse(Some(&value)).unwrap(), entry());
        assert_eq!(entry().key(), "weir-recom/client-events/7");
    }

    #[test]
    fn a_later_version_and_what_others_write_is_told_from_an_entry() {
        let text = String::from_utf8(entry().to_json().unwrap()).unwrap();
        let why = |value: &str| Entry::parse(Some(value.as_bytes())).unwrap_err().to_string();
        assert_eq!(why(r#"{"version":2,"ranges":[]}"#), "it is of version 2, and this weir reads version 1");
        assert_eq!(why(&text.replace("\"from\":0", "\"from\":600")), "offsets 600 to 600 are no range");
        assert_eq!(why(&text.replace("\"from\":0", "\"from\":-1")), "offsets -1 to 600 are no range");
        for other in ["", "hello", "{}", "[1]", &text[..text.len() / 2]] {
            assert!(why(other).starts_with("it is not what weir writes: "), "{other}");
        }
        assert!(matches!(Entry::parse(None), Err(NotAnEntry::Empty)));
        // A later weir may say more.
        let more = text.replace("\"version\":1", "\"version\":1,\"more\":[{}]");
        assert_eq!(Entry::parse(Some(more.as_bytes())).unwrap(), entry());
    }
}
