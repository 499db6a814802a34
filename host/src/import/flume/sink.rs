//! Where a channel's events go: a topic, and what is written into the records on their way there.

use super::{
    chain::Chain,
    clients::{self, Side},
    component::Component,
    escapes::{self, Escaped},
};
use crate::import::{
    report::Grade,
    router::{Missing, route_by_template},
    toml_text::Item,
};

/// Where a channel's events go.
#[derive(Clone, Debug)]
pub(super) struct Destination<'p> {
    pub(super) channel: Component<'p>,
    /// The topic, where the sink does not make it of each event.
    pub(super) topic: String,
    sink: Option<Component<'p>>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A Kafka channel: its topic.
    Channel,
    Kafka,
    Hdfs,
    Other,
}

impl<'p> Destination<'p> {
    /// Where the events of a source's channel go.
    pub(super) fn of_channel(channel: &Component<'p>, sinks: &[Component<'p>]) -> Self {
        if channel.kind() == "kafkachannel" {
            channel.say(
                "type",
                Grade::Translated,
                "the channel's topic is the pipeline's; its sinks have a pipeline of their own",
            );
            let topic = channel_topic(channel);
            return Self { channel: channel.clone(), topic, sink: None, kind: Kind::Channel };
        }
        channel.say(
            "type",
            Grade::Unneeded,
            "weir has no channels: what is not yet settled stays in the source's topic",
        );
        Self::of_sink(channel, sinks)
    }

    /// Where the events go that a channel's sinks take out of it.
    pub(super) fn of_sink(channel: &Component<'p>, sinks: &[Component<'p>]) -> Self {
        let mut drains = sinks.iter().filter(|sink| sink.text("channel") == Some(&channel.name));
        let Some(sink) = drains.next() else {
            let topic = own_topic(channel);
            let text = format!("no sink takes its events: they go to the topic `{topic}`");
            channel.say("type", Grade::Impossible, text);
            return Self { channel: channel.clone(), topic, sink: None, kind: Kind::Other };
        };
        for other in drains {
            let text = format!("shares the events of its channel with `{}`, which gets all of them here", sink.name);
            other.say("channel", Grade::Differs, text);
        }
        let (kind, topic) = match sink.kind().as_str() {
            "kafkasink" => {
                let topic = sink.text("kafka.topic").or_else(|| sink.text("topic")).unwrap_or("default-flume-topic");
                (Kind::Kafka, topic.to_owned())
            }
            "hdfs" | "hdfseventsink" => (Kind::Hdfs, own_topic(sink)),
            _ => (Kind::Other, own_topic(sink)),
        };
        Self { channel: channel.clone(), topic, sink: Some(sink.clone()), kind }
    }

    /// Whether all of its events go to one topic as they are.
    pub(super) fn is_plain(&self) -> bool {
        match self.kind {
            Kind::Channel | Kind::Other => true,
            Kind::Kafka => !self.topic.contains('%'),
            Kind::Hdfs => false,
        }
    }

    /// A valid topic for those events that no router takes elsewhere.
    pub(super) fn default_topic(&self) -> String {
        let owner = self.sink.as_ref().unwrap_or(&self.channel);
        if !self.topic.contains('%') && weir_rules::topic_name_fault(&self.topic).is_some() {
            let text = format!("`{}` is not a valid topic name; events go to `{}`", self.topic, own_topic(owner));
            owner.say("kafka.topic", Grade::Impossible, text);
        }
        if weir_rules::topic_name_fault(&self.topic).is_none() { self.topic.clone() } else { own_topic(owner) }
    }

    /// Adds what the sink does, and says in the report what it does not.
    pub(super) fn apply(&self, chain: &mut Chain<'_>) {
        let Some(sink) = &self.sink else { return };
        match self.kind {
            Kind::Kafka => self.kafka(sink, chain),
            Kind::Hdfs => hdfs(sink, chain, &self.topic),
            Kind::Channel | Kind::Other => other(sink, &self.topic),
        }
    }

    fn kafka(&self, sink: &Component<'_>, chain: &mut Chain<'_>) {
        sink.say("type", Grade::Translated, "weir writes to Kafka");
        if chain.writes("key") {
            let from = Item::table([("header", Some("key".into()))]);
            let comment = format!("{}: the header `key` is the record's key", sink.name);
            chain.pipeline.push("key-setter", &comment, [("from", from), ("missing", "keep".into())]);
        }
        for (name, property) in sink.below("kafka.producer.") {
            clients::add(sink.properties, property, &name, Side::Producer, &mut chain.pipeline.producer);
        }
        for key in ["useFlumeEventFormat", "partitionIdHeader", "defaultPartitionId", "timestampHeader"] {
            let there = sink.get(key).is_some_and(|property| !property.value.eq_ignore_ascii_case("false"));
            let text = match key {
                "useFlumeEventFormat" => "records are written as they are, not wrapped in Avro; headers are Kafka's",
                "timestampHeader" => "write a timestamp-fixer with `from = { header = … }`",
                _ => "partitions are chosen as the Java client does, or by `partition_by`; a plugin may choose them",
            };
            if there {
                sink.say(key, Grade::Impossible, text);
            } else {
                sink.say_if_there(key, Grade::Unneeded, "weir does nothing of the kind");
            }
        }
        let key = if sink.get("kafka.topic").is_some() { "kafka.topic" } else { "topic" };
        if self.topic.contains('%') {
            self.route(sink, chain, key);
        }
        self.override_topic(sink, chain);
    }

    /// A topic with escapes.
    fn route(&self, sink: &Component<'_>, chain: &mut Chain<'_>, key: &str) {
        let timed = has_time(&self.topic);
        let clock = if timed { chain.clock(sink, key, false) } else { "timestamp" };
        // What looks foreign is not valid in a topic's name anyway.
        let escaped = escapes::translate(&self.topic, clock, None, |header| chain.part(header));
        let missing = self.missing(sink, &escaped, key);
        let zone = timed.then(|| chain.options.zone.clone());
        let routed = route_by_template(&mut chain.pipeline, &sink.name, &escaped.template, &missing, zone.as_deref());
        if timed && routed.is_ok() {
            sink.say(key, Grade::Differs, in_zone(&chain.options.zone));
        }
        match routed {
            Ok(()) if escaped.refused.is_empty() => {
                sink.say(key, Grade::Translated, format!("topic-router: `{}`", escaped.template));
            }
            Ok(()) => sink.say(key, Grade::Impossible, format!("{} has no counterpart", escaped.refused.join(", "))),
            Err(why) => {
                sink.say(key, Grade::Impossible, why.as_str());
                chain.pipeline.note(format!("MISSING: the topic `{}` of {}: {why}", self.topic, sink.name));
            }
        }
    }

    /// What becomes of an event that lacks a header of the topic's name: to Flume the header is an empty text.
    fn missing(&self, sink: &Component<'_>, escaped: &Escaped, key: &str) -> Missing {
        let parts = escaped.template.matches('{').count();
        match (escaped.optional, parts) {
            (0, _) => Missing::Keep,
            (1, 1) => {
                let (before, part) = escaped.template.split_once('{').unwrap_or((&escaped.template, ""));
                let topic = format!("{before}{}", part.split_once('}').map_or("", |(_, after)| after));
                match weir_rules::topic_name_fault(&topic) {
                    None => Missing::Topic(topic),
                    Some(_) => {
                        let text = format!(
                            "an event without the header goes to `{}`; Flume tries for ever to write to the topic `{topic}`",
                            self.default_topic()
                        );
                        sink.say(key, Grade::Differs, text);
                        Missing::Keep
                    }
                }
            }
            _ => Missing::Empty,
        }
    }

    /// Flume's header `topic` goes before `kafka.topic`.
    fn override_topic(&self, sink: &Component<'_>, chain: &mut Chain<'_>) {
        let header = sink.text_or("topicOverrideHeader", "topic");
        if !sink.is_true_or("allowTopicOverride", true) {
            return;
        }
        let key = if sink.get("allowTopicOverride").is_some() { "allowTopicOverride" } else { "type" };
        if chain.writes(header) {
            let text =
                format!("the header `{header}` named the topic: write a topic-router with the topics that it may name");
            sink.say(key, Grade::Impossible, text);
            chain.pipeline.note(format!(
                "MISSING: {}: events with a header `{header}` went to the topic of that name. Put here: topic-router, \
                 topic = \"{{header:{header}}}\", topics = [those that it may name]",
                sink.name
            ));
        } else if chain.is_kafka && chain.topic_header.as_deref() == Some(header) {
            let text = format!(
                "Flume sends events back to the topic that they came from, because its source writes the header `{header}`; \
                 weir writes to `{}`",
                self.topic
            );
            sink.say(key, Grade::Differs, text);
        }
    }
}

/// The topic of a Kafka channel.
pub(super) fn channel_topic(channel: &Component<'_>) -> String {
    let topic = channel.text("kafka.topic").or_else(|| channel.text("topic")).unwrap_or("flume-channel");
    if weir_rules::topic_name_fault(topic).is_none() { topic.to_owned() } else { own_topic(channel) }
}

/// A topic named after a component.
pub(super) fn own_topic(component: &Component<'_>) -> String {
    let name = format!("{}-{}", component.agent, component.name);
    name.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' })
        .take(200)
        .collect()
}

/// What differs in dates that Flume writes in the zone of its machine.
fn in_zone(zone: &str) -> String {
    format!("its dates are in {zone}; Flume took the zone of its machine (--zone names another)")
}

fn has_time(text: &str) -> bool {
    escapes::translate(text, "timestamp", None, |_| Some(String::new())).has_time
}

/// An HDFS sink: the path becomes a header, for whoever writes the files.
fn hdfs(sink: &Component<'_>, chain: &mut Chain<'_>, topic: &str) {
    let text = format!(
        "weir writes to Kafka: records go to `{topic}`, with the path as a header; write files from there by a connector"
    );
    sink.say("type", Grade::Differs, text);
    let local = sink.is_true_or("hdfs.useLocalTimeStamp", false);
    let zone = zone(sink, chain);
    for (key, header) in [("hdfs.path", "path"), ("hdfs.filePrefix", "filePrefix"), ("hdfs.fileSuffix", "fileSuffix")] {
        let Some(path) = sink.text(key) else { continue };
        if key != "hdfs.path" && !path.contains('%') {
            sink.say(key, Grade::Unneeded, "whoever writes the files names them");
            continue;
        }
        let timed = has_time(path);
        let clock = if timed { chain.clock(sink, key, local) } else { "timestamp" };
        let texts = chain.pipeline.texts;
        let escaped = escapes::translate(path, clock, Some(texts), |header| chain.part(header));
        for text in &escaped.texts {
            chain.pipeline.add_text(&sink.name, text);
        }
        let entry = Item::table([
            ("name", Some(header.into())),
            ("value", Some(escaped.template.as_str().into())),
            ("missing", escaped.has_headers.then(|| "empty".into())),
            ("zone", timed.then(|| zone.as_str().into())),
        ]);
        chain.pipeline.append("header-enricher", "headers", &sink.name, entry);
        if !escaped.refused.is_empty() {
            sink.say(
                key,
                Grade::Impossible,
                format!("{} has no counterpart and is left out", escaped.refused.join(", ")),
            );
        }
        sink.say(key, Grade::Translated, format!("header `{header}` = `{}`", escaped.template));
        if timed && sink.get("hdfs.timeZone").is_none() {
            sink.say(key, Grade::Differs, in_zone(&zone));
        }
    }
    if sink.is_true_or("hdfs.round", false) {
        sink.say(
            "hdfs.round",
            Grade::Impossible,
            "times of a path are not rounded down: leave its smallest unit out of the path",
        );
    }
    for (key, property) in sink.below("hdfs.") {
        if !["path", "filePrefix", "fileSuffix", "timeZone", "useLocalTimeStamp", "round"].contains(&key.as_str()) {
            sink.properties.say(property, Grade::Unneeded, "weir writes no files");
        }
    }
}

/// The zone of a path's dates.
fn zone(sink: &Component<'_>, chain: &Chain<'_>) -> String {
    let Some(written) = sink.text("hdfs.timeZone") else { return chain.options.zone.clone() };
    if jiff::tz::TimeZone::get(written).is_ok() {
        sink.say("hdfs.timeZone", Grade::Translated, "`zone`");
        return written.to_owned();
    }
    let text = format!("`{written}` is not a name of the tz database: write one such as `Asia/Shanghai`");
    sink.say("hdfs.timeZone", Grade::Impossible, text);
    chain.options.zone.clone()
}

fn other(sink: &Component<'_>, topic: &str) {
    let kind = sink.text_or("type", "without a type");
    match sink.kind().as_str() {
        "avro" | "avrosink" | "thrift" | "thriftsink" => {
            let text = format!("agents pass events on through Kafka: records go to the topic `{topic}`");
            sink.say("type", Grade::Differs, text);
        }
        _ => {
            let text = format!(
                "weir writes to Kafka alone: records go to `{topic}`; write from there to what `{kind}` was, by a connector"
            );
            sink.say("type", Grade::Impossible, text);
        }
    }
    for (_, property) in sink.below("") {
        sink.properties.say(property, Grade::Unneeded, "speaks of a sink that is not here");
    }
}
