//! The topics that a pipeline's configuration and plans name, and what is wrong with them.

use std::sync::Arc;

use crate::chain::Blueprint;

/// A topic that is named exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedTopic {
    pub(super) topic: Arc<str>,
    pub(super) used: TopicUse,
}

/// What a pipeline does with a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TopicUse {
    Read,
    Written,
}

/// Why a pipeline cannot use a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicTrouble {
    /// It is not there.
    Missing,
    /// weir may not read it.
    NotReadable,
    /// weir may not write to it.
    NotWritable,
}

impl TopicTrouble {
    /// Its word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotReadable => "not-readable",
            Self::NotWritable => "not-writable",
        }
    }
}

/// Those that `blueprint` names, each once for each use.
pub(super) fn of(blueprint: &Blueprint) -> Arc<[NamedTopic]> {
    let from = blueprint.pipeline().from.iter().map(String::as_str).filter(|from| !from.starts_with('^'));
    let read = from.map(|topic| (topic, TopicUse::Read));
    let outputs = blueprint.named_outputs();
    let written = outputs.iter().map(|(_, topic)| (*topic, TopicUse::Written));
    read.chain(written).map(|(topic, used)| NamedTopic { topic: topic.into(), used }).collect()
}
