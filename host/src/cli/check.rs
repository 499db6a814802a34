//! `weir check`.

mod plan;

use std::io::Write;

use super::{ConfigArgument, Outcome, set_up};
use crate::app;

/// Names every mistake of a configuration, and prints what the plugins would do. Needs no broker.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let engine = set_up::engine()?;
    let config = app::load(&engine, &arguments.config.config)?;
    let blueprints = app::blueprints(&engine, &config)?;
    let texts: Vec<String> = blueprints.values().map(|blueprint| plan::of(blueprint)).collect();
    std::io::stdout().lock().write_all(texts.join("\n").as_bytes())?;
    Ok(Outcome::Done)
}
