//! Everything that start-up asks the cluster, and what else it can tell, asked once and told at once.

use std::time::Duration;

use super::{
    PreflightError, QUESTION, destinations, rights,
    settings::{self, Told},
    topics::{planned_topics_exist, sources_match, topics_exist},
};
use crate::{
    config::{Config, Mistakes, Warnings},
    endpoint::Right,
    kafka::{Broker, Cluster},
    reload::Blueprints,
    threads,
};

/// How long the first broker may take to answer: name resolution, TLS and authentication come before.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// What a cluster has to say of a configuration.
#[derive(Debug)]
pub struct ClusterReport {
    /// As configured.
    pub brokers: String,
    /// How many brokers the cluster has, and how many of them answer.
    pub count: usize,
    /// See `count`.
    pub answering: usize,
    /// What does not fit, at its place.
    pub found: Mistakes,
    /// What could not be looked at, and why.
    pub unchecked: Vec<String>,
}

/// Asks the cluster whether `config` can run in it: whether its brokers answer, its topics are there, weir has the rights
/// that it needs, and the topics' settings suit what it writes. Writes nothing and joins nothing.
///
/// # Errors
/// [`PreflightError`], except for what is missing, which is in the report.
pub fn check_online(config: &Config, blueprints: &Blueprints) -> Result<ClusterReport, PreflightError> {
    threads::doing("asking the cluster");
    let brokers = config.kafka.brokers.clone();
    let cluster = Cluster::connect(&config.kafka)?;
    let answer = cluster.topics(FIRST_ANSWER, || true);
    let there = answer.map_err(|error| match cluster.denied() {
        Some(denied) => PreflightError::Denied(denied),
        None => PreflightError::Unreachable { brokers: brokers.clone(), reason: error.reason },
    })?;
    let mut found = topics_exist(config, &cluster, &there);
    found.append(planned_topics_exist(config, blueprints, &there));
    found.warn(sources_match(config, &there));
    let topic = config.pipelines.values().find_map(|pipeline| pipeline.default_topic()).unwrap_or("weir");
    let unreachable = |reason| PreflightError::Unreachable { brokers: brokers.clone(), reason };
    let all = cluster.brokers(topic, QUESTION).map_err(|error| unreachable(error.to_string()))?;
    let Some(first) = all.iter().find(|broker| broker.silence.is_none()).map(|broker| broker.id) else {
        let reasons: Vec<String> = all.into_iter().filter_map(|broker| broker.silence).collect();
        return Err(unreachable(format!("they name brokers that do not answer: {}", reasons.join("; "))));
    };
    found.warn(silent(config, &all));
    let mut unchecked = Vec::new();
    let names: Vec<&str> = there.iter().map(|topic| topic.name.as_str()).collect();
    found.append(rights::are_granted(config, blueprints, (&cluster, first), &names, &mut unchecked));
    let told = settings_of(config, &cluster, &names, &mut unchecked);
    found.warn(settings::times_are_kept(config, blueprints, &told));
    found.warn(settings::sizes_fit(config, &names, &told));
    found.warn(settings::keys_are_there(config, blueprints, &names, &told));
    threads::doing("");
    let answering = all.iter().filter(|broker| broker.silence.is_none()).count();
    Ok(ClusterReport { brokers, count: all.len(), answering, found, unchecked })
}

/// A warning for each broker that does not answer while another one does.
fn silent(config: &Config, brokers: &[Broker]) -> Warnings {
    let mut warnings = Warnings::default();
    for Broker { id, address, silence } in brokers {
        let Some(why) = silence else { continue };
        let message = format!("broker {id} does not answer at `{address}`: {why}");
        let help = "weir reads and writes what it leads only once it answers; the address is what the broker says of \
                    itself (`advertised.listeners`)";
        warnings.push(config.kafka_place.mistake(config, "/brokers", message, Some(help.to_owned())));
    }
    warnings
}

/// How the topics are set that are read or may be written.
fn settings_of(config: &Config, cluster: &Cluster, there: &[&str], unchecked: &mut Vec<String>) -> Told {
    let mut topics = destinations::written(config, there);
    let read = config.pipelines.values().flat_map(|pipeline| pipeline.sources(there));
    topics.extend(read.flat_map(|(.., topics)| topics));
    if topics.is_empty() {
        return Told::new();
    }
    let asked: Vec<String> = topics.iter().copied().map(str::to_owned).collect();
    let told = match cluster.settings(&asked, QUESTION, || true) {
        Ok(told) => told,
        Err(error) => {
            unchecked.push(format!("the topics' settings: {}", error.reason));
            return Told::new();
        }
    };
    let hidden: Vec<String> = asked.into_iter().filter(|topic| !told.contains_key(topic)).collect();
    if !hidden.is_empty() {
        unchecked.push(format!("the topics' settings: weir lacks {}", Right::DescribeConfigs(hidden)));
    }
    told
}
