//! What a fault costs, by policy.

use std::{sync::atomic::Ordering, time::Duration};

use super::fixture::{Closure, cells, chain, chain_in, fill, nothing, numbered, pipeline, plugin, run, sent, values};
use crate::{
    abi::{Edits, Input},
    chain::{Chain, DeathKind, Fate, Flow, Stop},
    config::OnFault,
    wasm::Fault,
};

/// Faults wherever it sees one of these values.
fn faulting(fault: Fault, poison: &'static [&'static str]) -> Closure {
    plugin(vec![Input::Value], move |batch, _| {
        let hit = cells(batch, 0).into_iter().flatten().any(|value| poison.iter().any(|p| p.as_bytes() == value));
        if hit { Err(fault.clone()) } else { Ok(nothing()) }
    })
}

fn stopped(chain: &mut Chain, count: usize) -> Stop {
    let mut flow = Flow::default();
    fill(&mut flow, &numbered(count), 100);
    let stop = chain.run(&mut flow).unwrap_err();
    assert_eq!((flow.fates().len(), flow.outputs().count()), (0, 0));
    stop
}

#[test]
fn dead_letter_costs_the_record_only() {
    for (fault, kind) in [
        (Fault::Trap("x".to_owned()), DeathKind::Trap),
        (Fault::Memory(1), DeathKind::Memory),
        (Fault::Failed("x".to_owned()), DeathKind::Failed),
        (Fault::Deadline(Duration::from_millis(50)), DeathKind::Deadline),
    ] {
        let mut chain = chain(vec![faulting(fault, &["2"])]);
        let flow = run(&mut chain, &numbered(5));
        let topics: Vec<_> = sent(&flow).into_iter().map(|record| record.topic).collect();
        assert_eq!(topics, ["out", "out", "dead", "out", "out"]);
        let Fate::Dead(death) = &flow.fates()[2] else { panic!("{:?}", flow.fates()) };
        assert_eq!((death.kind, death.interceptor), (kind, Some(0)));
        assert_eq!(chain.take_counts().interceptors[0].faults.get(&kind), Some(&1));
    }
}

#[test]
fn pass_skips_the_interceptor_for_the_record() {
    let upper = plugin(vec![], |batch, _| {
        Ok(Edits { value: Some(super::edits::constant("new")), verdicts: vec![0; batch.count as usize], ..nothing() })
    });
    let faulting = faulting(Fault::Trap("x".to_owned()), &["1"]).with(|closure| {
        let inner = closure.act.clone();
        closure.on_fault = OnFault::Pass;
        closure.act = std::sync::Arc::new(move |batch, life| inner(batch, life).and_then(|_| (upper.act)(batch, life)));
    });
    let flow = run(&mut chain(vec![faulting]), &numbered(3));
    assert_eq!(values(&sent(&flow)), ["new", "1", "new"]);
}

#[test]
fn stop_names_the_interceptor_the_offset_and_the_reason() {
    let closure = faulting(Fault::Trap("boom".to_owned()), &["3"]).with(|closure| closure.on_fault = OnFault::Stop);
    let stop = stopped(&mut chain(vec![closure]), 5);
    assert_eq!(stop.to_string(), "interceptor `i0` at offset 103: trapped: boom");
}

#[test]
fn a_dead_letter_without_a_topic_stops() {
    let verdict = plugin(vec![], |batch, _| Ok(Edits { verdicts: vec![2; batch.count as usize], ..nothing() }));
    let stop = stopped(&mut chain_in(pipeline(&["dead_letter"]), vec![verdict]), 1);
    assert_eq!(stop.death.kind, DeathKind::Rejected);
    assert!(stop.death.message.ends_with("no `dead_letter` topic to set the record aside in"));
    let stop = stopped(&mut chain_in(pipeline(&["dead_letter", "to"]), vec![]), 1);
    assert_eq!((stop.interceptor.as_str(), stop.death.kind), ("p", DeathKind::Unrouted));
}

#[test]
fn one_late_answer_is_no_fault() {
    let late = plugin(vec![], |batch, life| {
        let first_alone = batch.count == 1 && life.calls == 2;
        if batch.count > 1 && life.calls < 2 || first_alone {
            Err(Fault::Deadline(Duration::ZERO))
        } else {
            Ok(nothing())
        }
    });
    let flow = run(&mut chain(vec![late]), &numbered(4));
    assert_eq!(flow.fates(), [Fate::Out, Fate::Out, Fate::Out, Fate::Out]);
}

#[test]
fn an_old_instance_that_faults_blames_no_record() {
    // It leaks: every instance faults in its third call, whatever the record.
    let leaking = plugin(vec![], |_, life| if life.age < 2 { Ok(nothing()) } else { Err(Fault::Memory(1)) });
    let made = leaking.made.clone();
    let mut chain = chain(vec![leaking]);
    for _ in 0..10 {
        assert_eq!(run(&mut chain, &numbered(1)).fates(), [Fate::Out]);
    }
    assert_eq!(made.load(Ordering::Relaxed), 5);
    let counts = &chain.take_counts().interceptors[0];
    assert!(counts.faults.is_empty());
    assert_eq!(counts.recovered_faults, [(DeathKind::Memory, 4)].into());
}

#[test]
fn a_call_that_faults_without_a_record_to_blame_is_counted_once() {
    let together = plugin(vec![], |batch, _| match batch.count {
        1 => Ok(nothing()),
        _ => Err(Fault::Trap("too many".to_owned())),
    });
    let mut chain = chain(vec![together]);
    assert!(run(&mut chain, &numbered(8)).fates().iter().all(|fate| *fate == Fate::Out));
    let counts = &chain.take_counts().interceptors[0];
    assert!(counts.faults.is_empty());
    assert_eq!(counts.recovered_faults, [(DeathKind::Trap, 1)].into());
}

#[test]
fn a_plugin_that_always_errs_keeps_its_instance() {
    let erring = plugin(vec![], |_, _| Err(Fault::Failed("never".to_owned())));
    let made = erring.made.clone();
    let flow = run(&mut chain(vec![erring]), &numbered(8));
    assert!(flow.fates().iter().all(|fate| matches!(fate, Fate::Dead(_))));
    assert_eq!(made.load(Ordering::Relaxed), 1);
}

#[test]
fn earlier_interceptors_run_once_and_counts_count_once() {
    let first = plugin(vec![], |_, _| Ok(nothing()));
    let calls = first.calls.clone();
    let mut chain = chain(vec![first, faulting(Fault::Trap("x".to_owned()), &["5"])]);
    run(&mut chain, &numbered(64));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    let counts = chain.take_counts();
    let rows: Vec<_> = counts.interceptors.iter().map(|interceptor| interceptor.counts["rows"]).collect();
    // Every record that was answered, in however many calls; the one at fault never was.
    assert_eq!(rows, [64, 63]);
    assert!(chain.take_counts().interceptors.iter().all(|interceptor| interceptor.counts.is_empty()));
}

#[test]
fn what_was_said_before_a_stop_is_not_counted_twice() {
    let first = plugin(vec![], |_, _| Ok(nothing()));
    let second =
        plugin(vec![], |_, life| if life.calls < 2 { Err(Fault::Trap("x".to_owned())) } else { Ok(nothing()) })
            .with(|closure| closure.on_fault = OnFault::Stop);
    let mut chain = chain(vec![first, second]);
    let mut flow = Flow::default();
    fill(&mut flow, &numbered(1), 0);
    // A batch of one in a fresh instance: its first fault is confirmed, and again; then it is well.
    assert!(chain.run(&mut flow).is_err());
    assert!(chain.run(&mut flow).is_err());
    assert!(chain.run(&mut flow).is_ok());
    assert_eq!(chain.take_counts().interceptors[0].counts["rows"], 1);
}
