//! What a plugin reads and may change, in words.

use crate::abi::{ALL_HEADERS, Effects, Input, Plan};

/// Each input in words.
pub(super) fn inputs(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = plan.inputs.iter().map(Input::to_string).collect();
    if plan.all_headers {
        names.push(ALL_HEADERS.to_owned());
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
    let told = |(effect, name)| match effect {
        Effects::HEADERS => list(name, &plan.header_names),
        Effects::ROUTE => list(name, &plan.topics),
        _ => name.to_owned(),
    };
    let names: Vec<String> = plan.effects.named().map(told).collect();
    if names.is_empty() { vec!["nothing".to_owned()] } else { names }
}
