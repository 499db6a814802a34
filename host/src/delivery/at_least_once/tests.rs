//! The committer against random histories of a worker, a group and a broker that loses answers.
#![allow(clippy::unwrap_used, reason = "tests")]

mod leaving;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const PARTITIONS: i32 = 3;

#[derive(Clone, Debug)]
enum Step {
    /// The worker reads and sends some records; offsets before them may be missing.
    Open {
        partition: i32,
        skip: i64,
        count: i64,
    },
    /// Some batch that was ever opened is acknowledged.
    Settle(prop::sample::Index),
    /// Milliseconds pass.
    Wait(u64),
    /// The broker answers the commit on its way.
    Answer(Answer),
    /// Some range on its way is in the ledger topic.
    Record(prop::sample::Index),
    Adopt,
    Revoke {
        partition: i32,
        lost: bool,
        until: u64,
    },
    Assign(i32),
    /// Records that were to be read are gone.
    PassOver {
        partition: i32,
        by: i64,
    },
    /// The topic was created anew.
    Recreate(i32),
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Stands,
    Refused(i32),
    /// It failed, whether it was done or not.
    Failed {
        done: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let partition = 0..PARTITIONS;
    let answer = prop_oneof![
        4 => Just(Answer::Stands),
        1 => partition.clone().prop_map(Answer::Refused),
        1 => any::<bool>().prop_map(|done| Answer::Failed { done }),
    ];
    prop_oneof![
        8 => (partition.clone(), 0..3i64, 1..6i64).prop_map(|(partition, skip, count)| Step::Open { partition, skip, count }),
        9 => any::<prop::sample::Index>().prop_map(Step::Settle),
        4 => (0..1500u64).prop_map(Step::Wait),
        5 => answer.prop_map(Step::Answer),
        5 => any::<prop::sample::Index>().prop_map(Step::Record),
        1 => Just(Step::Adopt),
        2 => (partition.clone(), any::<bool>(), 0..3000u64)
            .prop_map(|(partition, lost, until)| Step::Revoke { partition, lost, until }),
        3 => partition.clone().prop_map(Step::Assign),
        1 => (partition.clone(), 1..9i64).prop_map(|(partition, by)| Step::PassOver { partition, by }),
        1 => partition.prop_map(Step::Recreate),
    ]
}

/// What one assignment of a partition has read.
#[derive(Debug)]
struct Reading {
    assignment: Assignment,
    start: i64,
    next: i64,
    /// Where its batches end, in order, and whether they are settled.
    batches: Vec<(i64, bool)>,
    /// The offsets of its records, each with the generation that it was read by.
    records: BTreeMap<i64, u64>,
    /// Where the last range of it ends that was handed out.
    ranged: i64,
    is_leaving: bool,
    is_new: bool,
}

impl Reading {
    /// The end of the longest run of settled batches.
    fn run(&self) -> i64 {
        self.batches.iter().take_while(|(_, settled)| *settled).last().map_or(self.start, |(end, _)| *end)
    }
}

struct World {
    committer: AtLeastOnce,
    now: Instant,
    mine: BTreeMap<i32, Reading>,
    /// Each with its partition, its place among the batches, and how many records it is of.
    tickets: Vec<(i32, Ticket, usize, i64)>,
    /// What the group has committed.
    group: BTreeMap<i32, i64>,
    on_its_way: Option<Vec<Offset>>,
    /// Whether there is a ledger topic.
    is_recording: bool,
    generation: u64,
    /// Ranges that are not in the ledger topic yet.
    ranges: Vec<Range<Partition>>,
    /// By partition, the offsets of which the ledger topic says something, each with the generations that it names.
    recorded: BTreeMap<i32, BTreeSet<(i64, u64)>>,
}

fn fates(records: i64) -> Fates {
    Fates { records: records as u64, ..Fates::default() }
}

fn name(number: i32) -> Partition {
    Partition { topic: "t".into(), number }
}

impl World {
    fn new(is_recording: bool) -> Self {
        let now = Instant::now();
        Self {
            committer: if is_recording { AtLeastOnce::recording(now) } else { AtLeastOnce::new(now) },
            now,
            mine: BTreeMap::new(),
            tickets: Vec::new(),
            group: BTreeMap::new(),
            on_its_way: None,
            is_recording,
            generation: 1,
            ranges: Vec::new(),
            recorded: BTreeMap::new(),
        }
    }

    fn assign(&mut self, partition: i32, offset: i64, is_new: bool) {
        let assignment = self.committer.assign(&name(partition), offset, is_new);
        let reading = Reading {
            assignment,
            start: offset,
            next: offset,
            batches: Vec::new(),
            records: BTreeMap::new(),
            ranged: offset,
            is_leaving: false,
            is_new,
        };
        self.mine.insert(partition, reading);
    }

    fn handle(&mut self, input: Input) -> Result<(), TestCaseError> {
        self.committer.handle(self.now, input);
        self.act()
    }

    fn act(&mut self) -> Result<(), TestCaseError> {
        for action in self.committer.actions(self.now, true) {
            match action {
                Action::Commit(offsets) => {
                    prop_assert!(self.on_its_way.is_none(), "one at a time");
                    for Offset { partition, offset, .. } in &offsets {
                        let reading = self.mine.get(&partition.number);
                        prop_assert!(reading.is_some(), "{partition} is not ours any more");
                        let run = reading.unwrap().run();
                        prop_assert!(*offset <= run, "{offset} is past a hole: settled up to {run}");
                        for record in
                            reading.unwrap().records.range(..*offset).map(|(at, generation)| (*at, *generation))
                        {
                            let stands = self.recorded.get(&partition.number).is_some_and(|all| all.contains(&record));
                            prop_assert!(stands == self.is_recording, "{record:?} of {partition}: {stands}");
                        }
                    }
                    self.on_its_way = Some(offsets);
                }
                Action::Record(ranges) => {
                    prop_assert!(self.is_recording);
                    for range in &ranges {
                        let reading = self.mine.get_mut(&range.partition.number);
                        prop_assert!(reading.is_some(), "{range:?} is not ours any more");
                        let reading = reading.unwrap();
                        prop_assert!(range.to <= reading.run() && range.from < range.to, "{range:?}");
                        prop_assert!(
                            range.from >= reading.ranged,
                            "{range:?} overlaps what ends at {}",
                            reading.ranged
                        );
                        let left_out = reading.records.range(reading.ranged..range.from).count();
                        prop_assert!(left_out == 0, "{left_out} records before {range:?} are in no range");
                        reading.ranged = range.to;
                        let its: Vec<&u64> = reading.records.range(range.from..range.to).map(|(_, one)| one).collect();
                        prop_assert!(its.iter().all(|one| **one == range.generation), "{range:?} holds {its:?}");
                        prop_assert_eq!(range.fates.records, its.len() as u64, "of {:?}", range);
                    }
                    self.ranges.extend(ranges);
                }
                Action::Released { partitions, unfinished } => {
                    for partition in partitions {
                        let reading = self.mine.remove(&partition.number);
                        prop_assert!(reading.is_some(), "released twice");
                        let reading = reading.unwrap();
                        if unfinished == 0 && (reading.is_new || !reading.batches.is_empty()) {
                            let stands = self.group.get(&partition.number).copied();
                            prop_assert_eq!(stands, Some(reading.next), "all of it is committed: nothing comes twice");
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Open { partition, skip, count } => {
                // A worker that is told to let go reads no more.
                let Some(reading) = self.mine.get_mut(&partition).filter(|reading| !reading.is_leaving) else {
                    return Ok(());
                };
                let first = reading.next + skip;
                let records = first..first + count;
                reading.records.extend(records.clone().map(|offset| (offset, self.generation)));
                let opened = self.committer.open(&name(partition), reading.assignment, records, self.generation);
                let number = reading.batches.len();
                reading.batches.push((first + count, false));
                reading.next = first + count;
                self.tickets.push((partition, opened.unwrap(), number, count));
            }
            Step::Settle(which) => {
                let Some(&(partition, ticket, number, count)) =
                    (!self.tickets.is_empty()).then(|| which.get(&self.tickets))
                else {
                    return Ok(());
                };
                self.committer.settle(&name(partition), ticket, fates(count));
                if let Some(reading) = self.mine.get_mut(&partition)
                    && ticket.assignment == reading.assignment
                {
                    reading.batches[number].1 = true;
                }
            }
            Step::Wait(ms) => {
                self.now += Duration::from_millis(ms);
                self.act()?;
            }
            Step::Adopt => {
                self.generation += 1;
                self.handle(Input::Adopting)?;
            }
            Step::Record(which) => {
                if !self.ranges.is_empty() {
                    self.record(which.index(self.ranges.len()))?;
                }
            }
            Step::Answer(answer) => {
                let Some(offsets) = self.on_its_way.take() else { return Ok(()) };
                let refused = if let Answer::Refused(partition) = answer { vec![name(partition)] } else { vec![] };
                if !matches!(answer, Answer::Failed { done: false }) {
                    let done = offsets.iter().filter(|one| !refused.contains(&one.partition));
                    self.group.extend(done.map(|one| (one.partition.number, one.offset)));
                }
                let failed = matches!(answer, Answer::Failed { .. });
                let outcome = if failed { Outcome::Failed } else { Outcome::Stands { refused } };
                self.handle(Input::Outcome(outcome))?;
            }
            Step::Revoke { partition, lost, until } => {
                let Some(reading) = self.mine.get_mut(&partition).filter(|reading| !reading.is_leaving) else {
                    return Ok(());
                };
                reading.is_leaving = true;
                let until = self.now + Duration::from_millis(until);
                self.handle(Input::Revoking { partitions: vec![name(partition)], lost, until })?;
                prop_assert!(!lost || !self.mine.contains_key(&partition), "what is lost is let go at once");
            }
            Step::Assign(partition) => {
                if !self.mine.contains_key(&partition) {
                    let committed = self.group.get(&partition).copied();
                    self.assign(partition, committed.unwrap_or(7), committed.is_none());
                }
            }
            Step::PassOver { partition, by } => {
                if let Some(reading) = self.mine.get_mut(&partition).filter(|reading| !reading.is_leaving) {
                    reading.next += by;
                    reading.batches.push((reading.next, true));
                    self.committer.pass_over(&name(partition), reading.next);
                }
            }
            Step::Recreate(partition) => {
                if self.mine.get(&partition).is_some_and(|reading| !reading.is_leaving) {
                    self.assign(partition, 0, true);
                }
            }
        }
        Ok(())
    }

    /// One of the ranges on their way is in the ledger topic.
    fn record(&mut self, at: usize) -> Result<(), TestCaseError> {
        let Range { partition, assignment, from, to, generation, .. } = self.ranges.swap_remove(at);
        let recorded = self.recorded.entry(partition.number).or_default();
        recorded.extend((from..to).map(|offset| (offset, generation)));
        self.handle(Input::Recorded { partition, assignment, to })
    }

    /// Settles everything, lets the broker answer, and lets all go.
    fn finish(&mut self) -> Result<(), TestCaseError> {
        for at in 0..self.tickets.len() {
            let (partition, ticket, number, count) = self.tickets[at];
            self.committer.settle(&name(partition), ticket, fates(count));
            if let Some(reading) = self.mine.get_mut(&partition).filter(|one| one.assignment == ticket.assignment) {
                reading.batches[number].1 = true;
            }
        }
        // The time of those that leave already may be over before they could be committed.
        let ends: BTreeMap<i32, i64> = self
            .mine
            .iter()
            .filter(|(_, one)| !one.is_leaving && (one.is_new || !one.batches.is_empty()))
            .map(|(partition, one)| (*partition, one.next))
            .collect();
        self.handle(Input::Finishing { until: self.now + Duration::from_secs(60) })?;
        for _ in 0..200 {
            for at in (0..self.ranges.len()).rev() {
                self.record(at)?;
            }
            self.take(Step::Answer(Answer::Stands))?;
            self.take(Step::Wait(100))?;
        }
        prop_assert!(self.mine.is_empty(), "all went: {:?}", self.mine);
        for (partition, end) in ends {
            prop_assert_eq!(self.group.get(&partition).copied(), Some(end), "partition {}", partition);
        }
        Ok(())
    }
}

proptest! {
    /// Never past a hole, never after a revoke, and what was let go in time never comes twice; where there is a ledger topic,
    /// never before each record stands there, by the generation that it was read by, and none of an assignment twice.
    #[test]
    fn commits_no_record_too_early_and_none_too_late(
        is_recording in any::<bool>(),
        steps in prop::collection::vec(step(), 0..150),
    ) {
        let mut world = World::new(is_recording);
        for step in steps {
            world.take(step)?;
        }
        world.finish()?;
    }
}
