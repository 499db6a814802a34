//! MirrorMaker 2: as connectors, and as a file with flows such as `A->B.topics`.

use super::{
    brokers,
    chain::Chain,
    transform::{Scope, add_all},
};
use crate::import::{
    gateway::{Gateway, Pipeline},
    properties::{Properties, Property},
    report::Grade,
};

/// Adds the pipeline of a MirrorSourceConnector.
pub(super) fn add_connector(gateway: &mut Gateway, properties: &Properties, class: &str, mut chain: Chain) {
    let text = |key: &str| properties.get(key).map(|property| property.value.as_str());
    if class != "MirrorSourceConnector" {
        let subject = properties.get("connector.class");
        if let Some(subject) = subject {
            properties.say(subject, Grade::Impossible, "offsets and heartbeats are not mirrored");
        }
        return;
    }
    if let Some(property) = properties.get("source.cluster.bootstrap.servers") {
        brokers(gateway, properties, property);
    }
    if let Some(property) = properties.get("target.cluster.bootstrap.servers") {
        brokers(gateway, properties, property);
    }
    read_topics(&mut chain.pipeline, properties, properties.get("topics"));
    let alias = text("source.cluster.alias").unwrap_or("source");
    rename(&mut chain, properties, alias, "");
    add_all(&mut chain, &Scope { properties, prefix: String::new() });
    let default = format!("{alias}-mirrored");
    chain.end(properties, &default);
    gateway.add(chain.pipeline);
}

/// Adds a pipeline for each flow of a MirrorMaker file.
pub(super) fn add_flows(gateway: &mut Gateway, properties: &Properties) {
    let aliases = properties.get("clusters").map(Property::words).unwrap_or_default();
    for alias in &aliases {
        if let Some(property) = properties.get(&format!("{alias}.bootstrap.servers")) {
            brokers(gateway, properties, property);
        }
    }
    for source in &aliases {
        for target in aliases.iter().filter(|target| *target != source) {
            let flow = format!("{source}->{target}");
            let get = |key: &str| properties.get(&format!("{flow}.{key}"));
            if !get("enabled").is_some_and(Property::is_true) {
                continue;
            }
            let name = gateway.free_name(&format!("{source}-{target}"));
            let mut pipeline = Pipeline { group: format!("weir-{name}"), ..Pipeline::default() };
            pipeline.dead_letter = Some(format!("{name}-dead"));
            pipeline.name.clone_from(&name);
            read_topics(&mut pipeline, properties, get("topics").or_else(|| properties.get("topics")));
            let mut chain = Chain::new(pipeline);
            rename(&mut chain, properties, source, &format!("{flow}."));
            add_all(&mut chain, &Scope { properties, prefix: format!("{flow}.") });
            chain.end(properties, &format!("{name}-mirrored"));
            gateway.add(chain.pipeline);
        }
    }
}

/// Names and expressions, with commas between.
fn read_topics(pipeline: &mut Pipeline, properties: &Properties, topics: Option<&Property>) {
    let words = topics.map_or_else(|| vec![".*"], Property::list);
    let of = |word: &&str| {
        if weir_rules::topic_name_fault(word).is_none() { (*word).to_owned() } else { format!("^({word})$") }
    };
    pipeline.from = words.iter().map(of).collect();
    let differs = pipeline.from.iter().any(|topic| topic.starts_with('^') && topic.contains(['\\', '?']));
    if let Some(topics) = topics {
        if differs {
            let text = "POSIX, as librdkafka reads it: write `[0-9]` for `\\d`, and no lazy quantifiers or `(?:`";
            properties.say(topics, Grade::Impossible, text);
        }
        properties.say(topics, Grade::Translated, "`from`");
    }
}

/// The source's alias before the topic's name, unless the policy keeps names.
fn rename(chain: &mut Chain, properties: &Properties, alias: &str, prefix: &str) {
    let get = |key: &str| properties.get(&format!("{prefix}{key}")).or_else(|| properties.get(key));
    let policy = get("replication.policy.class").map_or("", |property| property.value.as_str());
    if policy.ends_with("IdentityReplicationPolicy") {
        let text = "within one cluster a topic cannot be mirrored under its own name";
        if let Some(policy) = get("replication.policy.class") {
            properties.say(policy, Grade::Impossible, text);
        }
        return;
    }
    let separator = get("replication.policy.separator").map_or(".", |property| property.value.as_str());
    chain.topic = format!("{alias}{separator}{{topic}}");
}
