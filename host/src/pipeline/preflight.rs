//! Before a pipeline starts: are its topics there, what do they take, and will they keep what it sets?

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    config::{Config, Mistake, Mistakes, Pipeline},
    kafka::{Cluster, Settings, Topic},
};

/// Bytes that a broker takes at most in one request's records for a partition of a topic, by topic.
pub type Limits = BTreeMap<String, usize>;

/// Every topic that is named exactly and is not in the cluster, at its place in the configuration. A source that is a
/// regular expression and a pattern of `topics` may have none yet.
///
/// # Errors
/// The mistakes, all at once.
pub fn topics_exist<'a>(
    config: &Config,
    pipelines: impl IntoIterator<Item = &'a Arc<Pipeline>>,
    there: &[Topic],
) -> Result<(), Mistakes> {
    let known: BTreeSet<&str> = there.iter().map(|topic| topic.name.as_str()).collect();
    let mut mistakes: Vec<Mistake> = Vec::new();
    for pipeline in pipelines {
        for (pointer, topic) in named(pipeline) {
            if !known.contains(topic) {
                let message = format!("there is no topic `{topic}`");
                let near = known.iter().map(|known| (strsim::damerau_levenshtein(known, topic), *known)).min();
                let help = match near {
                    Some((distance, near)) if distance <= 2.max(topic.len() / 4) => {
                        format!("there is `{near}`; weir creates no topics")
                    }
                    _ => format!("create it: weir creates no topics (`kafka-topics.sh --create --topic {topic}`)"),
                };
                mistakes.push(pipeline.place.mistake(config, &pointer, message, Some(help)));
            }
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
}

/// Every exact topic of a pipeline with its pointer.
pub fn named(pipeline: &Pipeline) -> Vec<(String, &str)> {
    let mut all = Vec::new();
    let sources = pipeline.from.iter().enumerate().filter(|(_, from)| !from.starts_with('^'));
    all.extend(sources.map(|(at, from)| (format!("/from/{at}"), from.as_str())));
    all.extend(pipeline.to.iter().map(|to| ("/to".to_owned(), to.as_str())));
    let exact = pipeline.topics.iter().enumerate().filter(|(_, topic)| !topic.0.contains('*'));
    all.extend(exact.map(|(at, topic)| (format!("/topics/{at}"), topic.0.as_str())));
    all.extend(pipeline.dead_letter.iter().map(|topic| ("/dead_letter".to_owned(), topic.as_str())));
    all
}

/// Whether records of the pipeline may go to `topic`.
pub fn writes(pipeline: &Pipeline, topic: &str) -> bool {
    let named = [&pipeline.to, &pipeline.dead_letter].into_iter().flatten().any(|name| name == topic);
    named || pipeline.topics.iter().any(|pattern| pattern.matches(topic))
}

/// Asks how the destinations are set. Answers how many bytes each takes at most, as far as that is told: what is not is
/// learned from refusals. Warns of destinations whose broker puts its own time on every record, which would undo what an
/// interceptor sets.
pub fn learn<'a>(
    cluster: &Cluster,
    pipelines: impl IntoIterator<Item = &'a Arc<Pipeline>>,
    there: &[Topic],
    wait: Duration,
    wanted: impl Fn() -> bool,
) -> Limits {
    let mut users: BTreeMap<String, &Pipeline> = BTreeMap::new();
    for pipeline in pipelines {
        let written = there.iter().filter(|topic| writes(pipeline, &topic.name));
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
