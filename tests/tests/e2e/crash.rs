//! Processes that die and stop in the middle of the flow.

use rustix::process::Signal;
use weir_tests::{Broker, Gateway, Load, Tally, Topic, eventually, rng::Rng, unique, within};

const PARTITIONS: i32 = 4;

/// A pipeline with a chain that does something, so that records are in flight at every stage.
fn pipeline(from: &str, to: &str, more: &str) -> String {
    format!(
        r#"[pipelines.p]
from = ["{from}"]
to = "{to}"
group = "{from}"
delivery = "at-least-once"
{more}

[[pipelines.p.interceptors]]
plugin = "header-enricher"
config = {{ headers = [ {{ name = "dc", value = "hz1" }} ] }}
"#
    )
}

fn settled(broker: &Broker, topic: &str) {
    eventually(90, "everything is committed", || {
        (broker.oracle.committed(topic) == broker.oracle.ends(&[topic])).then_some(())
    });
}

#[test]
fn twenty_kills_under_load_lose_nothing() {
    within(240, || {
        let broker = Broker::shared();
        let (from, to) = (unique("kill"), unique("kill-out"));
        broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
        // A static member comes back at once; a new member would wait for the dead one's session to end.
        let gateway = Gateway::against(broker, &pipeline(&from, &to, "instance = \"one\""));
        let load = Load::start(broker, &from, PARTITIONS, 4000);
        let mut rng = Rng::new(7);
        for _ in 0..20 {
            let before = broker.oracle.count(&[&to]);
            let running = gateway.run();
            // It works, and is in the middle of it, when it is killed.
            let some = 500 + rng.below(3000) as i64;
            eventually(60, "it carries records", || (broker.oracle.count(&[&to]) > before + some).then_some(()));
            running.kill();
        }
        let sent = load.finish();
        let running = gateway.run();
        settled(broker, &from);
        assert!(running.stop().0.success());
        let Tally { lost, duplicates, disordered } = Tally::of(&broker.oracle.read(&[&to]), sent, PARTITIONS);
        assert!(duplicates > 0, "no kill hit anything in flight: the test shows nothing");
        assert_eq!((lost, disordered), (0, 0), "of {sent} records, with {duplicates} duplicates");
    });
}

#[test]
fn twenty_stops_under_load_lose_and_repeat_nothing() {
    within(240, || {
        let broker = Broker::shared();
        let (from, to) = (unique("stop"), unique("stop-out"));
        broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
        let gateway = Gateway::against(broker, &pipeline(&from, &to, ""));
        let load = Load::start(broker, &from, PARTITIONS, 4000);
        let mut rng = Rng::new(11);
        for _ in 0..20 {
            let before = broker.oracle.count(&[&to]);
            let running = gateway.run();
            let some = rng.below(3000) as i64;
            eventually(60, "it carries records", || (broker.oracle.count(&[&to]) > before + some).then_some(()));
            let (status, took) = running.stop();
            assert!(status.success(), "{status}");
            assert!(took.as_secs() < 10, "it took {took:?} to drain");
        }
        let sent = load.finish();
        let running = gateway.run();
        settled(broker, &from);
        assert!(running.stop().0.success());
        let tally = Tally::of(&broker.oracle.read(&[&to]), sent, PARTITIONS);
        assert_eq!(tally, Tally::default(), "of {sent} records");
    });
}

#[test]
fn an_idle_gateway_stops_at_once_on_either_signal() {
    within(90, || {
        let broker = Broker::shared();
        // Also where the workers wait for records as long as they may.
        for (signal, more) in [(Signal::TERM, ""), (Signal::INT, "batch = { age = \"10s\" }")] {
            let (from, to) = (unique("idle"), unique("idle-out"));
            broker.oracle.create([Topic::new(&from, 1), Topic::new(&to, 1)]);
            let gateway = Gateway::against(broker, &pipeline(&from, &to, more));
            let mut running = gateway.run();
            eventually(30, "it has joined", || (broker.oracle.members(&from)? == [1]).then_some(()));
            let start = std::time::Instant::now();
            running.signal(signal);
            assert!(running.exit(20).success());
            assert!(start.elapsed().as_secs() < 3, "it took {:?}", start.elapsed());
        }
    });
}

#[test]
fn instances_that_join_and_leave_lose_nothing() {
    within(240, || {
        let broker = Broker::shared();
        let (from, to) = (unique("rebalance"), unique("rebalance-out"));
        let partitions = 6;
        broker.oracle.create([Topic::new(&from, partitions), Topic::new(&to, partitions)]);
        let gateway = Gateway::against(broker, &pipeline(&from, &to, ""));
        let load = Load::start(broker, &from, partitions, 3000);
        let joined = |count: usize| {
            eventually(60, &format!("{count} share the partitions"), || {
                let held = broker.oracle.members(&from)?;
                (held.len() == count && held.iter().sum::<i64>() == i64::from(partitions) && !held.contains(&0))
                    .then_some(())
            });
        };
        let moves = |records: i64| {
            let before = broker.oracle.count(&[&to]);
            eventually(60, "records move", || (broker.oracle.count(&[&to]) > before + records).then_some(()));
        };
        let mut running = vec![gateway.run()];
        joined(1);
        for _ in 0..4 {
            // Two come, one after the other; the two oldest go: nobody stays for good.
            for count in [2, 3] {
                running.push(gateway.run());
                joined(count);
                moves(500);
            }
            for count in [2, 1] {
                let (status, _) = running.remove(0).stop();
                assert!(status.success(), "{status}");
                joined(count);
                moves(500);
            }
        }
        let sent = load.finish();
        settled(broker, &from);
        for last in running {
            assert!(last.stop().0.success());
        }
        let tally = Tally::of(&broker.oracle.read(&[&to]), sent, partitions);
        assert_eq!((tally.lost, tally.disordered), (0, 0), "of {sent} records, with {} duplicates", tally.duplicates);
    });
}
