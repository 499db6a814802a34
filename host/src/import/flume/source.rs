//! Flume's sources: what a pipeline reads.

use super::{
    chain::Chain,
    clients::{self, Side},
    component::Component,
    interceptors, selector,
    sink::{self, Destination, own_topic},
};
use crate::import::{
    Options,
    gateway::{Gateway, Pipeline},
    report::Grade,
};

/// Topics that agents pass events on through, by the port at which a source listens for them.
pub(super) type Links = Vec<(String, String)>;

/// Adds the pipelines of a source.
pub(super) fn add(
    gateway: &mut Gateway,
    source: &Component<'_>,
    channels: &[Component<'_>],
    sinks: &[Component<'_>],
    links: &Links,
    options: &Options,
) {
    let mut chain = Chain::new(Pipeline::default(), options);
    chain.pipeline.name = gateway.free_name(&format!("{}-{}", source.agent, source.name));
    chain.pipeline.dead_letter = Some(format!("{}-dead", own_topic(source)));
    if source.kind() == "kafkasource" {
        kafka(gateway, source, &mut chain);
    } else {
        other(source, &mut chain, links);
    }
    for name in source.words("interceptors") {
        interceptors::add(&mut chain, &source.child("interceptors", name));
    }
    let mut destinations = Vec::new();
    for name in source.words("channels") {
        match channels.iter().find(|channel| channel.name == name) {
            Some(channel) => destinations.push(Destination::of_channel(channel, sinks)),
            None => source.say("channels", Grade::Impossible, format!("there is no channel `{name}`")),
        }
    }
    if destinations.is_empty() {
        source.say("channels", Grade::Impossible, "it has no channel: nothing is written anywhere");
        chain.pipeline.note("MISSING: the source has no channel");
        gateway.add(chain.pipeline);
        return;
    }
    selector::end(gateway, source, chain, &destinations);
}

/// Adds the pipeline that takes a Kafka channel's sinks' part.
pub(super) fn add_channel(gateway: &mut Gateway, channel: &Component<'_>, sinks: &[Component<'_>], options: &Options) {
    if !sinks.iter().any(|sink| sink.text("channel") == Some(&channel.name)) {
        return;
    }
    let mut chain = Chain::new(Pipeline::default(), options);
    let pipeline = &mut chain.pipeline;
    pipeline.name = gateway.free_name(&format!("{}-{}", channel.agent, channel.name));
    pipeline.from = vec![sink::channel_topic(channel)];
    let group = channel.text("kafka.consumer.group.id").or_else(|| channel.text("groupId"));
    pipeline.group = group.unwrap_or("flume").to_owned();
    pipeline.dead_letter = Some(format!("{}-dead", own_topic(channel)));
    start(channel, pipeline, "kafka.consumer.auto.offset.reset");
    brokers(gateway, channel, &["kafka.bootstrap.servers", "brokerList"]);
    consumer(channel, pipeline);
    for (name, property) in channel.below("kafka.producer.") {
        clients::add(channel.properties, property, &name, Side::Producer, &mut pipeline.producer);
    }
    if channel.is_true_or("parseAsFlumeEvent", true) {
        let text = "Flume wraps events in Avro on this topic, with their headers; weir writes records as they are, with Kafka's \
                    headers: let no Flume agent write there any more";
        channel.say("type", Grade::Differs, text);
    }
    let destination = Destination::of_sink(channel, sinks);
    destination.apply(&mut chain);
    chain.pipeline.to = Some(destination.default_topic());
    gateway.add(chain.pipeline);
}

fn kafka(gateway: &mut Gateway, source: &Component<'_>, chain: &mut Chain<'_>) {
    source.say("type", Grade::Translated, "weir reads from Kafka");
    chain.is_kafka = true;
    if source.is_true_or("setTopicHeader", true) {
        chain.topic_header = Some(source.text_or("topicHeader", "topic").to_owned());
    }
    let pipeline = &mut chain.pipeline;
    if let Some(pattern) = source.text("kafka.topics.regex") {
        pipeline.from = vec![format!("^({pattern})$")];
        let text = "POSIX, as librdkafka reads it: write `[0-9]` for `\\d`, and no lazy quantifiers or `(?:`";
        let grade = if pattern.contains(['\\', '?']) { Grade::Impossible } else { Grade::Translated };
        source.say(
            "kafka.topics.regex",
            grade,
            if grade == Grade::Translated { "`from`, for whole names" } else { text },
        );
    } else if let Some(topics) = source.get("kafka.topics").or_else(|| source.get("topic")) {
        for topic in topics.list() {
            match weir_rules::topic_name_fault(topic) {
                None => pipeline.from.push(topic.to_owned()),
                Some(fault) => {
                    let text = format!("`{topic}` is not a valid topic name: {fault}");
                    source.properties.say(topics, Grade::Impossible, text);
                }
            }
        }
        source.properties.say(topics, Grade::Translated, "`from`");
    }
    if pipeline.from.is_empty() {
        pipeline.from = vec![format!("{}-in", own_topic(source))];
        source.say("kafka.topics", Grade::Impossible, "it names no topic: write them into `from`");
    }
    let group = source.text("kafka.consumer.group.id").or_else(|| source.text("groupId"));
    pipeline.group = group.filter(|group| !group.is_empty()).unwrap_or("flume").to_owned();
    start(source, pipeline, "kafka.consumer.auto.offset.reset");
    brokers(gateway, source, &["kafka.bootstrap.servers"]);
    consumer(source, pipeline);
    if source.is_true_or("useFlumeEventFormat", false) {
        let text = "Avro's events are not taken apart: the value is the record's, bytes and all";
        source.say("useFlumeEventFormat", Grade::Impossible, text);
        pipeline.note(format!("MISSING: {}: useFlumeEventFormat: {text}", source.name));
    }
    for (prefix, property) in source.below("header.") {
        let text = format!("Kafka's header `{prefix}` is there under its own name: rename it by header-enricher");
        source.properties.say(property, Grade::Impossible, text);
    }
}

/// Where a new group begins. Kafka's default is the end, but what was written between the agent's end and weir's start
/// would be lost.
fn start(component: &Component<'_>, pipeline: &mut Pipeline, key: &str) {
    let written = component.text(key).map(str::to_ascii_lowercase);
    pipeline.start = written.filter(|word| ["earliest", "latest"].contains(&word.as_str()));
    if pipeline.start.is_none() {
        let text = "a group that is new begins at the beginning (Kafka: at the end): write `start` with the time at which the \
                    agent ended";
        component.say(key, Grade::Differs, text);
    }
}

fn consumer(component: &Component<'_>, pipeline: &mut Pipeline) {
    for (name, property) in component.below("kafka.consumer.") {
        if name != "group.id" && name != "auto.offset.reset" {
            clients::add(component.properties, property, &name, Side::Consumer, &mut pipeline.consumer);
        }
    }
}

/// The first brokers that are named are the gateway's.
pub(super) fn brokers(gateway: &mut Gateway, component: &Component<'_>, keys: &[&str]) {
    for key in keys {
        let Some(property) = component.get(key) else { continue };
        let brokers = property.list().join(",");
        if gateway.brokers.is_empty() {
            gateway.brokers = brokers;
        } else if gateway.brokers != brokers {
            let text = format!(
                "a weir speaks with one cluster, `{}`: run another weir, or mirror the topics",
                gateway.brokers
            );
            component.properties.say(property, Grade::Impossible, text);
        }
    }
}

fn other(source: &Component<'_>, chain: &mut Chain<'_>, links: &Links) {
    let kind = source.text_or("type", "without a type");
    let port = source.text("port");
    let linked: Vec<String> =
        links.iter().filter(|(at, _)| Some(at.as_str()) == port).map(|(_, topic)| topic.clone()).collect();
    chain.pipeline.group = own_topic(source);
    if linked.is_empty() {
        let topic = own_topic(source);
        let text = format!(
            "weir reads from Kafka alone: have what `{kind}` brings written to the topic `{topic}`{}",
            advice(source)
        );
        source.say("type", Grade::Impossible, text);
        chain
            .pipeline
            .comments
            .push(format!("MISSING: Flume's source {} ({kind}): write its events to `{topic}`", source.name));
        chain.pipeline.from = vec![topic];
    } else {
        source.say(
            "type",
            Grade::Differs,
            format!("agents pass events on through Kafka: the topic {}", linked.join(", ")),
        );
        chain.pipeline.from = linked;
    }
    for (key, property) in source.below("") {
        let mine = ["channels", "type", "interceptors"].contains(&key.as_str())
            || key.starts_with("interceptors.")
            || key.starts_with("selector.");
        if !mine {
            source.properties.say(property, Grade::Unneeded, "speaks of a source that is not here");
        }
    }
}

/// Who else can bring such events to Kafka.
fn advice(source: &Component<'_>) -> &'static str {
    match source.kind().as_str() {
        "exec" | "taildir" | "spooldir" | "taildirsource" | "execsource" | "spooldirectorysource" => {
            ", by Vector or Fluent Bit"
        }
        "syslogtcp" | "syslogudp" | "multiport_syslogtcp" | "netcat" | "netcatudp" => {
            ", by Vector or rsyslog's omkafka"
        }
        "http" | "httpsource" => ", by Kafka's REST proxy",
        "avro" | "avrosource" | "thrift" | "thriftsource" => {
            ", by a Kafka sink in place of the other agent's avro sink"
        }
        _ => "",
    }
}
