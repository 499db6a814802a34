//! Looks every now and then whether the topics that are read are still the same ones.
//!
//! librdkafka does not say when a topic was created anew: it reads on at the old offset, in the middle of the new topic
//! where that is long enough. What is committed meanwhile names the old topic's id, so that nobody goes on from there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Control, repair::Trouble};
use crate::endpoint::{GroupMember, Partition, Sink, TopicId, TopicState};

/// Between two looks, each of which is one request for all topics, be they those of [`super::named`] or not.
const LOOKS: Duration = Duration::from_secs(1);
/// The same, where another look is to confirm what one has shown, or an error was met.
const SOON: Duration = Duration::from_millis(200);
/// How long the brokers may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// When the next look is.
#[derive(Debug)]
pub(super) struct Looks {
    next: Instant,
    /// Whether the answer to one is still to come.
    is_asked: bool,
    /// Whether it was said that the brokers name no ids.
    is_told: bool,
}

impl Default for Looks {
    fn default() -> Self {
        Self { next: Instant::now(), is_asked: false, is_told: false }
    }
}

impl Looks {
    /// Something went wrong, which a topic that was created anew would explain.
    pub(super) fn hurry(&mut self) {
        self.next = self.next.min(Instant::now() + SOON);
    }
}

impl<M: GroupMember, K: Sink> Control<M, K> {
    pub(super) fn look(&mut self) {
        if let Some(answer) = self.member.topics_told() {
            self.looks.is_asked = false;
            self.waiting.heard(Instant::now(), answer.is_ok());
            self.hear_of_named(answer.as_ref().ok());
            match answer {
                Ok(topics) => self.compare(&topics),
                // Brokers that are away; they are asked again.
                Err(error) => tracing::debug!(pipeline = self.shared.config.name, "{error}"),
            }
            let pause = if self.memory.identities.has_suspicion() { SOON } else { LOOKS };
            self.looks.next = Instant::now() + pause;
        }
        let is_time = !self.looks.is_asked && Instant::now() >= self.looks.next;
        if !is_time || self.shared.is_stopped() {
            return;
        }
        let mut topics: BTreeSet<Arc<str>> = if self.waiting.is_over() {
            self.mine.keys().map(|partition| Arc::clone(&partition.topic)).collect()
        } else {
            // Only to see whether the brokers answer.
            let named = self.shared.config.from.iter().filter(|from| !from.starts_with('^'));
            named.map(|topic| Arc::from(topic.as_str())).chain(self.memory.identities.topics()).collect()
        };
        let named = self.named_to_ask();
        let with_rights = named.is_some();
        topics.extend(named.iter().flat_map(|named| named.iter()).map(|named| Arc::clone(&named.topic)));
        if topics.is_empty() {
            return;
        }
        let topics: Vec<Arc<str>> = topics.into_iter().collect();
        self.member.ask_topics(&topics, with_rights, ANSWER);
        self.looks.is_asked = true;
    }

    fn compare(&mut self, topics: &BTreeMap<Arc<str>, TopicState>) {
        self.memory.identities.begin_round();
        let mut recreated: Vec<(Partition, TopicId)> = Vec::new();
        for (partition, was) in &self.mine {
            // A topic that is gone is waited for: the group takes its partitions away.
            let Some(TopicState::There { id: is, .. }) = topics.get(&partition.topic) else { continue };
            let (Some(was), Some(is)) = (*was, *is) else {
                if !std::mem::replace(&mut self.looks.is_told, true) {
                    let (pipeline, topic) = (&self.shared.config.name, &partition.topic);
                    tracing::warn!(pipeline, %topic, "the brokers do not tell its id: should it be created anew, weir cannot see that");
                }
                continue;
            };
            if self.memory.identities.is_recreated(&partition.topic, was, is) == Ok(true) {
                recreated.push((partition.clone(), is));
            }
        }
        for (partition, id) in recreated {
            self.report(partition, Trouble::Recreated(id));
        }
    }
}
