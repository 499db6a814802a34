//! The `filter` interceptor: keeps, drops or sets aside records by conditions.

mod condition;
mod config;
mod literal;
mod number;
mod sample;
mod search;
mod test;
#[cfg(test)]
mod tests;

pub use config::{Condition, Config, Literal, Number, Sample};
use weir_sdk::{
    Batch, Edits, Effects, Files, Interceptor, Mistake, Plan, count,
    part::{Abilities, read_pattern},
    template::{self, Tables},
};

/// How much of a condition stands in a reason.
const QUOTED: usize = 200;

/// Keeps, drops or sets aside records by conditions.
#[derive(Debug)]
pub struct Filter {
    dead_letter: Option<condition::Condition>,
    /// Why a record is set aside.
    reason: String,
    drop: Option<condition::Condition>,
    keep: Option<condition::Condition>,
}

impl Interceptor for Filter {
    type Config = Config;

    const NAME: &'static str = "filter";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Keeps, drops or sets aside records by conditions.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut plan = Plan::new();
        let mut mistakes = Vec::new();
        let template = template::Abilities { tables: Tables::of(files), ..template::Abilities::default() };
        let abilities = Abilities { template, search: Some(search::search), patterns: Some(read_pattern) };
        let mut made = |key: &str, condition: &Option<Condition>| {
            let made = condition::Condition::new(condition.as_ref()?, &mut plan, &format!("/{key}"), &abilities);
            made.map_err(|wrong| mistakes.extend(wrong)).ok()
        };
        let dead_letter = made("dead_letter", &config.dead_letter);
        let drop = made("drop", &config.drop);
        let keep = made("keep", &config.keep);
        if config == Config::default() {
            mistakes
                .push(Mistake::new("", "says nothing: write `keep`, `drop` or `dead_letter`, each with a condition"));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        if dead_letter.is_some() {
            plan = plan.effects(Effects::DEAD_LETTER);
        }
        if drop.is_some() || keep.is_some() {
            plan = plan.effects(Effects::DROP);
        }
        let reason = config.dead_letter.as_ref().map_or_else(String::new, reason);
        Ok((Self { dead_letter, reason, drop, keep }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        // Those of which nothing is decided yet.
        let mut left = vec![true; batch.len()];
        if let Some(condition) = &self.dead_letter {
            let met = condition.test(batch, left.clone())?;
            let dead = decide(&mut left, &met, |row| edits.dead_letter(row, &self.reason));
            count("dead_lettered", dead);
        }
        if let Some(condition) = &self.drop {
            let met = condition.test(batch, left.clone())?;
            let dropped = decide(&mut left, &met, |row| edits.drop(row));
            count("dropped", dropped);
        }
        if let Some(condition) = &self.keep {
            let mut gone = condition.test(batch, left.clone())?;
            gone.iter_mut().zip(&left).for_each(|(kept, left)| *kept = *left && !*kept);
            let dropped = decide(&mut left, &gone, |row| edits.drop(row));
            count("not_kept", dropped);
        }
        Ok(())
    }
}

/// Does it to all rows that meet a condition; returns how many.
fn decide(left: &mut [bool], met: &[bool], mut what: impl FnMut(usize)) -> u32 {
    let mut decided = 0;
    for (row, (left, met)) in left.iter_mut().zip(met).enumerate() {
        if *met {
            what(row);
            *left = false;
            decided += 1;
        }
    }
    decided
}

fn reason(condition: &Condition) -> String {
    let mut text = serde_json::to_string(condition).unwrap_or_default();
    if let Some((end, _)) = text.char_indices().nth(QUOTED) {
        text.truncate(end);
        text.push('…');
    }
    format!("meets `dead_letter` {text}")
}

weir_sdk::export!(Filter);
