//! A range of a topic in a file, and the file through the chain.

use weir_tests::{Broker, Gateway, Record, Topic, unique, within};

#[test]
fn a_capture_holds_the_records_as_they_are_and_replays() {
    within(90, || {
        let broker = Broker::shared();
        let (from, to) = (unique("capture"), unique("capture-out"));
        broker.oracle.create([Topic::new(&from, 2)]);
        let mut records: Vec<Record> = (0..200)
            .map(|n| {
                Record::to(&from)
                    .partition(n % 2)
                    .at(1_700_000_000_000 + i64::from(n) * 1000)
                    .key(format!("k{n}"))
                    .value(format!("{n}"))
            })
            .collect();
        records[7] =
            Record::to(&from).partition(1).at(1_700_000_007_000).value([0xff]).null_header("a").header("a", "");
        broker.oracle.produce(records);
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n"
            ),
        );
        let capture = |more: &[&str]| {
            let arguments = [&["capture", "-c", "weir.toml", "--topic", &from, "--output", "-"][..], more].concat();
            gateway.weir(&arguments).expect(0).text().lines().map(Record::from_line).collect::<Vec<_>>()
        };
        let by_place = |mut records: Vec<Record>| {
            records.sort_by_key(|record| (record.partition, record.offset));
            records
        };
        let all = by_place(broker.oracle.read(&[&from]));
        assert_eq!(by_place(capture(&[])), all);
        assert_eq!(capture(&["--limit", "5"]).len(), 5);
        let part = by_place(capture(&["--from", "10", "--to", "20"]));
        assert!(part.iter().all(|record| (10..20).contains(&record.offset.unwrap())) && part.len() == 20);
        // 1_700_000_190 s.
        assert_eq!(capture(&["--from", "2023-11-14T22:16:30Z"]).len(), 10);
        gateway.weir(&["capture", "-c", "weir.toml", "--topic", &from, "--output", "all.ndjson"]).expect(0);
        let replayed = gateway.weir(&["replay", "-c", "weir.toml", "--input", "all.ndjson"]).expect(0).text();
        assert_eq!(replayed.lines().count(), all.len());
        // It joined no group.
        assert!(broker.oracle.committed(&from).is_empty());
        // A mistyped topic and a range turned round do not cost what an earlier capture wrote.
        gateway.weir(&["capture", "-c", "weir.toml", "--topic", &to, "--output", "all.ndjson"]).expect(1);
        let turned = ["--from", "20", "--to", "10", "--output", "all.ndjson"];
        gateway.weir(&[&["capture", "-c", "weir.toml", "--topic", &from][..], &turned[..]].concat()).expect(2);
        let again = gateway.weir(&["replay", "-c", "weir.toml", "--input", "all.ndjson"]).expect(0).text();
        assert_eq!(again, replayed);
    });
}
