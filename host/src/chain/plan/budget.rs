//! What the inputs of one interceptor may take: all that the host does for them lies outside of the plugin's own limits.

use std::collections::{HashMap, hash_map::Entry};

use super::Objection;
use crate::{
    abi::{Input, Plan, Source},
    extract::{Expressions, Room, WantError, check_pointer},
};

/// Inputs of one interceptor: each is a column of every call and a search in every record.
const INPUTS: usize = 1_024;
/// Different expressions among them.
const EXPRESSIONS: usize = 128;
/// Bytes of names, pointers and expressions together.
const TEXT: usize = 256 << 10;
/// Names of headers that it may write, and of topics that it may route to.
const NAMES: usize = 64 << 10;

/// Objections to the sizes of a plan, to be asked before anything is made of it.
pub(super) fn sizes(plan: &Plan) -> Vec<Objection> {
    let text = plan.inputs.iter().map(text).fold(0, usize::saturating_add);
    let names = plan.header_names.len().max(plan.topics.len());
    let most = [
        (plan.inputs.len(), INPUTS, "inputs"),
        (text, TEXT, "bytes of names, pointers and expressions"),
        (names, NAMES, "names of headers or topics"),
    ];
    let over = most.into_iter().filter(|(has, may, _)| has > may);
    over.map(|(has, may, what)| {
        Objection::to_config(format!("it declares {has} {what}; an interceptor may have {may}"))
    })
    .collect()
}

/// Objections to what is to be extracted. Compiles the expressions, as far as they keep within what is possible.
pub(super) fn inputs(plan: &Plan, expressions: &mut Expressions) -> Vec<Objection> {
    let mut objections = Vec::new();
    let mut compiled: HashMap<&str, usize> = HashMap::new();
    let captures =
        || plan.inputs.iter().filter_map(|input| if let Input::Capture(it) = input { Some(it) } else { None });
    let distinct = captures().map(|capture| capture.pattern.as_str()).collect::<std::collections::HashSet<_>>().len();
    if distinct > EXPRESSIONS {
        let message = format!("it declares {distinct} expressions; an interceptor may have {EXPRESSIONS}");
        return vec![Objection::to_config(message)];
    }
    let mut total = 0;
    for input in &plan.inputs {
        let checked = match input {
            Input::Json(member) | Input::JsonInt(member) => check_pointer(&member.pointer),
            Input::Capture(capture) => {
                let known = compiled.entry(&capture.pattern);
                // What is counted already does not count against itself.
                let other = total - if let Entry::Occupied(own) = &known { *own.get() } else { 0 };
                expressions.check(&capture.pattern, capture.group, Room::left(distinct, other)).map(|bytes| {
                    known.or_insert(bytes);
                    total = other + bytes;
                })
            }
            _ => Ok(()),
        };
        let Err(error) = checked else { continue };
        let is_last = matches!(error, WantError::Compiled { .. });
        objections.push(Objection::to_config(error.to_string()));
        if is_last {
            break;
        }
    }
    objections
}

fn text(input: &Input) -> usize {
    let source = match input.source() {
        Some(Source::Header(name)) => name.len(),
        _ => 0,
    };
    source
        + match input {
            Input::Header(name) => name.len(),
            Input::Json(member) | Input::JsonInt(member) => member.pointer.len(),
            Input::Capture(capture) => capture.pattern.len(),
            _ => 0,
        }
}
