//! The beginnings against a group and brokers that are made up.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::cell::RefCell;

use super::*;

const SUBSCRIPTION: &str = "ours";

fn partition(number: i32) -> Partition {
    Partition { topic: "t".into(), number }
}

fn id(number: u64) -> TopicId {
    TopicId::new(0, number).unwrap()
}

/// Partitions of `t` with 10 to 20 in each, the end of which may be unstable from some offset on.
struct Fake {
    topic: TopicId,
    committed: Vec<Option<(i64, String)>>,
    /// What else the group has committed.
    elsewhere: Vec<Committed>,
    leaderless: Vec<i32>,
    stable: i64,
    asked: RefCell<Vec<i32>>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            topic: id(1),
            committed: Vec::new(),
            elsewhere: Vec::new(),
            leaderless: Vec::new(),
            stable: 20,
            asked: RefCell::default(),
        }
    }
}

fn no_leader() -> Error {
    Error { doing: "ask", reason: "no leader".into() }
}

/// A commit of a generation's records, of topic `id(1)`.
fn carried(offset: i64) -> Option<(i64, String)> {
    let mark = Mark { digest: Some("d".into()), topic: Some(id(1)), from: Some(SUBSCRIPTION.into()) };
    Some((offset, mark.to_metadata()))
}

impl GroupQueries for Fake {
    fn topics(&self, names: &[Arc<str>], _: Duration) -> Result<BTreeMap<Arc<str>, TopicState>, Error> {
        Ok(names
            .iter()
            .map(|name| (Arc::clone(name), TopicState::There { id: Some(self.topic), allowed: None }))
            .collect())
    }

    fn committed(&self, partitions: &[Partition], _: Duration) -> Result<Vec<Option<Committed>>, Error> {
        let one = |partition: &Partition| {
            let (offset, metadata) = self.committed.get(partition.number as usize).cloned().flatten()?;
            Some(Committed { partition: partition.clone(), offset, metadata })
        };
        Ok(partitions.iter().map(one).collect())
    }

    fn group_commits(&self, _: Duration) -> Result<Vec<Committed>, Error> {
        let all: Vec<Partition> = (0..self.committed.len() as i32).map(partition).collect();
        let mine = self.committed(&all, Duration::ZERO)?.into_iter().flatten();
        Ok(mine.chain(self.elsewhere.iter().cloned()).collect())
    }

    fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error> {
        self.asked.borrow_mut().push(partition.number);
        if self.leaderless.contains(&partition.number) {
            std::thread::sleep(wait);
            return Err(no_leader());
        }
        Ok((10, self.stable))
    }

    fn end(&self, _: &Partition, _: Duration) -> Result<i64, Error> {
        Ok(20)
    }

    fn offset_at(&self, _: &Partition, _: i64, _: Duration) -> Result<Option<i64>, Error> {
        Ok(Some(15))
    }

    fn partition_counts(&self, _: Duration) -> Result<BTreeMap<Arc<str>, i32>, Error> {
        Ok([("t".into(), self.committed.len() as i32)].into())
    }
}

fn memory() -> Memory {
    Memory { origins: Origins::of(SUBSCRIPTION.into()), ..Memory::default() }
}

fn look(fake: &Fake, start: Start, on_gap: OnGap, memory: &mut Memory, numbers: std::ops::Range<i32>) -> Found {
    let all: Vec<Partition> = numbers.map(partition).collect();
    find(fake, (start, on_gap), memory, &all, Duration::from_millis(60))
}

fn offsets(found: &Found) -> Vec<(i32, i64)> {
    found.beginnings.iter().map(|one| (one.partition.number, one.offset)).collect()
}

#[test]
fn goes_on_where_the_offset_is_still_there() {
    for offset in [10, 15, 20] {
        assert_eq!(gap_at(&Fake::default(), &partition(0), offset, Duration::from_secs(1)), Ok(None));
    }
}

#[test]
fn an_offset_between_the_last_stable_one_and_the_end_is_no_gap() {
    let fake = Fake { stable: 12, committed: vec![carried(13), carried(20), carried(21)], ..Fake::default() };
    let found = look(&fake, Start::Earliest, OnGap::Earliest, &mut memory(), 0..3);
    assert_eq!(offsets(&found), [(0, 13), (1, 20), (2, 10)], "and one behind the end is");
    assert_eq!(found.beginnings[2].gap, Some(Gap::OutOfRange { offset: 21, low: 10, high: 20 }));
}

#[test]
fn a_gap_is_found_on_both_sides_and_its_loss_counted() {
    let fake = Fake { committed: vec![carried(4), carried(21)], ..Fake::default() };
    let found = look(&fake, Start::Earliest, OnGap::Earliest, &mut memory(), 0..2);
    assert_eq!(offsets(&found), [(0, 10), (1, 10)]);
    let lost: Vec<u64> = found.beginnings.iter().filter_map(|one| Some(one.gap?.lost())).collect();
    assert_eq!(lost, [6, 0]);
    let found = look(&fake, Start::Earliest, OnGap::Stop, &mut memory(), 0..2);
    assert_eq!(offsets(&found), [(0, 4), (1, 21)], "a pipeline that stops stays where it was");
}

#[test]
fn what_was_committed_of_another_topic_of_the_same_name_is_a_gap_once_it_is_confirmed() {
    let fake = Fake { topic: id(2), committed: vec![carried(15), carried(12)], ..Fake::default() };
    let mut memory = memory();
    let found = look(&fake, Start::Latest, OnGap::Earliest, &mut memory, 0..2);
    assert_eq!(found.missing.len(), 2, "asked once more");
    let found = look(&fake, Start::Latest, OnGap::Earliest, &mut memory, 0..2);
    assert_eq!(offsets(&found), [(0, 0), (1, 0)]);
    assert!(found.beginnings.iter().all(|one| one.is_new && one.gap == Some(Gap::Recreated)));
}

#[test]
fn a_topic_that_this_process_read_is_known_where_the_brokers_forgot_what_was_committed() {
    let mut memory = memory();
    memory.identities.note(&partition(0), id(1));
    let fake = Fake { topic: id(2), committed: vec![None], ..Fake::default() };
    look(&fake, Start::Latest, OnGap::Stop, &mut memory, 0..1);
    let found = look(&fake, Start::Latest, OnGap::Stop, &mut memory, 0..1);
    assert_eq!(found.beginnings[0].gap, Some(Gap::Recreated));
}

#[test]
fn what_an_older_weir_or_an_operator_committed_is_believed() {
    let committed = vec![Some((15, "digest".to_owned())), Some((16, String::new()))];
    let fake = Fake { topic: id(2), committed, ..Fake::default() };
    let found = look(&fake, Start::Earliest, OnGap::Stop, &mut memory(), 0..2);
    assert_eq!((offsets(&found), found.missing), (vec![(0, 15), (1, 16)], vec![]));
}

#[test]
fn a_partition_without_a_leader_goes_on_where_the_group_stopped() {
    let fake = Fake { committed: vec![carried(12), carried(13)], leaderless: vec![0], ..Fake::default() };
    let found = look(&fake, Start::Earliest, OnGap::Stop, &mut memory(), 0..2);
    assert_eq!((offsets(&found), found.missing), (vec![(0, 12), (1, 13)], vec![]));
}

#[test]
fn partitions_without_a_leader_hold_no_others_up_and_come_last_the_next_time() {
    let fake = Fake { committed: vec![None; 6], leaderless: vec![0, 1, 2], ..Fake::default() };
    let found = look(&fake, Start::Earliest, OnGap::Stop, &mut memory(), 0..6);
    let missing: Vec<i32> = found.missing.iter().map(|one| one.number).collect();
    assert_eq!(found.reason, Some(no_leader()));
    assert!(missing.ends_with(&[0, 1, 2]), "{missing:?}");
    let again = find(&fake, (Start::Earliest, OnGap::Stop), &mut memory(), &found.missing, Duration::from_secs(1));
    assert!(offsets(&found).into_iter().chain(offsets(&again)).any(|one| one == (5, 10)));
}

#[test]
fn latest_passes_over_what_a_new_group_finds_and_nothing_that_comes_later() {
    let mut memory = memory();
    // What another member has just found is no sign of an old group.
    let beginning = Mark { from: Some(SUBSCRIPTION.into()), ..Mark::default() };
    let fake = Fake { committed: vec![None, Some((20, beginning.to_metadata()))], ..Fake::default() };
    assert_eq!(offsets(&look(&fake, Start::Latest, OnGap::Stop, &mut memory, 0..1)), [(0, 20)]);
    let grown = Fake { committed: vec![carried(20), carried(20), None], ..Fake::default() };
    assert_eq!(offsets(&look(&grown, Start::Latest, OnGap::Stop, &mut memory, 2..3)), [(2, 10)], "a partition");
    let other = Partition { topic: "later".into(), number: 5 };
    let found = find(&grown, (Start::At(5), OnGap::Stop), &mut memory, &[other], Duration::from_millis(60));
    assert_eq!(offsets(&found), [(5, 10)], "a topic, by whatever start");
}

#[test]
fn latest_passes_over_nothing_that_an_old_group_has_not_seen() {
    // It has carried records of this topic, or of another one that it is subscribed to as it is now.
    let here = Fake { committed: vec![Some((20, "digest".into())), None], ..Fake::default() };
    assert_eq!(offsets(&look(&here, Start::Latest, OnGap::Stop, &mut memory(), 0..2)), [(0, 20), (1, 10)]);
    let elsewhere = |from: &str| {
        let mark = Mark { digest: Some("d".into()), topic: None, from: Some(from.into()) };
        let partition = Partition { topic: "other".into(), number: 0 };
        let commit = Committed { partition, offset: 5, metadata: mark.to_metadata() };
        Fake { committed: vec![None], elsewhere: vec![commit], ..Fake::default() }
    };
    let same = elsewhere(SUBSCRIPTION);
    assert_eq!(offsets(&look(&same, Start::Latest, OnGap::Stop, &mut memory(), 0..1)), [(0, 10)]);
    // To another subscription it was not new: it may never have been read.
    let other = elsewhere("theirs");
    assert_eq!(offsets(&look(&other, Start::Latest, OnGap::Stop, &mut memory(), 0..1)), [(0, 20)]);
}
