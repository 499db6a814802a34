//! Which topics are there, of those that a configuration and its plans name.

use std::collections::BTreeSet;

use super::QUESTION;
use crate::{
    config::{Config, Mistake, Mistakes, UnknownTopics, Warnings, nearest},
    endpoint::Right,
    kafka::{Cluster, Topic},
    reload::Blueprints,
};

/// Looks whether the topics are there that the interceptors' plans name exactly. What is missing is a mistake where the
/// pipeline says `unknown_topics = "refuse"`, else a warning.
pub(super) fn planned_topics_exist(config: &Config, blueprints: &Blueprints, there: &[Topic]) -> Mistakes {
    let known: BTreeSet<&str> = there.iter().map(|topic| topic.name.as_str()).collect();
    let (mut mistakes, mut warnings) = (Mistakes::default(), Warnings::default());
    for blueprint in blueprints.values() {
        let pipeline = blueprint.pipeline();
        for (interceptor, (_, plan)) in pipeline.interceptors.iter().zip(blueprint.plans()) {
            let missing = plan.topics.iter().filter(|topic| !topic.contains('*') && !known.contains(topic.as_str()));
            let missing: Vec<&str> = missing.map(String::as_str).collect();
            if missing.is_empty() {
                continue;
            }
            let missing = missing.join(", ");
            let message =
                format!("interceptor `{}` may route to topics that are not there: {missing}", interceptor.name);
            let told = |help: &str| interceptor.place.mistake(config, "/plugin", message, Some(help.to_owned()));
            match pipeline.unknown_topics {
                UnknownTopics::Warn => warnings.push(told(
                    "create them (weir creates none): until then what goes there is a dead letter (`unknown-topic`)",
                )),
                UnknownTopics::Refuse => mistakes
                    .push(told("create them (weir creates none) and reload, or write `unknown_topics = \"warn\"`")),
            }
        }
    }
    mistakes.warn(warnings);
    mistakes
}

/// Every topic that is named exactly and is not in the cluster, at its place in the configuration. A source that is a
/// regular expression and a pattern of `topics` may have none yet.
pub(super) fn topics_exist(config: &Config, cluster: &Cluster, there: &[Topic]) -> Mistakes {
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
    mistakes.into()
}

/// A warning at each expression of `from` that no topic matches now.
pub(super) fn sources_match(config: &Config, there: &[Topic]) -> Warnings {
    let names: Vec<&str> = there.iter().map(|topic| topic.name.as_str()).collect();
    let mut warnings = Warnings::default();
    for pipeline in config.pipelines.values() {
        for (pointer, from, _) in pipeline.sources(&names).into_iter().filter(|(.., matched)| matched.is_empty()) {
            // A name that is not there is a mistake, which is told already.
            if !from.starts_with('^') {
                continue;
            }
            let message = format!("no topic of the cluster matches `{from}` now");
            let help = "weir reads topics that match as soon as they are there and it may see them (Describe)";
            warnings.push(pipeline.place.mistake(config, &pointer, message, Some(help.to_owned())));
        }
    }
    warnings
}
