//! How the destinations are set.

use std::collections::{BTreeMap, BTreeSet};

use super::{QUESTION, settings};
use crate::{
    config::Config,
    endpoint::Right,
    kafka::{Cluster, Settings, Topic},
    pipeline::Limits,
    reload::Blueprints,
};

/// Asks how the destinations are set, for as long as `wanted`. Returns how many bytes each takes at most, as far as that is
/// told: what is not is learned from refusals. Warns of destinations whose broker puts its own time on every record, where
/// that undoes what an interceptor sets.
pub(super) fn learn(
    config: &Config,
    blueprints: &Blueprints,
    cluster: &Cluster,
    there: &[Topic],
    wanted: impl Fn() -> bool,
) -> Limits {
    let names: Vec<&str> = there.iter().map(|topic| topic.name.as_str()).collect();
    let topics = written(config, &names);
    if topics.is_empty() {
        return Limits::new();
    }
    let topics: Vec<String> = topics.into_iter().map(str::to_owned).collect();
    let (told, error) = match cluster.settings(&topics, QUESTION, wanted) {
        Ok(told) => (told, None),
        Err(error) => (BTreeMap::new(), Some(error.to_string())),
    };
    let hidden: Vec<String> = topics.into_iter().filter(|topic| !told.contains_key(topic)).collect();
    let unknown = hidden.len();
    if unknown > 0 {
        let reason = error.unwrap_or_else(|| format!("weir lacks {}", Right::DescribeConfigs(hidden)));
        tracing::info!(unknown, "how large a record of a destination may be is learned from refusals: {reason}");
    }
    settings::times_are_kept(config, blueprints, &told).log();
    told.into_iter().filter_map(|(topic, Settings { largest, .. })| Some((topic, largest?))).collect()
}

/// Those of `there` that some pipeline may write.
pub(super) fn written<'a>(config: &Config, there: &[&'a str]) -> BTreeSet<&'a str> {
    let may_write = |name: &&str| config.pipelines.values().any(|pipeline| pipeline.may_write(name));
    there.iter().copied().filter(may_write).collect()
}
