#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{fs, path::PathBuf, time::Duration};

use super::{types, *};

const LIMITS: Limits = Limits { deadline: Duration::from_millis(50), memory: 32 << 20 };

fn guest(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/guests").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn engine() -> Engine {
    static ENGINE: std::sync::LazyLock<Engine> = std::sync::LazyLock::new(|| Engine::new(None).unwrap());
    ENGINE.clone()
}

fn load(name: &str) -> Result<Plugin, LoadError> {
    engine().load(&guest(&format!("{name}.wat")))
}

fn setup() -> Setup {
    Setup { config: "{}".to_owned(), files: BTreeMap::new(), limits: LIMITS }
}

fn set_up(name: &str) -> Result<(Instance, types::Plan), SetupError> {
    load(name).unwrap_or_else(|error| panic!("{name}: {error}")).set_up(&setup())
}

/// One call with these values as the only column.
fn call(instance: &mut Instance, values: &[&[u8]]) -> Result<types::Edits, Fault> {
    let data = values.concat();
    let mut offsets = vec![0];
    for value in values {
        offsets.push(offsets.last().unwrap() + value.len() as u32);
    }
    let nulls = vec![0; values.len()];
    let column = types::BytesColumnParam { offsets: &offsets, data: &data, nulls: &nulls };
    let batch = types::Batch {
        topic: "t",
        partition: 0,
        count: values.len() as u32,
        columns: &[types::Column::Bytes(column)],
        headers: None,
    };
    instance.process(&batch)
}

fn fault(name: &str) -> Fault {
    let (mut instance, _) = set_up(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    match call(&mut instance, &[b"one", b"two"]) {
        Err(fault) => fault,
        Ok(edits) => panic!("{name}: {edits:?}"),
    }
}

#[test]
fn a_guest_that_does_nothing_answers_nothing() {
    let (mut instance, plan) = set_up("identity").unwrap();
    assert!(matches!(plan.inputs[..], [types::Input::Value]));
    assert_eq!(plan.effects, types::Effects::empty());
    for _ in 0..1000 {
        let edits = call(&mut instance, &[b"one", b"two"]).unwrap();
        assert!(
            edits.expand.is_none() && edits.verdicts.is_empty() && edits.headers.is_empty() && edits.value.is_none()
        );
    }
    assert!(instance.memory() == 2 << 16);
    assert!(instance.cpu() > Duration::ZERO);
}

#[test]
fn each_way_of_dying_has_its_own_fault() {
    assert_eq!(fault("trap"), Fault::Trap("wasm `unreachable` instruction executed".to_owned()));
    assert_eq!(fault("loop"), Fault::Deadline(LIMITS.deadline));
    assert_eq!(fault("memory-hog"), Fault::Memory(LIMITS.memory));
    assert_eq!(fault("recursion"), Fault::Trap("call stack exhausted".to_owned()));
    assert_eq!(fault("fail"), Fault::Failed("no luck at all".to_owned()));
}
