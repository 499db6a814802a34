//! A built-in's work by a chain of it alone.

use std::{borrow::Cow, fs, hint::black_box, path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use weir::{
    chain::{Blueprint, Chain, Flow, Output},
    config,
    record::Timestamp,
    wasm::Engine,
};

use super::super::native::{Consumed, Produced, SOURCE, TO};

/// A chain of one interceptor and what it works in.
#[derive(Debug)]
pub(super) struct ByChain {
    chain: Chain,
    flow: Flow,
    topic: Arc<str>,
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
        Ok(Self { chain, flow: Flow::default(), topic: Arc::from(SOURCE) })
    }

    /// Takes records as a consumer lends them, runs them, and looks at all that a producer is given.
    pub(super) fn pass(&mut self, records: &[Consumed]) -> Result<()> {
        self.run(records)?;
        // Not by `for`, as where messages are sent: iterators in iterators are slower that way.
        self.flow.outputs().for_each(
            #[inline(always)]
            |output| {
                black_box((output.topic, output.timestamp, output.key, output.value));
                self.flow.batch.named(output.headers).for_each(|header| {
                    black_box(header);
                });
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

fn produced<'a>(flow: &Flow, output: Output<'a>) -> Produced<'a> {
    let headers = flow.batch.named(output.headers).map(|(name, value)| {
        let name = String::from_utf8_lossy(name).into_owned();
        (name.into(), value.unwrap_or_default().to_vec())
    });
    Produced {
        topic: output.topic.into(),
        key: output.key.map(Cow::Borrowed),
        value: output.value.unwrap_or_default().into(),
        headers: headers.collect(),
        timestamp: output.timestamp.unwrap_or(-1),
    }
}
