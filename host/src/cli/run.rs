//! `weir run`.

use super::{ConfigArgument, Outcome, set_up};
use crate::config;

/// Runs every pipeline, Kafka to Kafka, until SIGTERM or Ctrl-C; reloads by itself.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let config = config::load(&arguments.config.config)?;
    let engine = set_up::engine()?;
    let _blueprints = set_up::blueprints(&engine, &config)?;
    anyhow::bail!("`weir run` is not part of this build")
}
