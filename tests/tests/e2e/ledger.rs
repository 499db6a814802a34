//! The ledger topic: which generation carried which range.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use weir_tests::{
    Broker, Finished, Gateway, Load, Record, Tally, Topic, eventually, load::source, rng::Rng, unique, within,
};

pub(super) const PARTITIONS: i32 = 3;

/// The topics of a test.
pub(super) struct Names {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) ledger: String,
}

impl Names {
    /// Creates them all.
    pub(super) fn created(name: &str) -> Self {
        let names =
            Self { from: unique(name), to: unique(&format!("{name}-out")), ledger: unique(&format!("{name}-ledger")) };
        let Self { from, to, ledger } = &names;
        let topics = [Topic::new(from, PARTITIONS), Topic::new(to, PARTITIONS), Topic::new(ledger, 2)];
        Broker::shared().oracle.create(topics);
        names
    }

    /// A pipeline whose generation shows in a header.
    pub(super) fn config(&self, number: u32, more: &str) -> String {
        let Self { from, to, ledger } = self;
        let pipeline = format!(
            r#"[pipelines.p]
from = ["{from}"]
to = "{to}"
group = "{from}"
ledger_topic = "{ledger}"
{more}

[[pipelines.p.interceptors]]
plugin = "header-enricher"
config = {{ headers = [ {{ name = "number", value = "{number}" }} ] }}
"#
        );
        Gateway::config(Broker::shared(), &pipeline)
    }

    pub(super) fn settled(&self) {
        let oracle = &Broker::shared().oracle;
        eventually(90, "everything is committed", || {
            (oracle.committed(&self.from) == oracle.ends(&[&self.from])).then_some(())
        });
    }

    /// What the ledger topic holds, by source partition, in the order in which it was written.
    pub(super) fn ranges(&self) -> BTreeMap<i32, Vec<Entry>> {
        let mut all: BTreeMap<i32, Vec<Entry>> = BTreeMap::new();
        for record in Broker::shared().oracle.read(&[&self.ledger]) {
            let entry = Entry::of(&record);
            assert_eq!(record.key, Some(format!("{0}/{0}/{1}", self.from, entry.partition).into_bytes()));
            all.entry(entry.partition).or_default().push(entry);
        }
        all
    }

    /// The end of a source partition.
    pub(super) fn end(&self, partition: i32) -> i64 {
        Broker::shared().oracle.ends(&[&self.from])[&(self.from.clone(), partition)]
    }
}

/// A record of the ledger topic.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    partition: i32,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) digest: String,
    generation: u64,
    read: i64,
}

impl Entry {
    fn of(record: &Record) -> Self {
        let value: Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
        let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("no number: {record:?}"));
        let records = &value["records"];
        assert_eq!(
            number(&records["in"]),
            number(&records["passed"]) + number(&records["dropped"]) + number(&records["dead"]),
            "{value}"
        );
        Self {
            partition: number(&value["partition"]) as i32,
            from: number(&value["from"]),
            to: number(&value["to"]),
            digest: value["digest"].as_str().unwrap().to_owned(),
            generation: number(&value["generation"]) as u64,
            read: number(&records["in"]),
        }
    }
}

fn generations(gateway: &Gateway, more: &[&str]) -> Finished {
    gateway.weir(&[&["generations", "-c", "weir.toml"][..], more].concat())
}

#[test]
fn every_offset_is_in_one_range_and_a_swap_ends_it() {
    within(180, || {
        let (broker, names) = (Broker::shared(), Names::created("ledger"));
        let gateway = Gateway::new(&names.config(0, ""));
        let mut running = gateway.run();
        let load = Load::start(broker, &names.from, PARTITIONS, 2000);
        let shows = |number: &str| {
            eventually(60, &format!("every partition's records show {number}"), || {
                let last = broker.oracle.last(&names.to);
                let all = last.len() == PARTITIONS as usize;
                (all && last.iter().all(|record| record.text("number").as_deref() == Some(number))).then_some(())
            });
        };
        shows("0");
        // Some ranges of the first generation, so that they are put together.
        let of_first = || names.ranges().values().map(Vec::len).min().unwrap_or_default();
        eventually(60, "ranges are recorded", || (of_first() >= 2).then_some(()));
        gateway.write("weir.toml", names.config(1, ""));
        shows("1");
        let sent = load.finish();
        names.settled();
        assert!(running.lives());
        assert!(running.stop().0.success());

        let ranges = names.ranges();
        let digests: BTreeSet<&str> = ranges.values().flatten().map(|entry| &*entry.digest).collect();
        assert_eq!((ranges.len(), digests.len()), (PARTITIONS as usize, 2), "{ranges:?}");
        for (partition, ranges) in &ranges {
            let mut next = 0;
            for entry in ranges {
                assert_eq!((entry.from, entry.read), (next, entry.to - entry.from), "{partition}: {entry:?}");
                next = entry.to;
            }
            assert_eq!(next, names.end(*partition), "partition {partition}");
            assert!(ranges.is_sorted_by_key(|entry| entry.generation), "generations go backwards: {ranges:?}");
            assert!(ranges.iter().any(|entry| entry.generation == 1), "{ranges:?}");
            assert!(ranges.iter().any(|entry| entry.generation == 2), "{ranges:?}");
        }
        assert_eq!(ranges.values().flatten().map(|entry| entry.read).sum::<i64>() as u64, sent);
        // What the ledger says of a record is what the record shows.
        let outputs = broker.oracle.read(&[&names.to]);
        assert_eq!(Tally::of(&outputs, sent, PARTITIONS), Tally::default());
        for record in &outputs {
            let (partition, offset) = source(record);
            let holds = |entry: &&Entry| (entry.from..entry.to).contains(&(offset as i64));
            let entry = ranges[&partition].iter().find(holds).unwrap();
            assert_eq!(record.text("number"), Some((entry.generation - 1).to_string()), "{entry:?}: {record:?}");
        }
        is_told(&gateway, &names, &ranges);
    });
}

/// `weir generations` says what stands in the ledger topic.
fn is_told(gateway: &Gateway, names: &Names, ranges: &BTreeMap<i32, Vec<Entry>>) {
    let text = generations(gateway, &[]).expect(0).text();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let mut rows = Vec::new();
    for (partition, ranges) in ranges {
        for generation in ranges.chunk_by(|one, other| one.digest == other.digest) {
            let (first, last) = (&generation[0], &generation[generation.len() - 1]);
            let read: i64 = generation.iter().map(|entry| entry.read).sum();
            let numbers = [i64::from(*partition), first.from, last.to, read].map(|number| number.to_string());
            rows.push(
                [vec!["p".to_owned(), names.from.clone()], numbers.to_vec(), vec![first.digest.clone()]].concat(),
            );
        }
    }
    let told: Vec<&[&str]> = lines.iter().map(|cells| &cells[..7]).collect();
    assert_eq!(told, rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect::<Vec<Vec<&str>>>());
    // One record, in the second generation of partition 1.
    let entry = ranges[&1].iter().find(|entry| entry.generation == 2).unwrap();
    let of =
        |offset: &str| ["--topic", &names.from, "--partition", "1", "--offset", offset, "--json"].map(str::to_owned);
    let of_entry = of(&entry.from.to_string());
    let told = generations(gateway, &of_entry.each_ref().map(String::as_str)).expect(0).text();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((told["digest"].as_str(), told["from"].as_i64()), (Some(&*entry.digest), Some(entry.from)));
    assert_eq!(told["ranges"], 1);
    let none = generations(gateway, &of("999999999").each_ref().map(String::as_str)).expect(1);
    assert!(none.err.contains("no range holds offset 999999999"), "{}", none.err);
    // It joined no group, and says what is wrong.
    let other = generations(gateway, &["--pipeline", "pp"]).expect(1);
    assert!(other.err.contains("there is no pipeline `pp`; the configuration has p"), "{}", other.err);
    generations(gateway, &["--offset", "1"]).expect(2);
    let text = names.config(1, "");
    gateway.write("weir.toml", text.replace("ledger_topic", "# ledger_topic"));
    let without = generations(gateway, &[]).expect(1);
    assert!(without.err.contains("write `ledger_topic = \"weir-ledger\"` into [pipelines.NAME]"), "{}", without.err);
    gateway.write("weir.toml", text.replace(&names.ledger, "no-such-ledger"));
    let missing = generations(gateway, &[]).expect(1);
    assert!(missing.err.contains("kafka-topics.sh --create --topic no-such-ledger"), "{}", missing.err);
    // Somebody else's records are passed over.
    let elsewhere = text.replace(&format!("to = \"{}\"", names.to), "to = \"elsewhere\"");
    gateway.write("weir.toml", elsewhere.replace(&names.ledger, &names.to));
    let others = generations(gateway, &[]).expect(0);
    assert!(others.err.contains("passed over"), "{}", others.err);
}

#[test]
fn kills_under_load_leave_no_hole_in_the_ledger() {
    within(240, || {
        let (broker, names) = (Broker::shared(), Names::created("ledger-kill"));
        // A static member comes back at once.
        let gateway = Gateway::new(&names.config(0, "instance = \"one\""));
        let load = Load::start(broker, &names.from, PARTITIONS, 3000);
        let mut rng = Rng::new(5);
        for _ in 0..8 {
            let before = broker.oracle.count(&[&names.ledger]);
            let running = gateway.run();
            let some = rng.below(6) as i64;
            eventually(60, "it records", || (broker.oracle.count(&[&names.ledger]) > before + some).then_some(()));
            running.kill();
        }
        let sent = load.finish();
        let running = gateway.run();
        names.settled();
        assert!(running.stop().0.success());
        let tally = Tally::of(&broker.oracle.read(&[&names.to]), sent, PARTITIONS);
        assert_eq!((tally.lost, tally.disordered), (0, 0), "of {sent} records");
        for (partition, mut ranges) in names.ranges() {
            ranges.sort_by_key(|entry| entry.from);
            let mut next = 0;
            for entry in &ranges {
                assert!(
                    entry.from <= next,
                    "{partition}: nothing says what carried {next} to {}: {ranges:?}",
                    entry.from
                );
                next = next.max(entry.to);
            }
            assert_eq!(next, names.end(partition), "partition {partition}");
        }
    });
}

#[test]
fn a_ledger_topic_that_is_deleted_holds_commits_back_and_no_records() {
    within(180, || {
        let (broker, names) = (Broker::shared(), Names::created("ledger-gone"));
        let gateway = Gateway::new(&names.config(0, ""));
        let mut running = gateway.run();
        let load = Load::start(broker, &names.from, PARTITIONS, 500);
        eventually(60, "it records", || (broker.oracle.count(&[&names.ledger]) > 3).then_some(()));
        broker.oracle.delete(&names.ledger);
        running.says("the ledger topic takes no records, and commits wait for it");
        let goes_on = |records: i64| {
            let carried = broker.oracle.count(&[&names.to]);
            eventually(60, "records go on", || (broker.oracle.count(&[&names.to]) > carried + records).then_some(()));
        };
        // What was recorded just before is committed.
        goes_on(500);
        let committed = broker.oracle.committed(&names.from);
        goes_on(1500);
        assert_eq!(broker.oracle.committed(&names.from), committed, "what is committed is recorded before");
        broker.oracle.create([Topic::new(&names.ledger, 2)]);
        running.says("the ledger topic takes records again");
        let sent = load.finish();
        names.settled();
        assert!(running.lives());
        assert!(running.stop().0.success());
        let tally = Tally::of(&broker.oracle.read(&[&names.to]), sent, PARTITIONS);
        assert_eq!(tally, Tally::default(), "of {sent} records");
        // A topic that is not there when weir starts is a mistake like any other.
        gateway.write("weir.toml", names.config(0, "").replace(&names.ledger, "no-such-ledger"));
        let refused = gateway.weir(&["run", "-c", "weir.toml"]).expect(1);
        assert!(refused.err.contains("there is no topic `no-such-ledger`"), "{}", refused.err);
    });
}
