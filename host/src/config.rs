//! The configuration: what the operator wrote, checked, with every mistake at once.
//!
//! [`load`] reads the file or directory and every file that it names (plugins, lookups, probes, secrets) exactly once, so that
//! hash, check and compile speak of the same bytes. It opens no socket and compiles no plugin.
//!
//! What was written becomes a tree that knows where everything stands (`tree`); readers walk it, table by table, and
//! note every mistake instead of stopping at the first; `topology` then looks at the pipelines together.

mod admin;
mod file_version;
mod foreign;
mod interceptor;
mod json;
mod json_schema;
mod kafka;
mod key_path;
mod keys;
mod load;
mod mistake;
mod nearest;
mod notation;
mod options;
mod pipeline;
mod place;
mod plugin;
mod probe;
mod read_admin;
mod read_interceptor;
mod read_pipeline;
mod reading;
mod render;
mod schema;
mod share;
mod source;
mod source_name;
mod table;
mod text;
mod topics;
mod topology;
mod tree;
mod trial;
mod units;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

pub(crate) use admin::TlsVersion;
pub use admin::{Admin, Tls, TlsError};
pub use interceptor::{Allow, Interceptor, OnFault, Plugin};
pub use json_schema::json_schema;
pub use load::{Part, load, load_or_part};
pub use mistake::{Mistake, Mistakes, Style, Warnings};
pub use nearest::nearest;
pub use pipeline::{
    Breaker, Cut, Delivery, GroupProtocol, OnGap, OnStop, PartitionBy, Pipeline, Start, TopicPattern, UnknownTopics,
};
pub use place::Place;
pub use probe::{Probe, ProbeFile};
pub use reading::{PLUGIN_LIMIT, Probes, References};
pub use schema::{Findings, check_schema};
pub use share::Share;
pub use text::Source;
pub use trial::Trial;

/// A whole configuration that holds no mistake which can be seen without loading plugins.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[kafka]`.
    pub kafka: Kafka,
    /// `[admin]`; none = nothing listens.
    pub admin: Option<Admin>,
    /// `shutdown_timeout`, above every table: how long a drain may take; default 30 s.
    pub shutdown_timeout: Duration,
    /// `on_stop`, above every table.
    pub on_stop: OnStop,
    /// `state_dir`, above every table: where weir remembers what was rolled back; none: nowhere.
    pub state_dir: Option<PathBuf>,
    /// `[pipelines.NAME]`, by name. At least one.
    pub pipelines: BTreeMap<String, Arc<Pipeline>>,
    /// The file or directory that it was read from; empty of one that no file holds.
    pub path: PathBuf,
    /// Every file that was read: the configuration's own, plugins, lookups, probes and secrets. What reload watches.
    pub files: Vec<PathBuf>,
    /// Where `[kafka]` stands, for mistakes found later.
    pub kafka_place: Place,
    /// What is hardly meant as it stands, as far as that can be seen without loading plugins.
    pub warnings: Warnings,
    /// The configuration's own texts, for showing mistakes that are found later. Secrets are blotted out in them.
    pub sources: Vec<Arc<Source>>,
}

/// `[kafka]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kafka {
    /// `host:port`, with commas between.
    pub brokers: String,
    /// Of `[kafka.options]`: librdkafka properties for every client, secrets resolved. Never printed. What only a
    /// consumer or only a producer knows stands in each pipeline's `consumer` or `producer` instead.
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

#[cfg(test)]
mod tests;
