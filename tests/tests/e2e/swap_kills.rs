//! kill -9 at each step of a change of the configuration, while another instance of the group takes over what the dead one
//! had: no record is lost, and what the ledger says last of an offset, an output of it shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::process::ExitStatusExt as _,
    sync::Mutex,
    thread,
};

use rustix::process::Signal;
use serde_json::Value;
use weir_tests::{Broker, Gateway, Load, Record, Tally, Topic, eventually, load::source, within};

use super::ledger::{Entry, Names, PARTITIONS};

/// The header of a record that names its generation.
const STAMP: &str = "digest";
/// So many hexadecimal digits of a digest stand in it.
const STAMPED: usize = 12;
/// Records a second of each run.
const RATE: u64 = 300;
/// So many kills are tried at the same time, each with a group of its own.
const AT_ONCE: usize = 4;
/// Offsets of a run of which `weir generations` is asked, at most.
const ASKED: usize = 2;

/// What a change brings besides another generation of `p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// No more than that.
    Swap,
    /// A key that `p` has from its start on.
    Restart,
    /// The end of a pipeline.
    Remove,
    /// A pipeline.
    Add,
    /// A pipeline that cannot start, so that all of it is undone.
    Undo,
}

/// Where a process ends itself, as `host/src/failpoint.rs` names it, and in which change.
const KILLS: [(&str, Change); 28] = [
    ("built", Change::Swap),
    ("released", Change::Swap),
    ("prepared", Change::Swap),
    ("adopt-sent", Change::Swap),
    ("adopt-sent:2", Change::Swap),
    ("adopting", Change::Swap),
    ("adopted", Change::Swap),
    ("adopted:2", Change::Swap),
    ("swapped", Change::Swap),
    ("commit-asked", Change::Swap),
    ("range-cut", Change::Swap),
    ("range-sent", Change::Swap),
    ("range-recorded", Change::Swap),
    // The new generation's: what it carried is in the ledger, and the group does not know.
    ("range-recorded:4", Change::Swap),
    ("offsets-due", Change::Swap),
    ("offsets-sent", Change::Swap),
    ("offsets-sent:3", Change::Swap),
    ("offsets-committed", Change::Swap),
    ("offsets-committed:3", Change::Swap),
    ("leaving", Change::Restart),
    ("left", Change::Restart),
    ("started", Change::Restart),
    ("removed", Change::Remove),
    ("added", Change::Add),
    ("undoing", Change::Undo),
    ("undone", Change::Undo),
    ("taken-over", Change::Swap),
    ("told", Change::Swap),
];

#[test]
fn a_kill_at_any_step_of_a_change_loses_no_record_and_leaves_each_offset_to_a_generation_that_carried_it() {
    within(600, || {
        let left = Mutex::new(KILLS.iter());
        let next = || left.lock().unwrap().next();
        let by_two: usize = thread::scope(|scope| {
            let run = || std::iter::from_fn(next).map(|(step, change)| killed_at(step, *change)).sum::<usize>();
            let runs: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(run)).collect();
            runs.into_iter().map(|run| run.join().unwrap()).sum()
        });
        assert!(by_two > 0, "no kill left an offset to two generations: the test shows nothing");
    });
}

/// Two instances of a group carry records, one of them dies at `step` of `change`. Returns how many offsets the ledger
/// leaves to more than one generation.
fn killed_at(step: &str, change: Change) -> usize {
    let (broker, run) = (Broker::shared(), Run::created(step));
    let Run { names, .. } = &run;
    let before = run.config(0, "", if change == Change::Remove { Other::Runs } else { Other::None });
    let (gateway, neighbour) = (Gateway::new(&before), Gateway::new(&run.config(0, "", Other::None)));
    let mut dies = gateway.run_with(&[("WEIR_FAILPOINT", &format!("kill:{step}"))]);
    let lives = neighbour.run();
    let load = Load::start(broker, &names.from, PARTITIONS, RATE);
    run.both_have_partitions();
    run.commits_on();

    gateway.write(
        "weir.toml",
        match change {
            Change::Swap | Change::Remove => run.config(1, "", Other::None),
            Change::Restart => run.config(1, "batch = { records = 70 }", Other::None),
            Change::Add => run.config(1, "", Other::Runs),
            Change::Undo => run.config(1, "", Other::CannotStart),
        },
    );
    let status = dies.exit(60);
    assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{step}: {status}\n{}", dies.log());
    // By the generation before, from what the dead one has committed.
    run.commits_on();
    let after = run.config(1, "", Other::None);
    for gateway in [&gateway, &neighbour] {
        gateway.write("weir.toml", &after);
    }
    let restarted = gateway.run();
    run.both_have_partitions();
    run.commits_on();
    let sent = load.finish();
    names.settled();
    for running in [restarted, lives] {
        let (status, _) = running.stop();
        assert!(status.success(), "{step}: {status}");
    }

    let outputs = broker.oracle.read(&[&names.to]);
    let tally = Tally::of(&outputs, sent, PARTITIONS);
    assert_eq!(tally.lost, 0, "{step}: of {sent} records");
    run.judge(&stamps_of(&outputs, step), &gateway)
}

/// Of each source partition and offset, the generations that its outputs show, one each.
fn stamps_of(outputs: &[Record], step: &str) -> BTreeMap<(i32, i64), BTreeSet<String>> {
    let mut stamps: BTreeMap<(i32, i64), BTreeSet<String>> = BTreeMap::new();
    for record in outputs {
        let count = record.headers.iter().filter(|(name, _)| name == STAMP).count();
        assert_eq!(count, 1, "{step}: stamps of {record:?}");
        let (partition, offset) = source(record);
        let stamp = record.text(STAMP).expect("a stamp");
        stamps.entry((partition, offset as i64)).or_default().insert(stamp);
    }
    let all: BTreeSet<&String> = stamps.values().flatten().collect();
    assert_eq!(all.len(), 2, "{step}: the generation before and the one after: {all:?}");
    stamps
}

/// Whether there is another pipeline beside `p`.
#[derive(Clone, Copy, Debug)]
enum Other {
    None,
    Runs,
    CannotStart,
}

/// One kill's topics.
struct Run {
    step: String,
    names: Names,
    /// Where the other pipeline writes to.
    aside: String,
}

impl Run {
    fn created(step: &str) -> Self {
        let names = Names::created(&format!("swap-kill-{}", step.replace(':', "-")));
        let aside = format!("{}-aside", names.to);
        Broker::shared().oracle.create([Topic::new(&aside, 1)]);
        Self { step: step.to_owned(), names, aside }
    }

    fn config(&self, number: u32, more: &str, other: Other) -> String {
        let Self { names, aside, .. } = self;
        // A dead member's partitions are given to others soon.
        let session = "consumer = { \"session.timeout.ms\" = 6000, \"heartbeat.interval.ms\" = 500 }";
        let keys = format!("workers = 2\nstamp_generation = \"{STAMP}\"\n{session}\n{more}");
        // weir takes this expression; the system's, by which librdkafka matches, repeats nothing so often.
        let pattern = format!("^{}(){{33000}}$", names.from);
        let other = match other {
            Other::None => return names.config(number, &keys),
            Other::Runs => format!("from = [\"{}\"]", names.from),
            Other::CannotStart => format!("from = [\"{pattern}\"]"),
        };
        let other = format!("[pipelines.q]\n{other}\nto = \"{aside}\"\ngroup = \"{aside}\"\nworkers = 1\n");
        format!("{}\n{other}", names.config(number, &keys))
    }

    fn both_have_partitions(&self) {
        eventually(60, &format!("{}: both instances have partitions", self.step), || {
            let held = Broker::shared().oracle.members(&self.names.from)?;
            (held.len() == 2 && !held.contains(&0) && held.iter().sum::<i64>() == i64::from(PARTITIONS)).then_some(())
        });
    }

    /// Waits until more is committed of every partition.
    fn commits_on(&self) {
        let committed = || Broker::shared().oracle.committed(&self.names.from);
        let before = committed();
        eventually(60, &format!("{}: more of every partition is committed", self.step), || {
            let now = committed();
            let all = now.len() == PARTITIONS as usize;
            (all && now.iter().all(|(partition, offset)| Some(offset) > before.get(partition))).then_some(())
        });
    }

    /// Holds the ledger to what the outputs show by `stamps`. Returns how many offsets it leaves to more than one generation.
    fn judge(&self, stamps: &BTreeMap<(i32, i64), BTreeSet<String>>, gateway: &Gateway) -> usize {
        let (step, mut by_two) = (&self.step, Vec::new());
        for (partition, ranges) in self.names.ranges() {
            let mut last: BTreeMap<i64, &Entry> = BTreeMap::new();
            for entry in &ranges {
                let begun = last.last_key_value().map_or(0, |(offset, _)| offset + 1);
                assert!(entry.from <= begun, "{step} {partition}: nothing says what carried {begun} to {}", entry.from);
                for offset in entry.from..entry.to {
                    let shown = &stamps[&(partition, offset)];
                    let is_shown = shown.contains(&entry.digest[..STAMPED]);
                    assert!(is_shown, "{step} {partition}/{offset} shows {shown:?}: {entry:?}");
                    let earlier = last.insert(offset, entry);
                    if earlier.is_some_and(|earlier| earlier.digest != entry.digest) {
                        by_two.push((partition, offset));
                    }
                }
            }
            let end = last.last_key_value().map_or(0, |(offset, _)| offset + 1);
            assert_eq!(end, self.names.end(partition), "{step}: partition {partition}");
            // Where two generations carried an offset, the one that is told last is the one that was recorded last.
            let of_this = by_two.iter().filter(|(of, _)| *of == partition);
            for (_, offset) in of_this.take(ASKED) {
                let (told, written) = (self.told_last(gateway, partition, *offset), last[offset]);
                assert_eq!(
                    (told["digest"].as_str(), told["from"].as_i64(), told["to"].as_i64()),
                    (Some(&*written.digest), Some(written.from), Some(written.to)),
                    "{step} {partition}/{offset}"
                );
            }
        }
        by_two.len()
    }

    /// What `weir generations` says last of an offset.
    fn told_last(&self, gateway: &Gateway, partition: i32, offset: i64) -> Value {
        let (partition, offset) = (partition.to_string(), offset.to_string());
        let of = ["--topic", &self.names.from, "--partition", &partition, "--offset", &offset, "--json"];
        let text = gateway.weir(&[&["generations", "-c", "weir.toml"][..], &of].concat()).expect(0).text();
        serde_json::from_str(text.lines().last().expect("a line")).expect("JSON")
    }
}
