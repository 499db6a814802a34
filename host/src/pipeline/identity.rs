//! Whether the topics that are read are still those that they were when they were assigned.

use std::{collections::BTreeMap, sync::Arc};

use crate::endpoint::{Error, Partition, TopicId};

/// Ids of a topic that are remembered as gone.
const GONE: usize = 8;
/// Rounds of questions for which a suspicion is remembered.
const MEMORY: u64 = 60;

/// What this process has seen of the topics' ids.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// Which topic each partition was last read as.
    read_as: BTreeMap<Partition, TopicId>,
    /// Ids that a name has stood for and does not any more: a broker that lags behind may still tell one.
    gone: BTreeMap<Arc<str>, Vec<TopicId>>,
    /// Another id than expected, and the round of questions in which it was told first: a later one confirms it.
    unconfirmed: BTreeMap<(TopicId, TopicId), u64>,
    round: u64,
}

impl Identities {
    /// The brokers are asked anew: what they say confirms what they said before.
    pub(super) fn begin_round(&mut self) {
        self.round += 1;
        let round = self.round;
        self.unconfirmed.retain(|_, since| *since + MEMORY > round);
    }

    /// The topic that this process read a partition as, if it ever did.
    pub(super) fn read_as(&self, partition: &Partition) -> Option<TopicId> {
        self.read_as.get(partition).copied()
    }

    /// Every topic that this process ever read.
    pub(super) fn topics(&self) -> impl Iterator<Item = Arc<str>> {
        self.read_as.keys().map(|partition| Arc::clone(&partition.topic))
    }

    /// A partition is read as of this topic from now on.
    pub(super) fn note(&mut self, partition: &Partition, id: TopicId) {
        let Some(before) = self.read_as.insert(partition.clone(), id).filter(|before| *before != id) else { return };
        let gone = self.gone.entry(Arc::clone(&partition.topic)).or_default();
        if !gone.contains(&before) {
            gone.truncate(GONE - 1);
            gone.insert(0, before);
        }
    }

    /// Whether `topic`, which was read as `was`, is another one by now.
    ///
    /// # Errors
    /// It seems so, and is to be asked once more.
    pub(super) fn is_recreated(&mut self, topic: &Arc<str>, was: TopicId, is: TopicId) -> Result<bool, Error> {
        if was == is {
            self.unconfirmed.retain(|(unconfirmed, _), _| *unconfirmed != was);
            return Ok(false);
        }
        if self.gone.get(topic).is_some_and(|gone| gone.contains(&is)) {
            return Ok(false);
        }
        if *self.unconfirmed.entry((was, is)).or_insert(self.round) < self.round {
            return Ok(true);
        }
        let reason = format!("`{topic}` seems to have been created anew; asking once more");
        Err(Error { doing: "compare a topic's id", reason })
    }

    /// Whether something was told in this round that is to be asked once more.
    pub(super) fn has_suspicion(&self) -> bool {
        self.unconfirmed.values().any(|since| *since == self.round)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_id_counts_when_it_is_told_twice_and_never_when_it_is_an_old_one() {
        let topic: Arc<str> = "t".into();
        let partition = Partition { topic: Arc::clone(&topic), number: 0 };
        let id = |number| TopicId::new(0, number).unwrap_or_else(|| unreachable!());
        let mut identities = Identities::default();
        identities.note(&partition, id(1));
        identities.begin_round();
        for _ in 0..2 {
            assert!(identities.is_recreated(&topic, id(1), id(2)).is_err(), "the same answer is no second one");
        }
        assert!(identities.has_suspicion());
        identities.begin_round();
        assert_eq!(identities.is_recreated(&topic, id(1), id(1)), Ok(false), "the broker lagged behind");
        identities.begin_round();
        assert!(identities.is_recreated(&topic, id(1), id(2)).is_err());
        identities.begin_round();
        assert_eq!(
            identities.is_recreated(&topic, id(2), id(2)),
            Ok(false),
            "another partition's commit is up to date"
        );
        for _ in 0..2 {
            assert_eq!(identities.is_recreated(&topic, id(1), id(2)), Ok(true), "of every partition");
        }
        assert!(!identities.has_suspicion());
        identities.note(&partition, id(2));
        identities.begin_round();
        assert_eq!(identities.is_recreated(&topic, id(2), id(1)), Ok(false), "the old one, from a broker that lags");
        assert_eq!(identities.read_as(&partition), Some(id(2)));
    }
}
