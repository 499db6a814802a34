//! Kills in the middle of swaps, while another instance comes and goes: what the ledger says of a record, the record shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};

use weir_tests::{Broker, Gateway, Load, Tally, eventually, load::source, rng::Rng, within};

use super::ledger::{Names, PARTITIONS};

/// The header of a record that names its generation.
const STAMP: &str = "digest";
/// So many hexadecimal digits of a digest stand in it.
const STAMPED: usize = 12;
/// A kill comes at most so many milliseconds after a change.
const SWAP: u64 = 500;

#[test]
fn kills_in_swaps_and_rebalances_leave_each_offset_to_a_generation_that_carried_it() {
    within(240, || {
        let (broker, names) = (Broker::shared(), Names::created("ledger-swap-kill"));
        let stamp = format!("stamp_generation = \"{STAMP}\"");
        let config = |number: u32, more: &str| names.config(number, &format!("{stamp}\n{more}"));
        // A static member comes back at once.
        let killed = |number| config(number, "instance = \"one\"");
        let (gateway, neighbour) = (Gateway::new(&killed(0)), Gateway::new(&config(0, "")));
        let load = Load::start(broker, &names.from, PARTITIONS, 2000);
        let mut rng = Rng::new(23);
        let mut other = None;
        for round in 0..10 {
            let before = broker.oracle.count(&[&names.ledger]);
            let running = gateway.run();
            eventually(60, "it records", || (broker.oracle.count(&[&names.ledger]) > before).then_some(()));
            if round % 3 == 1 {
                other = Some(neighbour.run());
            }
            for gateway in [(&gateway, killed(round + 1)), (&neighbour, config(round + 1, ""))] {
                gateway.0.write("weir.toml", gateway.1);
            }
            // When the kill comes, not a wait for anything.
            thread::sleep(Duration::from_millis(rng.below(SWAP)));
            running.kill();
            if round % 3 == 0
                && let Some(other) = other.take()
            {
                assert!(other.stop().0.success());
            }
        }
        let sent = load.finish();
        let running = gateway.run();
        names.settled();
        assert!(running.stop().0.success());

        let outputs = broker.oracle.read(&[&names.to]);
        let tally = Tally::of(&outputs, sent, PARTITIONS);
        assert_eq!(tally.lost, 0, "of {sent} records");
        let mut stamps: BTreeMap<(i32, i64), BTreeSet<String>> = BTreeMap::new();
        for record in &outputs {
            let (partition, offset) = source(record);
            let stamp = record.text(STAMP).unwrap_or_else(|| panic!("no stamp: {record:?}"));
            stamps.entry((partition, offset as i64)).or_default().insert(stamp);
        }
        let by_two = stamps.values().filter(|shown| shown.len() > 1).count();
        assert!(by_two > 0, "no kill hit a swap: the test shows nothing");
        for (partition, mut ranges) in names.ranges() {
            ranges.sort_by_key(|entry| entry.from);
            let mut next = 0;
            for entry in &ranges {
                assert!(entry.from <= next, "{partition}: nothing says what carried {next} to {}", entry.from);
                next = next.max(entry.to);
                for offset in entry.from..entry.to {
                    let shown = &stamps[&(partition, offset)];
                    assert!(
                        shown.contains(&entry.digest[..STAMPED]),
                        "{partition}/{offset} shows {shown:?}: {entry:?}"
                    );
                }
            }
            assert_eq!(next, names.end(partition), "partition {partition}");
        }
    });
}
