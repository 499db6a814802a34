//! Groups that make weir wait, and brokers that are not there.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use weir_tests::{Broker, Gateway, Record, Running, Topic, eventually, unique, within};

/// How soon weir ends that waits for nothing but brokers.
const SOON: Duration = Duration::from_millis(1500);

fn pipeline(from: &str, to: &str, more: &str) -> String {
    format!(
        "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n{more}"
    )
}

#[test]
fn a_group_that_waits_for_a_dead_member_is_named_with_what_helps() {
    within(120, || {
        let broker = Broker::shared();
        let (from, to) = (unique("waiting"), unique("waiting-out"));
        broker.oracle.create([&from, &to].map(|name| Topic::new(name, 1)));
        broker.oracle.produce([Record::to(&from).value("one")]);
        let session = "[pipelines.p.consumer]\n\"session.timeout.ms\" = 12000\n";
        let gateway = Gateway::against(broker, &pipeline(&from, &to, session));
        let running = gateway.run();
        eventually(30, "it carries a record", || (broker.oracle.count(&[&to]) == 1).then_some(()));
        assert!(!running.log().contains("waiting for the group"), "nothing is waited for");
        running.kill();
        let running = gateway.run();
        let said = running.says_after(0, "waiting for the group");
        assert!(said.contains(&from) && said.contains("`instance`"), "{said}");
        broker.oracle.produce([Record::to(&from).value("two")]);
        eventually(30, "it goes on", || (broker.oracle.count(&[&to]) >= 2).then_some(()));
        let told = running.log().matches("waiting for the group").count();
        assert_eq!(told, 1, "{}", running.log());
        assert!(running.stop().0.success());
    });
}

/// SIGTERM, and how long it takes.
fn stops_soon(mut running: Running, limit: Duration) {
    let start = Instant::now();
    running.signal(Signal::TERM);
    let status = running.exit(30);
    let took = start.elapsed();
    assert!(took < limit, "{status} after {took:?}:\n{}", running.log());
    assert!(status.success(), "{status}:\n{}", running.log());
}

#[test]
fn a_start_that_waits_for_brokers_stops_at_once() {
    within(60, || {
        // Nobody listens there.
        let gateway = Gateway::new(&format!("[kafka]\nbrokers = \"127.0.0.1:9\"\n{}", pipeline("in", "out", "")));
        for _ in 0..3 {
            let running = gateway.run();
            running.says("waiting for the brokers");
            stops_soon(running, SOON);
        }
    });
}

#[test]
fn an_idle_gateway_whose_brokers_went_away_stops_at_once() {
    within(120, || {
        let broker = Broker::own();
        let (from, to) = (unique("away"), unique("away-out"));
        broker.oracle.create([&from, &to].map(|name| Topic::new(name, 3)));
        broker.oracle.produce((0..3).map(|partition| Record::to(&from).partition(partition).value("one")));
        let gateway = Gateway::against(&broker, &pipeline(&from, &to, ""));
        let running = gateway.run();
        eventually(30, "everything is committed", || {
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        broker.kill();
        running.says("Connection refused");
        stops_soon(running, SOON);
    });
}

#[test]
fn brokers_that_are_lost_are_told_to_be_back_once_for_each_client() {
    within(180, || {
        let broker = Broker::own();
        let (from, to) = (unique("back"), unique("back-out"));
        broker.oracle.create([&from, &to].map(|name| Topic::new(name, 1)));
        let gateway = Gateway::against(&broker, &pipeline(&from, &to, "workers = 1\n"));
        let running = gateway.run();
        let carries = |count| {
            broker.oracle.produce([Record::to(&from).value("one")]);
            eventually(60, "it carries a record", || (broker.oracle.count(&[&to]) == count).then_some(()));
        };
        carries(1);
        assert!(!running.log().contains("connected again"), "nothing was lost");
        broker.restart();
        running.says("Connection refused");
        carries(2);
        for who in ["p consumer", "p producer 0"] {
            let told = format!("connected again who=\"{who}\"");
            eventually(60, &told, || running.log().contains(&told).then_some(()));
            assert_eq!(running.log().matches(&told).count(), 1, "{}", running.log());
        }
        let line = running.says_after(0, "connected again");
        assert!(line.contains(" INFO ") && line.contains(&broker.address), "{line}");
        assert!(running.stop().0.success());
        broker.kill();
    });
}
