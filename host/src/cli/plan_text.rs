//! What a plugin reads, may change and must not call, in words.

use std::collections::BTreeMap;

use crate::{
    abi::{ALL_HEADERS, Effects, Input, Plan},
    wasm::WasiImport,
};

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

/// One line for people. What a plugin says of itself may hold anything: control characters stay out.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// What a plugin imports of WASI and must not call, an interface each; empty where there is nothing.
pub(super) fn refused_imports(imports: &[WasiImport]) -> Vec<String> {
    let mut interfaces: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for import in imports.iter().filter(|import| import.is_refused) {
        interfaces.entry(&import.interface).or_default().push(&import.function);
    }
    let told = |(interface, functions): (&str, Vec<&str>)| match &functions[..] {
        [first, _, ..] => {
            let others = functions.len() - 1;
            format!("{interface}: a call of {first} or of {others} more is a fault")
        }
        _ => format!("{interface}: a call of {} is a fault", functions.concat()),
    };
    interfaces.into_iter().map(told).collect()
}
