//! `weir dev`.

use std::path::PathBuf;

use super::{ConfigArgument, Outcome, replay::Format, set_up};
use crate::config;

/// Runs every pipeline against a broker inside the process, whose address it prints.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Records to produce into the source topics, no faster than they settle; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The form of the input.
    #[arg(long, value_enum, default_value_t = Format::Records, requires = "input")]
    format: Format,
    /// End when every record of the input is settled, with a summary per topic.
    #[arg(long, requires = "input")]
    once: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let config = config::load(&arguments.config.config)?;
    let engine = set_up::engine()?;
    let _blueprints = set_up::blueprints(&engine, &config)?;
    anyhow::bail!("`weir dev` is not part of this build")
}
