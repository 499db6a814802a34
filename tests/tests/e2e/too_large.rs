//! Records that are too large for where they should go.

use weir_tests::{
    Broker, Gateway, Guarded, Record, Topic,
    broker::{PASSWORD, USER},
    eventually, unique, within,
};

/// What a request is refused for is said so.
const REFUSED: &str = "a request was refused";

/// Carries 3,000 small records and five large ones, at places that are unlike each other, to a topic that takes 20,000
/// bytes; `narrow` is what is done to the topics first. Answers the log.
fn carry(broker: &Broker, kafka: &str, narrow: impl FnOnce(&[&str])) -> String {
    let (from, to, dead) = (unique("large"), unique("large-out"), unique("large-dead"));
    let small = Topic::new(&to, 1).with("max.message.bytes", "20000");
    broker.oracle.create([Topic::new(&from, 1), small, Topic::new(&dead, 1)]);
    narrow(&[&from, &to, &dead]);
    let large = [0, 7, 250, 251, 2999];
    let record = |n: usize| {
        // The last fits but for what a record needs besides its bytes.
        let size = if n == 2999 { 20_000 - 61 - 4 - 6 } else { 60_000 + n };
        let value = if large.contains(&n) { "x".repeat(size) } else { n.to_string() };
        Record::to(&from).partition(0).at(1_700_000_000_000 + n as i64).key(format!("{n:04}")).value(value)
    };
    let records: Vec<Record> = (0..3000).map(record).collect();
    broker.oracle.produce(records.clone());
    let gateway = Gateway::new(&format!(
        r#"[kafka]
{kafka}

[pipelines.p]
from = ["{from}"]
group = "{from}"
to = "{to}"
dead_letter = "{dead}"
delivery = "at-least-once"
"#
    ));
    let mut running = gateway.run();
    eventually(60, "everything is settled", || {
        assert!(running.lives(), "weir ended");
        (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
    });
    let log = running.log();
    assert!(running.stop().0.success());
    let passed: Vec<String> = (0..3000).filter(|n| !large.contains(n)).map(|n| n.to_string()).collect();
    let out = broker.oracle.read(&[&to]).into_iter().map(|record| String::from_utf8(record.value.unwrap()).unwrap());
    assert_eq!(out.collect::<Vec<_>>(), passed);
    let letters = broker.oracle.read(&[&dead]);
    assert_eq!(letters.len(), large.len());
    for letter in letters {
        let offset: usize = letter.text("weir.error.offset").unwrap().parse().unwrap();
        assert_eq!((&letter.value, &letter.key), (&records[offset].value, &records[offset].key));
        assert_eq!(letter.text("weir.error.kind").as_deref(), Some("produce"));
    }
    log
}

#[test]
fn they_become_dead_letters_and_the_others_pass_in_order_and_no_request_is_refused_with_them() {
    within(120, || {
        let broker = Broker::shared();
        let log = carry(broker, &format!("brokers = \"{}\"", broker.address), |_| {});
        assert!(!log.contains(REFUSED), "{log}");
    });
}

#[test]
fn where_the_topics_settings_may_not_be_read_they_are_found_by_refusals() {
    within(120, || {
        let guarded = Guarded::shared();
        let kafka = format!(
            r#"brokers = "{}"
[kafka.options]
"security.protocol" = "SASL_PLAINTEXT"
"sasl.mechanisms" = "PLAIN"
"sasl.username" = "{USER}"
"sasl.password" = "{PASSWORD}""#,
            guarded.sasl
        );
        let narrow = |topics: &[&str]| topics.iter().for_each(|topic| guarded.broker.oracle.narrow(topic, USER));
        let log = carry(&guarded.broker, &kafka, narrow);
        assert!(log.contains(REFUSED), "{log}");
        assert_eq!(log.matches("learned from refusals").count(), 1, "{log}");
    });
}

#[test]
fn a_request_that_is_larger_than_a_segment_is_sent_in_parts() {
    within(120, || {
        let broker = Broker::shared();
        let (from, to, dead) = (unique("segment"), unique("segment-out"), unique("segment-dead"));
        let wide = |name| Topic::new(name, 1).with("max.message.bytes", "8388608");
        // No smaller segment is to be had.
        broker.oracle.create([Topic::new(&from, 1), wide(&to).with("segment.bytes", "1048576"), wide(&dead)]);
        let value = |n: usize| format!("{n:04}{}", "x".repeat(2000));
        broker.oracle.produce((0..3000).map(|n| Record::to(&from).partition(0).value(value(n))).collect::<Vec<_>>());
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\ngroup = \"{from}\"\nto = \"{to}\"\ndead_letter = \"{dead}\"\n\
                 delivery = \"at-least-once\"\nworkers = 1\n[pipelines.p.producer]\n\"batch.size\" = 6000000\n\"linger.ms\" = 200\n"
            ),
        );
        let mut running = gateway.run();
        eventually(60, "everything is settled", || {
            assert!(running.lives(), "weir ended");
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        let log = running.log();
        assert!(running.stop().0.success());
        assert!(log.contains(REFUSED), "no request was too large: the test shows nothing\n{log}");
        let out =
            broker.oracle.read(&[&to]).into_iter().map(|record| String::from_utf8(record.value.unwrap()).unwrap());
        assert!(out.eq((0..3000).map(value)), "other records, or in another order");
        assert_eq!(broker.oracle.count(&[&dead]), 0);
    });
}
