//! The configuration: what the operator wrote, checked, with every mistake at once.
//!
//! [`load`] reads the file or directory and every file that it names (plugins, lookups, secrets) exactly once, so that
//! hash, check and compile speak of the same bytes. It opens no socket and compiles no plugin.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

/// A whole configuration that holds no mistake which can be seen without loading plugins.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[kafka]`.
    pub kafka: Kafka,
    /// `[pipelines.NAME]`, by name.
    pub pipelines: BTreeMap<String, Arc<Pipeline>>,
    /// Every file that was read: the configuration's own, plugins, lookups and secrets. What reload watches.
    pub files: Vec<PathBuf>,
    /// The configuration's own texts, for showing mistakes that are found later.
    pub sources: Vec<Arc<Source>>,
}

/// One configuration file's text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// As the operator named it.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// `[kafka]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kafka {
    /// `host:port`, with commas between.
    pub brokers: String,
    /// Of `[kafka.options]`: librdkafka properties for every client, secrets resolved. Never printed.
    pub options: BTreeMap<String, Secret>,
}

/// A string that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// `[pipelines.NAME]`.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// NAME.
    pub name: String,
    /// `from`: topic names, or regular expressions that begin with `^`. Never empty.
    pub from: Vec<String>,
    /// `group`: the consumer group.
    pub group: String,
    /// `to`: where a record goes that nothing routed.
    pub to: Option<String>,
    /// `topics`: where interceptors may route; names, or patterns with `*`.
    pub topics: Vec<TopicPattern>,
    /// `dead_letter`.
    pub dead_letter: Option<String>,
    /// `delivery`.
    pub delivery: Delivery,
    /// `start`.
    pub start: Start,
    /// `on_gap`.
    pub on_gap: OnGap,
    /// `breaker`.
    pub breaker: Option<Breaker>,
    /// `partition_by`.
    pub partition_by: PartitionBy,
    /// `instance`: this weir's stable name in the group; given, it is also the static membership's `group.instance.id`.
    pub instance: Option<String>,
    /// `workers`: threads; none = one per core.
    pub workers: Option<usize>,
    /// `batch`: how batches are cut.
    pub batch: Cut,
    /// `[pipelines.NAME.consumer]`: librdkafka properties, secrets resolved.
    pub consumer: BTreeMap<String, Secret>,
    /// `[pipelines.NAME.producer]`: librdkafka properties, secrets resolved.
    pub producer: BTreeMap<String, Secret>,
    /// `[[pipelines.NAME.interceptors]]`, in order. May be empty: records pass unchanged.
    pub interceptors: Vec<Interceptor>,
    /// Where the table stands, for mistakes found later.
    pub place: Place,
}

/// A topic name, or a pattern in which `*` stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopicPattern(pub String);

impl TopicPattern {
    /// Whether `topic` is this name or fits this pattern.
    pub fn matches(&self, topic: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(rest) = topic.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        let mut rest = rest;
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

/// `delivery`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Every record at least once.
    AtLeastOnce,
    /// Consume, transform and produce in transactions. Understood, and refused by `run` until it is there.
    ExactlyOnce,
}

/// `start`: where a group begins that has committed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The oldest record.
    Earliest,
    /// What comes from now on.
    Latest,
    /// The first record at or after this time, ms since the epoch.
    At(i64),
}

/// `on_gap`: what to do where the committed offset is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnGap {
    /// The pipeline stops.
    Stop,
    /// It goes on from the oldest record; what is missing is counted as lost.
    Earliest,
}

/// `breaker`: the share of faults within a time that stops the pipeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    /// Faults per record, 0 to 1.
    pub faults: f64,
    /// Within this time.
    pub over: Duration,
    /// Only where at least so many faults were seen.
    pub min: u64,
}

/// `partition_by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionBy {
    /// As the Java client does; a null key by the source partition.
    Key,
    /// Source partition modulo the destination's partitions.
    Source,
}

/// How batches are cut, whichever is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Records, 1 to 65,536.
    pub records: usize,
    /// Bytes of keys, values and headers; a larger record makes a batch of its own.
    pub bytes: usize,
    /// Age of the oldest record.
    pub age: Duration,
}

impl Default for Cut {
    fn default() -> Self {
        // Past 1,024 rows a call gains nothing; past 256 KiB the columns leave the cache (both measured).
        Self { records: 1024, bytes: 256 * 1024, age: Duration::from_millis(20) }
    }
}

/// One interceptor in its place.
#[derive(Clone, Debug)]
pub struct Interceptor {
    /// Its name in messages, metrics and dead letters: `name`, else the plugin's (made unique by `-2`, `-3`).
    pub name: String,
    /// The plugin.
    pub plugin: Plugin,
    /// `config` as JSON text, references resolved; `{}` where left out. May hold secrets: never printed.
    pub config: String,
    /// `on_fault`.
    pub on_fault: OnFault,
    /// `deadline`: thread CPU time for one call; default 50 ms.
    pub deadline: Duration,
    /// `memory`: bytes of linear memory; default 32 MiB.
    pub memory: usize,
    /// `allow`: the fence round the plugin's plan.
    pub allow: Option<Allow>,
    /// `files`: what `lookup.get` answers, by name.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// Where it stands, for mistakes found later.
    pub place: Place,
}

/// A plugin's bytes and where they came from.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// As written: a built-in's name or a path.
    pub name: String,
    /// Component, core module or .wat text.
    pub bytes: Arc<[u8]>,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// The file; none for a built-in.
    pub path: Option<PathBuf>,
}

/// `on_fault`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFault {
    /// The record goes to the dead-letter topic.
    DeadLetter,
    /// The pipeline stops.
    Stop,
    /// The record skips this interceptor.
    Pass,
}

/// `allow`; none of a list = no fence on that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    /// `key`, `value`, `timestamp`, `timestamp-type`, `received`, `offset`, `header:NAME` (NAME may hold `*`), `json`,
    /// `capture`, `all-headers`. A `json` or `capture` of the value also needs `value`, one of a header that header.
    pub inputs: Option<Vec<String>>,
    /// Effect names of the WIT.
    pub effects: Option<Vec<String>>,
    /// Header names that it may write; may hold `*`.
    pub headers: Option<Vec<String>>,
    /// Topics that it may route to; may hold `*`.
    pub topics: Option<Vec<String>>,
}

/// A place in a configuration file.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Index into [`Config::sources`].
    pub source: usize,
    /// Byte ranges by JSON pointer below this place: `""` is the table itself, `/config/rules/0/pattern` a value in it.
    pub spans: BTreeMap<String, std::ops::Range<usize>>,
}

/// One mistake of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file's text and the byte range in it; none where no file is to blame.
    pub at: Option<(Arc<Source>, std::ops::Range<usize>)>,
    /// What is wrong; lower case, no full stop, values in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Every mistake found, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);
