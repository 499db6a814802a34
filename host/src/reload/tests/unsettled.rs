//! When what was read is not believed yet, and how long writers are waited for.

use super::*;
use crate::reload::{
    readings::{Reading, Readings, Verdict},
    writers::{LIMIT, Writers},
};

fn content(number: u8) -> Option<Content> {
    Some([number; 32])
}

/// What the time for a poll brought.
fn polled(number: u8) -> Reading {
    Reading { content: content(number), was_called_for: false, was_disturbed: false }
}

/// What an event brought.
fn called(number: u8) -> Reading {
    Reading { was_called_for: true, ..polled(number) }
}

#[test]
fn a_change_without_an_event_is_taken_when_it_is_read_twice() {
    let mut readings = Readings::new(content(0));
    assert_eq!(readings.judge(polled(0)), Verdict::Take);
    for half in [1, 2, 3] {
        assert_eq!(readings.judge(polled(half)), Verdict::Confirm);
    }
    assert!(readings.is_in_doubt());
    assert_eq!(readings.judge(polled(3)), Verdict::Take);
    assert!(!readings.is_in_doubt());
    assert_eq!(readings.judge(polled(3)), Verdict::Take, "it is known");
    assert_eq!(readings.judge(called(4)), Verdict::Take);
    assert_eq!(readings.judge(Reading { content: None, ..polled(0) }), Verdict::Take, "its refusal is told");
}

#[test]
fn what_changed_while_it_was_read_is_read_again_and_not_for_ever() {
    let mut readings = Readings::new(content(0));
    let disturbed = Reading { was_disturbed: true, ..called(1) };
    assert_eq!(readings.judge(disturbed), Verdict::AwaitChange);
    assert_eq!(readings.judge(called(1)), Verdict::Take);
    let doubts = std::iter::repeat_with(|| readings.judge(disturbed)).take_while(|verdict| *verdict != Verdict::Take);
    assert_eq!(doubts.take(1000).count(), 10);
}

#[test]
fn a_writer_is_waited_for_until_it_closes_and_one_that_never_does_is_waited_for_once() {
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let (table, log) = (PathBuf::from("table.csv"), PathBuf::from("log.csv"));
    let mut writers = Writers::default();
    assert!(!writers.delay_look(after(0)));
    writers.begin(table.clone());
    assert!(!writers.delays_look(), "no look was due");
    assert!(writers.delay_look(after(1)) && writers.delays_look());
    writers.end(&table);
    assert!(!writers.delay_look(after(2)) && !writers.delays_look() && writers.has_delayed());
    writers.end_wait();
    // It appends, whatever comes.
    writers.begin(log.clone());
    assert!(writers.delay_look(after(10)));
    assert_eq!(writers.limit(), Some(after(10) + LIMIT));
    // One file after the other does not make it longer.
    writers.end(&log);
    writers.begin(table.clone());
    writers.begin(log.clone());
    assert!(writers.delay_look(after(40)) && !writers.delay_look(after(70)));
    writers.end_wait();
    writers.begin(log.clone());
    assert!(!writers.delay_look(after(80)), "it is known to stay open");
    writers.end(&log);
    writers.begin(log);
    assert!(writers.delay_look(after(90)));
    writers.forget();
    assert!(!writers.delay_look(after(90)));
}
