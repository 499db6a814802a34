//! Flume's channel selectors.

use super::{chain::Chain, component::Component, sink::Destination};
use crate::import::{
    gateway::{Gateway, Pipeline},
    header_name::check_header_name,
    report::Grade,
    toml_text::Item,
};

/// Ends the chain of a source in its channels: one pipeline, or one for each channel where they cannot share one.
pub(super) fn end(
    gateway: &mut Gateway,
    source: &Component<'_>,
    mut chain: Chain<'_>,
    destinations: &[Destination<'_>],
) {
    let kind = source.text_or("selector.type", "replicating");
    let missing = match kind {
        "replicating" => None,
        "multiplexing" => match check_header_name(header(source)) {
            Ok(()) => return multiplex(gateway, source, chain, destinations),
            Err(why) => Some(format!("every channel gets every event here: {why}")),
        },
        _ => {
            let text = "a class of its own: every channel gets every event here; route by a plugin (docs/plugins.md)";
            Some(text.to_owned())
        }
    };
    if let Some(text) = missing {
        chain.pipeline.note(format!("MISSING: Flume's selector {kind}: {text}"));
        source.say("selector.type", Grade::Impossible, text);
    }
    source.say_if_there("selector.optional", Grade::Differs, OPTIONAL);
    if destinations.len() > 1 {
        let text = "every channel has a pipeline of its own, which reads all records";
        source.say("channels", Grade::Translated, text);
    }
    for (at, destination) in destinations.iter().enumerate() {
        let mut copy = chain.clone();
        finish(gateway, &mut copy, at, destination);
    }
}

/// The header that routes.
fn header<'p>(source: &Component<'p>) -> &'p str {
    source.text_or("selector.header", "flume.selector.header")
}

const OPTIONAL: &str = "nothing is optional here: what cannot be written waits, and nothing is lost";

/// Which values of the header lead to which channels.
struct Mapping<'p> {
    header: &'p str,
    /// Values in the order of the file, with the names of their channels, the optional ones too.
    values: Vec<(String, Vec<&'p str>)>,
    default: Vec<&'p str>,
}

impl<'p> Mapping<'p> {
    fn read(source: &Component<'p>) -> Self {
        let default = source.words("selector.default");
        let mut values: Vec<(String, Vec<&str>)> =
            source.below("selector.mapping.").into_iter().map(|(value, channels)| (value, channels.words())).collect();
        for (value, channels) in source.below("selector.optional.") {
            source.properties.say(channels, Grade::Differs, OPTIONAL);
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, known)) => known.extend(channels.words()),
                None => values.push((value, [default.clone(), channels.words()].concat())),
            }
        }
        Self { header: header(source), values, default }
    }
}

fn multiplex(gateway: &mut Gateway, source: &Component<'_>, mut chain: Chain<'_>, destinations: &[Destination<'_>]) {
    let mapping = Mapping::read(source);
    chain.need_header(mapping.header);
    source.say("selector.header", Grade::Translated, "the header that routes");
    let unknown = |name: &&&str| destinations.iter().all(|destination| destination.channel.name != ***name);
    for name in mapping.values.iter().flat_map(|(_, channels)| channels).chain(&mapping.default).filter(unknown) {
        source.say("selector.type", Grade::Impossible, format!("`{name}` is none of the source's channels"));
    }
    if mapping.default.len() <= 1 && destinations.iter().all(Destination::is_plain) {
        by_router(gateway, source, chain, destinations, &mapping);
    } else {
        by_filters(gateway, source, &chain, destinations, &mapping);
    }
}

/// One pipeline with a header-router.
fn by_router(
    gateway: &mut Gateway,
    source: &Component<'_>,
    mut chain: Chain<'_>,
    destinations: &[Destination<'_>],
    mapping: &Mapping<'_>,
) {
    let topic_of = |name: &str| destinations.iter().find(|destination| destination.channel.name == name);
    let mut table = Vec::new();
    for (value, channels) in &mapping.values {
        let mut topics: Vec<String> = Vec::new();
        for topic in channels.iter().filter_map(|name| topic_of(name)).map(Destination::default_topic) {
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        match &topics[..] {
            [] => {}
            [topic] => table.push((value.clone(), topic.as_str().into())),
            _ => table.push((value.clone(), Item::from_iter(topics.clone()))),
        }
        topics.iter().for_each(|topic| chain.pipeline.allow(topic));
    }
    let default = mapping.default.first().and_then(|name| topic_of(name)).map(Destination::default_topic);
    if let Some(default) = &default {
        chain.pipeline.allow(default);
    } else {
        discard_unmapped(&mut chain.pipeline, source, mapping);
    }
    for destination in destinations {
        destination.apply(&mut chain);
    }
    let default = default.map_or("keep".into(), Item::Text);
    let comment = "Flume's multiplexing selector";
    let header = mapping.header.into();
    chain.pipeline.push(
        "header-router",
        comment,
        [("header", header), ("match", Item::Table(table)), ("default", default)],
    );
    source.say("selector.type", Grade::Translated, "header-router");
    gateway.add(chain.pipeline);
}

/// Flume writes an event that no mapping names to no channel, where there is no default.
fn discard_unmapped(pipeline: &mut Pipeline, source: &Component<'_>, mapping: &Mapping<'_>) {
    let values: Vec<String> = mapping.values.iter().map(|(value, _)| value.clone()).collect();
    if values.is_empty() {
        return source.say(
            "selector.type",
            Grade::Impossible,
            "it has neither `mapping` nor `default`: events go nowhere",
        );
    }
    let values = Item::from_iter(values);
    let condition = Item::table([("header", Some(mapping.header.into())), ("in", Some(values))]);
    pipeline.push("filter", "the selector has no default: other events go nowhere", [("keep", condition)]);
    source.say(
        "selector.type",
        Grade::Translated,
        "a filter drops, and counts, what no mapping names, since there is no default",
    );
}

/// A pipeline for each channel, with a filter.
fn by_filters(
    gateway: &mut Gateway,
    source: &Component<'_>,
    chain: &Chain<'_>,
    destinations: &[Destination<'_>],
    mapping: &Mapping<'_>,
) {
    for (at, destination) in destinations.iter().enumerate() {
        let name = destination.channel.name.as_str();
        let mut own = chain.clone();
        let is_default = mapping.default.contains(&name);
        // The default channel gets what is not mapped, and so all but what is mapped to others alone.
        let values = mapping.values.iter().filter(|(_, channels)| channels.contains(&name) != is_default);
        let values: Vec<String> = values.map(|(value, _)| value.clone()).collect();
        if values.is_empty() && !is_default {
            source.say("selector.type", Grade::Unneeded, format!("no value leads to the channel `{name}`"));
            continue;
        }
        if !values.is_empty() {
            let values = Item::from_iter(values);
            let condition = Item::table([("header", Some(mapping.header.into())), ("in", Some(values))]);
            let keep = if is_default { Item::table([("not", Some(condition))]) } else { condition };
            own.pipeline.push("filter", &format!("Flume's multiplexing selector: channel {name}"), [("keep", keep)]);
        }
        finish(gateway, &mut own, at, destination);
    }
    source.say("selector.type", Grade::Translated, "every channel has a pipeline of its own, with a filter");
}

/// Ends a pipeline in one channel. All but the first need a group of their own.
fn finish(gateway: &mut Gateway, chain: &mut Chain<'_>, at: usize, destination: &Destination<'_>) {
    if at > 0 {
        let channel = &destination.channel.name;
        chain.pipeline.name = format!("{}-{channel}", chain.pipeline.name);
        chain.pipeline.group = format!("{}-{channel}", chain.pipeline.group);
        chain.pipeline.dead_letter = chain.pipeline.dead_letter.take().map(|topic| format!("{topic}-{channel}"));
    }
    destination.apply(chain);
    chain.pipeline.to = Some(destination.default_topic());
    gateway.add(chain.pipeline.clone());
}
