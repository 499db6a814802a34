//! Reads `[pipelines.NAME]`.

use std::{collections::HashSet, time::Duration};

use weir_rules::{json, topic_pattern_fault};

use super::{
    Breaker, Cut, Delivery, GroupProtocol, OnGap, PartitionBy, Pipeline, Place, Start, TopicPattern, UnknownTopics,
    keys::{self, Kind},
    nearest::nearest,
    options::{self, Options, Side},
    probe,
    read_interceptor::interceptors,
    reading::Reading,
    source_name,
    table::Table,
    tree::{Entry, Node, Value},
};

/// A pipeline as far as it could be read.
pub(super) struct Partly {
    /// Defaults stand in for what could not be read, and interceptors that could not be read are left out.
    pub(super) pipeline: Pipeline,
    /// Whether nothing had to stand in.
    pub(super) whole: bool,
    /// Whether it is known where interceptors may route.
    pub(super) fenced: bool,
}

/// One pipeline; `shared` is what `[kafka.options]` holds for consumers and producers.
pub(super) fn read_pipeline(reading: &mut Reading, entry: &Entry, shared: &Options) -> Option<Partly> {
    let name = entry.key.clone();
    let node = &entry.node;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        let help = "it stands in metrics and transaction names: letters, digits, `_`, `-` and `.`".to_owned();
        reading.wrong_at(node.source, entry.key_span.clone(), format!("`{name}` is not a valid pipeline name"), help);
    }
    let mut table = Table::open(reading, node, Kind::Pipeline, format!("[pipelines.{name}]"))?;
    let from = table.need(reading, "from", "[\"topic\"]").and_then(|node| from(reading, node));
    let group = table.need(reading, "group", &format!("\"weir-{name}\"")).and_then(|node| reading.name(node, "group"));
    let to = optional(table.take("to"), |node| reading.topic(node, "to"));
    let topics = table.take("topics").map_or(Some(Vec::new()), |node| patterns(reading, node));
    let dead_letter = optional(table.take("dead_letter"), |node| reading.topic(node, "dead_letter"));
    let has_dead_letter = node.get("dead_letter").is_some();
    let delivery = word(reading, table.take("delivery"), "delivery", DELIVERY, Delivery::AtLeastOnce);
    let start = table.take("start").map_or(Some(Start::Earliest), |node| start(reading, node));
    let on_gap = word(reading, table.take("on_gap"), "on_gap", ON_GAP, OnGap::Stop);
    let breaker = optional(table.take("breaker"), |node| faults(reading, node, "breaker", &name));
    let unknown = table.take("unknown_topics");
    let unknown_topics = word(reading, unknown, "unknown_topics", UNKNOWN_TOPICS, UnknownTopics::Warn);
    let stamp_generation = optional(table.take("stamp_generation"), |node| reading.name(node, "stamp_generation"));
    let rollback = optional(table.take("rollback"), |node| faults(reading, node, "rollback", &name));
    let probe = table.take("probe").map_or(Some(None), |at| probe::read(reading, at, node, &name));
    let partition_by = word(reading, table.take("partition_by"), "partition_by", PARTITION_BY, PartitionBy::Key);
    let instance = optional(table.take("instance"), |node| reading.name(node, "instance"));
    let protocol = table.take("group_protocol");
    let group_protocol = word(reading, protocol, "group_protocol", GROUP_PROTOCOL, GroupProtocol::Classic);
    if let (Some(at), Some(GroupProtocol::Consumer), Some(Some(_))) = (protocol, group_protocol, &instance) {
        let help = "leave out `instance`, or write `group_protocol = \"classic\"`".to_owned();
        reading.wrong(at, "a static membership (`instance`) dies for good under this protocol", help);
    }
    let ledger_topic = optional(table.take("ledger_topic"), |node| reading.topic(node, "ledger_topic"));
    let workers = optional(table.take("workers"), |node| {
        reading.whole(node, "workers", 1, 256).and_then(|n| usize::try_from(n).ok())
    });
    let batch = table.take("batch").map_or(Some(Cut::default()), |node| cut(reading, node, &name));
    let json = word(reading, table.take("json"), "json", JSON, json::Reading::Whole);
    let consumer = side(reading, table.take("consumer"), &name, Side::Consumer, shared);
    let producer = side(reading, table.take("producer"), &name, Side::Producer, shared);
    let (interceptors, all_read) = match table.take("interceptors") {
        Some(node) => interceptors(reading, node, &name, has_dead_letter),
        None => (Vec::new(), true),
    };
    table.close(reading);
    let fenced = topics.is_some();
    let mut whole = all_read;
    let pipeline = Pipeline {
        from: or_default(from, &mut whole),
        group: or_default(group, &mut whole),
        to: or_default(to, &mut whole),
        topics: or_default(topics, &mut whole),
        dead_letter: or_default(dead_letter, &mut whole),
        delivery: or(delivery, Delivery::AtLeastOnce, &mut whole),
        start: or(start, Start::Earliest, &mut whole),
        on_gap: or(on_gap, OnGap::Stop, &mut whole),
        breaker: or_default(breaker, &mut whole),
        unknown_topics: or(unknown_topics, UnknownTopics::Warn, &mut whole),
        stamp_generation: or_default(stamp_generation, &mut whole),
        rollback: or_default(rollback, &mut whole),
        probe: or_default(probe, &mut whole),
        partition_by: or(partition_by, PartitionBy::Key, &mut whole),
        instance: or_default(instance, &mut whole),
        group_protocol: or(group_protocol, GroupProtocol::Classic, &mut whole),
        ledger_topic: or_default(ledger_topic, &mut whole),
        workers: or_default(workers, &mut whole),
        batch: or_default(batch, &mut whole),
        json: or_default(json, &mut whole),
        consumer: consumer.consumer,
        producer: producer.producer,
        interceptors,
        place: Place::of(node),
        name,
    };
    Some(Partly { pipeline, whole, fenced })
}

/// What was read, else what stands in for it while the rest is looked at.
pub(super) fn or<T>(read: Option<T>, instead: T, whole: &mut bool) -> T {
    *whole &= read.is_some();
    read.unwrap_or(instead)
}

fn or_default<T: Default>(read: Option<T>, whole: &mut bool) -> T {
    or(read, T::default(), whole)
}

/// A key right under `[pipelines]`: probably one of a pipeline's own.
pub(super) fn not_a_pipeline(reading: &mut Reading, entry: &Entry) {
    let key = &entry.key;
    let message = if keys::knows(Kind::Pipeline, key) || nearest(key, keys::names(Kind::Pipeline)).is_some() {
        format!("`{key}` belongs in [pipelines.NAME], not in [pipelines]")
    } else {
        format!("[pipelines] holds a table for each pipeline; `{key}` is {}", entry.node.kind())
    };
    reading.wrong_at(entry.node.source, entry.key_span.clone(), message, "write [pipelines.NAME]".to_owned());
}

pub(super) const DELIVERY: &[(&str, Delivery)] =
    &[("at-least-once", Delivery::AtLeastOnce), ("exactly-once", Delivery::ExactlyOnce)];
pub(super) const ON_GAP: &[(&str, OnGap)] = &[("stop", OnGap::Stop), ("earliest", OnGap::Earliest)];
pub(super) const UNKNOWN_TOPICS: &[(&str, UnknownTopics)] =
    &[("warn", UnknownTopics::Warn), ("refuse", UnknownTopics::Refuse)];
pub(super) const PARTITION_BY: &[(&str, PartitionBy)] = &[("key", PartitionBy::Key), ("source", PartitionBy::Source)];
pub(super) const JSON: &[(&str, json::Reading)] = &[("whole", json::Reading::Whole), ("first", json::Reading::First)];
pub(super) const GROUP_PROTOCOL: &[(&str, GroupProtocol)] =
    &[("classic", GroupProtocol::Classic), ("consumer", GroupProtocol::Consumer)];

/// What stands there as an option: none only where it stands there and is wrong.
pub(super) fn optional<T>(node: Option<&Node>, read: impl FnOnce(&Node) -> Option<T>) -> Option<Option<T>> {
    match node {
        Some(node) => read(node).map(Some),
        None => Some(None),
    }
}

/// One of a few words, or the one that holds where nothing is said.
pub(super) fn word<T: Copy>(
    reading: &mut Reading,
    node: Option<&Node>,
    key: &str,
    words: &[(&'static str, T)],
    default: T,
) -> Option<T> {
    node.map_or(Some(default), |node| reading.word(node, key, words))
}

fn from(reading: &mut Reading, node: &Node) -> Option<Vec<String>> {
    let items = reading.list(node, "from")?;
    if items.is_empty() {
        reading.wrong(node, "`from` is empty", "name at least one topic".to_owned());
        return None;
    }
    let read: Vec<Option<String>> = items.iter().map(|item| source_name::read(reading, item)).collect();
    let mut seen = HashSet::new();
    for (item, name) in items.iter().zip(&read) {
        if let Some(name) = name.as_ref().filter(|name| !seen.insert(name.as_str())) {
            reading.wrong(item, format!("`{name}` stands in `from` twice"), None);
        }
    }
    read.into_iter().collect()
}

fn patterns(reading: &mut Reading, node: &Node) -> Option<Vec<TopicPattern>> {
    let items = reading.list(node, "topics")?;
    let mut pattern = |item| {
        let text = reading.name(item, "topics")?;
        if let Some(why) = topic_pattern_fault(&text) {
            let rule = "`topics` holds names, and patterns in which `*` stands for any characters";
            let help = match simple_pattern(&text) {
                Some(pattern) => format!("{rule}: write \"{pattern}\""),
                None => rule.to_owned(),
            };
            reading.wrong(item, format!("`{text}` is neither a valid topic name nor a pattern: {why}"), help);
            return None;
        }
        Some(TopicPattern(text))
    };
    let read: Vec<Option<TopicPattern>> = items.iter().map(&mut pattern).collect();
    read.into_iter().collect()
}

/// The pattern that a simple regular expression stands for.
fn simple_pattern(expression: &str) -> Option<String> {
    let bare = expression.trim_start_matches('^').trim_end_matches('$');
    let pattern = bare.replace(".*", "*").replace(".+", "*").replace("\\.", ".").replace("[.]", ".");
    (pattern != expression && topic_pattern_fault(&pattern).is_none()).then_some(pattern)
}

fn start(reading: &mut Reading, node: &Node) -> Option<Start> {
    let text = match &node.value {
        Value::Datetime(time) => time.clone(),
        _ => reading.text(node)?,
    };
    if reading.is_given(node) {
        return Some(Start::Earliest);
    }
    match text.as_str() {
        "earliest" => return Some(Start::Earliest),
        "latest" => return Some(Start::Latest),
        _ => {}
    }
    let time = text.parse::<jiff::Timestamp>().ok();
    if time.is_none() {
        let help = match nearest(&text, ["earliest", "latest"]) {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => "\"earliest\", \"latest\", or a time with its zone, as in \"2026-01-31T08:00:00Z\"".to_owned(),
        };
        reading.wrong(node, format!("`start` cannot be `{text}`"), help);
    }
    time.map(|time| Start::At(time.as_millisecond()))
}

/// `breaker` or `rollback`.
fn faults(reading: &mut Reading, node: &Node, key: &str, pipeline: &str) -> Option<Breaker> {
    let mut table = Table::open(reading, node, Kind::Other, format!("`{key}` of [pipelines.{pipeline}]"))?;
    let faults = table.need(reading, "faults", "\"1%\"").and_then(|node| reading.share(node, "faults"));
    let over = table
        .need(reading, "over", "\"1m\"")
        .and_then(|node| reading.duration(node, "over", Duration::from_secs(1), Duration::from_secs(24 * 3600)));
    let min = table.take("min").map_or(Some(1), |node| reading.whole(node, "min", 1, i64::MAX));
    table.close(reading);
    Some(Breaker { faults: faults?, over: over?, min: u64::try_from(min?).ok()? })
}

fn cut(reading: &mut Reading, node: &Node, pipeline: &str) -> Option<Cut> {
    let default = Cut::default();
    let mut table = Table::open(reading, node, Kind::Other, format!("`batch` of [pipelines.{pipeline}]"))?;
    let records = match table.take("records") {
        Some(node) => reading.whole(node, "records", 1, 65_536).and_then(|n| usize::try_from(n).ok()),
        None => Some(default.records),
    };
    let bytes = match table.take("bytes") {
        Some(node) => reading.size(node, "bytes", 1024, 64 << 20),
        None => Some(default.bytes),
    };
    let age = match table.take("age") {
        Some(node) => reading.duration(node, "age", Duration::ZERO, Duration::from_secs(10)),
        None => Some(default.age),
    };
    table.close(reading);
    Some(Cut { records: records?, bytes: bytes?, age: age? })
}

/// A side's properties: the pipeline's own, then what `[kafka.options]` says for that side.
fn side(reading: &mut Reading, node: Option<&Node>, pipeline: &str, side: Side, shared: &Options) -> Options {
    let name = if side == Side::Consumer { "consumer" } else { "producer" };
    let own = match node {
        Some(node) => options::read(reading, node, &format!("[pipelines.{pipeline}.{name}]"), side),
        None => Options::default(),
    };
    let mut whole = shared.clone();
    whole.consumer.extend(own.consumer);
    whole.producer.extend(own.producer);
    whole
}
