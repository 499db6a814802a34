//! What `[[pipelines.NAME.interceptors]]` says.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use super::Place;

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
    /// Where in `config` values stand that were not asked for ([`super::References::AsGiven`]): JSON pointers.
    pub references: Vec<String>,
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
