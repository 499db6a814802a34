//! Where a record goes when it cannot go where it should, and where a group begins.

use weir_tests::{Broker, Gateway, Record, Running, Topic, eventually, unique, within};

fn pipeline(from: &str, more: &str) -> String {
    format!("[pipelines.p]\nfrom = [\"{from}\"]\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n{more}")
}

fn numbered(topic: &str, numbers: std::ops::Range<i64>) -> Vec<Record> {
    numbers
        .map(|n| {
            Record::to(topic).partition(0).at(1_700_000_000_000 + n * 1000).key(format!("k{n}")).value(format!("{n}"))
        })
        .collect()
}

fn values(topic: &str) -> Vec<String> {
    let records = Broker::shared().oracle.read(&[topic]);
    records.into_iter().map(|record| String::from_utf8(record.value.unwrap()).unwrap()).collect()
}

fn settled(running: &mut Running, topic: &str) {
    let oracle = &Broker::shared().oracle;
    eventually(60, "everything is settled", || {
        assert!(running.lives(), "weir ended");
        (oracle.committed(topic) == oracle.ends(&[topic])).then_some(())
    });
}

#[test]
fn topics_that_do_not_exist_are_all_named_at_the_start() {
    within(60, || {
        let broker = Broker::shared();
        let [from, to, dead] = ["missing", "missing-out", "missing-dead"].map(unique);
        let gateway = Gateway::against(broker, &pipeline(&from, &format!("to = \"{to}\"\ndead_letter = \"{dead}\"\n")));
        let mut running = gateway.run();
        for topic in [from, to, dead] {
            running.says(&topic);
        }
        assert!(!running.exit(30).success());
    });
}

#[test]
fn a_record_routed_to_a_topic_that_does_not_exist_becomes_a_dead_letter() {
    within(120, || {
        let broker = Broker::shared();
        let (from, to, dead) = (unique("unknown"), unique("unknown-out"), unique("unknown-dead"));
        let (first, second) = (format!("{to}-0"), format!("{to}-1"));
        broker.oracle.create([&from, &first, &second, &dead].map(|name| Topic::new(name, 1)));
        let records = numbered(&from, 0..90);
        broker.oracle.produce(records.clone());
        let gateway = Gateway::against(
            broker,
            &pipeline(
                &from,
                &format!(
                    r#"dead_letter = "{dead}"
topics = ["{to}-*"]
[[pipelines.p.interceptors]]
plugin = "mod-router"
config = {{ from = {{ json = "" }}, buckets = 3, topic = "{to}-{{bucket}}" }}
"#
                ),
            ),
        );
        let mut running = gateway.run();
        settled(&mut running, &from);
        assert!(running.stop().0.success());
        let of = |bucket: i64| (0..90).filter(|n| n % 3 == bucket).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!((values(&first), values(&second), values(&dead)), (of(0), of(1), of(2)));
        for letter in broker.oracle.read(&[&dead]) {
            assert_eq!(letter.text("weir.error.kind").as_deref(), Some("unknown-topic"));
            assert!(letter.text("weir.error.message").unwrap().contains(&format!("{to}-2")), "{letter:?}");
        }
    });
}

#[test]
fn a_record_that_nothing_routed_becomes_a_dead_letter() {
    within(60, || {
        let broker = Broker::shared();
        let (from, dead) = (unique("unrouted"), unique("unrouted-dead"));
        broker.oracle.create([&from, &dead].map(|name| Topic::new(name, 1)));
        broker.oracle.produce(numbered(&from, 0..10));
        let gateway = Gateway::against(broker, &pipeline(&from, &format!("dead_letter = \"{dead}\"\n")));
        let mut running = gateway.run();
        settled(&mut running, &from);
        assert!(running.stop().0.success());
        let letters = broker.oracle.read(&[&dead]);
        assert_eq!(letters.len(), 10);
        assert!(letters.iter().all(|letter| letter.text("weir.error.kind").as_deref() == Some("unrouted")));
    });
}

#[test]
fn a_group_begins_where_start_says() {
    within(120, || {
        let broker = Broker::shared();
        let from = unique("start");
        broker.oracle.create([Topic::new(&from, 1)]);
        broker.oracle.produce(numbered(&from, 0..10));
        // 1_700_000_005 s is record 5.
        let cases = [("earliest", 0), ("2023-11-14T22:13:25Z", 5), ("latest", 10)];
        let mut running = Vec::new();
        let mut outs = Vec::new();
        for (start, _) in cases {
            let to = unique("start-out");
            broker.oracle.create([Topic::new(&to, 1)]);
            let gateway = Gateway::against(
                broker,
                &format!(
                    "[pipelines.p]\nfrom = [\"{from}\"]\ngroup = \"{to}\"\ndelivery = \"at-least-once\"\nto = \"{to}\"\nstart = \"{start}\"\n"
                ),
            );
            running.push((gateway.run(), gateway));
            eventually(30, "it has joined", || (broker.oracle.members(&to)? == [1]).then_some(()));
            outs.push(to);
        }
        // `latest` begins where the topic ends when weir first looks: give each its first look before more comes.
        broker.oracle.produce(numbered(&from, 10..11));
        for (to, (start, _)) in outs.iter().zip(cases) {
            let mut last = 11;
            eventually(30, &format!("`{start}` goes on"), || {
                if broker.oracle.count(&[to]) > 0 && values(to).contains(&"10".to_owned()) {
                    return Some(());
                }
                // A late first look of `latest` missed the last one: send another.
                if start == "latest" {
                    broker.oracle.produce(numbered(&from, last..last + 1));
                    last += 1;
                    return (broker.oracle.count(&[to]) > 0).then_some(());
                }
                None
            });
        }
        for (to, (start, first)) in outs.iter().zip(cases) {
            let values: Vec<i64> = values(to).iter().map(|value| value.parse().unwrap()).collect();
            assert!(values[0] == first || start == "latest" && values[0] >= first, "{start}: {values:?}");
            assert!(values.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{start}: {values:?}");
        }
    });
}

/// A pipeline that has carried ten records, and whose next ten are deleted before it comes back.
fn gap(name: &str, on_gap: &str) -> (Gateway, String, String) {
    let broker = Broker::shared();
    let (from, to) = (unique(name), unique(&format!("{name}-out")));
    broker.oracle.create([&from, &to].map(|name| Topic::new(name, 1)));
    broker.oracle.produce(numbered(&from, 0..10));
    let gateway = Gateway::against(broker, &pipeline(&from, &format!("to = \"{to}\"\n{on_gap}")));
    let mut running = gateway.run();
    settled(&mut running, &from);
    assert!(running.stop().0.success());
    broker.oracle.produce(numbered(&from, 10..30));
    broker.oracle.delete_records(&from, 0, 20);
    (gateway, from, to)
}

#[test]
fn a_gap_stops_the_pipeline_and_is_reported() {
    within(120, || {
        let oracle = &Broker::shared().oracle;
        let (gateway, from, to) = gap("gap-stop", "");
        let mut running = gateway.run();
        running.says("gap");
        // What it would carry, it would carry while it says so and while it stops.
        assert_eq!(running.exit(30).code(), Some(1));
        assert_eq!(oracle.count(&[&to]), 10);
        assert_eq!(oracle.committed(&from).values().copied().collect::<Vec<_>>(), [10]);
    });
}

#[test]
fn on_gap_earliest_goes_on_and_reports_what_is_lost() {
    within(120, || {
        let (gateway, from, to) = gap("gap-go", "on_gap = \"earliest\"\n");
        let mut running = gateway.run();
        settled(&mut running, &from);
        running.says("gap");
        assert!(running.stop().0.success());
        let expected: Vec<String> = (0..10).chain(20..30).map(|n| n.to_string()).collect();
        assert_eq!(values(&to), expected);
    });
}
