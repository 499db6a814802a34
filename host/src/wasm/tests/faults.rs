//! Guests that misbehave: each ends in its own fault, within its bounds, and hurts nobody else.

use std::{thread, time::Instant};

use wasmtime::UpdateDeadline;

use super::{super::limits::Meter, *};
use crate::cpu::thread_cpu;

#[test]
fn each_way_of_dying_has_its_own_fault() {
    let trap = |text: &str| Fault::Trap(text.to_owned());
    assert_eq!(fault("trap"), trap("wasm `unreachable` instruction executed"));
    assert_eq!(fault("loop"), Fault::Deadline(LIMITS.deadline));
    assert_eq!(fault("log-loop"), Fault::Deadline(LIMITS.deadline));
    assert_eq!(fault("memory-hog"), Fault::Memory(LIMITS.memory));
    assert_eq!(fault("table-hog"), trap("wasm `unreachable` instruction executed"));
    assert_eq!(fault("recursion"), trap("call stack exhausted"));
    assert_eq!(fault("flood"), trap("list pointer/length out of bounds of memory"));
    assert_eq!(fault("flood-overlap"), trap("hands over more than 64 MiB in one call"));
    assert_eq!(fault("bad-text"), trap("invalid utf-8 sequence of 1 bytes from index 0"));
    assert_eq!(fault("fail"), Fault::Failed("no luck at all".to_owned()));
}

#[test]
fn a_fault_poisons_its_instance_and_no_other() {
    for how in [&b"!t"[..], b"!l", b"!m", b"!r"] {
        let plugin = load("poison").unwrap();
        let (mut faulty, _) = plugin.set_up(&setup()).unwrap();
        let (mut neighbour, _) = plugin.set_up(&setup()).unwrap();
        call(&mut faulty, &[b"one", b"t!"]).unwrap();
        call(&mut faulty, &[b"one", how, b"two"]).unwrap_err();
        for _ in 0..2 {
            assert_eq!(call(&mut faulty, &[b"one"]).unwrap_err(), Fault::Trap("poisoned".to_owned()));
        }
        call(&mut neighbour, &[b"one"]).unwrap();
        drop(faulty);
        let (mut fresh, _) = plugin.set_up(&setup()).unwrap();
        call(&mut fresh, &[b"one"]).unwrap();
        call(&mut neighbour, &[b"one"]).unwrap();
    }
}

#[test]
fn an_error_does_not_poison() {
    let (mut instance, _) = set_up("poison").unwrap();
    for _ in 0..2 {
        assert_eq!(call(&mut instance, &[b"!f"]).unwrap_err(), Fault::Failed("cannot do this!".to_owned()));
        call(&mut instance, &[b"one"]).unwrap();
    }
}

#[test]
fn a_lie_is_handed_on_as_it_is() {
    let edits = |name: &str| call(&mut set_up(name).unwrap().0, &[b"one", b"two"]).unwrap();
    let offsets = |name: &str| match edits(name).value {
        Some(abi::Cells::Each(column)) => (column.offsets, column.data.len()),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(offsets("offsets-descending"), (vec![0, 4, 2], 4));
    assert_eq!(offsets("offsets-outside"), (vec![0, 1_000_000, 2_000_000], 4));
    assert_eq!(edits("wrong-count").verdicts, [0, 0, 0]);
    assert_eq!(edits("bad-verdict").verdicts, [9, 9]);
    assert_eq!(edits("undeclared-header").headers[0].name, "x-secret");
    assert!(edits("undeclared-effect").value.is_some());
    assert!(edits("undeclared-topic").route.unwrap().topics.iter().eq(["elsewhere"]));
}

#[test]
fn starting_is_limited_too() {
    let within = |name: &str| {
        let budget = Duration::from_millis(30);
        load(name).unwrap().set_up_within(&setup(), budget).map(drop)
    };
    let late = SetupError::Fault(Fault::Deadline(Duration::from_millis(30)));
    assert_eq!(within("start-loop"), Err(late.clone()));
    assert_eq!(within("configure-loop"), Err(late));
    let trapped = SetupError::Fault(Fault::Trap("wasm `unreachable` instruction executed".to_owned()));
    assert_eq!(within("start-trap"), Err(trapped.clone()));
    assert_eq!(within("configure-trap"), Err(trapped));
    assert_eq!(within("huge-memory"), Err(SetupError::Fault(Fault::Memory(LIMITS.memory))));
    assert_eq!(load("huge-memory").unwrap().describe(LIMITS).map(drop), Err(Fault::Memory(LIMITS.memory)));
}

#[test]
fn a_budget_is_cpu_time_of_the_thread_and_not_time_on_the_wall() {
    let mut meter = Meter::new(0, Cancel::default());
    let budget = Duration::from_millis(20);
    meter.begin(budget);
    // Waiting is the thing under test: a thread that does not get the processor must not be blamed.
    thread::sleep(2 * budget);
    assert!(matches!(meter.tick(), UpdateDeadline::Continue(1)));
    assert_eq!(meter.late(), None);
    while matches!(meter.tick(), UpdateDeadline::Continue(_)) {}
    assert_eq!(meter.late(), Some(budget));
    meter.begin(budget);
    assert_eq!(meter.late(), None);
}

#[test]
fn samples_add_up_to_the_time_spent() {
    let (mut instance, _) = set_up("poison").unwrap();
    let values = [&b"some value or other"[..]; 2000];
    let (at_first, begun) = (instance.cpu(), thread_cpu());
    for _ in 0..500 {
        call(&mut instance, &values).unwrap();
    }
    let (told, spent) = (instance.cpu() - at_first, thread_cpu() - begun);
    // Building the batches costs something as well.
    assert!(told < spent * 5 / 4 && told > spent / 10, "{told:?} of {spent:?}");
}

#[test]
fn a_deadline_is_kept_nearly() {
    let (mut instance, _) = set_up("loop").unwrap();
    let (begun, started) = (instance.cpu(), Instant::now());
    call(&mut instance, &[b"one"]).unwrap_err();
    let spent = instance.cpu() - begun;
    assert!(spent >= LIMITS.deadline, "{spent:?}");
    // A tick is 5 ms; a busy machine delays ticks, and then the wall shows it.
    assert!(spent < LIMITS.deadline * 4 || started.elapsed() > spent * 2, "{spent:?}");
}

#[test]
fn memory_is_counted_and_given_up_to_the_limit() {
    let setup = Setup { limits: Limits { memory: 3 << 16, ..LIMITS }, ..setup() };
    let (mut instance, _) = load("identity").unwrap().set_up(&setup).unwrap();
    let large = vec![b'x'; 50_000];
    call(&mut instance, &[&large]).unwrap();
    assert_eq!(instance.memory(), 2 << 16);
    call(&mut instance, &[&large, &large]).unwrap();
    assert_eq!(instance.memory(), 3 << 16);
    assert_eq!(call(&mut instance, &[&large, &large, &large]).unwrap_err(), Fault::Memory(3 << 16));
}

#[test]
fn the_clock_ends_with_the_last_engine() {
    let engine = wasmtime::Engine::default();
    let weak = engine.weak();
    let clock = thread::spawn(move || super::super::engine::tick(&weak));
    let other = engine.clone();
    drop(engine);
    assert!(!clock.is_finished());
    drop(other);
    clock.join().unwrap();
}
