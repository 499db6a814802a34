//! Brokers that die and come back while records flow.

use std::time::Duration;

use rustix::process::Signal;
use weir_tests::{Broker, Gateway, Load, Tally, Topic, eventually, unique, within};

const PARTITIONS: i32 = 4;
/// How long a broker stands still: longer than it may before its controller takes it for dead (9 s), so that for a moment
/// afterwards it names no broker of the cluster, not even itself.
const STILL: Duration = Duration::from_secs(14);

/// That nothing is lost or swapped of so many records a second which a pipeline carries through what `trouble` does to its
/// broker; it is told how many have arrived. `more` stands in the pipeline's configuration, and all is to be committed so
/// many `seconds` later.
fn costs_no_record_and_no_order(
    name: &str,
    more: &str,
    (rate, seconds): (u64, u64),
    trouble: fn(&Broker, &dyn Fn() -> i64),
) {
    let (name, more) = (name.to_owned(), more.to_owned());
    within(240, move || {
        let broker: &'static Broker = Box::leak(Box::new(Broker::own()));
        let (from, to) = (unique(&name), unique(&format!("{name}-out")));
        broker.oracle.create([&from, &to].map(|name| Topic::new(name, PARTITIONS)));
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n{more}"
            ),
        );
        let mut running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, rate);
        trouble(broker, &|| broker.oracle.count(&[&to]));
        let sent = load.finish();
        eventually(seconds, "everything is committed", || {
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
fn a_broker_that_dies_and_comes_back_under_load_costs_no_record_and_no_order() {
    costs_no_record_and_no_order("outage", "", (4000, 90), |broker, arrived| {
        for _ in 0..2 {
            let before = arrived();
            eventually(60, "it carries records", || (arrived() > before + 2000).then_some(()));
            broker.restart();
        }
    });
}

#[test]
fn a_broker_that_stands_still_until_it_is_taken_for_dead_costs_no_record_and_no_order() {
    costs_no_record_and_no_order("still", "group_protocol = \"consumer\"\n", (500, 30), |broker, arrived| {
        eventually(60, "it carries records", || (arrived() > 500).then_some(()));
        broker.signal(Signal::STOP);
        // The fault itself: nothing shows how long it has lasted but time.
        std::thread::sleep(STILL);
        broker.signal(Signal::CONT);
    });
}
