//! Compiling costs no more than its budget, and can be given up.

use std::{ffi::OsString, thread, time::Instant};

use weir_tests::oversized;

use super::{
    super::compile::{Budget, compile_in_child},
    *,
};

/// The test that is the compiler's process, and the option by which it knows that it is.
const COMPILER: &str = "wasm::tests::compiling::the_process_that_compiles";
const AS_COMPILER: &str = "--quiet";

#[test]
fn the_process_that_compiles() {
    let arguments: Vec<String> = std::env::args().collect();
    // Run as a test among others it has nothing to do.
    if [COMPILER, AS_COMPILER].iter().all(|argument| arguments.iter().any(|given| given == argument)) {
        serve_compiler();
    }
}

pub(crate) fn program() -> CompilerProgram {
    let arguments = ["--exact", COMPILER, AS_COMPILER, "--nocapture"].map(OsString::from).to_vec();
    CompilerProgram { path: std::env::current_exe().unwrap(), arguments }
}

pub(super) fn sandboxed() -> Engine {
    Engine::with_compiler(None, program()).unwrap()
}

fn refusal(plugin: &[u8]) -> String {
    match sandboxed().load(plugin) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("loaded"),
    }
}

#[test]
fn a_plugin_compiled_in_a_process_of_its_own_works() {
    let plugin = sandboxed().load(&guest("identity.wat")).unwrap();
    let (mut instance, _) = plugin.set_up(&setup()).unwrap();
    call(&mut instance, &[b"one"]).unwrap();
}

#[test]
fn what_is_wrong_with_a_plugin_is_told_in_the_same_words_from_the_other_process() {
    let here = Engine::new(None).unwrap();
    for name in ["import-unknown.wat", "missing-export.wat", "wrong-signature.wat"] {
        let Err(expected) = here.load(&guest(name)) else { panic!("{name} loaded") };
        assert_eq!(refusal(&guest(name)), expected.to_string());
    }
}

#[test]
fn modules_that_are_dear_to_compile_are_refused_by_their_sizes() {
    let begun = Instant::now();
    for (plugin, words) in [
        (oversized::nested_loops(300), "more than 64 loops inside each other"),
        (oversized::nested_loops(1000), "more than 64 loops inside each other"),
        (oversized::nested_loops(500_000), "more than 2097152 bytes of code in one function"),
        (oversized::empty_functions(900_000), "more than 100000 functions"),
        (oversized::calls(3_000_000, 10_000), "more than 1000000 calls"),
        (oversized::handled_calls(20_000, 60), "more than 1000000 handlers of exceptions"),
        (oversized::types_in_a_group(150_000), "more than 100000 types"),
        (oversized::table_elements(9_000_000), "more than 262144 elements of tables"),
    ] {
        for text in [refusal(&plugin), Engine::new(None).unwrap().load(&plugin).map(drop).unwrap_err().to_string()] {
            assert!(text.contains(words), "{text}");
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

fn within(budget: Budget, plugin: &[u8]) -> String {
    let engine = sandboxed();
    match compile_in_child(&program(), engine.inner.profile, plugin, budget, &Cancel::default()) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("compiled"),
    }
}

#[test]
fn a_plugin_that_takes_more_cpu_time_than_its_budget_is_refused() {
    let budget = Budget { cpu_seconds: 1, memory: 2 << 30 };
    let text = within(budget, &oversized::dear_functions(300));
    assert_eq!(text, "takes more than 1 s to compile, which is the limit for a plugin of its size");
}

#[test]
fn a_plugin_that_takes_more_memory_than_its_budget_is_refused() {
    let budget = Budget { cpu_seconds: 100, memory: 300 << 20 };
    let text = within(budget, &oversized::empty_functions(90_000));
    assert_eq!(text, "takes more than 300 MiB of memory to compile");
}

#[test]
fn compiling_ends_at_once_where_it_is_given_up() {
    let cancel = Cancel::default();
    let begun = Instant::now();
    let plugin = oversized::dear_functions(3000);
    let result = thread::scope(|scope| {
        let engine = sandboxed().cancelled_by(&cancel);
        let loading = scope.spawn(move || engine.load(&plugin).map(drop));
        // Long enough for the process to start; were it not, the test would see less and not fail.
        thread::sleep(Duration::from_millis(300));
        assert!(!loading.is_finished());
        cancel.cancel();
        loading.join().unwrap()
    });
    assert!(matches!(result, Err(LoadError::GivenUp)), "{result:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_start_that_is_given_up_ends_before_its_time() {
    let cancel = Cancel::default();
    let plugin = engine().cancelled_by(&cancel).load(&guest("configure-loop.wat")).unwrap();
    let begun = Instant::now();
    thread::scope(|scope| {
        let configuring = scope.spawn(|| plugin.set_up(&setup()).map(drop));
        cancel.cancel();
        configuring.join().unwrap().unwrap_err();
    });
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn work_that_is_released_is_not_given_up_any_more() {
    let cancel = Cancel::default();
    let plugin = engine().cancelled_by(&cancel).load(&guest("identity.wat")).unwrap();
    assert!(cancel.release());
    cancel.cancel();
    let (mut instance, _) = plugin.set_up(&setup()).unwrap();
    call(&mut instance, &[b"one"]).unwrap();
    let other = Cancel::default();
    other.cancel();
    assert!(!other.release() && other.is_cancelled());
}

#[test]
fn a_compiler_that_cannot_be_started_or_breaks_off_is_told() {
    let with = |path: &str, arguments: &[&str]| {
        let arguments = arguments.iter().map(OsString::from).collect();
        let engine = Engine::with_compiler(None, CompilerProgram { path: path.into(), arguments }).unwrap();
        engine.load(&guest("identity.wat")).map(drop).unwrap_err()
    };
    let none = with("/no/such/program", &[]);
    assert!(matches!(none, LoadError::NoProcess(_)) && none.to_string().contains("No such file"), "{none}");
    let broken = with("/bin/sh", &["-c", "echo no luck >&2; exit 3"]).to_string();
    assert_eq!(broken, "cannot be compiled: it ended with exit status: 3: no luck");
    let killed = with("/bin/sh", &["-c", "kill -9 $$"]).to_string();
    assert!(killed.contains("signal: 9"), "{killed}");
}

#[test]
fn the_built_ins_are_compiled_here() {
    let engine = Engine::with_compiler(None, CompilerProgram { path: "/no/such".into(), arguments: vec![] }).unwrap();
    engine.load(weir_plugins::find("header-router").unwrap().bytes).unwrap();
}

#[test]
fn plugins_of_the_same_bytes_share_their_code() {
    let engine = Engine::new(None).unwrap();
    let (one, two) = (engine.load(&guest("identity.wat")).unwrap(), engine.load(&guest("identity.wat")).unwrap());
    assert!(Arc::ptr_eq(&one.linked, &two.linked));
    drop((one, two));
    assert!(engine.inner.loaded.lock().unwrap().values().all(|plugin| plugin.strong_count() == 0));
}

#[test]
fn plugins_that_are_compiled_at_once_share_their_code_too() {
    let engine = Engine::new(None).unwrap();
    let bytes = weir_plugins::find("key-setter").unwrap().bytes;
    let both = std::sync::Barrier::new(2);
    let load = || {
        both.wait();
        engine.load(bytes).unwrap()
    };
    let (one, two) = thread::scope(|scope| {
        let other = scope.spawn(load);
        (load(), other.join().unwrap())
    });
    assert!(Arc::ptr_eq(&one.linked, &two.linked));
}
