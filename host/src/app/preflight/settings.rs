//! What the topics' settings make of what weir writes: times that are replaced, records that are too large, keys that are
//! missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    chain::Blueprint,
    config::{Config, Pipeline, Warnings},
    endpoint::list_topics,
    kafka::Settings,
    reload::Blueprints,
};

/// The settings of those topics of which the brokers tell them, by name.
pub(super) type Told = BTreeMap<String, Settings>;

/// A warning where the broker puts its own time on every record of a destination, for pipelines that set timestamps.
pub(super) fn times_are_kept(config: &Config, blueprints: &Blueprints, told: &Told) -> Warnings {
    let mut warnings = Warnings::default();
    for (pipeline, _) in pipelines(config, blueprints).filter(|(_, blueprint)| blueprint.sets_timestamps()) {
        for (pointer, topics) in destinations(pipeline, told, |settings| settings.append_time) {
            // A dead letter's own time is that of its receipt in any case.
            if pointer == "/dead_letter" {
                continue;
            }
            let topics = list_topics(&topics);
            let message = format!("the broker's time replaces the timestamps that interceptors set, in {topics}");
            let help = "the topic has `message.timestamp.type=LogAppendTime`: set it to CreateTime, or leave the \
                        timestamps alone";
            warnings.push(pipeline.place.mistake(config, &pointer, message, Some(help.to_owned())));
        }
    }
    warnings
}

/// A warning at each destination that takes less than weir may write: what the property `message.max.bytes` allows, and
/// where that is not written, what its sources take. `there` is every topic.
pub(super) fn sizes_fit(config: &Config, there: &[&str], told: &Told) -> Warnings {
    let mut warnings = Warnings::default();
    for pipeline in config.pipelines.values() {
        let Some((most, whose)) = largest(config, pipeline, there, told) else { continue };
        let is_less = |settings: &Settings| settings.largest.is_some_and(|bytes| bytes < most);
        for (pointer, topics) in destinations(pipeline, told, is_less) {
            let least = topics.iter().filter_map(|topic| told.get(*topic)?.largest).min().unwrap_or_default();
            let message = format!(
                "{} {} records of {least} bytes at most (`max.message.bytes`), and {whose} of {most}",
                list_topics(&topics),
                if topics.len() == 1 { "takes" } else { "take" },
            );
            let help = format!(
                "raise it: kafka-configs.sh --alter --entity-type topics --entity-name {} --add-config \
                 max.message.bytes={most}; what is larger becomes a dead letter or stops the pipeline",
                topics.first().copied().unwrap_or_default(),
            );
            warnings.push(pipeline.place.mistake(config, &pointer, message, Some(help)));
        }
    }
    warnings
}

/// How many bytes a record may have that the pipeline writes, and who says so; none where nobody does.
fn largest(config: &Config, pipeline: &Pipeline, there: &[&str], told: &Told) -> Option<(usize, String)> {
    let of_pipeline = pipeline.producer.get("message.max.bytes");
    let written = of_pipeline.or_else(|| config.kafka.options.get("message.max.bytes"));
    let written = written.and_then(|bytes| bytes.0.trim().parse().ok());
    if let Some(bytes) = written {
        return Some((bytes, "weir may write some (`message.max.bytes`)".to_owned()));
    }
    let read = pipeline.sources(there).into_iter().flat_map(|(.., topics)| topics);
    let (bytes, topic) = read.filter_map(|topic| Some((told.get(topic)?.largest?, topic))).max()?;
    Some((bytes, format!("`{topic}`, which is read, takes some")))
}

/// A warning at each destination that takes no record without a key, where the pipeline may write one: what it reads may have
/// none, and no interceptor writes keys. Dead letters keep the key that was read.
pub(super) fn keys_are_there(config: &Config, blueprints: &Blueprints, there: &[&str], told: &Told) -> Warnings {
    let mut warnings = Warnings::default();
    for (pipeline, blueprint) in pipelines(config, blueprints) {
        let mut read = pipeline.sources(there).into_iter().flat_map(|(.., topics)| topics);
        if read.all(|topic| told.get(topic).is_none_or(|settings| settings.compacts)) {
            continue;
        }
        for (pointer, topics) in destinations(pipeline, told, |settings| settings.compacts) {
            if blueprint.writes_keys() && pointer != "/dead_letter" {
                continue;
            }
            let message = format!(
                "{} {} no record without a key (`cleanup.policy=compact`), and what is read may have none",
                list_topics(&topics),
                if topics.len() == 1 { "takes" } else { "take" },
            );
            let help = "give records keys (key-setter), or choose a topic that is not compacted: the broker refuses a \
                        record without a key";
            warnings.push(pipeline.place.mistake(config, &pointer, message, Some(help.to_owned())));
        }
    }
    warnings
}

fn pipelines<'a>(
    config: &'a Config,
    blueprints: &'a Blueprints,
) -> impl Iterator<Item = (&'a Pipeline, &'a Blueprint)> {
    let all = config.pipelines.iter();
    all.filter_map(|(name, pipeline)| Some((&**pipeline, &**blueprints.get(name)?)))
}

/// Each place of the configuration that names destinations which are so, with these; a topic counts where it is named first.
fn destinations<'a>(
    pipeline: &Pipeline,
    told: &'a Told,
    is_so: impl Fn(&Settings) -> bool,
) -> Vec<(String, Vec<&'a str>)> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let so = told.iter().filter(|(_, settings)| is_so(settings));
    let so: Vec<&str> = so.map(|(topic, _)| topic.as_str()).collect();
    let mut all = Vec::new();
    for (pointer, pattern) in pipeline.outputs() {
        let topics: Vec<&str> =
            so.iter().copied().filter(|topic| pattern.matches(topic) && seen.insert(topic)).collect();
        if !topics.is_empty() {
            all.push((pointer, topics));
        }
    }
    all
}
