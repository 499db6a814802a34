//! Before a pipeline starts: are its topics there, what do they take, and will they keep what it sets?

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{Signals, refuse_exactly_once};
use crate::{
    config::{Config, Mistake, Mistakes, Pipeline, UnknownTopics, nearest},
    endpoint::{Error, Right},
    kafka::{Cluster, Denied, Settings, Topic},
    pipeline::Limits,
    reload::{Blueprints, Preflight},
    threads,
};

/// How long one question to the brokers may take.
const QUESTION: Duration = Duration::from_secs(5);
/// Between two questions.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a configuration that is sound in itself cannot run in this cluster.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// librdkafka makes no client of the settings.
    #[error("cannot connect")]
    Client(#[from] Error),
    /// Wrong password, certificate or mechanism.
    #[error("the brokers do not let weir in: {0}")]
    Denied(Denied),
    /// Topics that are named and not there. The configuration is fine in itself: another cluster may have them.
    #[error("{} missing in the cluster at {brokers}", topics(.mistakes))]
    Missing {
        /// Each at its place in the configuration.
        mistakes: Mistakes,
        /// As configured.
        brokers: String,
    },
}

fn topics(mistakes: &Mistakes) -> String {
    match mistakes.count() {
        1 => "1 topic is".to_owned(),
        count => format!("{count} topics are"),
    }
}

/// Looks whether every topic is there that the configuration or a plan names, and what it takes; brokers that are away are waited for. Returns none where a
/// signal came meanwhile.
///
/// # Errors
/// [`PreflightError`].
pub fn await_topics(
    config: &Config,
    blueprints: &Blueprints,
    signals: &Signals,
) -> Result<Option<Limits>, PreflightError> {
    threads::doing("waiting for the brokers");
    let cluster = Cluster::connect(&config.kafka)?;
    let topics = loop {
        let answer = cluster.topics(QUESTION, || !signals.came());
        match (answer, cluster.denied()) {
            (Ok(topics), _) => break topics,
            (Err(_), _) if signals.came() => return Ok(None),
            // Whoever starts weir looks at it now. Later, while it runs, it keeps retrying: credentials are rotated.
            (Err(_), Some(denied)) => return Err(PreflightError::Denied(denied)),
            (Err(error), None) => tracing::warn!(brokers = config.kafka.brokers, "waiting for the brokers: {error}"),
        }
        if signals.came_within(PAUSE) {
            return Ok(None);
        }
    };
    topics_exist(config, &cluster, &topics)
        .and_then(|()| planned_topics_exist(config, blueprints, &topics))
        .map_err(|mistakes| PreflightError::Missing { mistakes, brokers: config.kafka.brokers.clone() })?;
    let limits = learn(&cluster, config.pipelines.values(), &topics, QUESTION, || !signals.came());
    threads::doing("");
    Ok(Some(limits))
}

/// What a configuration that is to take over needs from the cluster.
///
/// Brokers that do not answer hinder nothing: a topic that turns out to be missing costs the record, not the pipeline.
#[derive(Debug)]
pub struct Outside {
    signals: Signals,
}

impl Outside {
    /// Asks until a signal comes.
    pub fn new(signals: &Signals) -> Self {
        Self { signals: signals.clone() }
    }

    fn topics(&self, config: &Config) -> Option<(Cluster, Vec<Topic>)> {
        let wanted = || !self.signals.came();
        let told = Cluster::connect(&config.kafka).and_then(|cluster| {
            let topics = cluster.topics(QUESTION, wanted)?;
            Ok((cluster, topics))
        });
        told.inspect_err(|error| {
            tracing::warn!("cannot see whether the topics of the new configuration are there: {error}");
        })
        .ok()
    }
}

impl Preflight for Outside {
    fn look_at_config(&self, config: &Config) -> Result<(), Mistakes> {
        refuse_exactly_once(config)?;
        self.topics(config).map_or(Ok(()), |(cluster, there)| topics_exist(config, &cluster, &there))
    }

    fn look_at_plans(&self, config: &Config, blueprints: &Blueprints) -> Result<(), Mistakes> {
        let names_any = blueprints.values().any(|blueprint| blueprint.plans().any(|(_, plan)| !plan.topics.is_empty()));
        let there = if names_any { self.topics(config) } else { None };
        there.map_or(Ok(()), |(_, there)| planned_topics_exist(config, blueprints, &there))
    }
}

/// Looks whether the topics are there that the interceptors' plans name exactly. What is missing is a mistake where the
/// pipeline says `unknown_topics = "refuse"`, else a line in the log.
///
/// # Errors
/// The mistakes, all at once.
fn planned_topics_exist(config: &Config, blueprints: &Blueprints, there: &[Topic]) -> Result<(), Mistakes> {
    let known: BTreeSet<&str> = there.iter().map(|topic| topic.name.as_str()).collect();
    let mut mistakes: Vec<Mistake> = Vec::new();
    for blueprint in blueprints.values() {
        let pipeline = blueprint.pipeline();
        for (interceptor, (_, plan)) in pipeline.interceptors.iter().zip(blueprint.plans()) {
            let missing = plan.topics.iter().filter(|topic| !topic.contains('*') && !known.contains(topic.as_str()));
            let missing: Vec<&str> = missing.map(String::as_str).collect();
            if missing.is_empty() {
                continue;
            }
            let missing = missing.join(", ");
            match pipeline.unknown_topics {
                UnknownTopics::Warn => tracing::warn!(
                    pipeline = pipeline.name,
                    interceptor = interceptor.name,
                    missing,
                    "topics that it may route to are not there: what goes there is a dead letter (`unknown-topic`)",
                ),
                UnknownTopics::Refuse => {
                    let message =
                        format!("interceptor `{}` may route to topics that are not there: {missing}", interceptor.name);
                    let help =
                        "create them (weir creates none) and reload, or write `unknown_topics = \"warn\"`".to_owned();
                    mistakes.push(interceptor.place.mistake(config, "/plugin", message, Some(help)));
                }
            }
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

/// Every topic that is named exactly and is not in the cluster, at its place in the configuration. A source that is a
/// regular expression and a pattern of `topics` may have none yet.
///
/// # Errors
/// The mistakes, all at once.
fn topics_exist(config: &Config, cluster: &Cluster, there: &[Topic]) -> Result<(), Mistakes> {
    let known: BTreeSet<&str> = there.iter().map(|topic| topic.name.as_str()).collect();
    let named = || config.pipelines.values().flat_map(|pipeline| pipeline.exact_topics());
    let missing: BTreeSet<&str> = named().map(|(_, topic)| topic).filter(|topic| !known.contains(topic)).collect();
    let hidden = cluster.hidden(&missing.into_iter().collect::<Vec<_>>(), QUESTION);
    let mut mistakes: Vec<Mistake> = Vec::new();
    for pipeline in config.pipelines.values() {
        for (pointer, topic) in pipeline.exact_topics() {
            if known.contains(topic) {
                continue;
            }
            let right = |topic: &str| match pointer.starts_with("/from") {
                true => Right::ReadTopic(topic.to_owned()),
                false => Right::WriteTopic(topic.to_owned()),
            };
            let (message, help) = match nearest(topic, known.iter().copied()) {
                _ if hidden.contains(topic) => (
                    format!("weir may not see the topic `{topic}`, be it there or not"),
                    format!("weir lacks {}", right(topic)),
                ),
                Some(near) => {
                    (format!("there is no topic `{topic}`"), format!("there is `{near}`; weir creates no topics"))
                }
                None => (
                    format!("there is no topic `{topic}`"),
                    format!("create it: weir creates no topics (`kafka-topics.sh --create --topic {topic}`)"),
                ),
            };
            mistakes.push(pipeline.place.mistake(config, &pointer, message, Some(help)));
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

/// Asks how the destinations are set. Returns how many bytes each takes at most, as far as that is told: what is not is
/// learned from refusals. Warns of destinations whose broker puts its own time on every record, which would undo what an
/// interceptor sets.
fn learn<'a>(
    cluster: &Cluster,
    pipelines: impl IntoIterator<Item = &'a Arc<Pipeline>>,
    there: &[Topic],
    wait: Duration,
    wanted: impl Fn() -> bool,
) -> Limits {
    let mut users: BTreeMap<String, &Pipeline> = BTreeMap::new();
    for pipeline in pipelines {
        let written = there.iter().filter(|topic| pipeline.may_write(&topic.name));
        users.extend(written.map(|topic| (topic.name.clone(), &**pipeline)));
    }
    if users.is_empty() {
        return Limits::new();
    }
    let topics: Vec<String> = users.keys().cloned().collect();
    let (told, reason) = match cluster.settings(&topics, wait, wanted) {
        Ok(told) => (told, "weir may not read all topics' settings (DescribeConfigs)".to_owned()),
        Err(error) => (BTreeMap::new(), error.to_string()),
    };
    let unknown = topics.len() - told.len();
    if unknown > 0 {
        tracing::info!(unknown, "how large a record of a destination may be is learned from refusals: {reason}");
    }
    let mut limits = Limits::new();
    for (topic, Settings { append_time, largest }) in told {
        let user = users.get(&topic);
        // A dead letter's own time is that of its receipt in any case.
        if let Some(pipeline) = user.filter(|user| append_time && user.dead_letter.as_ref() != Some(&topic)) {
            let pipeline = &pipeline.name;
            tracing::warn!(pipeline, topic, "the topic has log append time: timestamps that are set are discarded");
        }
        limits.extend(largest.map(|bytes| (topic, bytes)));
    }
    limits
}
