//! librdkafka properties: which an operator may set, and why the others not.

use std::{collections::BTreeMap, ops::Range};

use super::{
    Secret, foreign,
    nearest::nearest,
    reading::Reading,
    tree::{Node, Value},
};

mod names;

pub(super) use names::Side;
use names::{REFUSED, side_of};

/// Properties by who knows them.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) every: BTreeMap<String, Secret>,
    pub(super) consumer: BTreeMap<String, Secret>,
    pub(super) producer: BTreeMap<String, Secret>,
}

/// Reads a table of properties. `own` is whose table it is: what only the other side knows is a mistake there.
pub(super) fn read(reading: &mut Reading, node: &Node, table: &str, own: Side) -> Options {
    let mut options = Options::default();
    if node.table().is_none() {
        reading.wrong(node, format!("expected a table, found {}", node.kind()), format!("begin one with {table}"));
        return options;
    }
    let mut found = Vec::new();
    flatten(node, "", &mut found);
    for (name, key_span, value) in found {
        if !is_permitted(&name, own) {
            reading.wrong_with(value.source, key_span, || refusal(&name, own));
            continue;
        }
        if reading.is_given(value) {
            continue;
        }
        let Some(text) = written(reading, value) else { continue };
        if let Some((message, help)) = harmful(&name, &text) {
            reading.wrong(value, message, help);
            continue;
        }
        let into = match (own, side_of(&name)) {
            (Side::Consumer, _) | (Side::Every, Some(Side::Consumer)) => &mut options.consumer,
            (Side::Producer, _) | (Side::Every, Some(Side::Producer)) => &mut options.producer,
            (Side::Every, _) => &mut options.every,
        };
        into.insert(name, Secret(text));
    }
    options
}

/// `security.protocol = "SSL"` without quotation marks makes tables in tables; both forms mean the same.
fn flatten<'n>(node: &'n Node, before: &str, found: &mut Vec<(String, Range<usize>, &'n Node)>) {
    for entry in node.table().unwrap_or_default() {
        let name = if before.is_empty() { entry.key.clone() } else { format!("{before}.{}", entry.key) };
        if entry.node.table().is_some() && entry.node.reference().is_none() {
            flatten(&entry.node, &name, found);
        } else {
            found.push((name, entry.key_span.clone(), &entry.node));
        }
    }
}

fn is_permitted(name: &str, own: Side) -> bool {
    let side = side_of(name);
    side.is_some_and(|side| own == Side::Every || side == Side::Every || side == own)
}

/// Why a property may not stand there, and what to do instead.
fn refusal(name: &str, own: Side) -> (String, Option<String>) {
    if let Some((_, why, instead)) = REFUSED.iter().find(|(refused, ..)| *refused == name) {
        let help = (!instead.is_empty()).then(|| (*instead).to_owned());
        return (format!("`{name}` is refused: {why}"), help);
    }
    match (own, side_of(name)) {
        (Side::Consumer, Some(_)) => {
            (format!("`{name}` speaks of producers"), Some("it belongs in `producer` or [kafka.options]".to_owned()))
        }
        (Side::Producer, Some(_)) => {
            (format!("`{name}` speaks of consumers"), Some("it belongs in `consumer` or [kafka.options]".to_owned()))
        }
        _ => {
            let help = match (nearest(name, names::all()), foreign::advice(name)) {
                (Some(name), _) => format!("did you mean `{name}`?"),
                (None, Some(write)) => write,
                (None, None) => {
                    "weir passes on what is known not to touch delivery; docs/configuration.md lists it".to_owned()
                }
            };
            (format!("`{name}` is not among the librdkafka properties that weir passes on"), Some(help))
        }
    }
}

/// What to do about a property that stands among weir's own keys; none where it is none of librdkafka's that weir knows.
pub(super) fn advice(name: &str) -> Option<String> {
    if let Some((_, why, instead)) = REFUSED.iter().find(|(refused, ..)| *refused == name) {
        return Some(if instead.is_empty() { format!("leave it out: {why}") } else { (*instead).to_owned() });
    }
    let table = match side_of(name)? {
        Side::Every => "[kafka.options]",
        Side::Consumer => "[pipelines.NAME.consumer], or in [kafka.options] for all pipelines",
        Side::Producer => "[pipelines.NAME.producer], or in [kafka.options] for all pipelines",
    };
    Some(format!("librdkafka's properties stand in {table}"))
}

/// Values that would undo the protection which the property is there for.
fn harmful(name: &str, value: &str) -> Option<(String, Option<String>)> {
    let off = match name {
        "enable.ssl.certificate.verification" => value.eq_ignore_ascii_case("false") || value == "0",
        "ssl.endpoint.identification.algorithm" => value.eq_ignore_ascii_case("none"),
        _ => false,
    };
    let help = "name the broker's authority by `ssl.ca.location` instead".to_owned();
    off.then(|| (format!("`{name} = {value}` is refused: anyone on the way could pose as the broker"), Some(help)))
}

fn written(reading: &mut Reading, node: &Node) -> Option<String> {
    match &node.value {
        Value::Integer(Some(n)) => Some(n.to_string()),
        Value::Float(n) if n.is_finite() => Some(n.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        _ => reading.text(node),
    }
}

/// The values that are never shown: of properties that are not known to be harmless, and of the admin's token.
pub(super) fn secrets(document: &Node, hidden: &mut Vec<Range<usize>>) {
    let pipelines = document.get("pipelines").and_then(Node::table).unwrap_or_default();
    let of_pipelines = pipelines.iter().flat_map(|entry| [entry.node.get("consumer"), entry.node.get("producer")]);
    let tables = std::iter::once(document.get("kafka").and_then(|kafka| kafka.get("options"))).chain(of_pipelines);
    for table in tables.flatten() {
        let mut found = Vec::new();
        flatten(table, "", &mut found);
        let shown = |name: &str| names::harmless(name);
        hidden.extend(
            found
                .iter()
                .filter(|(name, _, node)| matches!(node.value, Value::Text(_) | Value::List(_)) && !shown(name))
                .map(|(_, _, node)| node.span.clone()),
        );
    }
    let token = document.get("admin").and_then(|admin| admin.get("token"));
    hidden.extend(token.filter(|node| node.reference().is_none()).map(|node| node.span.clone()));
}

/// The permitted names that these clients know.
pub(super) fn names_of(side: Side) -> Vec<&'static str> {
    names::all().filter(|name| side_of(name) == Some(side)).collect()
}
