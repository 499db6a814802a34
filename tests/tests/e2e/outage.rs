//! Brokers that die and come back while records flow.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use weir_tests::{Broker, Gateway, Load, Tally, Topic, eventually, unique, within};

const PARTITIONS: i32 = 4;
/// How long a broker stands still: longer than it may before its controller takes it for dead (9 s), so that for a moment
/// afterwards it names no broker of the cluster, not even itself.
const STILL: Duration = Duration::from_secs(14);

#[test]
fn a_broker_that_dies_and_comes_back_under_load_costs_no_record_and_no_order() {
    within(240, || {
        let broker: &'static Broker = Box::leak(Box::new(Broker::own()));
        let (from, to) = (unique("outage"), unique("outage-out"));
        broker.oracle.create([&from, &to].map(|name| Topic::new(name, PARTITIONS)));
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n"
            ),
        );
        let mut running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 4000);
        for _ in 0..2 {
            let before = broker.oracle.count(&[&to]);
            eventually(60, "it carries records", || (broker.oracle.count(&[&to]) > before + 2000).then_some(()));
            broker.restart();
        }
        let sent = load.finish();
        eventually(90, "everything is committed", || {
            assert!(running.lives(), "weir ended");
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        assert!(running.stop().0.success());
        let Tally { lost, duplicates, disordered } = Tally::of(&broker.oracle.read(&[&to]), sent, PARTITIONS);
        assert_eq!((lost, disordered), (0, 0), "of {sent} records, with {duplicates} duplicates");
        broker.kill();
    });
}

#[test]
fn a_broker_that_stands_still_until_it_is_taken_for_dead_costs_no_record_and_no_order() {
    within(240, || {
        let broker: &'static Broker = Box::leak(Box::new(Broker::own()));
        let (from, to) = (unique("still"), unique("still-out"));
        broker.oracle.create([&from, &to].map(|name| Topic::new(name, PARTITIONS)));
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n\
                 group_protocol = \"consumer\"\n"
            ),
        );
        let mut running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 500);
        eventually(60, "it carries records", || (broker.oracle.count(&[&to]) > 500).then_some(()));
        let pid = broker.process().and_then(|pid| Pid::from_raw(pid as i32)).expect("an own broker");
        kill_process(pid, Signal::STOP).expect("a signal");
        // The fault itself: nothing shows how long it has lasted but time.
        std::thread::sleep(STILL);
        kill_process(pid, Signal::CONT).expect("a signal");
        let sent = load.finish();
        eventually(30, "everything is committed", || {
            assert!(running.lives(), "weir ended");
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        assert!(running.stop().0.success());
        let Tally { lost, duplicates, disordered } = Tally::of(&broker.oracle.read(&[&to]), sent, PARTITIONS);
        assert_eq!((lost, disordered), (0, 0), "of {sent} records, with {duplicates} duplicates");
        broker.kill();
    });
}
