//! `weir schema`.

use std::io::Write as _;

use weir_plugins::BUILT_INS;

use super::{Outcome, plugins, set_up};
use crate::config::json_schema;

/// Prints the JSON Schema of a configuration, with those of the built-ins' configs: for editors.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> anyhow::Result<Outcome> {
    let engine = set_up::engine()?;
    let mut configs = Vec::new();
    for built_in in BUILT_INS {
        let description = plugins::describe(&engine, built_in)?;
        configs.push((built_in.name, serde_json::from_str(&description.config_schema)?));
    }
    let schema = json_schema(configs);
    std::io::stdout().lock().write_all(format!("{schema:#}\n").as_bytes())?;
    Ok(Outcome::Done)
}
