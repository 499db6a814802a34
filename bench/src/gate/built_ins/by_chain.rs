//! A built-in's work by a chain of it alone.

use std::{borrow::Cow, fs, hint::black_box, path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use weir::{
    batch::HeaderRef,
    chain::{Blueprint, Chain, Flow, Output},
    config,
    record::Timestamp,
    wasm::Engine,
};

use super::super::native::{Consumed, Header, Produced, SOURCE, TO};

/// A chain of one interceptor and what it works in.
#[derive(Debug)]
pub(super) struct ByChain {
    chain: Chain,
    flow: Flow,
    topic: Arc<str>,
    /// By input: whether the headers that it came with went out.
    handed_on: Vec<bool>,
}

impl ByChain {
    /// The plugin with this TOML as its config. Its configuration is written beside `cache`, the folder of compiled code.
    pub(super) fn new(plugin: &str, toml: &str, cache: &Path) -> Result<Self> {
        let path = cache.with_file_name(format!("built-in.{plugin}.toml"));
        let text = format!(
            "[kafka]\nbrokers = \"localhost:9092\"\n\n[pipelines.p]\nfrom = [\"{SOURCE}\"]\ngroup = \"gate\"\nto = \"{TO}\"\n\
             topics = [\"events-*\"]\ndead_letter = \"client-events-dead\"\ndelivery = \"at-least-once\"\n\n\
             [[pipelines.p.interceptors]]\nplugin = \"{plugin}\"\n[pipelines.p.interceptors.config]\n{toml}\n"
        );
        fs::write(&path, text).with_context(|| path.display().to_string())?;
        let config = config::load(&path)?;
        let pipeline = config.pipelines.get("p").context("the pipeline is called p")?;
        let engine = Engine::portable(Some(cache.to_path_buf()))?;
        let blueprint = Blueprint::build(&engine, &config, pipeline, Arc::from(""))?;
        let chain = blueprint.prepare(None)?.adopt(None);
        Ok(Self { chain, flow: Flow::default(), topic: Arc::from(SOURCE), handed_on: Vec::new() })
    }

    /// Takes records as a consumer lends them, runs them, and makes of each that goes out what weir gives to its producer: key
    /// and value where they are, and of headers the list that it came with, handed on, and copies of what is not in that.
    pub(super) fn pass(&mut self, records: &[Consumed]) -> Result<()> {
        self.run(records)?;
        self.handed_on.clear();
        self.handed_on.resize(records.len(), false);
        let (flow, handed_on) = (&self.flow, &mut self.handed_on);
        // Not by `for`, as where messages are sent: iterators in iterators are slower that way.
        flow.outputs().for_each(
            #[inline(always)]
            |output| {
                let copied = flow.batch.named(copied(flow, &output, handed_on));
                let copied: Vec<_> = copied.map(|(name, value)| (name.to_vec(), value.map(<[u8]>::to_vec))).collect();
                black_box((output.topic, output.timestamp, output.key, output.value, copied));
            },
        );
        Ok(())
    }

    /// What becomes of the records.
    pub(super) fn produced(&mut self, records: &[Consumed]) -> Result<Vec<Produced<'_>>> {
        self.run(records)?;
        Ok(self.flow.outputs().map(|output| produced(&self.flow, output)).collect())
    }

    fn run(&mut self, records: &[Consumed]) -> Result<()> {
        self.flow.batch.start(Arc::clone(&self.topic), 0);
        for (record, offset) in records.iter().zip(0..) {
            let headers = record.headers.iter().map(|(name, value)| (name.as_bytes(), Some(value.as_slice())));
            let timestamp = Timestamp::LogAppend(record.timestamp);
            let (key, value) = (record.key.as_deref(), Some(record.value.as_slice()));
            self.flow.batch.push(offset, timestamp, record.timestamp, key, value, headers)?;
        }
        Ok(self.chain.run(&mut self.flow)?)
    }
}

/// What of an output's headers is copied: nothing of those that its record came with, where its headers begin with them and they
/// are not handed on with another output.
fn copied<'a>(flow: &Flow, output: &Output<'a>, handed_on: &mut [bool]) -> &'a [HeaderRef] {
    let input = output.input as usize;
    let came = flow.batch.inputs().get(input).map_or(&[][..], |record| flow.batch.headers_of(record));
    match (output.headers.strip_prefix(came), handed_on.get_mut(input)) {
        (Some(more), Some(is_handed_on @ false)) => {
            *is_handed_on = true;
            more
        }
        _ => output.headers,
    }
}

fn produced<'a>(flow: &Flow, output: Output<'a>) -> Produced<'a> {
    let owned = |(name, value): (&[u8], Option<&[u8]>)| -> Header {
        (String::from_utf8_lossy(name).into_owned().into(), value.unwrap_or_default().to_vec())
    };
    Produced {
        topic: output.topic.into(),
        key: output.key.map(Cow::Borrowed),
        value: output.value.unwrap_or_default().into(),
        headers: flow.batch.named(output.headers).map(owned).collect(),
        timestamp: output.timestamp.unwrap_or(-1),
    }
}
