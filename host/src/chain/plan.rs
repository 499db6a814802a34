//! What a plugin wants against what the operator lets it.

mod budget;

use std::collections::BTreeSet;

use crate::{
    abi::{Effects, Plan},
    config::{Allow, TopicPattern},
    extract::Expressions,
};

/// Something that a plan wants and may not have, or that no plan can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Objection {
    /// Pointer within the interceptor's table.
    pub(super) pointer: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Objection {
    fn to_config(message: String) -> Self {
        Self { pointer: "/config", message, help: None }
    }
}

/// So many topics are named of those that are too many.
const NAMED: usize = 3;

/// Every objection to `plan` in a pipeline with these `topics`, behind this fence. Expressions are compiled only where there
/// is no other objection: what a plugin may not read costs nothing.
pub(super) fn object(
    plan: &Plan,
    allow: Option<&Allow>,
    topics: &[TopicPattern],
    expressions: &mut Expressions,
) -> Vec<Objection> {
    let mut objections = budget::sizes(plan);
    if !objections.is_empty() {
        return objections;
    }
    if let Some(allow) = allow {
        fence(plan, allow, &mut objections);
    }
    if plan.effects.contains(Effects::ROUTE) {
        let outside: Vec<&str> = outside(plan, topics).collect();
        if !outside.is_empty() {
            let (which, add) = (if outside.len() == 1 { "which is" } else { "which are" }, shared(&outside));
            let message = format!("it may route to {}, {which} outside of the pipeline's `topics`", first_of(&outside));
            let help = match outside.iter().find_map(|topic| Some((topic, verdict(topic)?))) {
                Some((word, cure)) => format!("`{word}` is taken for the name of a topic here: {cure}"),
                None => format!("add `\"{add}\"` to the pipeline's `topics`"),
            };
            let help = Some(help);
            objections.push(Objection { pointer: "/config", message, help });
        }
    }
    if objections.is_empty() {
        objections = budget::inputs(plan, expressions);
    }
    objections
}

/// What to write where a topic's name looks as if something else was meant by it.
fn verdict(topic: &str) -> Option<&'static str> {
    match topic.to_ascii_lowercase().as_str() {
        "drop" | "discard" | "ignore" | "skip" | "none" | "null" => Some("records are dropped by a `filter` before it"),
        "keep" | "pass" => Some("leave the key out, and what is not routed goes to the pipeline's `to`"),
        "dead-letter" | "dead_letter" | "deadletter" | "dlq" => {
            Some("leave the key out; what nothing routed in a pipeline without `to` is a dead letter")
        }
        _ => None,
    }
}

/// The topics of `plan` that fit none of `fences`.
fn outside<'p>(plan: &'p Plan, fences: &[TopicPattern]) -> impl Iterator<Item = &'p str> {
    plan.topics.iter().map(String::as_str).filter(|topic| !is_within(topic, fences))
}

/// The first names, and how many more there are: a router may have thousands.
fn first_of(names: &[&str]) -> String {
    let mut text = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        text.push_str(&format!(" and {} more", names.len() - NAMED));
    }
    text
}

/// The only name, or a pattern that all of them fit.
fn shared(names: &[&str]) -> String {
    let [first, rest @ ..] = names else { return String::new() };
    let begin = rest.iter().fold(*first, |shared, name| {
        let bytes = shared.bytes().zip(name.bytes()).take_while(|(one, other)| one == other).count();
        shared.get(..bytes).unwrap_or_default()
    });
    if rest.is_empty() { begin.to_owned() } else { format!("{begin}*") }
}

fn fence(plan: &Plan, allow: &Allow, objections: &mut Vec<Objection>) {
    let mut object = |pointer, list: &str, what: String, add: &str| {
        let message = format!("it wants {what}, which `allow.{list}` does not name");
        let help = Some(format!("add `\"{add}\"` to `allow.{list}` if it is meant to have that"));
        objections.push(Objection { pointer, message, help });
    };
    if let Some(allowed) = &allow.inputs {
        let allowed = patterns(allowed);
        let mut seen = BTreeSet::new();
        for need in plan.permissions() {
            if !seen.contains(&need) && !is_within(&need, &allowed) {
                object("/allow/inputs", "inputs", format!("the input `{need}`"), &need);
            }
            seen.insert(need);
        }
    }
    if let Some(allowed) = &allow.effects {
        for (_, name) in plan.effects.named() {
            if !allowed.iter().any(|allowed| allowed == name) {
                object("/allow/effects", "effects", format!("the effect `{name}`"), name);
            }
        }
    }
    if let Some(allowed) = &allow.headers {
        let allowed = patterns(allowed);
        for name in plan.header_names.iter().collect::<BTreeSet<_>>() {
            if !is_within(name, &allowed) {
                object("/allow/headers", "headers", format!("to write the header `{name}`"), name);
            }
        }
    }
    if let Some(allowed) = &allow.topics {
        let allowed = patterns(allowed);
        let outside: Vec<&str> = outside(plan, &allowed).collect();
        if !outside.is_empty() {
            object("/allow/topics", "topics", format!("to route to {}", first_of(&outside)), &shared(&outside));
        }
    }
}

fn patterns(texts: &[String]) -> Vec<TopicPattern> {
    texts.iter().cloned().map(TopicPattern).collect()
}

/// Whether everything that fits `pattern` fits one of `fences`. A `*` of the pattern is a character that only a `*` of
/// a fence covers, so that matching the pattern's own text decides it.
fn is_within(pattern: &str, fences: &[TopicPattern]) -> bool {
    fences.iter().any(|fence| fence.matches(pattern))
}

#[cfg(test)]
mod tests;
