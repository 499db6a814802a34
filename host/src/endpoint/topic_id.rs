//! Which topic a name stands for: one that is deleted and created anew has another id (KIP-516).

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::Allowed;

/// A topic's id, never zero; shown as Kafka's tools show it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicId(u128);

/// What a broker says of a topic's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicState {
    /// There is one, or weir may not know whether there is.
    There {
        /// Its id, unless the brokers are older than 2.8 or weir may not describe it.
        id: Option<TopicId>,
        /// What weir may do with it, where that was asked and is told.
        allowed: Option<Allowed>,
    },
    /// There is none.
    Missing,
    /// No answer for now, for this reason.
    Unclear(String),
}

impl TopicId {
    /// From the two halves of a UUID; none for zero, which stands for "no id".
    pub fn new(most: u64, least: u64) -> Option<Self> {
        let id = u128::from(most) << 64 | u128::from(least);
        (id != 0).then_some(Self(id))
    }
}

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.to_be_bytes()))
    }
}

impl fmt::Debug for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TopicId({self})")
    }
}

impl FromStr for TopicId {
    type Err = NotATopicId;

    fn from_str(text: &str) -> Result<Self, NotATopicId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotATopicId)?;
        let id = u128::from_be_bytes(bytes.try_into().map_err(|_| NotATopicId)?);
        if id == 0 { Err(NotATopicId) } else { Ok(Self(id)) }
    }
}

/// Text that is no topic's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a topic id")]
pub struct NotATopicId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_shows_and_shows_what_kafka_shows() {
        let text = "MkU3OEVBNTcwNTJENDM2Qg";
        let id = TopicId::new(0x3245_3738_4541_3537, 0x3035_3244_3433_3642);
        assert_eq!(id.map(|id| id.to_string()).as_deref(), Some(text));
        assert_eq!(text.parse().ok(), id);
        assert_eq!(TopicId::new(0, 0), None);
        for bad in ["", "AAAAAAAAAAAAAAAAAAAAAA", "MkU3", "not an id at all!!!!!"] {
            assert_eq!(bad.parse::<TopicId>(), Err(NotATopicId), "{bad}");
        }
    }
}
