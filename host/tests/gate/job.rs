//! The recom job on its example's records.

use std::{path::Path, sync::Arc};

use weir::{
    chain::{Blueprint, Chain, Flow},
    config,
    record::Record,
    record_file::{Format, Reader},
    wasm::Engine,
};

fn example(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/recom").join(file)
}

/// The chain of `examples/recom/weir.toml`.
pub(crate) fn chain(engine: &Engine) -> Chain {
    load(engine, &example("weir.toml"), "recom")
}

/// The chain of a configuration's pipeline.
pub(crate) fn load(engine: &Engine, path: &Path, pipeline: &str) -> Chain {
    let config = config::load(path).unwrap();
    let blueprint = Blueprint::build(engine, &config, &config.pipelines[pipeline], Arc::from("gate")).unwrap();
    blueprint.prepare(None).unwrap().adopt(None)
}

/// The example's records in batches of so many, a rest that fills none left out.
pub(crate) fn batches(records: usize) -> Vec<Vec<Record>> {
    let text = std::fs::read(example("events.ndjson")).unwrap();
    let mut reader = Reader::new(&text[..], Format::Records, "client-events");
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        all.push(record);
    }
    all.chunks_exact(records).map(<[Record]>::to_vec).collect()
}

/// Fills a flow with records, numbered anew.
pub(crate) fn fill(flow: &mut Flow, records: &[Record]) {
    fill_from(flow, (&Arc::from("client-events"), 0), records);
}

/// The same from another topic and partition.
pub(crate) fn fill_from(flow: &mut Flow, (topic, partition): (&Arc<str>, i32), records: &[Record]) {
    flow.batch.start(Arc::clone(topic), partition);
    for (offset, record) in records.iter().enumerate() {
        let headers = record.headers.iter().map(|header| (header.name.as_slice(), header.value.as_deref()));
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let received = record.timestamp.millis();
        flow.batch.push(offset as i64, record.timestamp, received, key, value, headers).unwrap();
    }
}
