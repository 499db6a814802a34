//! The ledger against a model that looks at every record.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

#[test]
fn a_hole_blocks() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 10);
    let first = ledger.open(&"p", assigned, 10, 13, 1).unwrap();
    let second = ledger.open(&"p", assigned, 13, 20, 1).unwrap();
    assert!(!ledger.settle(&"p", second, Fates::default()));
    assert_eq!((ledger.watermark(&"p"), ledger.due()), (Some(10), vec![]));
    assert!(ledger.settle(&"p", first, Fates::default()));
    assert_eq!(ledger.due(), [("p", Due { offset: 20, generation: 1 })]);
    assert!(ledger.is_settled(&"p"));
}

#[test]
fn gaps_in_the_offsets_are_no_holes() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 0);
    let first = ledger.open(&"p", assigned, 3, 9, 1).unwrap();
    let second = ledger.open(&"p", assigned, 100, 101, 1).unwrap();
    ledger.settle(&"p", first, Fates::default());
    ledger.settle(&"p", second, Fates::default());
    assert_eq!(ledger.watermark(&"p"), Some(101));
}

#[test]
fn what_comes_twice_or_goes_back_is_refused() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 5);
    assert_eq!(ledger.open(&"p", assigned, 4, 6, 1), Err(NotOpened::OutOfOrder { expected: 5, found: 4 }));
    ledger.open(&"p", assigned, 5, 8, 1).unwrap();
    assert_eq!(ledger.open(&"p", assigned, 7, 9, 1), Err(NotOpened::OutOfOrder { expected: 8, found: 7 }));
    assert!(ledger.open(&"q", assigned, 0, 1, 1).is_err());
}

#[test]
fn what_an_earlier_assignment_settles_is_ignored() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 0);
    let old = ledger.open(&"p", assigned, 0, 5, 1).unwrap();
    assert_eq!(ledger.revoke(&"p"), []);
    assert!(!ledger.settle(&"p", old, Fates::default()));
    let again = ledger.assign("p", 0);
    assert_eq!(ledger.open(&"p", assigned, 0, 5, 1), Err(NotOpened::NotAssigned), "read for the old one");
    ledger.open(&"p", again, 0, 2, 1).unwrap();
    assert!(!ledger.settle(&"p", old, Fates::default()));
    assert_eq!(ledger.due(), []);
}

#[test]
fn a_commit_speaks_of_one_generation() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 0);
    for (first, generation) in [(0, 1), (10, 1), (20, 2)] {
        let ticket = ledger.open(&"p", assigned, first, first + 10, generation).unwrap();
        ledger.settle(&"p", ticket, Fates::default());
    }
    assert_eq!(ledger.due(), [("p", Due { offset: 20, generation: 1 })]);
    ledger.committed(&"p", assigned, 20);
    assert_eq!(ledger.due(), [("p", Due { offset: 30, generation: 2 })]);
    assert_eq!(ledger.revoke(&"p"), [Due { offset: 30, generation: 2 }]);
}

#[test]
fn a_beginning_is_committed_before_what_follows_it() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 7);
    ledger.commit_beginning(&"p");
    let ticket = ledger.open(&"p", assigned, 7, 9, 1).unwrap();
    ledger.settle(&"p", ticket, Fates::default());
    assert_eq!(ledger.due(), [("p", Due { offset: 7, generation: 0 })]);
    ledger.committed(&"p", assigned, 7);
    assert_eq!(ledger.due(), [("p", Due { offset: 9, generation: 1 })]);
}

#[test]
fn what_is_gone_counts_as_settled_once_all_before_it_is() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 0);
    let before = ledger.open(&"p", assigned, 0, 5, 3).unwrap();
    ledger.pass_over(&"p", 20);
    assert_eq!((ledger.next(&"p"), ledger.watermark(&"p")), (Some(20), Some(0)));
    let after = ledger.open(&"p", assigned, 20, 25, 3).unwrap();
    ledger.settle(&"p", before, Fates::default());
    assert_eq!(ledger.due(), [("p", Due { offset: 5, generation: 3 })]);
    ledger.committed(&"p", assigned, 5);
    assert_eq!(ledger.due(), [("p", Due { offset: 20, generation: 3 })], "the group has read there");
    ledger.settle(&"p", after, Fates::default());
    assert_eq!(ledger.watermark(&"p"), Some(25));
    ledger.pass_over(&"p", 10);
    assert_eq!(ledger.next(&"p"), Some(25), "never back");
}

#[test]
fn a_commit_for_an_earlier_assignment_says_nothing_of_the_next_one() {
    let mut ledger = Ledger::default();
    let old = ledger.assign("p", 100);
    let again = ledger.assign("p", 0);
    let ticket = ledger.open(&"p", again, 0, 5, 1).unwrap();
    ledger.settle(&"p", ticket, Fates::default());
    ledger.committed(&"p", old, 100);
    assert_eq!(ledger.due(), [("p", Due { offset: 5, generation: 1 })]);
}

/// What may happen to a partition.
#[derive(Clone, Debug)]
enum Step {
    Open {
        skip: i64,
        count: i64,
    },
    /// Settles one of the tickets ever given, also of earlier assignments.
    Settle(prop::sample::Index),
    Commit,
    Reassign,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3i64, 1..6i64).prop_map(|(skip, count)| Step::Open { skip, count }),
        5 => any::<prop::sample::Index>().prop_map(Step::Settle),
        1 => Just(Step::Commit),
        1 => Just(Step::Reassign),
    ];
    prop::collection::vec(step, 0..120)
}

proptest! {
    /// The model keeps every record of the assignment: a commit may never pass a record that was opened and not settled,
    /// and never lies behind the longest settled run.
    #[test]
    fn commits_exactly_the_settled_run(steps in steps()) {
        let mut ledger = Ledger::default();
        let mut assigned = ledger.assign((), 0);
        let (mut next, mut start, mut assignment, mut committed) = (0i64, 0i64, 0u32, 0i64);
        // (assignment, first, end, settled, ticket)
        let mut tickets: Vec<(u32, i64, i64, bool, Ticket)> = Vec::new();
        for step in steps {
            match step {
                Step::Open { skip, count } => {
                    let first = next + skip;
                    let ticket = ledger.open(&(), assigned, first, first + count, 1).unwrap();
                    tickets.push((assignment, first, first + count, false, ticket));
                    next = first + count;
                }
                Step::Settle(which) => {
                    if !tickets.is_empty() {
                        let at = which.index(tickets.len());
                        tickets[at].3 = true;
                        ledger.settle(&(), tickets[at].4, Fates::default());
                    }
                }
                Step::Commit => {
                    for (partition, due) in ledger.due() {
                        committed = due.offset;
                        ledger.committed(&partition, assigned, due.offset);
                    }
                }
                Step::Reassign => {
                    let last = ledger.revoke(&());
                    committed = last.last().map_or(committed, |due| due.offset);
                    prop_assert_eq!(ledger.due(), vec![]);
                    assigned = ledger.assign((), committed);
                    (next, start, assignment) = (committed, committed, assignment + 1);
                }
            }
            let mine = tickets.iter().filter(|ticket| ticket.0 == assignment);
            let run = mine.take_while(|ticket| ticket.3).last().map_or(start, |ticket| ticket.2);
            prop_assert_eq!(ledger.watermark(&()), Some(run));
            let due = ledger.due().first().map(|(_, due)| due.offset);
            prop_assert_eq!(due, (run > committed).then_some(run));
        }
    }
}
