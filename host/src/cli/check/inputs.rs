//! What a plugin reads and may change, in words.

use crate::wasm::{
    EFFECTS,
    types::{Effects, Input, Plan, Source},
};

/// Each input as `allow.inputs` calls it, with what is looked for.
pub(super) fn inputs(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = plan.inputs.iter().map(name).collect();
    if plan.all_headers {
        names.push("all-headers".to_owned());
    }
    if names.is_empty() { vec!["nothing of a record".to_owned()] } else { names }
}

/// Whether an answer may depend on when weir fetched a record.
pub(super) fn reads_received(plan: &Plan) -> bool {
    plan.inputs.iter().any(|input| matches!(input, Input::Received))
}

/// The effects by their names in the interface, with headers and topics.
pub(super) fn effects(plan: &Plan) -> Vec<String> {
    let list = |name: &str, of: &[String]| format!("{name} ({})", of.join(", "));
    let told = |(effect, name): &(Effects, &str)| match effect {
        effect if *effect == Effects::HEADERS => list(name, &plan.header_names),
        effect if *effect == Effects::ROUTE => list(name, &plan.topics),
        _ => (*name).to_owned(),
    };
    let names: Vec<String> = EFFECTS.iter().filter(|(effect, _)| plan.effects.contains(*effect)).map(told).collect();
    if names.is_empty() { vec!["nothing".to_owned()] } else { names }
}

fn name(input: &Input) -> String {
    match input {
        Input::Key => "key".to_owned(),
        Input::Value => "value".to_owned(),
        Input::Header(name) => format!("header:{name}"),
        Input::Timestamp => "timestamp".to_owned(),
        Input::TimestampType => "timestamp-type".to_owned(),
        Input::Received => "received".to_owned(),
        Input::Offset => "offset".to_owned(),
        Input::Json(member) => format!("json {} of the {}", member.pointer, source(&member.source)),
        Input::JsonInt(member) => format!("json {} of the {}, a whole number", member.pointer, source(&member.source)),
        Input::Capture(capture) => {
            format!("capture {} of {} in the {}", capture.group, capture.pattern, source(&capture.source))
        }
    }
}

fn source(source: &Source) -> String {
    match source {
        Source::Key => "key".to_owned(),
        Source::Value => "value".to_owned(),
        Source::Header(name) => format!("header {name}"),
    }
}
