//! A capture that takes too long: the record is the fault, by its interceptor's policy, and the rest goes on.

use std::time::{Duration, Instant};

use super::fixture::{Closure, cells, chain, nothing, plugin, record, run, sent, values};
use crate::{
    abi::{Capture, Edits, HeaderOp, Input, Source},
    chain::{DeathKind, Fate, Flow},
    config::OnFault,
    record::Record,
};

/// Takes some 100 microseconds for each letter of a value of `a` and `b`.
const SLOW: &str = "[ab]*a[ab]{20000}x(.)";

const DEADLINE: Duration = Duration::from_millis(50);

fn capture(pattern: &str, group: u32) -> Input {
    Input::Capture(Capture { source: Source::Value, pattern: pattern.to_owned(), group })
}

/// Marks every record that it sees with what it captured.
fn reader(pattern: &'static str) -> Closure {
    plugin(vec![capture(pattern, 1)], |batch, _| {
        let captured = cells(batch, 0);
        let texts: Vec<Option<String>> = captured
            .iter()
            .map(|cell| Some(cell.map_or("none".into(), |c| String::from_utf8_lossy(c).into())))
            .collect();
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        let cells = crate::abi::Cells::Each(super::edits::column(&texts));
        Ok(Edits { headers: vec![super::edits::header("seen", HeaderOp::Append, cells)], ..nothing() })
    })
    .with(|closure| closure.deadline = DEADLINE)
}

/// A slow record of 900 KB between others.
fn records() -> Vec<Record> {
    let mut records: Vec<Record> = (0..100).map(|number| record(&format!("aby{number}"))).collect();
    records[40] = record(&"ab".repeat(450_000));
    records
}

fn seen(record: &Record) -> usize {
    record.headers.iter().filter(|header| header.name == b"seen").count()
}

fn is_late(flow: &Flow, input: usize) -> bool {
    matches!(&flow.fates()[input], Fate::Dead(death) if death.kind == DeathKind::Deadline
        && death.message.contains("`[ab]*a[ab]{20000}x(.)`") && death.message.contains("on 900000 bytes")
        && death.message.contains("50ms"))
}

#[test]
fn it_is_a_dead_letter_within_a_second_and_the_rest_goes_on_in_one_call() {
    let slow = reader(SLOW);
    let calls = slow.calls.clone();
    let mut chain = chain(vec![slow]);
    let began = Instant::now();
    let flow = run(&mut chain, &records());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(is_late(&flow, 40), "{:?}", flow.fates()[40]);
    assert!(flow.fates().iter().enumerate().all(|(input, fate)| input == 40 || *fate == Fate::Out));
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(sent(&flow).iter().map(seen).sum::<usize>(), 99);
    let counts = chain.take_counts().interceptors;
    assert_eq!(counts[0].faults, [(DeathKind::Deadline, 1)].into());
    // The next batch costs nothing more.
    assert_eq!(run(&mut chain, &[record("aby")]).fates(), [Fate::Out]);
}

#[test]
fn where_faults_pass_it_skips_the_interceptor_and_keeps_its_place() {
    let first = reader("(y)").with(|closure| closure.on_fault = OnFault::Pass);
    let slow = reader(SLOW).with(|closure| closure.on_fault = OnFault::Pass);
    let flow = run(&mut chain(vec![first, slow, reader("(y)")]), &records());
    assert!(flow.fates().iter().all(|fate| *fate == Fate::Out));
    let sent = sent(&flow);
    let numbers: Vec<usize> = sent.iter().map(seen).collect();
    assert_eq!(numbers, [vec![3; 40], vec![2], vec![3; 59]].concat());
    assert_eq!(values(&sent), values(&records()));
}

#[test]
fn it_is_the_fault_of_the_interceptor_that_reads_it() {
    // The first one's pass over the value also extracts what the second reads.
    let flow = run(&mut chain(vec![reader("a(b+)y"), reader(SLOW)]), &records());
    let Fate::Dead(death) = &flow.fates()[40] else { panic!("{:?}", flow.fates()[40]) };
    assert_eq!(death.interceptor, Some(1));
    let mut stopping = chain(vec![reader("a(b+)y"), reader(SLOW).with(|closure| closure.on_fault = OnFault::Stop)]);
    let mut flow = Flow::default();
    super::fixture::fill(&mut flow, &records(), 0);
    let stop = stopping.run(&mut flow).unwrap_err();
    assert_eq!((&*stop.interceptor, stop.offset, stop.death.kind), ("i1", 40, DeathKind::Deadline));
}

#[test]
fn a_large_record_that_is_not_slow_is_captured_as_ever() {
    let value = format!("{}abx!{}", "é ".repeat(300_000), "z".repeat(300_000));
    // The time that it takes without optimizations is not what this is about.
    let patient = |pattern| reader(pattern).with(|closure| closure.deadline = Duration::from_secs(5));
    let flow = run(&mut chain(vec![patient(r"(\w+)x!"), patient(r"^(\S+) \S+ .*$")]), &[record(&value)]);
    let sent = sent(&flow);
    let seen: Vec<_> = sent[0].headers.iter().filter(|header| header.name == b"seen").collect();
    let seen: Vec<_> = seen.iter().map(|header| header.value.as_deref().unwrap()).collect();
    assert_eq!(seen, [&b"ab"[..], "é".as_bytes()]);
}
