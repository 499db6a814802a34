#![allow(clippy::unwrap_used, reason = "tests")]

use super::{super::Due, *};

fn fates(records: u64) -> Fates {
    Fates { records, out: 2 * records, passed: records, ..Fates::default() }
}

/// Opens these batches, each with its end and its generation, and settles them.
fn carry(ledger: &mut Ledger<&'static str>, assignment: Assignment, batches: &[(i64, i64, u64)]) {
    for &(first, end, generation) in batches {
        let ticket = ledger.open(&"p", assignment, first, end, generation).unwrap();
        ledger.settle(&"p", ticket, fates((end - first) as u64));
    }
}

/// What of the next range is to be compared.
fn cut(ledger: &mut Ledger<&'static str>) -> Option<(i64, i64, u64, u64)> {
    let ranges = ledger.cut_ranges(|_| true);
    assert!(ranges.len() <= 1, "of one partition: {ranges:?}");
    ranges.first().map(|range| (range.from, range.to, range.generation, range.fates.records))
}

#[test]
fn nothing_is_due_before_it_is_recorded() {
    let mut ledger = Ledger::recording();
    let assigned = ledger.assign("p", 10);
    carry(&mut ledger, assigned, &[(12, 20, 1)]);
    assert_eq!(ledger.due(), []);
    assert!(ledger.is_uncommitted(&"p"));
    assert_eq!(cut(&mut ledger), Some((10, 20, 1, 8)));
    assert_eq!(ledger.due(), [], "it is on its way");
    ledger.recorded(&"p", assigned, 20);
    assert_eq!(ledger.due(), [("p", Due { offset: 20, generation: 1 })]);
    ledger.committed(&"p", assigned, 20);
    assert!(!ledger.is_uncommitted(&"p"));
}

#[test]
fn what_is_settled_while_a_range_is_on_its_way_is_in_the_next_one() {
    let mut ledger = Ledger::recording();
    let assigned = ledger.assign("p", 0);
    carry(&mut ledger, assigned, &[(0, 10, 1)]);
    assert_eq!(cut(&mut ledger), Some((0, 10, 1, 10)));
    carry(&mut ledger, assigned, &[(10, 15, 1)]);
    assert_eq!(cut(&mut ledger), None, "one at a time");
    ledger.recorded(&"p", assigned, 10);
    assert_eq!(ledger.due(), [("p", Due { offset: 10, generation: 1 })], "not past what is recorded");
    // Whether the commit of 10 stands or fails: no offset is recorded twice.
    assert_eq!(cut(&mut ledger), Some((10, 15, 1, 5)));
    ledger.committed(&"p", assigned, 10);
    assert_eq!(ledger.due(), [], "10 is committed already");
    ledger.recorded(&"p", assigned, 15);
    assert_eq!(ledger.due(), [("p", Due { offset: 15, generation: 1 })]);
}

#[test]
fn a_range_is_of_one_generation_and_none_holds_what_was_gone() {
    let mut ledger = Ledger::recording();
    let assigned = ledger.assign("p", 0);
    ledger.commit_beginning(&"p");
    assert_eq!(ledger.due(), [("p", Due { offset: 0, generation: 0 })], "a beginning needs no range");
    ledger.committed(&"p", assigned, 0);
    carry(&mut ledger, assigned, &[(0, 5, 1), (5, 9, 2)]);
    ledger.pass_over(&"p", 50);
    carry(&mut ledger, assigned, &[(50, 60, 2)]);
    let mut ranges = Vec::new();
    while let Some(range) = cut(&mut ledger) {
        ranges.push(range);
        ledger.recorded(&"p", assigned, range.1);
    }
    assert_eq!(ranges, [(0, 5, 1, 5), (5, 9, 2, 4), (50, 60, 2, 10)]);
    let mut commits = Vec::new();
    while let Some((_, due)) = ledger.due().first().copied() {
        commits.push((due.offset, due.generation));
        ledger.committed(&"p", assigned, due.offset);
    }
    assert_eq!(commits, [(5, 1), (9, 2), (50, 2), (60, 2)]);
}

#[test]
fn what_is_recorded_for_an_earlier_assignment_says_nothing_of_the_next_one() {
    let mut ledger = Ledger::recording();
    let old = ledger.assign("p", 0);
    carry(&mut ledger, old, &[(0, 10, 1)]);
    assert_eq!(cut(&mut ledger), Some((0, 10, 1, 10)));
    let new = ledger.assign("p", 0);
    carry(&mut ledger, new, &[(0, 10, 2)]);
    ledger.recorded(&"p", old, 10);
    assert_eq!(ledger.due(), []);
    assert_eq!(cut(&mut ledger), Some((0, 10, 2, 10)), "it is carried again, and recorded again");
}

#[test]
fn a_ledger_that_records_nothing_hands_out_no_ranges() {
    let mut ledger = Ledger::default();
    let assigned = ledger.assign("p", 0);
    carry(&mut ledger, assigned, &[(0, 10, 1)]);
    assert_eq!(cut(&mut ledger), None);
    assert_eq!(ledger.due(), [("p", Due { offset: 10, generation: 1 })]);
}
