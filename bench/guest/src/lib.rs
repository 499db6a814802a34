//! A plugin for the benchmark suite: an interceptor that does nothing, to see what being there costs, and one that does
//! the whole recom job at once, to see what splitting it over four costs.

mod recom;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_sdk::{Batch, Edits, Files, Input, Interceptor, Mistake, Plan};

use recom::Recom;

/// What the plugin does.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    does: Does,
}

/// One of the suite's jobs.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// Declares no column and changes nothing.
    Nothing,
    /// Declares the member `/userId` and the timestamp, looks at every cell, and changes nothing.
    Looks,
    /// The whole recom job, its fields by regular expressions.
    RecomCaptures,
    /// The whole recom job, its fields as members of the JSON value.
    RecomMembers,
}

/// The interceptor.
#[derive(Debug)]
pub enum Guest {
    /// See [`Does::Nothing`].
    Nothing,
    /// See [`Does::Looks`].
    Looks,
    /// See [`Does::RecomCaptures`].
    Recom(Box<Recom>),
}

impl Interceptor for Guest {
    type Config = Config;
    const NAME: &'static str = "weir-bench-guest";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Does nothing, or the whole recom job at once, for the benchmark.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        Ok(match config.does {
            Does::Nothing => (Self::Nothing, Plan::new()),
            Does::Looks => (Self::Looks, Plan::new().input(Input::json_int("/userId")).input(Input::timestamp())),
            Does::RecomCaptures => (Self::Recom(Box::default()), recom::plan(recom::captures())),
            Does::RecomMembers => (Self::Recom(Box::default()), recom::plan(recom::members())),
        })
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        match self {
            Self::Nothing => Ok(()),
            Self::Looks => look(batch),
            Self::Recom(recom) => recom.process(batch, edits),
        }
    }
}

/// Reads every cell, and makes the answer depend on all of them, so that reading cannot be left out.
fn look(batch: &Batch) -> Result<(), String> {
    let sum = |cells: weir_sdk::Ints<'_>| cells.iter().flatten().fold(0_i64, i64::wrapping_add);
    if sum(batch.ints(0)?) == -1 && sum(batch.ints(1)?) == -1 {
        return Err("the ids and the times add up to -1".to_owned());
    }
    Ok(())
}

weir_sdk::export!(Guest);
