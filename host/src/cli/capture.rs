//! `weir capture`.

use std::path::PathBuf;

use super::{ConfigArgument, Outcome};
use crate::config;

/// Writes a range of a topic into a record file, without joining a group.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The topic.
    #[arg(long, value_name = "TOPIC")]
    topic: String,
    /// From here on: `earliest` (the default), an offset, or an RFC 3339 time.
    #[arg(long, value_name = "OFFSET|TIME")]
    from: Option<String>,
    /// Up to here, this one left out: `latest` (the default: what is there now), an offset, or an RFC 3339 time.
    #[arg(long, value_name = "OFFSET|TIME")]
    to: Option<String>,
    /// No more than this many records.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Where they are written; `-` is standard output.
    #[arg(long, value_name = "FILE|-")]
    output: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let _config = config::load(&arguments.config.config)?;
    anyhow::bail!("`weir capture` is not part of this build")
}
