//! No thread of weir can die unseen: a panic in any of them ends the process with status 1 and says why.

use std::time::{Duration, Instant};

use weir_tests::{Broker, Gateway, Record, Running, Topic, child_process, eventually, paths, unique, within};

/// How soon a process ends of which a thread panicked.
const SOON: Duration = Duration::from_secs(5);

/// A gateway of one pipeline with one record to carry, started with `WEIR_FAILPOINT`; and its destination.
fn started(role: &str, to: Topic<'_>, record: Record, from: &str) -> (Gateway, Running) {
    let broker = Broker::shared();
    let dead = format!("{from}-dead");
    broker.oracle.create([Topic::new(from, 1), Topic::new(&dead, 1), to]);
    broker.oracle.produce([record]);
    let gateway = Gateway::against(
        broker,
        &format!(
            "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{from}-out\"\ndead_letter = \"{dead}\"\ngroup = \"{from}\"\n"
        ),
    );
    let running = gateway.run_with(&[("WEIR_FAILPOINT", &format!("panic:{role}"))]);
    (gateway, running)
}

/// That it ends with status 1 within [`SOON`] of the panic, whose words are in the log.
fn ends(mut running: Running) {
    running.says("asked to by WEIR_FAILPOINT");
    let start = Instant::now();
    let status = running.exit(30);
    assert!(start.elapsed() < SOON, "{status} after {:?}", start.elapsed());
    assert_eq!(status.code(), Some(1));
    let log = running.log();
    assert!(log.lines().any(|line| line.contains("status 1") && line.contains("panicked")), "no reason is given");
}

fn a_panic_ends_it(role: &str) {
    let (from, role) = (unique("panic"), role.to_owned());
    within(60, move || {
        let to = format!("{from}-out");
        let (_gateway, running) = started(&role, Topic::new(&to, 1), Record::to(&from).value("one"), &from);
        ends(running);
    });
}

/// The same of threads that are started for the end only.
fn a_panic_at_the_end_is_told(role: &str) {
    let (from, role) = (unique("panic"), role.to_owned());
    within(60, move || {
        let to = format!("{from}-out");
        let (_gateway, running) = started(&role, Topic::new(&to, 1), Record::to(&from).value("one"), &from);
        let oracle = &Broker::shared().oracle;
        eventually(30, "the record is committed", || (oracle.committed(&from) == oracle.ends(&[&from])).then_some(()));
        running.signal(rustix::process::Signal::TERM);
        ends(running);
    });
}

#[test]
fn a_panic_of_the_control_thread_ends_the_process() {
    a_panic_ends_it("control");
}

#[test]
fn a_panic_of_the_thread_that_answers_a_rebalance_ends_the_process() {
    a_panic_ends_it("group");
}

#[test]
fn a_panic_of_a_worker_ends_the_process() {
    a_panic_ends_it("worker");
}

#[test]
fn a_panic_of_the_reload_thread_ends_the_process() {
    a_panic_ends_it("reload");
}

#[test]
fn a_panic_of_the_thread_that_waits_for_sighup_ends_the_process() {
    a_panic_ends_it("sighup");
}

#[test]
fn a_panic_of_the_thread_that_waits_for_signals_ends_the_process() {
    a_panic_ends_it("signals");
}

#[test]
fn a_panic_of_the_plugins_clock_ends_the_process() {
    a_panic_ends_it("clock");
}

#[test]
fn a_panic_of_the_thread_that_closes_a_consumer_is_told_by_the_status() {
    a_panic_at_the_end_is_told("close");
}

#[test]
fn a_panic_of_the_watchdog_is_told_by_the_status() {
    a_panic_at_the_end_is_told("watchdog");
}

#[test]
fn a_panic_of_the_thread_that_closes_a_producer_ends_the_process() {
    within(60, || {
        let from = unique("panic");
        let to = format!("{from}-out");
        // A record without a key, which the topic does not take, makes a producer break down.
        let compacted = Topic::new(&to, 1).with("cleanup.policy", "compact");
        let (_gateway, running) = started("discard", compacted, Record::to(&from).value("one"), &from);
        ends(running);
    });
}

#[test]
fn a_replay_of_which_a_thread_panics_tells_so_and_leaves_no_expectation_by_half() {
    for role in ["replay", "read-ahead"] {
        let gateway =
            Gateway::new("[kafka]\nbrokers = \"b:1\"\n[pipelines.p]\nfrom = [\"in\"]\nto = \"out\"\ngroup = \"g\"\n");
        gateway.write("in.ndjson", "{\"payload\":\"x\"}\n");
        let mut weir = child_process::command(paths::weir());
        weir.args(["replay", "-c", "weir.toml", "--input", "in.ndjson", "--expect", "out.ndjson", "--update"]);
        weir.current_dir(gateway.path("")).env("WEIR_FAILPOINT", format!("panic:{role}"));
        let output = weir.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("has ended before"), "{role}: {told}");
        assert!(!gateway.path("out.ndjson.new").exists() && !gateway.path("out.ndjson").exists());
    }
}
