//! Which of the rights that it needs weir lacks, before a record shows it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::QUESTION;
use crate::{
    chain::Blueprint,
    config::{Config, Mistakes, Pipeline},
    endpoint::{Allowed, Right},
    kafka::Cluster,
    reload::Blueprints,
};

/// Every right that weir lacks on what it reads and joins, and on what the configuration or a plan names to be written,
/// each at its place; `broker` is the one that is asked. A topic that is not there is left out. What the brokers do not tell
/// goes to `unchecked`, with the reason.
pub(super) fn are_granted(
    config: &Config,
    blueprints: &Blueprints,
    (cluster, broker): (&Cluster, i32),
    there: &[&str],
    unchecked: &mut Vec<String>,
) -> Mistakes {
    let needed: Vec<Needed<'_>> = blueprints.values().map(|blueprint| Needed::of(blueprint, there)).collect();
    let topics: BTreeSet<&str> = needed.iter().flat_map(Needed::topics).collect();
    let topics: Vec<Arc<str>> = topics.into_iter().map(Arc::from).collect();
    let told = cluster.allowed(&topics, broker, QUESTION).unwrap_or_else(|error| {
        unchecked.push(format!("the rights on topics: {}", error.reason));
        BTreeMap::new()
    });
    if !told.is_empty() && told.values().all(Option::is_none) {
        unchecked.push("the rights on topics: the brokers do not tell".to_owned());
    }
    let mut groups: BTreeMap<&str, Option<Allowed>> = BTreeMap::new();
    for Needed { pipeline, .. } in &needed {
        groups.entry(&pipeline.group).or_insert_with_key(|group| {
            let allowed = cluster.group_allowed(group, QUESTION).map_err(|error| error.reason);
            let allowed = allowed.and_then(|allowed| allowed.ok_or_else(|| "the brokers do not tell".to_owned()));
            allowed.map_err(|why| unchecked.push(format!("the rights on the group `{group}`: {why}"))).ok()
        });
    }
    let mut mistakes = Mistakes::default();
    for needed in needed {
        let place = &needed.pipeline.place;
        let mut lacks = |pointer: &str, message: String, right: &Right| {
            mistakes.push(place.mistake(config, pointer, message, Some(format!("weir lacks {right}"))));
        };
        let may = |topic: &str| told.get(topic).copied().flatten();
        for (pointer, topic) in &needed.read {
            if may(topic).is_some_and(|allowed| !allowed.read) {
                let message = format!("weir may not read the topic `{topic}`");
                lacks(pointer, message, &Right::ReadTopic((*topic).to_owned()));
            }
        }
        for (pointer, topic) in &needed.written {
            if may(topic).is_some_and(|allowed| !allowed.write) {
                let message = format!("weir may not write to the topic `{topic}`");
                lacks(pointer, message, &Right::WriteTopic((*topic).to_owned()));
            }
        }
        let group = &needed.pipeline.group;
        if groups.get(group.as_str()).copied().flatten().is_some_and(|allowed| !allowed.read) {
            lacks("/group", format!("weir may not join the group `{group}`"), &Right::ReadGroup(group.clone()));
        }
    }
    mistakes
}

/// What a pipeline reads and writes, of what is there, each topic with the pointer of where it is named.
struct Needed<'a> {
    pipeline: &'a Pipeline,
    read: Vec<(String, &'a str)>,
    /// Of a pattern's topics only those that a plan names: nothing else need ever be written.
    written: Vec<(String, &'a str)>,
}

impl<'a> Needed<'a> {
    fn of(blueprint: &'a Blueprint, there: &[&'a str]) -> Self {
        let pipeline = blueprint.pipeline();
        let sources = pipeline.sources(there).into_iter();
        let read =
            sources.flat_map(|(pointer, _, topics)| topics.into_iter().map(move |topic| (pointer.clone(), topic)));
        let mut written = blueprint.named_outputs();
        written.retain(|(_, topic)| there.contains(topic));
        Self { pipeline, read: read.collect(), written }
    }

    fn topics(&self) -> impl Iterator<Item = &'a str> {
        self.read.iter().chain(&self.written).map(|(_, topic)| *topic)
    }
}
