//! Allocations: so many a batch, however many records it has.

use allocation_counter::{AllocationInfo, measure};
use weir::{
    chain::{Fate, Flow},
    record::Record,
    wasm::Engine,
};

use crate::{
    baseline::{self, Section},
    job,
};

/// Enough for every buffer to have its size.
const WARM: usize = 8;
const MEASURED: u64 = 16;

/// What running a batch of these allocates.
fn run(engine: &Engine, records: &[Record]) -> (AllocationInfo, usize) {
    let mut chain = job::chain(engine);
    let mut flow = Flow::default();
    let mut allocated = AllocationInfo::default();
    let mut appended = 0;
    for round in 0..WARM + MEASURED as usize {
        job::fill(&mut flow, records);
        let before = flow.batch.size();
        let one = measure(|| chain.run(&mut flow).unwrap());
        appended = flow.batch.size() - before;
        assert!(flow.fates().iter().all(|fate| *fate == Fate::Out));
        if round >= WARM {
            allocated.count_total += one.count_total;
            allocated.bytes_total += one.bytes_total;
        }
    }
    (allocated, appended)
}

/// Records that go out: the router sets others aside, and says why, which costs allocations each.
fn good(engine: &Engine, records: usize) -> Vec<Record> {
    let mut chain = job::chain(engine);
    let mut flow = Flow::default();
    let mut good = Vec::new();
    for batch in job::batches(100) {
        job::fill(&mut flow, &batch);
        chain.run(&mut flow).unwrap();
        good.extend(
            batch.into_iter().zip(flow.fates()).filter(|(_, fate)| **fate == Fate::Out).map(|(record, _)| record),
        );
    }
    assert!(good.len() > 1_000);
    good.into_iter().cycle().take(records).collect()
}

#[test]
fn a_batch_allocates_the_same_number_of_times_whatever_it_holds() {
    let engine = Engine::new(None).unwrap();
    let (small, appended) = run(&engine, &good(&engine, 128));
    // The same records again: which counts a plugin has to tell, each by its name, depends on what it sees.
    let large: Vec<Record> = good(&engine, 128).into_iter().cycle().take(1024).collect();
    let (large, _) = run(&engine, &large);
    assert_eq!(small.count_total % MEASURED, 0, "every batch allocates the same");
    assert_eq!(small.count_total, large.count_total, "allocations of {MEASURED} batches of 128 and of 1024 records");
    let mut figures = Section::new();
    figures.insert("allocations-per-batch".to_owned(), (small.count_total / MEASURED) as f64);
    figures.insert("allocated-bytes-per-record".to_owned(), large.bytes_total as f64 / MEASURED as f64 / 1024.0);
    figures.insert("appended-bytes-per-record".to_owned(), appended as f64 / 128.0);
    baseline::compare("memory", &figures);
}
