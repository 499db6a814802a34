//! The envelope survives.

use std::collections::BTreeMap;

use weir_tests::{Broker, Gateway, Record, Topic, eventually, unique, within};

/// Records with everything that is hard to carry, over three partitions.
fn nasty(topic: &str) -> Vec<Record> {
    let to = |partition| Record::to(topic).partition(partition).at(1_700_000_000_123);
    let mut records = vec![
        to(0).key("k").value("v"),
        to(0),
        to(1).key(b"").value(b""),
        to(1).key("k"),
        to(2).value("no key"),
        to(2).key([0x00, 0xff, 0xfe]).value([0x80, 0x81, 0x00, 0xff]),
        to(0).key("h").header("a", "1").header("b", "2").header("a", "3"),
        to(0).key("h").null_header("a").header("a", "").null_header("a").header("", "no name"),
        to(1).key("h").header("ünïcödé", [0xff, 0x00]).header("empty", b""),
        to(2).key("old").at(1).value("1970"),
        to(2).key("far").at(32_503_680_000_000).value("year 3000"),
        to(0).key("big").value(vec![0xa5; 1 << 20]).header("big", vec![b'h'; 1 << 16]),
        to(1).value(r#"{"json":"ü 漢字 🎉"}"#),
    ];
    for number in 0..300 {
        let mut record = to(number % 3).at(1_700_000_000_000 + i64::from(number)).value(format!("record {number}"));
        record.key = (number % 5 != 0).then(|| format!("key-{number}").into_bytes());
        for header in 0..number % 7 {
            record = record.header(&format!("h{}", header % 3), format!("{number}"));
        }
        records.push(record);
    }
    records
}

fn big(name: &str, partitions: i32) -> Topic<'_> {
    Topic::new(name, partitions).with("max.message.bytes", "4194304")
}

fn by_partition(records: Vec<Record>) -> BTreeMap<Option<i32>, Vec<Record>> {
    let mut parts: BTreeMap<Option<i32>, Vec<Record>> = BTreeMap::new();
    for record in records {
        parts.entry(record.partition).or_default().push(record.content());
    }
    parts
}

/// Runs a pipeline without interceptors from a topic of three partitions; what arrived in one of `partitions`.
fn through_weir(name: &str, partitions: i32, more: &str) -> (Vec<Record>, Vec<Record>) {
    let broker = Broker::shared();
    let (from, to) = (unique(name), unique(&format!("{name}-out")));
    broker.oracle.create([big(&from, 3), big(&to, partitions)]);
    let records = nasty(&from);
    broker.oracle.produce(records.clone());
    let gateway = Gateway::against(
        broker,
        &format!(
            "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n{more}"
        ),
    );
    let running = gateway.run();
    eventually(60, "every record arrives", || (broker.oracle.count(&[&to]) >= records.len() as i64).then_some(()));
    let (status, _) = running.stop();
    assert!(status.success(), "{status}");
    (records, broker.oracle.read(&[&to]))
}

#[test]
fn records_arrive_byte_for_byte_in_their_order() {
    within(120, || {
        // One destination partition, so that the order of each source partition can be seen whole.
        let (sent, arrived) = through_weir("bytes", 1, "");
        assert_eq!(arrived.len(), sent.len());
        let mut left: BTreeMap<Option<i32>, Vec<Record>> = by_partition(sent);
        for found in arrived {
            let found = found.content();
            let from = left.values_mut().find(|part| part.first() == Some(&found));
            let from = from.unwrap_or_else(|| panic!("not the next record of any partition: {found:?}"));
            from.remove(0);
        }
    });
}

#[test]
fn a_record_goes_to_the_partition_that_the_java_client_would_choose() {
    within(120, || {
        let (sent, arrived) = through_weir("java", 5, "");
        let broker = Broker::shared();
        // What Java does with the same keys; a null key, which it spreads at random, goes by its source partition.
        let reference = unique("java-reference");
        broker.oracle.create([big(&reference, 5)]);
        let chosen = sent.iter().map(|record| Record {
            topic: reference.clone(),
            partition: record.partition.filter(|_| record.key.is_none()),
            ..record.clone()
        });
        broker.oracle.produce(chosen);
        let mut expected = by_partition(broker.oracle.read(&[&reference]));
        let mut found = by_partition(arrived);
        // Several source partitions meet in one destination: their order among each other is free.
        for part in expected.values_mut().chain(found.values_mut()) {
            part.sort_by_cached_key(|record| format!("{record:?}"));
        }
        assert!(expected == found, "some records went elsewhere");
    });
}

#[test]
fn partition_by_source_keeps_every_record_in_its_partition() {
    within(120, || {
        let (sent, arrived) = through_weir("source", 3, "partition_by = \"source\"\n");
        assert!(by_partition(sent) == by_partition(arrived));
    });
}
