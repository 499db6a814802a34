//! Before a pipeline starts: are its topics there, and will they keep what it sets?

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use crate::{
    config::{Config, Mistake, Mistakes, Pipeline},
    kafka::{Cluster, Topic},
};

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

/// Warns of destinations whose broker puts its own time on every record, which would undo what an interceptor sets.
pub fn warn_of_append_time<'a>(
    cluster: &Cluster,
    pipelines: impl IntoIterator<Item = &'a Arc<Pipeline>>,
    there: &[Topic],
    wait: Duration,
) {
    let mut users: BTreeMap<String, &str> = BTreeMap::new();
    for pipeline in pipelines {
        for topic in there {
            let written = pipeline.to.as_deref() == Some(&topic.name)
                || pipeline.topics.iter().any(|pattern| pattern.matches(&topic.name));
            if written {
                users.insert(topic.name.clone(), &pipeline.name);
            }
        }
    }
    if users.is_empty() {
        return;
    }
    let topics: Vec<String> = users.keys().cloned().collect();
    match cluster.with_append_time(&topics, wait) {
        Ok(found) => {
            for topic in found {
                let pipeline = users.get(&topic).copied().unwrap_or_default();
                tracing::warn!(pipeline, topic, "the topic has log append time: timestamps that are set are discarded");
            }
        }
        Err(error) => tracing::debug!("{error}"),
    }
}
