//! What a record costs, in figures that do not depend on the machine: instructions of the guests, allocations and bytes.
//!
//! `bench/baseline.toml` holds what is expected. A figure that is more than 5 % above it fails, and so does one that is
//! more than 5 % below: then the baseline is stale and would let the next loss pass. What is meant is written down with
//! `WEIR_UPDATE_BASELINE=1 cargo test -p weir --test gate`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod baseline;
mod job;
mod memory;
mod steady;

use baseline::Section;
use weir::wasm::Engine;

const RECORDS: usize = 128;

#[test]
fn guests_run_as_many_instructions_per_record_as_the_baseline_says() {
    let engine = Engine::counting().unwrap();
    let mut chain = job::chain(&engine);
    let mut flow = weir::chain::Flow::default();
    let batches = job::batches(RECORDS);
    let mut pass = || {
        for batch in &batches {
            job::fill(&mut flow, batch);
            chain.run(&mut flow).unwrap();
        }
        chain.instructions()
    };
    // The first pass also starts, configures and grows the instances.
    let (before, after) = (pass(), pass());
    let records: usize = batches.iter().map(Vec::len).sum();
    let names = chain.blueprint().plans().map(|(plugin, _)| plugin.name.clone());
    let per_record = before.iter().zip(&after).map(|(before, after)| (after - before) as f64 / records as f64);
    let figures: Section = names.zip(per_record).collect();
    assert_eq!(figures.len(), 4);
    assert!(figures.values().all(|instructions| *instructions > 1.0), "{figures:?}");
    baseline::compare("guest", &figures);
}
