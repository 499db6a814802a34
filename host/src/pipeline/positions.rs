//! Where a partition is read from: where the group stopped, or else by `start`; and whether that is still there.

mod origins;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

pub(super) use origins::Origins;

use super::{identity::Identities, mark::Mark};
use crate::{
    config::{OnGap, Start},
    endpoint::{Committed, Error, GroupQueries, Partition, TopicId, TopicState},
};

/// Where a partition begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) partition: Partition,
    /// The topic, unless the brokers do not tell.
    pub(super) topic: Option<TopicId>,
    /// The first record to read.
    pub(super) offset: i64,
    /// Whether the group has nothing committed there, so that this must be: a restart would else begin elsewhere.
    pub(super) is_new: bool,
    /// Why it cannot begin where the group stopped.
    pub(super) gap: Option<Gap>,
}

/// Why the offset to read is no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// It lies before the oldest record or behind the newest.
    OutOfRange { offset: i64, low: i64, high: i64 },
    /// It is of a topic that was deleted; the name stands for another one now.
    Recreated,
}

impl Gap {
    /// Records that were there and were never read, as far as that can be known.
    pub(super) fn lost(&self) -> u64 {
        match self {
            Self::OutOfRange { offset, low, .. } => low.saturating_sub(*offset).try_into().unwrap_or(0),
            Self::Recreated => 0,
        }
    }

    /// Where `on_gap = "earliest"` goes on. A topic created anew is read from 0 whatever a broker that has not heard of it
    /// yet says of the old one; should its first records be gone, reading finds that gap by itself.
    pub(super) fn earliest(&self) -> i64 {
        match self {
            Self::OutOfRange { low, .. } => *low,
            Self::Recreated => 0,
        }
    }
}

/// What could be found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) beginnings: Vec<Beginning>,
    /// Partitions of which nobody could tell, those first that nobody was asked about for want of time.
    pub(super) missing: Vec<Partition>,
    /// Why the first of them that was asked about is missing.
    pub(super) reason: Option<Error>,
}

/// What a process remembers between two calls of [`find`].
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) origins: Origins,
    pub(super) identities: Identities,
}

/// Asks the group and the brokers, no longer than `budget` in all. A partition that does not answer, such as one without
/// a leader, holds no other up.
pub(super) fn find(
    asked: &impl GroupQueries,
    (start, on_gap): (Start, OnGap),
    memory: &mut Memory,
    partitions: &[Partition],
    budget: Duration,
) -> Found {
    if partitions.is_empty() {
        return Found::default();
    }
    let until = Instant::now() + budget;
    let (topics, committed) = match groundwork(asked, start, memory, partitions, budget / 2) {
        Ok(answers) => answers,
        Err(reason) => {
            return Found { missing: partitions.to_vec(), reason: Some(reason), ..Found::default() };
        }
    };
    let (mut found, mut failed) = (Found::default(), Vec::new());
    for (partition, committed) in partitions.iter().zip(committed) {
        let wait = until.saturating_duration_since(Instant::now()).min(budget / 3);
        let topic = match topics.get(&partition.topic) {
            Some(TopicState::There { id, .. }) => Ok(*id),
            Some(TopicState::Unclear(reason)) => Err(unknown(reason.clone())),
            Some(TopicState::Missing) | None => Err(unknown(format!("there is no topic `{}`", partition.topic))),
        };
        let found_one = topic.and_then(|topic| {
            let asking = Asking { asked, partition, topic, wait, start, on_gap };
            asking.beginning(memory, committed)
        });
        match found_one {
            Ok(Some(beginning)) => found.beginnings.push(beginning),
            Ok(None) => found.missing.push(partition.clone()),
            Err(reason) => {
                failed.push(partition.clone());
                found.reason.get_or_insert(reason);
            }
        }
    }
    found.missing.extend(failed);
    found
}

type Groundwork = (BTreeMap<Arc<str>, TopicState>, Vec<Option<Committed>>);

/// What one question for all partitions answers. The topics' ids come first: should a topic be created anew after that,
/// what is read is of another topic than what it is read as, and that is noticed.
fn groundwork(
    asked: &impl GroupQueries,
    start: Start,
    memory: &mut Memory,
    partitions: &[Partition],
    wait: Duration,
) -> Result<Groundwork, Error> {
    let names: BTreeSet<&Arc<str>> = partitions.iter().map(|partition| &partition.topic).collect();
    let names: Vec<Arc<str>> = names.into_iter().cloned().collect();
    memory.identities.begin_round();
    let topics = asked.topics(&names, wait)?;
    if start != Start::Earliest {
        memory.origins.look(asked, wait)?;
    }
    Ok((topics, asked.committed(partitions, wait)?))
}

fn unknown(reason: String) -> Error {
    Error { doing: "find where to begin", reason }
}

/// One partition's question.
struct Asking<'a, A> {
    asked: &'a A,
    partition: &'a Partition,
    topic: Option<TopicId>,
    wait: Duration,
    start: Start,
    on_gap: OnGap,
}

impl<A: GroupQueries> Asking<'_, A> {
    /// Where it begins; `None` = there was no time to ask.
    fn beginning(&self, memory: &mut Memory, committed: Option<Committed>) -> Result<Option<Beginning>, Error> {
        let mark = committed.as_ref().map(|committed| Mark::parse(&committed.metadata));
        let read_as = match &mark {
            Some(mark) => mark.topic,
            // Brokers forget what was committed of a topic that is deleted; this process does not.
            None => memory.identities.read_as(self.partition),
        };
        if let (Some(was), Some(is)) = (read_as, self.topic)
            && memory.identities.is_recreated(&self.partition.topic, was, is)?
        {
            let stays = committed.as_ref().map_or(0, |committed| committed.offset);
            let offset = if self.on_gap == OnGap::Earliest { 0 } else { stays };
            let is_new = self.on_gap == OnGap::Earliest;
            return Ok(Some(self.at(offset, is_new, Some(Gap::Recreated))));
        }
        match committed {
            // Without bounds it is not known whether the offset is still there; if not, reading will report the gap.
            Some(Committed { offset, .. }) => {
                let gap = if self.wait.is_zero() { None } else { self.gap_at(offset).unwrap_or(None) };
                let offset = gap.filter(|_| self.on_gap == OnGap::Earliest).map_or(offset, |gap| gap.earliest());
                Ok(Some(self.at(offset, false, gap)))
            }
            None if self.wait.is_zero() => Ok(None),
            None => Ok(Some(self.at(self.first(&memory.origins)?, true, None))),
        }
    }

    fn at(&self, offset: i64, is_new: bool, gap: Option<Gap>) -> Beginning {
        Beginning { partition: self.partition.clone(), topic: self.topic, offset, is_new, gap }
    }

    /// Why `offset` cannot be read from; none where it can.
    fn gap_at(&self, offset: i64) -> Result<Option<Gap>, Error> {
        gap_at(self.asked, self.partition, offset, self.wait)
    }

    /// The first record to read where the group has nothing committed.
    fn first(&self, origins: &Origins) -> Result<i64, Error> {
        let (low, high) = self.asked.bounds(self.partition, self.wait)?;
        Ok(match self.start {
            Start::Earliest => low,
            _ if origins.is_younger(self.partition) => low,
            Start::Latest => high,
            Start::At(time) => self.asked.offset_at(self.partition, time, self.wait)?.unwrap_or(high),
        })
    }
}

/// Why `offset` cannot be read from; none where it can. Between the last stable offset and the end it can: there stand
/// records of transactions that are open.
pub(super) fn gap_at(
    asked: &impl GroupQueries,
    partition: &Partition,
    offset: i64,
    wait: Duration,
) -> Result<Option<Gap>, Error> {
    let (low, stable) = asked.bounds(partition, wait)?;
    if (low..=stable).contains(&offset) {
        return Ok(None);
    }
    let high = if offset < low { stable } else { asked.end(partition, wait)? };
    Ok((offset < low || offset > high).then_some(Gap::OutOfRange { offset, low, high }))
}

#[cfg(test)]
mod tests;
