//! Topics and partitions that come while a pipeline runs.

use weir_tests::{Broker, Gateway, Load, Record, Tally, Topic, eventually, unique, within};

fn records(topic: &str, count: i64) -> impl Iterator<Item = Record> {
    (0..count).map(move |n| Record::to(topic).key(format!("k{n}")).value(format!("{topic}/{n}")))
}

/// A pipeline with `start = "latest"` that reads every topic that begins with `prefix-`, and finds new ones at once.
fn config(broker: &Broker, prefix: &str, to: &str) -> String {
    format!(
        r#"[kafka]
brokers = "{}"
[kafka.options]
"topic.metadata.refresh.interval.ms" = "500"

[pipelines.p]
from = ['^{prefix}-.*']
to = "{to}"
group = "{prefix}"
start = "latest"
delivery = "at-least-once"
"#,
        broker.address
    )
}

#[test]
fn latest_passes_over_nothing_of_a_topic_that_is_created_and_filled_while_weir_runs() {
    within(120, || {
        let broker = Broker::shared();
        let oracle = &broker.oracle;
        let (prefix, to) = (unique("younger"), unique("out-younger"));
        let [first, second, third] = ["a", "b", "c"].map(|end| format!("{prefix}-{end}"));
        oracle.create([&first, &to].map(|name| Topic::new(name, 2)));
        oracle.produce(records(&first, 20));
        let gateway = Gateway::new(&config(broker, &prefix, &to));
        let running = gateway.run();
        eventually(30, "its beginning is committed", || (oracle.committed(&prefix).len() == 2).then_some(()));
        oracle.create([Topic::new(&second, 2)]);
        oracle.produce(records(&second, 100));
        eventually(60, "all of the new topic is carried", || (oracle.count(&[&to]) >= 100).then_some(()));
        assert_eq!(oracle.count(&[&to]), 100, "and nothing that was there before");
        oracle.produce(records(&first, 1));
        eventually(60, "its records are carried and committed", || {
            (oracle.committed(&prefix) == oracle.ends(&[&first, &second])).then_some(())
        });
        assert!(running.stop().0.success());
        // Nobody has seen it when weir starts: it is there at weir's first look, and younger than what the group reads.
        oracle.create([Topic::new(&third, 2)]);
        oracle.produce(records(&third, 100));
        let running = gateway.run();
        eventually(90, "all of the next topic is carried", || (oracle.count(&[&to]) >= 201).then_some(()));
        assert!(running.stop().0.success());
        assert_eq!(oracle.count(&[&to]), 201);
    });
}

#[test]
fn a_topic_that_is_deleted_for_good_holds_no_other_up() {
    within(120, || {
        let broker = Broker::shared();
        let oracle = &broker.oracle;
        let (prefix, to) = (unique("gone"), unique("out-gone"));
        let [gone, stays] = ["a", "b"].map(|end| format!("{prefix}-{end}"));
        oracle.create([&gone, &stays, &to].map(|name| Topic::new(name, 2)));
        let gateway = Gateway::new(&config(broker, &prefix, &to));
        let mut running = gateway.run();
        eventually(30, "their beginnings are committed", || (oracle.committed(&prefix).len() == 4).then_some(()));
        let both = records(&gone, 50).chain(records(&stays, 50));
        oracle.produce(both);
        eventually(60, "both are carried", || (oracle.count(&[&to]) >= 100).then_some(()));
        oracle.delete(&gone);
        // Before, while and after the group takes its partitions away.
        for round in 1..=5 {
            oracle.produce(records(&stays, 20));
            eventually(60, "the other's records are carried", || {
                assert!(running.lives(), "weir ended");
                (oracle.count(&[&to]) >= 100 + round * 20).then_some(())
            });
        }
        eventually(60, "the group has no partition of it any more", || {
            // A classic member drops what its subscription has lost, and joins again.
            let log = running.log();
            (log.contains("partitions lost") || log.contains("partitions revoked")).then_some(())
        });
        oracle.produce(records(&stays, 20));
        eventually(60, "all is committed", || {
            let committed = oracle.committed(&prefix);
            let ends = oracle.ends(&[&stays]);
            ends.iter().all(|(at, end)| committed.get(at) == Some(end)).then_some(())
        });
        assert!(running.stop().0.success());
        assert_eq!(oracle.count(&[&to]), 220, "each record once");
    });
}

#[test]
fn partitions_that_are_added_under_load_lose_nothing() {
    within(120, || {
        let broker = Broker::shared();
        let oracle = &broker.oracle;
        let (prefix, to) = (unique("grows"), unique("out-grows"));
        let from = format!("{prefix}-a");
        oracle.create([&from, &to].map(|name| Topic::new(name, 1)));
        let gateway = Gateway::new(&config(broker, &prefix, &to));
        let running = gateway.run();
        eventually(30, "its beginning is committed", || (oracle.committed(&prefix).len() == 1).then_some(()));
        let before = Load::start(broker, &from, 1, 1000);
        eventually(30, "records move", || (oracle.count(&[&to]) > 500).then_some(()));
        oracle.grow(&from, 4);
        let more = Load::start(broker, &from, 4, 2000);
        let moved = oracle.count(&[&to]);
        eventually(60, "records move", || (oracle.count(&[&to]) > moved + 5000).then_some(()));
        let (one, four) = (before.finish(), more.finish());
        eventually(60, "everything is committed", || {
            (oracle.committed(&prefix) == oracle.ends(&[&from])).then_some(())
        });
        assert!(running.stop().0.success());
        let outputs = oracle.read(&[&to]);
        assert_eq!(outputs.len() as u64, one + four, "of {one} and {four} records");
        let of_four = outputs.iter().filter(|output| output.text("source").is_some_and(|at| !at.starts_with("0:")));
        let expected = (0..four).filter(|number| number % 4 != 0).count();
        assert_eq!(of_four.count(), expected, "every record of the new partitions");
        let Tally { lost, .. } = Tally::of(&outputs, four, 4);
        assert_eq!(lost, 0);
    });
}
