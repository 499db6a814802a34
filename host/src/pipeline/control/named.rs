//! Looks every now and then whether the topics are there, and may be used, that the configuration and the plans name.
//!
//! A destination that is deleted would otherwise be noticed by the first record for it, and a right that was taken away by
//! the pipeline's stop.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::Control;
use crate::{
    endpoint::{Allowed, GroupMember, Right, Sink, TopicState},
    pipeline::{NamedTopic, TopicTrouble, TopicUse},
};

/// Between two looks; each is a part of the question that is asked for the sources' ids anyway.
const LOOKS: Duration = Duration::from_secs(10);

/// What the looks have shown.
#[derive(Debug)]
pub(super) struct NamedLooks {
    next: Instant,
    /// What the question asks about whose answer is still to come.
    asked: Option<Arc<[NamedTopic]>>,
    /// Shown by the last look, and by that one only: a broker that has just come back knows less for a while.
    unconfirmed: BTreeMap<Arc<str>, TopicTrouble>,
    /// Shown by two looks in a row, and told.
    known: BTreeMap<Arc<str>, TopicTrouble>,
}

impl Default for NamedLooks {
    fn default() -> Self {
        Self { next: Instant::now(), asked: None, unconfirmed: BTreeMap::new(), known: BTreeMap::new() }
    }
}

/// What is news.
#[derive(Debug, PartialEq, Eq)]
enum News {
    /// Something is wrong with the topic, or something else than before.
    Wrong(Arc<str>, TopicTrouble),
    /// Nothing is any more.
    Well(Arc<str>),
}

impl NamedLooks {
    /// Takes an answer in. Of a topic that the answer does not speak of for certain nothing changes.
    fn hear(&mut self, named: &[NamedTopic], told: &BTreeMap<Arc<str>, TopicState>) -> Vec<News> {
        let mut news = Vec::new();
        let names: BTreeSet<&str> = named.iter().map(|one| &*one.topic).collect();
        // A new generation may name others.
        self.known.retain(|topic, _| names.contains(&**topic));
        let unconfirmed = std::mem::take(&mut self.unconfirmed);
        for NamedTopic { topic, used } in named {
            match told.get(topic).map(|state| trouble(state, *used)) {
                None | Some(Err(())) => {
                    self.unconfirmed.extend(unconfirmed.get(topic).map(|trouble| (Arc::clone(topic), *trouble)));
                }
                Some(Ok(None)) => {
                    news.extend(self.known.remove(topic).map(|_| News::Well(Arc::clone(topic))));
                }
                Some(Ok(Some(trouble))) if self.known.get(topic) == Some(&trouble) => {}
                Some(Ok(Some(trouble))) if unconfirmed.get(topic) == Some(&trouble) => {
                    self.known.insert(Arc::clone(topic), trouble);
                    news.push(News::Wrong(Arc::clone(topic), trouble));
                }
                Some(Ok(Some(trouble))) => drop(self.unconfirmed.insert(Arc::clone(topic), trouble)),
            }
        }
        news
    }
}

/// What is wrong with a topic that is used so; none: nothing.
///
/// # Errors
/// The brokers do not say.
fn trouble(state: &TopicState, used: TopicUse) -> Result<Option<TopicTrouble>, ()> {
    match (state, used) {
        (TopicState::Unclear(_), _) => Err(()),
        (TopicState::Missing, _) => Ok(Some(TopicTrouble::Missing)),
        (TopicState::There { allowed: Some(Allowed { read: false, .. }), .. }, TopicUse::Read) => {
            Ok(Some(TopicTrouble::NotReadable))
        }
        (TopicState::There { allowed: Some(Allowed { write: false, .. }), .. }, TopicUse::Written) => {
            Ok(Some(TopicTrouble::NotWritable))
        }
        (TopicState::There { .. }, _) => Ok(None),
    }
}

impl<M: GroupMember, K: Sink> Control<M, K> {
    /// The topics to ask about besides, where a look is due; none else.
    pub(super) fn named_to_ask(&mut self) -> Option<Arc<[NamedTopic]>> {
        let now = Instant::now();
        if now < self.named.next {
            return None;
        }
        self.named.next = now + LOOKS;
        self.named.asked = Some(self.shared.named_topics());
        self.named.asked.clone()
    }

    /// An answer is there, or none will be.
    pub(super) fn hear_of_named(&mut self, told: Option<&BTreeMap<Arc<str>, TopicState>>) {
        let (Some(named), Some(told)) = (self.named.asked.take(), told) else { return };
        let pipeline = &self.shared.config.name;
        for news in self.named.hear(&named, told) {
            match news {
                News::Wrong(topic, trouble) => tracing::warn!(pipeline, %topic, "{}", in_words(&topic, trouble)),
                News::Well(topic) => tracing::info!(pipeline, %topic, "the topic is there again, and may be used"),
            }
        }
        self.shared.set_topic_troubles(self.named.known.clone());
    }
}

fn in_words(topic: &str, trouble: TopicTrouble) -> String {
    match trouble {
        TopicTrouble::Missing => {
            "a topic that the configuration or a plan names is not there: weir creates none".to_owned()
        }
        TopicTrouble::NotReadable => format!("weir lacks {}", Right::ReadTopic(topic.to_owned())),
        TopicTrouble::NotWritable => format!("weir lacks {}", Right::WriteTopic(topic.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: TopicState = TopicState::There { id: None, allowed: Some(Allowed { read: true, write: true }) };

    fn named() -> [NamedTopic; 2] {
        [("in", TopicUse::Read), ("out", TopicUse::Written)]
            .map(|(topic, used)| NamedTopic { topic: topic.into(), used })
    }

    fn hear(looks: &mut NamedLooks, out: TopicState) -> Vec<News> {
        looks.hear(&named(), &BTreeMap::from([("in".into(), THERE), ("out".into(), out)]))
    }

    #[test]
    fn a_topic_is_told_once_when_two_looks_in_a_row_miss_it_and_once_when_it_is_back() {
        let mut looks = NamedLooks::default();
        assert_eq!(hear(&mut looks, THERE), []);
        assert_eq!(hear(&mut looks, TopicState::Missing), [], "the broker may have just come back");
        assert_eq!(hear(&mut looks, THERE), []);
        assert_eq!(hear(&mut looks, TopicState::Missing), []);
        assert_eq!(hear(&mut looks, TopicState::Unclear("a leader is elected".to_owned())), []);
        assert_eq!(hear(&mut looks, TopicState::Missing), [News::Wrong("out".into(), TopicTrouble::Missing)]);
        assert_eq!(hear(&mut looks, TopicState::Missing), []);
        assert_eq!(hear(&mut looks, TopicState::Unclear("a leader is elected".to_owned())), []);
        assert_eq!(hear(&mut looks, THERE), [News::Well("out".into())]);
        assert_eq!(hear(&mut looks, THERE), []);
    }

    #[test]
    fn what_weir_may_not_do_matters_where_it_does_it() {
        let none = TopicState::There { id: None, allowed: Some(Allowed::default()) };
        let untold = TopicState::There { id: None, allowed: None };
        for (state, used, wrong) in [
            (&none, TopicUse::Read, Some(TopicTrouble::NotReadable)),
            (&none, TopicUse::Written, Some(TopicTrouble::NotWritable)),
            (&untold, TopicUse::Written, None),
        ] {
            assert_eq!(trouble(state, used), Ok(wrong));
        }
    }

    #[test]
    fn a_topic_that_is_named_no_more_is_forgotten() {
        let mut looks = NamedLooks::default();
        hear(&mut looks, TopicState::Missing);
        hear(&mut looks, TopicState::Missing);
        assert_eq!(looks.known.len(), 1);
        assert_eq!(looks.hear(&named()[..1], &BTreeMap::new()), []);
        assert!(looks.known.is_empty());
    }
}
