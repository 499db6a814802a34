//! The `value-editor` interceptor: edits values, JSON members by pointer and any text by regular expression.
//!
//! JSON is edited in its bytes: what an edit does not name stays as it is, with white space, order, the texts of numbers and
//! names that stand twice.

mod change;
mod config;
mod edit;
mod paths;
mod pattern;
mod plan;
mod rename;
mod replacement;
mod set;
mod splices;
mod take;
#[cfg(test)]
mod tests;
mod text_edit;

use std::mem;

pub use config::Config;
use config::{Invalid, Missing};
use edit::{Edit, Scratch, Stop, View};
use splices::Splices;
use weir_sdk::{
    Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan, are_same, count, part,
    template::{self, Tables},
};

/// The interceptor.
#[derive(Debug)]
pub struct ValueEditor {
    edits: Vec<Edit>,
    invalid: Invalid,
    missing: Missing,
    buffers: Buffers,
}

/// Room that is kept from record to record.
#[derive(Debug, Default)]
struct Buffers {
    current: Vec<u8>,
    next: Vec<u8>,
    splices: Splices,
    scratch: Scratch,
}

/// What becomes of a value.
#[derive(Debug)]
enum Edited {
    Unchanged,
    /// The new one stands in the buffers.
    Changed,
    Null,
    /// It is left alone.
    Invalid,
    DeadLetter(String),
}

impl Interceptor for ValueEditor {
    type Config = Config;
    const NAME: &'static str = "value-editor";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Edits values: JSON members by pointer, and any text by regular expression.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        if config.edits.is_empty() {
            return Err(vec![Mistake::new("/edits", "there are none: write one at least")]);
        }
        let mut plan = Plan::new().input(Input::value()).effects(Effects::VALUE);
        let mut mistakes = Vec::new();
        let mut edits = Vec::new();
        let template = template::Abilities { tables: Tables::of(files), ..template::Abilities::default() };
        let abilities =
            part::Abilities { template, search: Some(pattern::no_search), patterns: Some(part::read_pattern) };
        for (at, edit) in config.edits.iter().enumerate() {
            match plan::edit(at, edit, &mut plan, &abilities) {
                Ok(edit) => edits.push(edit),
                Err(wrong) => mistakes.extend(wrong),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let may_be_invalid = config.invalid == Invalid::DeadLetter && edits.iter().any(|edit| edit.reads_json);
        let may_be_missing = config.missing == Missing::DeadLetter && edits.iter().any(|edit| edit.needs.is_some());
        if may_be_invalid || may_be_missing {
            plan = plan.effects(Effects::DEAD_LETTER);
        }
        let editor = Self { edits, invalid: config.invalid, missing: config.missing, buffers: Buffers::default() };
        Ok((editor, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let values = batch.bytes(0)?;
        let views =
            self.edits.iter().map(|edit| Ok((edit, edit.within(batch)?))).collect::<Result<Vec<_>, String>>()?;
        let (mut edited, mut invalid, mut missing) = (0, 0, 0);
        for row in batch.rows() {
            let Some(value) = values.get(row) else { continue };
            let mut run = Run { edits: &views, row, buffers: &mut self.buffers, is_missing: false };
            match run.edit(value, self.invalid, self.missing) {
                Edited::Unchanged => {}
                Edited::Changed => {
                    edits.value().row(row, &run.buffers.current);
                    edited += 1;
                }
                Edited::Null => {
                    edits.value().row_null(row);
                    edited += 1;
                }
                Edited::Invalid => invalid += 1,
                Edited::DeadLetter(reason) => edits.dead_letter(row, reason),
            }
            missing += u32::from(run.is_missing);
        }
        count("edited", edited);
        count("invalid", invalid);
        count("missing", missing);
        Ok(())
    }
}

/// The edits of one value.
struct Run<'a> {
    edits: &'a [(&'a Edit, View<'a>)],
    row: usize,
    buffers: &'a mut Buffers,
    /// Whether an edit has found nothing.
    is_missing: bool,
}

impl Run<'_> {
    /// Makes all edits.
    fn edit(&mut self, value: &[u8], invalid: Invalid, missing: Missing) -> Edited {
        let Buffers { current, next, splices, scratch } = &mut *self.buffers;
        let mut is_changed = false;
        for (at, (edit, view)) in self.edits.iter().enumerate() {
            let text = if is_changed { current.as_slice() } else { value };
            splices.clear();
            match edit.apply(text, (view, self.row), splices, scratch) {
                Ok(()) if splices.is_empty() => {}
                Ok(()) => {
                    splices.apply(text, next);
                    mem::swap(current, next);
                    is_changed = true;
                }
                Err(Stop::Null) => return Edited::Null,
                Err(Stop::Broken(_)) if invalid == Invalid::Keep => return Edited::Invalid,
                Err(Stop::Broken(broken)) => return Edited::DeadLetter(format!("edit {at}: {broken}")),
                Err(Stop::Missing) => {
                    self.is_missing = true;
                    if missing == Missing::DeadLetter {
                        let needs = edit.needs.as_deref().unwrap_or("it cannot be made");
                        return Edited::DeadLetter(format!("edit {at}: {needs}"));
                    }
                }
            }
        }
        if is_changed && !are_same(current, value) { Edited::Changed } else { Edited::Unchanged }
    }
}

weir_sdk::export!(ValueEditor);
