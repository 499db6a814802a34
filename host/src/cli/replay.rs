//! `weir replay`.

use std::path::PathBuf;

use super::{ConfigArgument, Outcome, set_up};
use crate::config;

/// Runs the records of a file through a pipeline's chain, without Kafka.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The records; `-` is standard input.
    #[arg(long, value_name = "FILE|-")]
    input: PathBuf,
    /// The form of the input.
    #[arg(long, value_enum, default_value_t = Format::Records)]
    format: Format,
    /// Which pipeline; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// Where the records that come out are written; `-`, standard output, where neither this nor --expect is given.
    #[arg(long, value_name = "FILE|-")]
    output: Option<PathBuf>,
    /// Compare with these records; the first differences are shown, and the exit status is 1 where there are any.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Write what comes out to the file of --expect.
    #[arg(long, requires = "expect")]
    update: bool,
    /// Cut batches at this many records, whatever the configuration says. No answer may depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch_records: Option<u32>,
}

/// The form of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// One JSON object a line, as kcat -J prints them.
    Records,
    /// Any text file: each line is a value.
    Lines,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let config = config::load(&arguments.config.config)?;
    let engine = set_up::engine()?;
    let _blueprints = set_up::blueprints(&engine, &config)?;
    anyhow::bail!("`weir replay` is not part of this build")
}
