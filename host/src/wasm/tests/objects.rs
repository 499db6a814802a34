//! Plugins of languages whose objects the engine keeps, and whose exceptions it throws.

use super::*;

#[test]
fn garbage_is_collected_and_exceptions_are_caught() {
    let (mut instance, _) = set_up("objects").unwrap();
    let values = [&b"some value"[..]; 1000];
    call(&mut instance, &values).unwrap();
    let at_first = instance.memory();
    // A hundred objects of a record, cycles all: some hundred times what the limit allows.
    for _ in 0..1000 {
        call(&mut instance, &values).unwrap();
    }
    assert!(instance.memory() <= at_first.max(LIMITS.memory / 4), "{at_first} bytes, then {}", instance.memory());
}

#[test]
fn objects_count_as_memory() {
    // Whoever keeps all that he makes has it copied again and again.
    let setup = Setup { limits: Limits { deadline: Duration::from_secs(30), ..LIMITS }, ..setup() };
    for how in [&b"!k"[..], b"!s"] {
        let (mut instance, _) = load("objects").unwrap().set_up(&setup).unwrap();
        assert_eq!(call(&mut instance, &[b"one", how]).unwrap_err(), Fault::Memory(LIMITS.memory));
        let (mut fresh, _) = set_up("objects").unwrap();
        call(&mut fresh, &[b"one"]).unwrap();
    }
}

#[test]
fn a_loop_that_makes_garbage_ends_at_the_deadline() {
    let (mut instance, _) = set_up("objects").unwrap();
    assert_eq!(call(&mut instance, &[b"!l"]).unwrap_err(), Fault::Deadline(LIMITS.deadline));
}

#[test]
fn an_exception_that_nobody_catches_is_a_fault() {
    let (mut instance, _) = set_up("objects").unwrap();
    let uncaught = Fault::Trap("an exception that the plugin does not catch".to_owned());
    assert_eq!(call(&mut instance, &[b"one", b"!e"]).unwrap_err(), uncaught);
    assert_eq!(call(&mut instance, &[b"one"]).unwrap_err(), Fault::Trap("poisoned".to_owned()));
}

#[test]
fn what_a_call_failed_of_is_told_where_it_was_refused_memory_before() {
    let (mut instance, _) = set_up("objects").unwrap();
    let divided = Fault::Trap("integer divide by zero".to_owned());
    assert_eq!(call(&mut instance, &[b"!d"]).unwrap_err(), divided);
    assert_eq!(instance.store.data().meter.refused(), Some(LIMITS.memory));
}
