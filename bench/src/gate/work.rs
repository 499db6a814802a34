//! What the gate counts: pieces of the hot path over the same records, everything warm.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, bail};
use weir::{
    batch::Batch,
    chain::{Blueprint, Flow},
    config,
    extract::{Expressions, Extractor, Payer, Reading, Registers, Want},
    record::Timestamp,
    wasm::Engine,
};
use weir_tests::paths::project;

use super::built_ins;
use crate::events::{Event, Size, events};

/// The works. Of the chain, what the host does: extraction, columns, checks, edits, and the calls.
pub(super) const NAMES: [&str; 7] = [
    "captures.350B",
    "json-first.8.4KB",
    "json-int.350B",
    "json.350B",
    "recom-chain.350B",
    "recom-chain.350B.b1",
    "recom-chain.350B.b16",
];
/// Before a built-in's name: the work of a chain of it alone.
pub(super) const BUILT_IN: &str = "built-in.";
/// Before a built-in's name: the same work by a native program.
pub(super) const NATIVE: &str = "native.";
/// Records that each work has measured.
pub(super) const RECORDS: usize = 2_048;
/// The function in whose calls everything is counted; its name is looked for.
pub(super) const MEASURED: &str = "gate_measured";
/// Records of a batch, where a work's name does not say another number.
pub(super) const BATCH: usize = 128;

/// Keeps callgrind's hands off everything else.
#[inline(never)]
pub(super) fn gate_measured(work: &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<()> {
    work()
}

/// Does the work of that name: twice to get warm, once measured.
pub(super) fn run(name: &str, cache: &Path) -> anyhow::Result<()> {
    let usual = events(RECORDS, Size::Usual);
    match name {
        "captures.350B" => extract(&usual, &captures(), Reading::Whole),
        "json-first.8.4KB" => extract(&events(RECORDS, Size::Huge), &members(), Reading::First),
        "json-int.350B" => extract(&usual, &[Want::JsonInt("/userId".to_owned())], Reading::Whole),
        "json.350B" => extract(&usual, &members(), Reading::Whole),
        "recom-chain.350B" => chain(&usual, BATCH, cache),
        "recom-chain.350B.b1" => chain(&usual, 1, cache),
        "recom-chain.350B.b16" => chain(&usual, 16, cache),
        _ => match (name.strip_prefix(BUILT_IN), name.strip_prefix(NATIVE)) {
            (Some(built_in), _) => built_ins::run_chain(built_in, cache),
            (_, Some(built_in)) => built_ins::run_native(built_in),
            _ => bail!("there is no work `{name}`"),
        },
    }
}

/// The recom job's six expressions.
fn captures() -> Vec<Want> {
    let words = ["businessId", "sceneId", "serviceName", "logType", "itemSetId"];
    let words = words.map(|name| format!(r#""{name}":"(.+?)""#));
    let patterns = std::iter::once(r#""actionTime":(\d+)"#.to_owned()).chain(words);
    patterns.map(|pattern| Want::Capture { pattern, group: 1, payer: Payer::NOBODY }).collect()
}

/// The same fields and the user as members.
fn members() -> Vec<Want> {
    let words = ["businessId", "sceneId", "serviceName", "logType", "itemSetId"];
    let ints = ["actionTime", "userId"].map(|name| Want::JsonInt(format!("/{name}")));
    words.map(|name| Want::Json(format!("/{name}"))).into_iter().chain(ints).collect()
}

fn extract(events: &[Event], wants: &[Want], reading: Reading) -> anyhow::Result<()> {
    // Cells and integers are numbered each for themselves.
    let (mut cells, mut ints) = (0, 0);
    let numbered = wants.iter().map(|want| {
        let register = if want.is_int() { &mut ints } else { &mut cells };
        *register += 1;
        (want.clone(), *register - 1)
    });
    let mut extractor = Extractor::new(numbered.collect(), &mut Expressions::default())?.reading(reading);
    let mut registers = Registers::new(cells, ints);
    let mut batches = events.chunks(BATCH).map(batch).collect::<anyhow::Result<Vec<Batch>>>()?;
    let mut pass = || {
        for batch in &mut batches {
            registers.resize(batch.len());
            for slot in 0..batch.len() {
                let source = batch.inputs()[slot].value;
                extractor.run(batch, source, slot, &mut registers)?;
            }
        }
        anyhow::Ok(())
    };
    pass()?;
    pass()?;
    gate_measured(&mut pass)
}

fn chain(events: &[Event], records: usize, cache: &Path) -> anyhow::Result<()> {
    let config = config::load(&project().join("examples/recom/weir.toml"))?;
    let pipeline = config.pipelines.get("recom").context("the example's pipeline is called recom")?;
    let engine = Engine::portable(Some(cache.to_path_buf()))?;
    let blueprint = Blueprint::build(&engine, &config, pipeline, Arc::from(""))?;
    let mut chain = blueprint.prepare(None)?.adopt(None);
    let mut flow = Flow::default();
    let mut run = |measure: bool| {
        for records in events.chunks(records) {
            flow.batch = batch(records)?;
            let mut one = || Ok(chain.run(&mut flow)?);
            if measure { gate_measured(&mut one)? } else { one()? }
        }
        anyhow::Ok(())
    };
    run(false)?;
    run(false)?;
    run(true)
}

fn batch(events: &[Event]) -> anyhow::Result<Batch> {
    let mut batch = Batch::default();
    batch.start(Arc::from("client-events"), 0);
    for (offset, event) in events.iter().enumerate() {
        let headers = event.headers.iter().map(|(name, value)| (name.as_bytes(), Some(&**value)));
        let timestamp = Timestamp::LogAppend(event.server);
        batch.push(offset as i64, timestamp, event.server, Some(&event.key), Some(&event.value), headers)?;
    }
    Ok(batch)
}
