//! A pipeline that stops keeps what it has, says why, and leaves the others alone.

use weir_tests::{Broker, Gateway, Guest, Load, Record, Tally, Topic, eventually, unique, within};

/// Two pipelines: one whose plugin traps on records that begin with `T`, and a neighbour. Runs until the log says
/// `words`, and a little longer; answers with the offset that was committed and what came out.
fn stopped(name: &str, more: &str, interceptor: &str, records: Vec<&str>, words: &str) -> (i64, Vec<String>) {
    let broker = Broker::shared();
    let oracle = &broker.oracle;
    let [from, to, dead, near, near_to] =
        ["", "-out", "-dead", "-near", "-near-out"].map(|end| unique(&format!("{name}{end}")));
    oracle.create([&from, &to, &dead, &near, &near_to].map(|name| Topic::new(name, 1)));
    oracle.produce(records.iter().map(|value| Record::to(&from).partition(0).value(*value)));
    let gateway = Gateway::against(
        broker,
        &format!(
            r#"[pipelines.near]
from = ["{near}"]
to = "{near_to}"
group = "{near}"
delivery = "at-least-once"

[pipelines.stops]
from = ["{from}"]
to = "{to}"
dead_letter = "{dead}"
group = "{from}"
delivery = "at-least-once"
{more}

[[pipelines.stops.interceptors]]
plugin = "./trap.wat"
{interceptor}
"#
        ),
    );
    gateway.write("trap.wat", Guest::named("trap").when('T', "(unreachable)").text());
    let load = Load::start(broker, &near, 1, 500);
    let mut running = gateway.run();
    running.says(words);
    // It stands: what comes now is not touched.
    oracle.produce([Record::to(&from).partition(0).value("late")]);
    // The neighbour carries more after that, and the stopped one keeps its partition.
    let before = oracle.count(&[&near_to]);
    eventually(30, "the neighbour goes on", || (oracle.count(&[&near_to]) > before + 500).then_some(()));
    assert_eq!(oracle.members(&from), Some(vec![1]), "it keeps its membership");
    assert!(running.lives());
    let sent = load.finish();
    eventually(30, "the neighbour's records are settled", || {
        (oracle.committed(&near) == oracle.ends(&[&near])).then_some(())
    });
    let (status, took) = running.stop();
    assert!(took.as_secs() < 15, "{status} after {took:?}");
    assert_eq!(status.code(), Some(1), "one of its pipelines was stopped");
    assert_eq!(Tally::of(&oracle.read(&[&near_to]), sent, 1), Tally::default());
    let committed = oracle.committed(&from).values().copied().next().unwrap_or(0);
    let out = oracle.read(&[&to]).into_iter().map(|record| String::from_utf8(record.value.unwrap()).unwrap());
    (committed, out.collect())
}

#[test]
fn on_fault_stop_stops_before_the_record_and_says_why() {
    within(120, || {
        let records = vec!["a", "b", "c", "T", "d"];
        let (committed, out) = stopped("fault", "", "on_fault = \"stop\"", records, "trap");
        // What stood before it in the same batch may wait with it; what stands behind it never overtakes.
        assert!(committed <= 3, "committed past the record: {committed}");
        assert!(["a", "b", "c"].starts_with(&out.iter().map(String::as_str).collect::<Vec<_>>()), "{out:?}");
    });
}

#[test]
fn the_breaker_stops_a_pipeline_of_which_too_much_faults() {
    within(120, || {
        let records: Vec<&str> = (0..3000).map(|number| if number % 20 == 0 { "T" } else { "fine" }).collect();
        let breaker = "breaker = { faults = \"2%\", over = \"1m\", min = 20 }\nbatch = { records = 50 }";
        let (committed, out) = stopped("fuse", breaker, "", records, "the breaker opened");
        // The twentieth fault is record 380: of its batch nothing goes out any more.
        assert!((0..=380).contains(&committed), "committed past the last fault: {committed}");
        assert!(out.iter().all(|value| value == "fine") && out.len() <= 361, "{} records: {out:?}", out.len());
    });
}
