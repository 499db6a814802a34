//! The `jq` interceptor: runs a jq program over the JSON value of each record.

mod answer;
mod config;
mod natives;
mod outcome;
mod program;
mod read;
#[cfg(test)]
mod tests;
mod variables;
mod write;

use std::collections::HashSet;

pub use config::{Config, Invalid, Output, Tombstone};
use jaq_json::Val;
use weir_sdk::{Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan, count};

use crate::{
    answer::Fate,
    config::{NAMES, ROWS},
    outcome::{BYTES, Outcome, Shape},
    program::Program,
    variables::{Column, Values},
};

/// Runs a jq program over the JSON value of each record.
#[derive(Debug)]
pub struct Jq {
    program: Program,
    shape: Shape,
    /// Of the variables that the program names, in its order.
    columns: Vec<Column>,
    tombstone: Tombstone,
    invalid: Invalid,
    max_outputs: usize,
}

/// Records of a batch that are counted.
#[derive(Debug, Default)]
struct Counts {
    empty: u32,
    failed: u32,
    invalid: u32,
}

impl Interceptor for Jq {
    type Config = Config;
    const NAME: &'static str = "jq";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Runs a jq program over the JSON value of each record.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut mistakes = config.mistakes();
        let said = |wrong: Vec<String>| mistakes.extend(wrong.into_iter().map(|wrong| Mistake::new("/program", wrong)));
        let program = Program::compile(&config.program, files).map_err(said).ok();
        let Some(program) = program.filter(|_| mistakes.is_empty()) else { return Err(mistakes) };
        let effects = Effects::VALUE | Effects::EXPAND | Effects::DROP | Effects::DEAD_LETTER;
        let mut plan = Plan::new().input(Input::value()).effects(effects);
        if config.output == Output::Record {
            plan = plan.effects(Effects::KEY).header_names(&config.headers).topics(&config.topics);
        }
        let mut columns = Vec::new();
        for variable in program.variables() {
            let (larger, column) = variable.declare(plan);
            plan = larger;
            columns.push(column);
        }
        let Config { output, raw, headers, topics, tombstone, invalid, max_outputs, .. } = config;
        let shape = Shape { output, raw, headers, topics };
        Ok((Self { program, shape, columns, tombstone, invalid, max_outputs: max_outputs as usize }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let inputs = batch.bytes(0)?;
        let columns = self.columns.iter().map(|column| column.within(batch)).collect::<Result<Vec<_>, _>>()?;
        let mut counts = Counts::default();
        let mut fates = Vec::with_capacity(batch.len());
        let (mut rows, mut bytes) = (0, 0);
        let mut names = HashSet::new();
        for row in batch.rows() {
            let mut left = BYTES;
            let fate = self.fate(inputs.get(row), (&columns, row), &mut left, &mut counts);
            rows += fate.rows();
            bytes += BYTES - left;
            if let Fate::Become(outcomes) = &fate {
                for name in names_of(outcomes) {
                    if !names.contains(name) {
                        names.insert(name.to_owned());
                    }
                }
            }
            fates.push(fate);
            // weir then asks about half of the batch at a time.
            if batch.len() > 1 && (rows > ROWS || bytes > BYTES) {
                return Err(format!("more than {ROWS} records or {} MiB would come of this batch", BYTES >> 20));
            }
            if batch.len() > 1 && names.len() > NAMES {
                return Err(format!("more than {NAMES} headers would be set in this batch"));
            }
        }
        answer::write(fates, edits);
        count("empty", counts.empty);
        count("failed", counts.failed);
        count("invalid", counts.invalid);
        Ok(())
    }
}

impl Jq {
    /// What becomes of a record, whose outputs take their bytes off those that are `left`.
    fn fate(
        &self,
        value: Option<&[u8]>,
        (columns, row): (&[Values<'_>], usize),
        left: &mut usize,
        counts: &mut Counts,
    ) -> Fate {
        let input = match (value.map(read::document), self.tombstone, self.invalid) {
            (Some(Ok(input)), ..) => input,
            (None, Tombstone::Run, _) => Val::Null,
            (None, Tombstone::Keep, _) => return Fate::Stay,
            (None, Tombstone::Drop, _) => return Fate::Drop,
            (None, Tombstone::DeadLetter, _) => return Fate::DeadLetter("the value is null".to_owned()),
            (Some(Err(broken)), _, invalid) => {
                counts.invalid += 1;
                return match invalid {
                    Invalid::DeadLetter => Fate::DeadLetter(broken.to_string()),
                    Invalid::Keep => Fate::Stay,
                };
            }
        };
        let mut outcomes = Vec::new();
        let variables = columns.iter().map(|column| column.of(row)).collect();
        let ran = self.program.run(input, variables, |output| {
            if outcomes.len() >= self.max_outputs {
                return Err(format!("it has more than {} outputs (`max_outputs`)", self.max_outputs));
            }
            outcomes.push(self.shape.outcome(&output, left)?);
            Ok(())
        });
        if let Err(reason) = ran {
            counts.failed += 1;
            return Fate::DeadLetter(reason);
        }
        if outcomes.is_empty() {
            counts.empty += 1;
            return Fate::Drop;
        }
        let names: HashSet<&str> = names_of(&outcomes).collect();
        if names.len() > NAMES {
            counts.failed += 1;
            return Fate::DeadLetter(format!("it sets {} headers, and may set {NAMES}", names.len()));
        }
        Fate::Become(outcomes)
    }
}

/// The names of the headers that these set, each as often as it stands there.
fn names_of(outcomes: &[Outcome]) -> impl Iterator<Item = &str> {
    outcomes.iter().flat_map(|outcome| &outcome.headers).map(|(name, _)| name.as_str())
}

weir_sdk::export!(Jq);
