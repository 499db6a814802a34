//! Pipelines that come, go and start again while another one carries records.

use weir_tests::{Broker, Gateway, Load, Record, Running, Topic, eventually, unique, within};

use crate::reload::{PARTITIONS, carried};

/// A pipeline that carries its topic to `to`, with `more` keys.
fn pipeline(name: &str, (from, to): (&str, &str), group: &str, more: &str) -> String {
    format!("[pipelines.{name}]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{group}\"\non_gap = \"stop\"\n{more}\n")
}

/// Sends a record and waits until it has arrived.
fn carries(from: &str, to: &str, value: &str) {
    Broker::shared().oracle.produce([Record::to(from).partition(0).value(value)]);
    eventually(60, &format!("`{value}` arrives"), || {
        let arrived = Broker::shared().oracle.read(&[to]);
        arrived.iter().any(|record| record.value.as_deref() == Some(value.as_bytes())).then_some(())
    });
}

/// How often the group of `pipeline` has taken partitions away.
fn revocations(running: &Running, pipeline: &str) -> usize {
    let of = format!("pipeline=\"{pipeline}\"");
    running.log().lines().filter(|line| line.contains("partitions revoked") && line.contains(&of)).count()
}

#[test]
fn pipelines_are_added_restarted_moved_and_removed_while_another_one_carries_every_record_once() {
    within(240, || {
        let broker = Broker::shared();
        let (from, to) = (unique("live"), unique("live-out"));
        let (other, other_to) = (unique("live-other"), unique("live-other-out"));
        let topics = [(&from, PARTITIONS), (&to, PARTITIONS), (&other, 1), (&other_to, 1)];
        broker.oracle.create(topics.map(|(name, partitions)| Topic::new(name, partitions)));
        let stays = pipeline("stays", (&from, &to), &from, "");
        let with = |more: &str| Gateway::config(broker, &format!("{stays}{more}"));
        let gateway = Gateway::new(&with(""));
        let running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 2000);
        eventually(60, "records flow", || (broker.oracle.count(&[&to]) > 0).then_some(()));
        let change = |config: &str, words: &str| {
            let before = running.log().len();
            gateway.write("weir.toml", config);
            running.says_after(before, words);
        };
        let ends = (other.as_str(), other_to.as_str());

        change(&with(&pipeline("comes", ends, &other, "")), "added: comes");
        carries(&other, &other_to, "added");
        // A key that it has from its start on: it starts again, from its watermark.
        change(&with(&pipeline("comes", ends, &other, "batch = { records = 7 }")), "restarted: comes");
        carries(&other, &other_to, "restarted");
        // Another group, and another name at the same time: the one goes before the other comes.
        let moved = format!("{other}-moved");
        change(&with(&pipeline("moved", ends, &moved, "start = \"latest\"")), "removed: comes");
        eventually(60, "it has joined", || {
            Broker::shared().oracle.produce([Record::to(&other).partition(0).value("moved")]);
            let arrived = broker.oracle.read(&[&other_to]);
            arrived.iter().any(|record| record.value.as_deref() == Some(b"moved")).then_some(())
        });
        // What cannot start leaves all as it was: the topic is not there.
        change(
            &with(&pipeline("moved", (&other, "nowhere-to-be-found"), &moved, "workers = 2")),
            "nowhere-to-be-found",
        );
        carries(&other, &other_to, "refused");
        change(&with(""), "removed: moved");

        let once: Vec<_> = broker.oracle.read(&[&other_to]).into_iter().filter_map(|record| record.value).collect();
        for value in ["added", "restarted", "refused"] {
            assert_eq!(once.iter().filter(|one| *one == value.as_bytes()).count(), 1, "{value}");
        }
        assert_eq!(revocations(&running, "stays"), 0, "{}", running.log());
        carried(broker, running, load, (&from, &to));
    });
}

#[test]
fn the_only_pipeline_gets_another_name_and_weir_goes_on() {
    within(120, || {
        let broker = Broker::shared();
        let (from, to) = (unique("renamed"), unique("renamed-out"));
        broker.oracle.create([Topic::new(&from, 1), Topic::new(&to, 1)]);
        let config = |name: &str| Gateway::config(broker, &pipeline(name, (&from, &to), &from, ""));
        let gateway = Gateway::new(&config("one"));
        let mut running = gateway.run();
        carries(&from, &to, "before");
        let before = running.log().len();
        gateway.write("weir.toml", config("two"));
        running.says_after(before, "removed: one");
        carries(&from, &to, "after");
        let values: Vec<_> = broker.oracle.read(&[&to]).into_iter().filter_map(|record| record.value).collect();
        assert_eq!(values, [b"before".to_vec(), b"after".to_vec()], "its group is the same, and so is its watermark");
        assert!(running.lives());
        assert!(running.stop().0.success());
    });
}
