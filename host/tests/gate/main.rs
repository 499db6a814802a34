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
use weir::{
    chain::{Chain, Flow},
    wasm::Engine,
};

const RECORDS: usize = 128;

/// Built-ins that the recom job does without, in one chain behind its first step.
const OTHERS: [(&str, &str); 7] = [
    (
        "regex-extractor",
        r#"rules = [
  { pattern = '"businessId":"(.+?)"', headers = ["customName"] },
  { pattern = '"logType":"(.+?)"', headers = ["logType"] },
]"#,
    ),
    (
        "filter",
        r#"keep = { any = [{ header = "agent", in = ["web", "app/4.2"] }, { not = { header = "customName", null = true } }] }"#,
    ),
    (
        "header-router",
        r#"header = "logType"
match = { click = "steady-click", buy = "steady-order" }
default = "steady-other""#,
    ),
    (
        "topic-router",
        r#"topic = "steady-{customName}"
missing = "keep"
invalid = "replace""#,
    ),
    ("key-setter", r#"from = { json = "/itemSetId" }"#),
    (
        "value-editor",
        r#"invalid = "keep"
edits = [
  { mask = { json = "/itemSetId" }, keep_last = 4 },
  { remove = "/userId" },
  { set = "/source", to = "{topic}" },
]"#,
    ),
    (
        "splitter",
        r#"invalid = "keep"
by = "documents"
position_header = "part"
count_header = "parts""#,
    ),
];

#[test]
fn guests_run_as_many_instructions_per_record_as_the_baseline_says() {
    let engine = Engine::counting().unwrap();
    let mut figures = instructions(&mut job::chain(&engine), 0);
    assert_eq!(figures.len(), 4);
    figures.append(&mut instructions(&mut steady::chain(&engine, &OTHERS), 1));
    assert_eq!(figures.len(), 10, "every built-in but jq");
    assert!(figures.values().all(|instructions| *instructions > 1.0), "{figures:?}");
    baseline::compare("guest", &figures);
}

/// By plugin, from the interceptor number `first` on.
fn instructions(chain: &mut Chain, first: usize) -> Section {
    let mut flow = Flow::default();
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
    names.zip(per_record).skip(first).collect()
}
