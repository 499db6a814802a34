//! The recom job: what real Kafka gets from `weir run` is what `weir replay` says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use weir_tests::{Broker, Gateway, Record, Topic, eventually, paths::project, unique, within};

const SOURCE: &str = "test-source";
const BUCKETS: usize = 12;

/// Of a dead letter, what must be the same in replay: not when it was received, nor the configuration's digest.
fn comparable(record: Record) -> Record {
    let mut record = record.content();
    if record.text("weir.error.kind").is_some() {
        record.timestamp = None;
        record.headers.retain(|(name, _)| name != "weir.error.generation");
    }
    record
}

/// By source partition: topic and content of what came out, in order per topic.
fn by_source(outputs: impl IntoIterator<Item = Record>) -> BTreeMap<(String, String), Vec<Record>> {
    let mut parts: BTreeMap<_, Vec<Record>> = BTreeMap::new();
    for output in outputs {
        let source = output.text(SOURCE).expect("where it came from");
        let (partition, _) = source.split_once(':').unwrap();
        parts.entry((partition.to_owned(), output.topic.clone())).or_default().push(comparable(output));
    }
    parts
}

#[test]
fn kafka_gets_from_the_recom_job_what_replay_says() {
    within(180, || {
        let example = project().join("examples/recom");
        let text = fs::read_to_string(example.join("weir.toml")).expect("the example's configuration");
        let events = fs::read_to_string(example.join("events.ndjson")).expect("the example's records");
        let broker = Broker::shared();
        // Names of this run's own, and a chain that is the example's to the letter.
        let (from, to, dead, group) = (unique("recom"), unique("events"), unique("recom-dead"), unique("recom-group"));
        let text = ["client-events-dead", "client-events", "events-", "weir-recom", "localhost:9092"]
            .iter()
            .zip([&dead, &from, &format!("{to}-"), &group, &broker.address])
            .fold(text, |text, (old, new)| text.replace(&format!("\"{old}"), &format!("\"{new}")));
        let buckets: Vec<String> = (0..BUCKETS).map(|bucket| format!("{to}-{bucket:02}")).collect();
        // The example's records stand in several partitions; each record says where.
        let mut next: BTreeMap<i32, i64> = BTreeMap::new();
        let records: Vec<Record> = events
            .lines()
            .map(|line| {
                let mut record = Record::from_line(line);
                let offset = next.entry(record.partition.unwrap_or(0)).or_default();
                record.topic.clone_from(&from);
                record.partition.get_or_insert(0);
                record.offset = Some(*offset);
                *offset += 1;
                let source = format!("{}:{}", record.partition.unwrap(), record.offset.unwrap());
                record.header(SOURCE, source)
            })
            .collect();
        let partitions = next.keys().max().unwrap() + 1;
        broker.oracle.create([Topic::new(&from, partitions), Topic::new(&dead, 2)]);
        broker.oracle.create(buckets.iter().map(|name| Topic::new(name, 3)));
        broker.oracle.produce(records.clone());

        let gateway = Gateway::new(&text);
        let mut running = gateway.run();
        eventually(90, "everything is settled", || {
            assert!(running.lives(), "weir ended");
            (broker.oracle.committed(&group) == broker.oracle.ends(&[&from])).then_some(())
        });
        assert!(running.stop().0.success());
        let topics: Vec<&str> = buckets.iter().map(String::as_str).chain([dead.as_str()]).collect();
        let found = broker.oracle.read(&topics);

        let input: String = broker.oracle.read(&[&from]).iter().map(|record| record.to_line() + "\n").collect();
        let replayed = gateway.weir_with(&["replay", "-c", "weir.toml", "--input", "-"], input.as_bytes()).expect(0);
        let replayed: Vec<Record> = replayed.text().lines().map(Record::from_line).collect();
        assert_eq!(found.len(), replayed.len());
        let used: BTreeSet<&str> = found.iter().map(|record| record.topic.as_str()).collect();
        assert_eq!(used.len(), BUCKETS + 1, "the example reaches every bucket and the dead letters: {used:?}");
        // One source partition meets several partitions of a destination: order is compared per key there, by sorting.
        let sorted = |mut parts: BTreeMap<(String, String), Vec<Record>>| {
            for part in parts.values_mut() {
                part.sort_by_key(|record| (record.key.clone(), record.key.is_none().then(|| record.text(SOURCE))));
            }
            parts
        };
        let (found, replayed) = (sorted(by_source(found)), sorted(by_source(replayed)));
        assert_eq!(found.keys().collect::<Vec<_>>(), replayed.keys().collect::<Vec<_>>());
        for (place, expected) in &replayed {
            for (expected, found) in expected.iter().zip(&found[place]) {
                assert_eq!(expected, found, "in {place:?}");
            }
            assert_eq!(expected.len(), found[place].len(), "in {place:?}");
        }
    });
}
