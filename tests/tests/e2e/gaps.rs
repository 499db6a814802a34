//! What a running pipeline does where records that it was to read are gone, or are not those that they were.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use weir_tests::{Broker, Gateway, Record, Running, Topic, eventually, unique, within};

/// How soon weir goes on or stops once it runs again.
const SOON: Duration = Duration::from_secs(5);

fn numbered<'a>(topic: &'a str, name: &'a str, numbers: std::ops::Range<i64>) -> impl Iterator<Item = Record> + 'a {
    numbers.map(move |n| Record::to(topic).partition(0).key(format!("k{n}")).value(format!("{name}{n}")))
}

/// What stands in a topic, in order.
fn values(topic: &str) -> Vec<String> {
    let records = Broker::shared().oracle.read(&[topic]);
    records.into_iter().map(|record| String::from_utf8(record.value.unwrap()).unwrap()).collect()
}

/// A pipeline that runs, and has carried `carried` records of the one partition of its source.
struct Fixture {
    from: String,
    to: String,
    running: Running,
    _gateway: Gateway,
}

impl Fixture {
    fn start(name: &str, on_gap: &str, carried: i64) -> Self {
        Self::start_with(name, on_gap, carried, "classic")
    }

    fn start_with(name: &str, on_gap: &str, carried: i64, protocol: &str) -> Self {
        let broker = Broker::shared();
        let oracle = &broker.oracle;
        let (from, to) = (unique(name), unique(&format!("{name}-out")));
        oracle.create([&from, &to].map(|name| Topic::new(name, 1)));
        oracle.produce(numbered(&from, "old-", 0..carried));
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\non_gap = \"{on_gap}\"\ngroup_protocol = \"{protocol}\"\n"
            ),
        );
        let line = Self { running: gateway.run(), from, to, _gateway: gateway };
        line.settled();
        line
    }

    /// Waits until all that stands in the source is committed.
    fn settled(&self) {
        let oracle = &Broker::shared().oracle;
        eventually(30, "everything is committed", || {
            (oracle.committed(&self.from) == oracle.ends(&[&self.from])).then_some(())
        });
    }

    /// Freezes weir, changes the world, and lets weir see it; returns how long weir then took until `seen`.
    fn meanwhile(&self, change: impl FnOnce(), what: &str, mut seen: impl FnMut() -> bool) -> Duration {
        self.running.signal(Signal::STOP);
        // Answers the request that is on its way to the broker: the next one comes when weir runs again.
        Broker::shared().oracle.produce(numbered(&self.from, "bait-", 0..1));
        change();
        self.running.signal(Signal::CONT);
        let start = Instant::now();
        eventually(30, what, || seen().then_some(()));
        start.elapsed()
    }

    fn recreate(&self, records: i64) {
        let oracle = &Broker::shared().oracle;
        oracle.delete(&self.from);
        oracle.create([Topic::new(&self.from, 1)]);
        oracle.produce(numbered(&self.from, "new-", 0..records));
    }

    /// Deletes all but the last `kept` records of the source.
    fn delete_all_but(&self, kept: i64) {
        let oracle = &Broker::shared().oracle;
        oracle.delete_records(&self.from, 0, oracle.count(&[&self.from]) - kept);
    }

    /// Whether every one of these has arrived.
    fn has(&self, name: &str, numbers: std::ops::Range<i64>) -> bool {
        let there = values(&self.to);
        numbers.map(|n| format!("{name}{n}")).all(|one| there.contains(&one))
    }

    /// It says that it stopped, and reads no more.
    fn has_stopped(&self) -> bool {
        self.running.log().contains("stopped:")
    }
}

#[test]
fn records_deleted_under_a_running_pipeline_are_told_and_the_next_ones_carried() {
    deleted("classic");
}

#[test]
fn the_same_where_the_broker_leads_the_group() {
    deleted("consumer");
}

fn deleted(protocol: &'static str) {
    within(120, move || {
        let line = Fixture::start_with("deleted", "earliest", 10, protocol);
        let oracle = &Broker::shared().oracle;
        for round in 0..2 {
            let end = 10 + 20 * round;
            let delete = || {
                oracle.produce(numbered(&line.from, "old-", end..end + 20));
                line.delete_all_but(10);
            };
            let took = line.meanwhile(delete, "what is left is carried", || line.has("old-", end + 10..end + 20));
            assert!(took < SOON, "it took {took:?}");
            line.settled();
        }
        oracle.produce(numbered(&line.from, "later-", 0..5));
        eventually(30, "later records are carried", || line.has("later-", 0..5).then_some(()));
        let told = line.running.log().matches("the offset to read is gone").count();
        assert_eq!(told, 2, "each gap is told once");
    });
}

#[test]
fn records_deleted_under_a_running_pipeline_stop_it_where_a_gap_is_to() {
    within(120, || {
        let line = Fixture::start("deleted-stop", "stop", 10);
        let oracle = &Broker::shared().oracle;
        let delete = || {
            oracle.produce(numbered(&line.from, "old-", 10..30));
            line.delete_all_but(10);
        };
        let took = line.meanwhile(delete, "it stops", || line.has_stopped());
        assert!(took < SOON, "it took {took:?}");
        assert!(line.running.log().contains("is gone"), "{}", line.running.log());
        assert!(!line.has("old-", 20..21), "it read on behind the gap");
    });
}

/// A topic made anew with `records` records while 100 of the old one are carried.
fn made_anew(name: &str, on_gap: &str, records: i64) {
    let name = name.to_owned();
    let on_gap = on_gap.to_owned();
    within(120, move || {
        let line = Fixture::start(&name, &on_gap, 100);
        let oracle = &Broker::shared().oracle;
        if on_gap == "stop" {
            let took = line.meanwhile(|| line.recreate(records), "it stops", || line.has_stopped());
            assert!(took < SOON, "it took {took:?}");
            assert!(line.running.log().contains("created anew"), "{}", line.running.log());
            return;
        }
        let took = line.meanwhile(|| line.recreate(records), "all of it is carried", || line.has("new-", 0..records));
        assert!(took < SOON, "it took {took:?}");
        oracle.produce(numbered(&line.from, "later-", 0..5));
        eventually(30, "later records are carried", || line.has("later-", 0..5).then_some(()));
        line.settled();
        assert!(line.running.log().contains("created anew"), "{}", line.running.log());
        assert!(line.running.stop().0.success());
    });
}

#[test]
fn a_topic_created_anew_and_shorter_is_read_from_its_beginning() {
    made_anew("anew-shorter", "earliest", 50);
}

#[test]
fn a_topic_created_anew_and_longer_is_read_from_its_beginning() {
    made_anew("anew-longer", "earliest", 250);
}

#[test]
fn a_topic_created_anew_and_shorter_stops_a_pipeline_where_a_gap_is_to() {
    made_anew("anew-shorter-stop", "stop", 50);
}

#[test]
fn a_topic_created_anew_and_longer_stops_a_pipeline_where_a_gap_is_to() {
    made_anew("anew-longer-stop", "stop", 250);
}

#[test]
fn a_topic_created_anew_and_longer_while_weir_is_down_is_read_from_its_beginning() {
    within(120, || {
        let broker = Broker::shared();
        let line = Fixture::start("anew-down", "earliest", 100);
        let Fixture { from, to, running, _gateway: gateway } = line;
        assert!(running.stop().0.success());
        broker.oracle.delete(&from);
        broker.oracle.create([Topic::new(&from, 1)]);
        broker.oracle.produce(numbered(&from, "new-", 0..250));
        let line = Fixture { running: gateway.run(), from, to, _gateway: gateway };
        eventually(30, "all of it is carried", || line.has("new-", 0..250).then_some(()));
        line.settled();
    });
}

#[test]
fn a_committed_offset_above_the_last_stable_offset_is_no_gap() {
    for on_gap in ["stop", "earliest"] {
        within(120, move || {
            let broker = Broker::shared();
            let oracle = &broker.oracle;
            let line = Fixture::start("unstable", on_gap, 10);
            let Fixture { from, to, running, _gateway: gateway } = line;
            assert!(running.stop().0.success());
            oracle.open_transaction(&from, numbered(&from, "open-", 0..5));
            oracle.produce(numbered(&from, "old-", 10..15));
            // As `--reset-offsets --to-latest` does: it sees the end, and not what is stable.
            oracle.reset_offset(&from, &from, 0, 20);
            let line = Fixture { running: gateway.run(), from, to, _gateway: gateway };
            eventually(30, "it has joined", || (oracle.members(&line.from)? == [1]).then_some(()));
            oracle.produce(numbered(&line.from, "later-", 0..5));
            oracle.end_transaction(&line.from, true);
            eventually(30, "later records are carried", || line.has("later-", 0..5).then_some(()));
            assert!(!line.has_stopped());
            let expected: Vec<String> =
                (0..10).map(|n| format!("old-{n}")).chain((0..5).map(|n| format!("later-{n}"))).collect();
            assert_eq!(values(&line.to), expected, "nothing is sent again");
        });
    }
}
