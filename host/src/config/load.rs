//! From a path to a configuration.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use super::{
    Config, Kafka, Mistakes, OnStop, Pipeline, Place, Probes, References, TopicPattern, Warnings, kafka,
    keys::Kind,
    options::Options,
    read_admin,
    read_pipeline::{self, or, read_pipeline, word},
    reading::Reading,
    source,
    table::Table,
    topology,
    tree::Node,
};

/// How long a stop may take where nothing else is written.
const SHUTDOWN: Duration = Duration::from_secs(30);

/// How often the files are read at most until none of them is replaced meanwhile.
const READINGS: usize = 10;

pub(super) const ON_STOP: &[(&str, OnStop)] = &[("exit", OnStop::Exit), ("hold", OnStop::Hold)];

/// Reads a file, or every `*.toml` of a directory, and whatever they name. They are read once more where one of them was
/// replaced meanwhile, so that what is returned stood there at one moment; files that never come to rest are taken as they
/// were last read.
///
/// # Errors
///
/// Every mistake that can be seen without loading plugins, in the order of the files.
pub fn load(path: &Path) -> Result<Config, Mistakes> {
    load_or_part(path, References::Resolve, Probes::Read).map_err(|part| part.mistakes)
}

/// A configuration with mistakes in it.
#[derive(Debug)]
pub struct Part {
    /// Those that can be seen without loading plugins, in the order of the files; at least one. With the warnings.
    pub mistakes: Mistakes,
    /// What could be read, with defaults in place of the rest: good for nothing but to ask the plugins that it names for
    /// their mistakes as well. None where nothing could be read.
    pub rest: Option<Config>,
}

/// As [`load`], and keeps what could be read of a configuration with mistakes. With [`References::AsGiven`] what is
/// returned is good for nothing but to be looked at.
///
/// # Errors
///
/// [`Part`].
pub fn load_or_part(path: &Path, references: References, probes: Probes) -> Result<Config, Box<Part>> {
    let mut readings = 1;
    let (reading, read) = loop {
        let mut reading = Reading::new(references, probes);
        let read = source::read(&mut reading, path).and_then(|node| top(&mut reading, &node));
        if readings == READINGS || !reading.is_overtaken() {
            break (reading, read);
        }
        // Longer each time, half a second in all: a file may be written where it stands.
        thread::sleep(Duration::from_millis(1 << (readings - 1)));
        readings += 1;
    };
    let (config, whole) =
        read.map_or((None, false), |(config, whole)| (Some(config.with_files(path, &reading)), whole));
    // What could be read of a file that could not be parsed whole may be cut off anywhere: its plugins are not asked.
    let config = config.filter(|_| reading.torn.is_empty());
    // What is missing where nothing is wrong is what a reference stands for.
    let whole = whole || references == References::AsGiven;
    match config {
        Some(config) if whole && reading.mistakes.is_empty() => Ok(config),
        rest => Err(Box::new(Part { mistakes: reading.into_mistakes(), rest })),
    }
}

impl Config {
    fn with_files(mut self, path: &Path, reading: &Reading) -> Self {
        path.clone_into(&mut self.path);
        let files: BTreeSet<PathBuf> = reading.opened.keys().cloned().collect();
        self.files = files.into_iter().collect();
        self.sources = reading.sources.clone();
        self.warnings = reading.mistakes.warnings().clone();
        self.warnings.sort_by_path();
        self
    }
}

/// What stands in the files, and whether that is all of it.
fn top(reading: &mut Reading, node: &Node) -> Option<(Config, bool)> {
    let mut top = Table::open(reading, node, Kind::Top, "the lines above every table".to_owned())?;
    let kafka_node = top.take("kafka");
    let kafka = match kafka_node {
        Some(node) => kafka::kafka(reading, node),
        None => {
            missing(reading, node, "there is no [kafka]", "[kafka]\nbrokers = \"localhost:9092\"");
            None
        }
    };
    let admin = top.take("admin").map(|node| read_admin::admin(reading, node));
    let shutdown_timeout = match top.take("shutdown_timeout") {
        Some(node) => reading.duration(node, "shutdown_timeout", Duration::from_millis(100), Duration::from_secs(3600)),
        None => Some(SHUTDOWN),
    };
    let on_stop = word(reading, top.take("on_stop"), "on_stop", ON_STOP, OnStop::Exit);
    let state_dir =
        top.take("state_dir").map(|node| reading.name(node, "state_dir").map(|text| reading.resolve_path(node, &text)));
    let mut whole = true;
    let nowhere = || (Kafka { brokers: String::new(), options: BTreeMap::new() }, Options::default());
    let (kafka, options) = or(kafka, nowhere(), &mut whole);
    let pipelines = match top.take("pipelines") {
        Some(node) => pipelines(reading, node, &options, &mut whole),
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
    let config = Config {
        kafka,
        admin: admin.and_then(|read| or(read.map(Some), None, &mut whole)),
        shutdown_timeout: or(shutdown_timeout, SHUTDOWN, &mut whole),
        on_stop: or(on_stop, OnStop::Exit, &mut whole),
        state_dir: state_dir.and_then(|read| or(read.map(Some), None, &mut whole)),
        pipelines: pipelines?,
        path: PathBuf::new(),
        files: Vec::new(),
        kafka_place: kafka_node.map(Place::of).unwrap_or_default(),
        warnings: Warnings::default(),
        sources: Vec::new(),
    };
    Some((config, whole))
}

fn missing(reading: &mut Reading, node: &Node, message: &str, example: &str) {
    if reading.torn.is_empty() {
        reading.wrong(node, message, format!("write\n{example}"));
    }
}

fn pipelines(
    reading: &mut Reading,
    node: &Node,
    options: &Options,
    whole: &mut bool,
) -> Option<BTreeMap<String, Arc<Pipeline>>> {
    let Some(entries) = node.table() else {
        reading.wrong(node, format!("expected a table, found {}", node.kind()), "write [pipelines.NAME]".to_owned());
        return None;
    };
    let mut pipelines = BTreeMap::new();
    let mut unfenced = Vec::new();
    for entry in entries {
        if entry.node.table().is_none() {
            read_pipeline::not_a_pipeline(reading, entry);
            continue;
        }
        match read_pipeline(reading, entry, options) {
            Some(read) => {
                *whole &= read.whole;
                if !read.fenced {
                    unfenced.push(entry.key.clone());
                }
                pipelines.insert(entry.key.clone(), Arc::new(read.pipeline));
            }
            None => *whole = false,
        }
    }
    topology::check(reading, &pipelines);
    for name in unfenced {
        // Nobody shall be told that a plugin routes outside of a fence that could not be read.
        if let Some(pipeline) = pipelines.get_mut(&name) {
            Arc::make_mut(pipeline).topics = vec![TopicPattern("*".to_owned())];
        }
    }
    Some(pipelines)
}
