//! Pipelines that come, start again and go under load: how long does a record of another one wait?

use std::collections::BTreeMap;

use weir_tests::{Broker, Gateway, Load, Record, Tally, Topic, eventually, load::source, unique, within};

use crate::setting;

const PARTITIONS: i32 = 4;
/// How often each of it happens; `WEIR_ROUNDS` says otherwise.
const ROUNDS: usize = 10;
const RATE: u64 = 3000;
/// Milliseconds that a record of the pipeline that stays may wait.
const LONGEST: i64 = 1000;

fn pipeline(name: &str, from: &str, to: &str, more: &str) -> String {
    format!("[pipelines.{name}]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\non_gap = \"stop\"\n{more}\n")
}

/// When the broker took each record, by its source's partition and number.
fn times(records: &[Record]) -> BTreeMap<(i32, u64), i64> {
    assert!(records.iter().all(|record| record.log_append), "the broker's own time");
    records.iter().map(|record| (source(record), record.timestamp.unwrap())).collect()
}

#[test]
fn pipelines_that_come_start_again_and_go_cost_another_one_no_record_and_no_pause_of_a_second() {
    within(300, || {
        let broker = Broker::shared();
        let [from, to, other, other_to] = ["pause", "pause-out", "pause-other", "pause-other-out"].map(unique);
        let timed = |name| Topic::new(name, PARTITIONS).with("message.timestamp.type", "LogAppendTime");
        broker.oracle.create([timed(&from), timed(&to), Topic::new(&other, 1), Topic::new(&other_to, 1)]);
        let stays = pipeline("stays", &from, &to, "");
        let with = |more: &str| Gateway::config(broker, &format!("{stays}{more}"));
        let comes = |keys: &str| with(&pipeline("comes", &other, &other_to, keys));
        let gateway = Gateway::new(&with(""));
        let running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, RATE);
        eventually(60, "records flow", || {
            (broker.oracle.count(&[&to]) > 0 && broker.oracle.ends(&[&to]).values().all(|end| *end > 0)).then_some(())
        });
        // What waited until weir had joined does not count.
        let first = load.sent();
        let mut carried = 0;
        for round in 0..setting("WEIR_ROUNDS", ROUNDS) {
            // Each carries a record before the next change comes.
            let mut change = |config: &str, words: &str, carries: bool| {
                let before = running.log().len();
                gateway.write("weir.toml", config);
                running.says_after(before, words);
                if carries {
                    broker.oracle.produce([Record::to(&other).partition(0).value(words)]);
                    carried += 1;
                    eventually(60, words, || (broker.oracle.count(&[&other_to]) == carried).then_some(()));
                }
            };
            change(&comes(""), "added: comes", true);
            change(&comes(&format!("batch = {{ records = {} }}", round + 7)), "restarted: comes", true);
            change(&comes("stamp_generation = \"generation\""), "restarted: comes", true);
            change(&with(""), "removed: comes", false);
        }
        let sent = load.finish();
        eventually(60, "everything is carried", || (broker.oracle.count(&[&to]) as u64 >= sent).then_some(()));
        assert!(running.stop().0.success());
        let outputs = broker.oracle.read(&[&to]);
        assert_eq!(Tally::of(&outputs, sent, PARTITIONS), Tally::default(), "of {sent} records");
        let (came, went) = (times(&broker.oracle.read(&[&from])), times(&outputs));
        let counted = came.iter().filter(|((_, number), _)| *number > first / PARTITIONS as u64);
        let longest = counted.map(|(record, came)| (went[record] - came, record)).max().unwrap();
        #[allow(clippy::print_stderr, reason = "shown beside the test")]
        {
            eprintln!("of {sent} records none waited longer than {} ms", longest.0);
        }
        assert!(longest.0 <= LONGEST, "{:?} waited {} ms", longest.1, longest.0);
    });
}
