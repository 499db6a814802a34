//! Transforms of topics.

use weir_rules::{DateUse, strftime_of_java};

use super::{
    chain::{Chain, SAME_TOPIC},
    transform::Transform,
};
use crate::import::{
    java::{self, Piece},
    report::Grade,
    template,
    toml_text::Item,
};

/// `keys` are the names of the expression and the replacement.
pub(super) fn regex_router(chain: &mut Chain, transform: &Transform<'_>, keys: [&str; 2]) -> Result<(), String> {
    let pattern = transform.text(keys[0]).ok_or_else(|| format!("it has no `{}`", keys[0]))?;
    let written = transform.text(keys[1]).ok_or_else(|| format!("it has no `{}`", keys[1]))?;
    let rule = java::translate_name_rule(pattern)?;
    let pieces = java::replacement(written, &java::groups(pattern))?;
    if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) && covers_all(chain, pattern) {
        chain.topic = pieces.iter().map(|piece| part(piece, |_| SAME_TOPIC.to_owned())).collect();
        transform.say(Grade::Translated, "the topic is fixed");
        return Ok(());
    }
    // The whole name, as it is at this place.
    if [".*", "(.*)", "^.*$", "^(.*)$", ".+", "(.+)", "^(.+)$"].contains(&pattern) {
        let topic = chain.topic.clone();
        chain.topic = pieces.iter().map(|piece| part(piece, |_| topic.clone())).collect();
        transform.say(Grade::Translated, "part of the topic's template");
        return Ok(());
    }
    if let Some(topic) = only_topic(chain, pattern, &pieces) {
        if chain.pipeline.from.contains(&topic) {
            transform.say(Grade::Unneeded, "the only topic that is read keeps its name");
        } else {
            transform.say(Grade::Translated, "the topic is fixed, since only one is read");
            chain.topic = topic;
        }
        return Ok(());
    }
    by_captures(chain, transform, pattern, rule, &pieces)
}

/// Whether all topics that are read match an expression.
fn covers_all(chain: &Chain, pattern: &str) -> bool {
    let Some(expression) = of_name(pattern) else { return false };
    let from = &chain.pipeline.from;
    chain.topic == SAME_TOPIC && from.iter().all(|topic| !topic.starts_with('^') && expression.is_match(topic))
}

/// The expression of a whole topic's name; none where this engine does not have it.
pub(super) fn of_name(pattern: &str) -> Option<regex::Regex> {
    java::translate_name(pattern).ok().and_then(|expression| regex::Regex::new(&expression.text).ok())
}

/// Where a single topic is read, its new name.
fn only_topic(chain: &Chain, pattern: &str, pieces: &[Piece]) -> Option<String> {
    let [topic] = &chain.pipeline.from[..] else { return None };
    if topic.starts_with('^') || chain.topic != SAME_TOPIC {
        return None;
    }
    let expression = of_name(pattern)?;
    Some(expression.replace(topic, java::rust_replacement(pieces).as_str()).into_owned())
}

/// Lifts the groups out of the topic into headers, and makes the topic of them.
fn by_captures(
    chain: &mut Chain,
    transform: &Transform<'_>,
    pattern: &str,
    rule: java::Rule,
    pieces: &[Piece],
) -> Result<(), String> {
    let header = |number: usize| format!("weir.{}.{number}", transform.alias);
    let whole = header(0);
    chain.enrich(transform.alias, &whole, chain.topic.clone());
    let headers = (1..=java::groups(pattern).len()).map(header).collect::<Vec<_>>();
    let entry = Item::table([
        ("pattern", Some(rule.expression.text.as_str().into())),
        ("headers", Some(headers.iter().cloned().collect())),
        ("source", Some(Item::table([("header", Some(whole.as_str().into()))]))),
        ("dialect", rule.dialect),
        ("engine", rule.engine),
    ]);
    if headers.is_empty() {
        return Err(
            "an expression without groups for some of the topics: give those a pipeline of their own".to_owned()
        );
    }
    chain.pipeline.append("regex-extractor", "rules", transform.alias, entry);
    chain.pipeline.remark_original(pattern, &rule.expression);
    chain.topic = pieces.iter().map(|piece| part(piece, |number| format!("{{{}}}", header(number)))).collect();
    chain.scratch.push(whole);
    chain.scratch.extend(headers);
    transform
        .say(Grade::Translated, "regex-extractor lifts the groups into headers, of which topic-router makes the topic");
    Ok(())
}

/// A piece of a replacement in a topic's template.
fn part(piece: &Piece, group: impl Fn(usize) -> String) -> String {
    match piece {
        Piece::Text(text) => template::literal(text),
        Piece::Group(number) => group(*number),
    }
}

pub(super) fn timestamp_router(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let pattern = transform.text("timestamp.format").unwrap_or("yyyyMMdd");
    let format = strftime_of_java(pattern, DateUse::Write)?;
    if format.contains(['{', '}']) {
        return Err(format!("`{pattern}` has a brace, which the format of a template's date cannot have"));
    }
    let topic_format = template::literal(transform.text("topic.format").unwrap_or("${topic}-${timestamp}"));
    let time = if format.contains('%') { format!("{{timestamp:{format}}}") } else { template::literal(&format) };
    // `literal` has doubled the braces of the placeholders.
    chain.topic = topic_format.replace("${{topic}}", &chain.topic).replace("${{timestamp}}", &time);
    transform.say(Grade::Translated, format!("part of the topic's template, in UTC: `{}`", chain.topic));
    Ok(())
}
