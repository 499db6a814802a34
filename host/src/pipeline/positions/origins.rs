//! Which topics and partitions are younger than the group's subscription: of these nothing is passed over.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::super::mark::Mark;
use crate::endpoint::{Error, GroupQueries, Partition};

/// What there was before this process read anything.
///
/// weir commits where it begins each partition. So where the group, subscribed to the same sources, has carried records
/// already, a partition of which it has committed nothing came later. Where it has not, the group is new, and what this
/// process finds at its first look is what `start` speaks of; all else came later.
#[derive(Debug, Default)]
pub(in super::super) struct Origins {
    /// What the pipeline is subscribed to, as commits name it.
    subscription: String,
    first_look: Option<FirstLook>,
}

#[derive(Debug)]
struct FirstLook {
    /// Whether the group carried records of these sources before.
    is_old: bool,
    /// Topics that the group carried records of before, whatever it was subscribed to then.
    carried: BTreeSet<Arc<str>>,
    /// The partitions of each topic.
    counts: BTreeMap<Arc<str>, i32>,
}

impl Origins {
    /// Those of a group that is subscribed to `subscription`.
    pub(in super::super) fn of(subscription: String) -> Self {
        Self { subscription, first_look: None }
    }

    /// Looks what there is, the first time that it is called; to be called before anything is committed.
    pub(super) fn look(&mut self, asked: &impl GroupQueries, wait: Duration) -> Result<(), Error> {
        if self.first_look.is_some() {
            return Ok(());
        }
        let counts = asked.partition_counts(wait)?;
        let commits = asked.group_commits(wait)?;
        // Without a digest it is a beginning that another member has just found, which starts when this one does.
        let marks = commits.iter().map(|commit| (&commit.partition.topic, Mark::parse(&commit.metadata)));
        let carried: Vec<_> = marks.filter(|(_, mark)| mark.digest.is_some()).collect();
        let is_old = carried.iter().any(|(_, mark)| mark.from.as_ref() == Some(&self.subscription));
        let carried = carried.into_iter().map(|(topic, _)| Arc::clone(topic)).collect();
        self.first_look = Some(FirstLook { is_old, carried, counts });
        Ok(())
    }

    /// Whether a partition of which nothing is committed came after the group had begun to read.
    pub(super) fn is_younger(&self, partition: &Partition) -> bool {
        let Some(look) = &self.first_look else { return false };
        let count = look.counts.get(&partition.topic).copied().unwrap_or(0);
        look.is_old || look.carried.contains(&partition.topic) || partition.number >= count
    }
}
