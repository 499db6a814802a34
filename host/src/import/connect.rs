//! Kafka Connect's connectors and MirrorMaker's flows: their transforms become a pipeline between topics.
//!
//! A connector goes on to connect Kafka to the world, without transforms: before a sink connector, weir writes the topic
//! that it reads; behind a source connector, weir reads the topic that it writes.

mod chain;
mod condition;
mod fields;
mod format;
mod headers;
mod jq;
mod known;
mod mirror;
mod predicate;
mod replace;
mod time;
mod topics;
mod transform;
mod values;

use chain::Chain;
use format::Format;
use transform::Scope;

use super::{
    ImportError, Imported, Options,
    flume::clients::{self, Side},
    gateway::{Gateway, Pipeline},
    properties::{Properties, Property},
    report::{Grade, Report},
};

pub(super) fn translate(connectors: &[Properties], options: &Options) -> Result<Imported, ImportError> {
    let mut gateway = Gateway { origin: "a configuration of Kafka Connect".to_owned(), ..Gateway::default() };
    for properties in connectors {
        if properties.get("clusters").is_some() {
            mirror::add_flows(&mut gateway, properties);
        } else if properties
            .all()
            .iter()
            .any(|property| property.key.starts_with("transforms") || property.key == "connector.class")
        {
            connector(&mut gateway, properties);
        }
    }
    if gateway.pipelines.is_empty() {
        let message = "no connector in it: expected `connector.class` and `transforms`, or MirrorMaker's `clusters`";
        return Err(ImportError::Nothing(message.to_owned()));
    }
    if gateway.brokers.is_empty() {
        gateway.brokers.clone_from(&options.brokers);
        let text = format!("no brokers are named in it: `{}` is written (--brokers names others)", options.brokers);
        connectors[0].say_of("[kafka]", Grade::Differs, text);
    }
    gateway.separate(|subject, text| connectors[0].say_of(subject, Grade::Impossible, text));
    let mut report = Report::default();
    for properties in connectors {
        report.entries.extend(properties.finish(unread).entries);
    }
    report.sort();
    Ok(Imported { config: gateway.to_toml(), report })
}

/// Adds the pipeline of a connector.
fn connector(gateway: &mut Gateway, properties: &Properties) {
    let text = |key: &str| properties.get(key).map(|property| property.value.as_str());
    let name = text("name").unwrap_or("connector").to_owned();
    let class = text("connector.class").unwrap_or_default();
    let class = class.rsplit('.').next().unwrap_or_default();
    let mut pipeline = Pipeline { name: gateway.free_name(&name), ..Pipeline::default() };
    let clean = pipeline.name.clone();
    pipeline.group = text("consumer.override.group.id").map_or_else(|| format!("weir-{name}"), str::to_owned);
    let letters =
        text("errors.deadletterqueue.topic.name").filter(|topic| weir_rules::topic_name_fault(topic).is_none());
    pipeline.dead_letter = Some(letters.map_or_else(|| format!("{clean}-dead"), str::to_owned));
    let mut chain = Chain::new(pipeline);
    if class.starts_with("Mirror") {
        mirror::add_connector(gateway, properties, class, chain);
        return;
    }
    for key in ["bootstrap.servers", "consumer.override.bootstrap.servers", "producer.override.bootstrap.servers"] {
        if let Some(property) = properties.get(key) {
            brokers(gateway, properties, property);
        }
    }
    chain.read_topics(properties, &clean);
    chain.value = Format::of_values(properties);
    for (key, property) in properties.below("consumer.override.") {
        if key != "group.id" && key != "bootstrap.servers" {
            clients::add(properties, property, key, Side::Consumer, &mut chain.pipeline.consumer);
        }
    }
    for (key, property) in properties.below("producer.override.") {
        if key != "bootstrap.servers" {
            clients::add(properties, property, key, Side::Producer, &mut chain.pipeline.producer);
        }
    }
    transform::add_all(&mut chain, &Scope { properties, prefix: String::new() });
    chain.end(properties, &format!("{clean}-out"));
    gateway.add(chain.pipeline);
}

/// The first brokers that are named are the gateway's.
fn brokers(gateway: &mut Gateway, properties: &Properties, property: &Property) {
    let brokers = property.list().join(",");
    if gateway.brokers.is_empty() {
        gateway.brokers = brokers;
    } else if gateway.brokers != brokers {
        let text = format!(
            "a weir speaks with one cluster, `{}`: go on mirroring between clusters, and transform in one of them",
            gateway.brokers
        );
        properties.say(property, Grade::Impossible, text);
    }
}

/// What becomes of a property that nothing looked at.
fn unread(property: &Property) -> (Grade, String) {
    let is_mine = ["transforms.", "predicates."].iter().any(|mine| property.key.contains(mine));
    if is_mine {
        (Grade::Impossible, "nothing in weir does this, or it is misspelt".to_owned())
    } else {
        (Grade::Unneeded, "stays with the connector".to_owned())
    }
}
