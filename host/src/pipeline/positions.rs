//! Where a partition is read from: where the group stopped, or else by `start`; and whether that is still there.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    config::{OnGap, Start},
    endpoint::{Committed, Error, Partition},
    kafka::Consumer,
};

/// Where a partition begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) partition: Partition,
    /// The first record to read.
    pub(super) offset: i64,
    /// Whether the group has nothing committed there, so that this must be: a restart would else begin elsewhere.
    pub(super) is_new: bool,
    /// The offset that was committed and is gone.
    pub(super) gap: Option<Gap>,
}

/// An offset that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) offset: i64,
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Gap {
    /// Records that were there and were never read, as far as that can be known.
    pub(super) fn lost(&self) -> u64 {
        self.low.saturating_sub(self.offset).try_into().unwrap_or(0)
    }
}

/// What the group and the brokers are asked; as [`Consumer`] says.
pub(super) trait Asked {
    fn committed(&self, partitions: &[Partition], wait: Duration) -> Result<Vec<Option<Committed>>, Error>;
    fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error>;
    fn offset_at(&self, partition: &Partition, time: i64, wait: Duration) -> Result<Option<i64>, Error>;
    fn partition_count(&self, topic: &str, wait: Duration) -> Result<i32, Error>;
}

impl Asked for Consumer {
    fn committed(&self, partitions: &[Partition], wait: Duration) -> Result<Vec<Option<Committed>>, Error> {
        Self::committed(self, partitions, wait)
    }

    fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error> {
        Self::bounds(self, partition, wait)
    }

    fn offset_at(&self, partition: &Partition, time: i64, wait: Duration) -> Result<Option<i64>, Error> {
        Self::offset_at(self, partition, time, wait)
    }

    fn partition_count(&self, topic: &str, wait: Duration) -> Result<i32, Error> {
        Self::partition_count(self, topic, wait)
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

/// Asks the group and the brokers, no longer than `budget` in all. A partition that does not answer, such as one without
/// a leader, holds no other up.
pub(super) fn find(
    asked: &impl Asked,
    (start, on_gap): (Start, OnGap),
    origins: &mut Origins,
    partitions: &[Partition],
    budget: Duration,
) -> Found {
    let mut found = Found::default();
    if partitions.is_empty() {
        return found;
    }
    let until = Instant::now() + budget;
    let committed = match asked.committed(partitions, budget) {
        Ok(committed) => committed,
        Err(reason) => return Found { missing: partitions.to_vec(), reason: Some(reason), ..found },
    };
    let mut failed = Vec::new();
    for (partition, committed) in partitions.iter().zip(committed) {
        let wait = until.saturating_duration_since(Instant::now()).min(budget / 3);
        match committed {
            // Without bounds it is not known whether the offset is still there; if not, reading will report the gap.
            Some(Committed { offset, .. }) => {
                found.beginnings.push(match answer(wait, || asked.bounds(partition, wait)) {
                    Some(Ok((low, high))) => continued(partition, offset, low, high, on_gap),
                    _ => Beginning { partition: partition.clone(), offset, is_new: false, gap: None },
                })
            }
            None => match answer(wait, || first(asked, start, origins, partition, wait)) {
                Some(Ok(offset)) => {
                    found.beginnings.push(Beginning { partition: partition.clone(), offset, is_new: true, gap: None });
                }
                Some(Err(reason)) => {
                    failed.push(partition.clone());
                    found.reason.get_or_insert(reason);
                }
                None => found.missing.push(partition.clone()),
            },
        }
    }
    found.missing.extend(failed);
    found
}

/// What `ask` answers, unless there is no time left to ask.
fn answer<T>(wait: Duration, ask: impl FnOnce() -> T) -> Option<T> {
    (!wait.is_zero()).then(ask)
}

/// The first record to read of a partition that the group has nothing committed of.
fn first(
    asked: &impl Asked,
    start: Start,
    origins: &mut Origins,
    partition: &Partition,
    wait: Duration,
) -> Result<i64, Error> {
    let (low, high) = asked.bounds(partition, wait)?;
    Ok(match start {
        Start::Earliest => low,
        Start::Latest if origins.is_added(asked, partition, wait)? => low,
        Start::Latest => high,
        Start::At(time) => asked.offset_at(partition, time, wait)?.unwrap_or(high),
    })
}

/// How many partitions each topic had when the group began to read it: 0 where that was before this process.
#[derive(Debug, Default)]
pub(super) struct Origins(BTreeMap<Arc<str>, i32>);

impl Origins {
    /// Whether the partition came to a topic that the group reads already. What was written to it before somebody saw
    /// it is new to the group, and not what `start = "latest"` is to pass over.
    fn is_added(&mut self, asked: &impl Asked, partition: &Partition, wait: Duration) -> Result<bool, Error> {
        let topic = &partition.topic;
        if let Some(&count) = self.0.get(topic) {
            return Ok(partition.number >= count);
        }
        let count = asked.partition_count(topic, wait)?;
        let all: Vec<Partition> = (0..count).map(|number| Partition { topic: Arc::clone(topic), number }).collect();
        // A commit without metadata is a beginning that another member has just found, who starts when we do.
        let is_read = asked.committed(&all, wait)?.iter().flatten().any(|one| !one.metadata.is_empty());
        let origin = if is_read { 0 } else { count };
        self.0.insert(Arc::clone(topic), origin);
        Ok(partition.number >= origin)
    }
}

/// Goes on at `offset`, or where that is gone by `on_gap`.
pub(super) fn continued(partition: &Partition, offset: i64, low: i64, high: i64, on_gap: OnGap) -> Beginning {
    let gap = (offset < low || offset > high).then_some(Gap { offset, low, high });
    let offset = if gap.is_some() && on_gap == OnGap::Earliest { low } else { offset };
    Beginning { partition: partition.clone(), offset, is_new: false, gap }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn partition() -> Partition {
        Partition { topic: "t".into(), number: 0 }
    }

    #[test]
    fn goes_on_where_the_offset_is_still_there() {
        for offset in [10, 15, 20] {
            let beginning = continued(&partition(), offset, 10, 20, OnGap::Stop);
            assert_eq!((beginning.offset, beginning.gap), (offset, None));
        }
    }

    #[test]
    fn a_gap_is_found_on_both_sides_and_its_loss_counted() {
        let old = continued(&partition(), 4, 10, 20, OnGap::Earliest);
        assert_eq!((old.offset, old.gap.map(|gap| gap.lost())), (10, Some(6)));
        let ahead = continued(&partition(), 21, 0, 20, OnGap::Earliest);
        assert_eq!((ahead.offset, ahead.gap.map(|gap| gap.lost())), (0, Some(0)));
    }

    /// Two partitions of `t` with 10 to 20 in each.
    #[derive(Default)]
    struct Fake {
        committed: Vec<Option<(i64, &'static str)>>,
        leaderless: Vec<i32>,
        asked: RefCell<Vec<i32>>,
    }

    fn no_leader() -> Error {
        Error { doing: "ask", reason: "no leader".into() }
    }

    impl Asked for Fake {
        fn committed(&self, partitions: &[Partition], _: Duration) -> Result<Vec<Option<Committed>>, Error> {
            let one = |partition: &Partition| {
                let (offset, metadata) = self.committed.get(partition.number as usize).copied().flatten()?;
                Some(Committed { partition: partition.clone(), offset, metadata: metadata.into() })
            };
            Ok(partitions.iter().map(one).collect())
        }

        fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error> {
            self.asked.borrow_mut().push(partition.number);
            if self.leaderless.contains(&partition.number) {
                std::thread::sleep(wait);
                return Err(no_leader());
            }
            Ok((10, 20))
        }

        fn offset_at(&self, _: &Partition, _: i64, _: Duration) -> Result<Option<i64>, Error> {
            Ok(None)
        }

        fn partition_count(&self, _: &str, _: Duration) -> Result<i32, Error> {
            Ok(self.committed.len() as i32)
        }
    }

    fn look(fake: &Fake, start: Start, origins: &mut Origins, numbers: std::ops::Range<i32>) -> Found {
        let all: Vec<Partition> = numbers.map(|number| Partition { number, ..partition() }).collect();
        find(fake, (start, OnGap::Stop), origins, &all, Duration::from_millis(60))
    }

    fn offsets(found: &Found) -> Vec<(i32, i64)> {
        found.beginnings.iter().map(|one| (one.partition.number, one.offset)).collect()
    }

    #[test]
    fn a_partition_without_a_leader_goes_on_where_the_group_stopped() {
        let fake = Fake { committed: vec![Some((12, "d")), Some((13, "d"))], leaderless: vec![0], ..Fake::default() };
        let found = look(&fake, Start::Earliest, &mut Origins::default(), 0..2);
        assert_eq!((offsets(&found), found.missing), (vec![(0, 12), (1, 13)], vec![]));
    }

    #[test]
    fn partitions_without_a_leader_hold_no_others_up_and_come_last_the_next_time() {
        let fake = Fake { committed: vec![None; 6], leaderless: vec![0, 1, 2], ..Fake::default() };
        let found = look(&fake, Start::Earliest, &mut Origins::default(), 0..6);
        let missing: Vec<i32> = found.missing.iter().map(|one| one.number).collect();
        assert_eq!(found.reason, Some(no_leader()));
        assert!(missing.ends_with(&[0, 1, 2]), "{missing:?}");
        let again = find(
            &fake,
            (Start::Earliest, OnGap::Stop),
            &mut Origins::default(),
            &found.missing,
            Duration::from_secs(1),
        );
        assert!(offsets(&found).into_iter().chain(offsets(&again)).any(|one| one == (5, 10)));
    }

    #[test]
    fn latest_passes_over_what_a_new_group_finds() {
        let mut origins = Origins::default();
        let fake = Fake { committed: vec![None, Some((20, ""))], ..Fake::default() };
        assert_eq!(offsets(&look(&fake, Start::Latest, &mut origins, 0..1)), [(0, 20)]);
        let grown = Fake { committed: vec![Some((20, "d")), Some((20, "d")), None], ..Fake::default() };
        assert_eq!(offsets(&look(&grown, Start::Latest, &mut origins, 2..3)), [(2, 10)], "added while we ran");
    }

    #[test]
    fn latest_passes_over_nothing_of_a_partition_that_the_group_had_not_seen() {
        let fake = Fake { committed: vec![Some((20, "digest")), None], ..Fake::default() };
        assert_eq!(offsets(&look(&fake, Start::Latest, &mut Origins::default(), 0..2)), [(0, 20), (1, 10)]);
    }
}
