//! Why cells that an interceptor read were null, for the dead letters of its verdicts and faults.
//!
//! The reason is looked for again where a record dies, so that records that do not die pay nothing for it.

use weir_rules::json::{NoValue, Reading, why_null};

use super::Chain;
use crate::{
    abi::{Capture, Input, Member, Source},
    batch::Cell,
    chain::{
        Death, Flow, MESSAGE_BYTES,
        columns::Origin,
        flow::Row,
        overlay::last_listed,
        text::{cut, printable},
    },
};

/// Null cells that are looked at, of one row.
const CELLS: usize = 8;
/// Reasons that a message gives.
const REASONS: usize = 4;
/// Bytes of all reasons, and of what a reason names.
const REASON_BYTES: usize = 512;
const NAME_BYTES: usize = 80;

/// A null cell and why it is null.
struct Reason {
    /// Whether the message names what was looked for.
    is_named: bool,
    /// What was looked for.
    wanted: String,
    why: String,
    word: &'static str,
    is_of_the_document: bool,
}

impl Chain {
    /// The same, whose dead letters say what the plugin says and nothing of null cells: for a plugin's own cases.
    #[must_use]
    pub fn without_null_reasons(self) -> Self {
        Self { tells_null_reasons: false, ..self }
    }

    /// Returns the death of a row by interceptor `at` with the reasons why what it reads of JSON documents and by expressions was
    /// null there: of what its message names, or else of all.
    pub(super) fn explained(&self, flow: &Flow, at: usize, row: &Row, death: Death) -> Death {
        if !self.tells_null_reasons {
            return death;
        }
        let Death { kind, interceptor, message, .. } = death;
        let mut reasons = self.null_cells(flow, at, row, &message);
        let is_named = reasons.iter().any(|reason| reason.is_named);
        reasons.retain(|reason| reason.is_named == is_named);
        let mut told: Vec<String> = Vec::new();
        for Reason { wanted, why, is_of_the_document, .. } in &reasons {
            let of_one_pointer = format!("{wanted}, {why}");
            // What is wrong with a document is told once.
            let is_known = *is_of_the_document && told.iter().any(|known| known.ends_with(why.as_str()));
            let reason = if is_named { why.clone() } else { of_one_pointer };
            if !is_known && !told.contains(&reason) && told.len() < REASONS {
                told.push(reason);
            }
        }
        let text = match (told.is_empty(), is_named) {
            (true, _) => String::new(),
            (false, true) => format!(": {}", told.join("; ")),
            (false, false) => format!(" (null: {})", told.join("; ")),
        };
        let text = printable(&text, REASON_BYTES);
        let message = format!("{}{text}", cut(&message, MESSAGE_BYTES - text.len()));
        Death { kind, interceptor, message, null: reasons.first().map(|reason| reason.word) }
    }

    fn null_cells(&self, flow: &Flow, at: usize, row: &Row, message: &str) -> Vec<Reason> {
        let inputs = &self.blueprint.stages[at].plan.inputs;
        let origins = &self.blueprint.schedule.stages[at].origins;
        let reading = self.blueprint.pipeline().json;
        let slot = row.slot as usize;
        let is_null = |origin: &Origin| match origin {
            Origin::Cells(register) => self.registers.cells(*register).get(slot).is_some_and(|cell| cell.is_null()),
            Origin::Ints(register) => self.registers.ints(*register).get(slot).is_some_and(Option::is_none),
            _ => false,
        };
        let null = inputs.iter().zip(origins).filter(|(_, origin)| is_null(origin)).map(|(input, _)| input);
        // What is wrong with a whole document is so for every pointer; of one that is read as far as a member, for that member.
        let mut broken: Vec<(&Source, NoValue)> = Vec::new();
        let mut reasons = Vec::new();
        for input in null.take(CELLS) {
            let Some(source) = input.source() else { continue };
            let (wanted, is_named) = wanted(input, message);
            let why = match flow.batch.bytes(cell(flow, row, source)) {
                None => Some((absent(flow, row, source), "no-value", true)),
                Some(bytes) => match input {
                    Input::Json(Member { pointer, .. }) | Input::JsonInt(Member { pointer, .. }) => {
                        let known = broken.iter().find(|(known, _)| *known == source).map(|(_, why)| *why);
                        let why = known.or_else(|| why_null(bytes, pointer, input.is_int(), reading));
                        if let Some(why) = why.filter(|why| reading == Reading::Whole && why.is_of_the_document()) {
                            broken.push((source, why));
                        }
                        why.map(|why| (why.to_string(), why.word(), why.is_of_the_document()))
                    }
                    // A message that names the expression has said it.
                    _ => (!is_named).then(|| ("nothing matches".to_owned(), "no-match", false)),
                },
            };
            reasons.extend(why.map(|(why, word, is_of_the_document)| Reason {
                is_named,
                wanted,
                why,
                word,
                is_of_the_document,
            }));
        }
        reasons
    }
}

/// What `input` looks for, and whether `message` names it.
fn wanted(input: &Input, message: &str) -> (String, bool) {
    let name =
        |name: &str| if name.len() > NAME_BYTES { format!("{}…", cut(name, NAME_BYTES)) } else { name.to_owned() };
    match input {
        Input::Capture(Capture { source, pattern, group }) => {
            let is_named = message.contains(&format!("`{pattern}`"));
            (format!("group {group} of `{}` in the {source}", name(pattern)), is_named)
        }
        Input::Json(Member { source, pointer }) | Input::JsonInt(Member { source, pointer }) => {
            let is_named = message.contains(&format!("`{pointer}`"));
            (format!("`{}` of the {source}", name(pointer)), is_named)
        }
        other => (other.to_string(), false),
    }
}

/// What `source` is in a row whose headers are settled.
fn cell(flow: &Flow, row: &Row, source: &Source) -> Cell {
    match source {
        Source::Key => row.key,
        Source::Value => row.value,
        Source::Header(name) => {
            let name = flow.batch.find_name(name.as_bytes());
            name.map_or(Cell::NULL, |name| last_listed(&flow.headers, row, name))
        }
    }
}

/// Says that the source is null.
fn absent(flow: &Flow, row: &Row, source: &Source) -> String {
    match source {
        Source::Header(name) => {
            let number = flow.batch.find_name(name.as_bytes());
            let is_there = flow.headers[row.headers.range()].iter().any(|header| Some(header.name) == number);
            format!("the header `{}` is {}", cut(name, NAME_BYTES), if is_there { "null" } else { "not there" })
        }
        source => format!("the record has no {source}"),
    }
}
