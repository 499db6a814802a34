//! What the sandbox costs: the recom chain as replay runs it, against the same four steps written natively.
//!
//! `cargo bench -p weir --bench recom`. Both sides take the records of `examples/recom/events.ndjson` again and again, in
//! turns within one run, on one thread; what is measured is that thread's CPU time. What comes out is compared first.

mod native;

use std::{
    error::Error,
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use weir::{
    chain::{Blueprint, Chain, Flow},
    config::{self, Cut},
    record::{Header, Record, Timestamp},
    record_file::{Format, Reader},
    wasm::Engine,
};

// What the program itself runs on.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The events are repeated this often, with offsets that go on: one pass then takes tens of milliseconds.
const REPEATS: i64 = 10;
const ROUNDS: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/recom");
    let config = config::load(&example.join("weir.toml"))?;
    let pipeline = config.pipelines.get("recom").ok_or("the example's pipeline is called recom")?;
    let engine = Engine::new(None)?;
    let blueprint = Blueprint::build(&engine, &config, pipeline, Arc::from(""))?;
    let mut chain = blueprint.prepare(None)?.adopt(None);
    let mut native = native::Recom::new(blueprint.digest().get(..12).unwrap_or_default())?;

    let batches = batches(&std::fs::read(example.join("events.ndjson"))?, pipeline.batch)?;
    let records: usize = batches.iter().map(Vec::len).sum();
    compare(&mut chain, &mut native, &batches)?;

    let mut flow = Flow::default();
    let mut wasm = Vec::with_capacity(ROUNDS);
    let mut natively = Vec::with_capacity(ROUNDS);
    let mut out = io::stdout().lock();
    for round in 0..ROUNDS {
        // Which side goes first changes, so that neither always finds the caches warm.
        for side in [round % 2, 1 - round % 2] {
            let before = cpu();
            let bytes = if side == 0 { run_chain(&mut chain, &mut flow, &batches)? } else { native.run(&batches) };
            let spent = cpu() - before;
            std::hint::black_box(bytes);
            if side == 0 { wasm.push(spent) } else { natively.push(spent) }
        }
    }
    let per_record = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_nanos() as f64 / records as f64
    };
    let ratio = {
        let (mut wasm, mut natively) = (wasm.clone(), natively.clone());
        per_record(&mut wasm) / per_record(&mut natively)
    };
    writeln!(out, "recom, {records} records a pass, median of {ROUNDS} passes in turns, CPU time of one thread")?;
    writeln!(out, "  sandboxed chain  {:7.0} ns a record", per_record(&mut wasm))?;
    writeln!(out, "  native           {:7.0} ns a record", per_record(&mut natively))?;
    writeln!(out, "  ratio            {ratio:7.2}")?;
    Ok(())
}

fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// The records by partition, cut as a worker cuts them.
fn batches(text: &[u8], cut: Cut) -> Result<Vec<Vec<Record>>, Box<dyn Error>> {
    let mut reader = Reader::new(text, Format::Records, "client-events");
    let mut partitions: Vec<Vec<Record>> = Vec::new();
    while let Some(record) = reader.next_record()? {
        let partition = usize::try_from(record.partition.unwrap_or(0))?;
        if partitions.len() <= partition {
            partitions.resize_with(partition + 1, Vec::new);
        }
        partitions[partition].push(record);
    }
    let mut batches = Vec::new();
    for records in &partitions {
        let span = records.last().and_then(|record| record.offset).unwrap_or(0) + 1;
        let all = (0..REPEATS).flat_map(|repeat| {
            records
                .iter()
                .cloned()
                .map(move |record| Record { offset: record.offset.map(|offset| offset + repeat * span), ..record })
        });
        let mut batch: Vec<Record> = Vec::new();
        let mut bytes = 0;
        for record in all {
            let size = record.key.as_ref().map_or(0, Vec::len) + record.value.as_ref().map_or(0, Vec::len);
            if batch.len() == cut.records || (bytes + size > cut.bytes && !batch.is_empty()) {
                batches.push(std::mem::take(&mut batch));
                bytes = 0;
            }
            bytes += size;
            batch.push(record);
        }
        batches.push(batch);
    }
    Ok(batches)
}

fn fill(flow: &mut Flow, records: &[Record]) -> Result<(), Box<dyn Error>> {
    let Some(first) = records.first() else { return Ok(()) };
    flow.batch.start(Arc::from(&*first.topic), first.partition.unwrap_or(0));
    for record in records {
        let headers = record.headers.iter().map(|header| (header.name.as_slice(), header.value.as_deref()));
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let received = record.timestamp.millis();
        flow.batch.push(record.offset.unwrap_or(0), record.timestamp, received, key, value, headers)?;
    }
    Ok(())
}

/// One pass: everything that comes out is looked at.
fn run_chain(chain: &mut Chain, flow: &mut Flow, batches: &[Vec<Record>]) -> Result<usize, Box<dyn Error>> {
    let mut bytes = 0;
    for records in batches {
        fill(flow, records)?;
        chain.run(flow)?;
        for output in flow.outputs() {
            bytes += output.topic.len() + output.value.map_or(0, <[u8]>::len);
            bytes += output.headers.iter().map(|header| header.value.len()).sum::<usize>();
        }
    }
    Ok(bytes)
}

/// Fails unless both sides give the same records.
fn compare(chain: &mut Chain, native: &mut native::Recom, batches: &[Vec<Record>]) -> Result<(), Box<dyn Error>> {
    let mut flow = Flow::default();
    for records in batches {
        fill(&mut flow, records)?;
        chain.run(&mut flow)?;
        let natively = records.iter().map(|record| native.process(record.clone()));
        for ((output, expected), record) in flow.outputs().zip(natively).zip(records) {
            let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
            let headers = output.headers.iter().map(|header| Header {
                name: flow.batch.name(header.name).to_vec(),
                value: owned(flow.batch.bytes(header.value)),
            });
            let got = Record {
                topic: output.topic.to_owned(),
                timestamp: output.timestamp.map_or(Timestamp::None, Timestamp::Create),
                key: owned(output.key),
                value: owned(output.value),
                headers: headers.collect(),
                ..Record::default()
            };
            if got != expected {
                return Err(format!("{record:?}\nin the sandbox: {got:?}\nnatively: {expected:?}").into());
            }
        }
        if flow.outputs().count() != records.len() {
            return Err("one record in, one record out: that is not so".into());
        }
    }
    Ok(())
}
