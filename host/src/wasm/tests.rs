#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod cache;
pub(crate) mod compiling;
mod faults;
mod loading;
mod mutants;
mod objects;
mod wasi;

use std::{fs, path::PathBuf, time::Duration};

use super::*;
use crate::abi;

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

fn set_up(name: &str) -> Result<(Instance, abi::Plan), SetupError> {
    load(name).unwrap_or_else(|error| panic!("{name}: {error}")).set_up(&setup())
}

/// One call with these values as the only column.
fn call(instance: &mut Instance, values: &[&[u8]]) -> Result<abi::Edits<'static>, Fault> {
    let data = values.concat();
    let mut offsets = vec![0];
    for value in values {
        offsets.push(offsets.last().unwrap() + value.len() as u32);
    }
    let nulls = vec![0; values.len()];
    let column = abi::BytesView { offsets: &offsets, data: &data, nulls: &nulls };
    let batch = abi::BatchView {
        topic: "t",
        partition: 0,
        count: values.len() as u32,
        columns: vec![abi::ColumnView::Bytes(column)],
        headers: None,
    };
    Ok(instance.process(batch)?.into_owned())
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
    assert!(matches!(plan.inputs[..], [abi::Input::Value]));
    assert_eq!(plan.effects, abi::Effects::empty());
    for _ in 0..1000 {
        let edits = call(&mut instance, &[b"one", b"two"]).unwrap();
        assert!(edits.expand.is_none() && edits.verdicts.is_empty() && edits.headers.is_empty());
        assert!(edits.value.is_none());
    }
    assert_eq!(instance.memory(), 2 << 16);
    assert!(instance.cpu() > Duration::ZERO);
}

#[test]
fn describe_tells_what_the_plugin_says_of_itself() {
    let description = load("identity").unwrap().describe(LIMITS).unwrap();
    assert_eq!((&description.name[..], &description.version[..]), ("hostile", "1"));
    assert_eq!((&description.summary[..], &description.config_schema[..]), ("", "{}"));
}

#[test]
fn instances_of_one_plugin_run_on_many_threads() {
    let plugin = load("identity").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let (mut instance, _) = plugin.set_up(&setup()).unwrap();
                    call(&mut instance, &[b"one"]).unwrap();
                }
            });
        }
    });
}

#[test]
fn what_a_guest_says_is_bounded_and_told_to_be_cut() {
    // 280 MB of text a call: what is held here is the amount, not the time.
    let limits = Limits { deadline: Duration::from_secs(10), ..LIMITS };
    let (mut instance, _) = load("talk").unwrap().set_up(&Setup { limits, ..setup() }).unwrap();
    for _ in 0..2 {
        call(&mut instance, &[b"one"]).unwrap();
        let said = instance.take_said();
        // 1000 lines, of which one tells of the counts, and one that tells that there were more lines.
        assert_eq!(said.logs.len(), 1001, "{:?}", said.logs.last());
        assert!(said.logs.iter().all(|(_, line)| line.len() <= (4 << 10) + '…'.len_utf8()));
        let told = said.logs.iter().filter(|(level, _)| *level == tracing::Level::WARN);
        assert_eq!(told.count(), 2);
        // 5000 counts under 512 names in turn: 64 of them hold, each counted ten times.
        assert_eq!(said.counts.len(), 64);
        assert!(said.counts.iter().all(|(_, sum)| *sum == 10 * u64::from(u32::MAX)));
    }
    assert!(instance.take_said().counts.is_empty());
}

#[test]
fn what_a_guest_logs_as_a_warning_in_configure_is_one_about_its_config() {
    let log = "(import \"weir:interceptor/host@0.1.0\" \"log\" (func $log (param i32 i32 i32)))";
    let said = "/a~1b/0: two: parts|no place|: the whole|/x no pointer";
    let at = |word: &str| said.find(word).unwrap() + 120_000;
    // Twice each: by 1 = info, and by 2 = warn.
    let calls = said.split('|').flat_map(|word| {
        [1, 2]
            .map(|level| format!("(call $log (i32.const {level}) (i32.const {}) (i32.const {}))", at(word), word.len()))
    });
    let guest = weir_tests::Guest::named("warner")
        .with(log)
        .with(&format!("(data (i32.const 120000) \"{said}\")"))
        .configures_with(&calls.collect::<String>());
    let (mut instance, _) = engine().load(guest.text().as_bytes()).unwrap().set_up(&setup()).unwrap();
    let warning = |pointer: Option<&str>, message: &str| Warning {
        pointer: pointer.map(str::to_owned),
        message: message.to_owned(),
    };
    assert_eq!(
        instance.take_warnings(),
        [
            warning(Some("/a~1b/0"), "two: parts"),
            warning(None, "no place"),
            warning(Some(""), "the whole"),
            warning(None, "/x no pointer"),
        ]
    );
    let logs = instance.take_said().logs;
    assert!(logs.len() == 4 && logs.iter().all(|(level, _)| *level == tracing::Level::INFO), "{logs:?}");
}

#[test]
fn a_lookup_gives_the_files_of_the_config_and_only_while_configuring() {
    let plugin = load("lookup").unwrap();
    let files = BTreeMap::from([("table".to_owned(), Arc::from(&b"red!"[..]))]);
    let (mut instance, _) = plugin.set_up(&Setup { files, ..setup() }).unwrap();
    let edits = call(&mut instance, &[b"one"]).unwrap();
    assert!(matches!(edits.value, Some(abi::Cells::Constant(Some(value))) if *value == *b"red!"));

    let missing = vec![("/table".to_owned(), "no such file!".to_owned())];
    assert_eq!(plugin.set_up(&setup()).map(drop), Err(SetupError::Config { mistakes: missing, warnings: Vec::new() }));

    assert_eq!(fault("lookup-late"), Fault::Trap("`lookup.get` was called outside `configure`".to_owned()));
}

#[test]
fn a_refused_config_names_its_places() {
    let mistakes =
        [("/rules/0/pattern", "unclosed group"), ("", "no rule is of any use"), ("/dc", "must not be empty")];
    let mistakes = mistakes.map(|(pointer, message)| (pointer.to_owned(), message.to_owned())).to_vec();
    assert_eq!(set_up("configure-error").map(drop), Err(SetupError::Config { mistakes, warnings: Vec::new() }));
}

#[test]
fn every_guest_has_the_same_preamble() {
    let preamble = String::from_utf8(guest("preamble.txt")).unwrap();
    let folder = fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/guests")).unwrap();
    let guests =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "wat"));
    let mut seen = 0;
    for path in guests {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("(module") || text.contains(&preamble), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn little_address_space_is_enough() {
    const NAME: &str = "wasm::tests::little_address_space_is_enough";
    if std::env::var_os("WEIR_TEST_LITTLE_SPACE").is_none() {
        // A limit holds for the whole process, so this runs in one of its own.
        let mut child = std::process::Command::new("/bin/sh");
        child.args(["-c", "ulimit -v 3000000; exec \"$0\" --exact \"$1\""]);
        child.arg(std::env::current_exe().unwrap()).arg(NAME).env("WEIR_TEST_LITTLE_SPACE", "1");
        let output = child.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let engine = Engine::new(None).unwrap();
    let plugin = engine.load(&guest("poison.wat")).unwrap();
    let mut instances: Vec<_> = (0..16).map(|_| plugin.set_up(&setup()).unwrap().0).collect();
    for instance in &mut instances {
        call(instance, &[b"one"]).unwrap();
        assert_eq!(call(instance, &[b"!m"]).unwrap_err(), Fault::Memory(LIMITS.memory));
    }
}

#[test]
fn the_engine_is_the_one_that_is_built_in() {
    let lock = include_str!("../../../Cargo.lock");
    let (name, version) = ENGINE.split_once(' ').unwrap();
    assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")));
}
