//! From a path to a configuration.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    Config, Mistakes, Pipeline, kafka,
    options::Options,
    read_pipeline::{self, read_pipeline},
    reading::Reading,
    source,
    table::{Kind, Table},
    topology,
    tree::Node,
};

/// Reads a file, or every `*.toml` of a directory, and whatever they name.
///
/// # Errors
///
/// Every mistake that can be seen without loading plugins, in the order of the files.
pub fn load(path: &Path) -> Result<Config, Mistakes> {
    let mut reading = Reading::default();
    let read = source::read(&mut reading, path).and_then(|node| whole(&mut reading, &node));
    match read {
        Some(config) if reading.mistakes.is_empty() => Ok(config.with_files(&reading)),
        _ => Err(reading.into_mistakes()),
    }
}

impl Config {
    fn with_files(mut self, reading: &Reading) -> Self {
        let files: BTreeSet<PathBuf> = reading.opened.keys().cloned().collect();
        self.files = files.into_iter().collect();
        self.sources = reading.sources.clone();
        self
    }
}

fn whole(reading: &mut Reading, node: &Node) -> Option<Config> {
    let mut top = Table::open(reading, node, Kind::Top, "the lines above every table".to_owned())?;
    let kafka = match top.take("kafka") {
        Some(node) => kafka::kafka(reading, node),
        None => {
            missing(reading, node, "there is no [kafka]", "[kafka]\nbrokers = \"localhost:9092\"");
            None
        }
    };
    let admin = top.take("admin").map(|node| kafka::admin(reading, node));
    let shutdown_timeout = match top.take("shutdown_timeout") {
        Some(node) => reading.duration(node, "shutdown_timeout", Duration::from_millis(100), Duration::from_secs(3600)),
        None => Some(Duration::from_secs(30)),
    };
    let options = kafka.as_ref().map(|(_, options)| options.clone()).unwrap_or_default();
    let pipelines = match top.take("pipelines") {
        Some(node) => pipelines(reading, node, &options),
        None => {
            missing(
                reading,
                node,
                "there is no pipeline",
                "[pipelines.NAME]\nfrom = [\"…\"]\ngroup = \"…\"\nto = \"…\"",
            );
            None
        }
    };
    top.close(reading);
    Some(Config {
        kafka: kafka?.0,
        admin: match admin {
            Some(read) => Some(read?),
            None => None,
        },
        shutdown_timeout: shutdown_timeout?,
        pipelines: pipelines?,
        files: Vec::new(),
        sources: Vec::new(),
    })
}

fn missing(reading: &mut Reading, node: &Node, message: &str, example: &str) {
    if reading.torn.is_empty() {
        reading.wrong(node, message, format!("write\n{example}"));
    }
}

fn pipelines(reading: &mut Reading, node: &Node, options: &Options) -> Option<BTreeMap<String, Arc<Pipeline>>> {
    let Some(entries) = node.table() else {
        reading.wrong(node, format!("expected a table, found {}", node.kind()), "write [pipelines.NAME]".to_owned());
        return None;
    };
    let mut pipelines = BTreeMap::new();
    let mut whole = true;
    for entry in entries {
        if entry.node.table().is_none() {
            read_pipeline::not_a_pipeline(reading, entry);
            continue;
        }
        match read_pipeline(reading, entry, options) {
            Some(pipeline) => {
                pipelines.insert(entry.key.clone(), Arc::new(pipeline));
            }
            None => whole = false,
        }
    }
    topology::check(reading, &pipelines);
    whole.then_some(pipelines)
}
