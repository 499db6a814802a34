//! `weir-bench gate`: native instructions per record, counted by callgrind, against `bench/baseline.toml`.
//!
//! Seconds depend on the machine and on its neighbours; instructions of the same program on the same input do not. The
//! host's part is counted here (`work` says of what), the guests' instructions and the memory by the test `gate` of the
//! crate weir, against the same file.

mod callgrind;
mod work;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use weir_tests::baseline::{self, Section};

use crate::{Context, report};

/// Of the baseline's file.
const SECTION: &str = "host";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Write the figures into bench/baseline.toml instead of comparing them: on purpose, with the reason in the commit.
    #[arg(long)]
    update: bool,
}

/// What callgrind runs.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkOptions {
    name: String,
    /// Where compiled plugins are kept between the works.
    cache: PathBuf,
}

/// Counts every work and compares.
///
/// # Errors
/// There is no valgrind, a work fails, the baseline cannot be read or written.
pub(crate) fn run(options: &Options, context: &Context) -> anyhow::Result<ExitCode> {
    let cache = context.scratch()?.join("code");
    let mut figures = Section::new();
    for name in work::NAMES {
        let instructions = callgrind::count(name, &cache)? as f64 / work::RECORDS as f64;
        report::tell(format_args!("{name:24} {instructions:10.1} instructions per record"));
        figures.insert(name.to_owned(), instructions);
    }
    let path = baseline::path();
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    if options.update {
        fs::write(&path, baseline::updated(&text, SECTION, &figures)?).with_context(|| path.display().to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let wrong = baseline::differences(&text, SECTION, &figures)?;
    for line in &wrong {
        report::tell(format_args!("{line}"));
    }
    if wrong.is_empty() {
        report::tell(format_args!("gate: {} figures within 5 % of bench/baseline.toml", figures.len()));
        return Ok(ExitCode::SUCCESS);
    }
    report::tell(format_args!(
        "gate: if that is meant: `weir-bench gate --update` of this build, and say why in the commit"
    ));
    Ok(ExitCode::FAILURE)
}

/// Does a work, for callgrind.
///
/// # Errors
/// There is no work of that name, or it fails.
pub(crate) fn run_work(options: &WorkOptions) -> anyhow::Result<()> {
    work::run(&options.name, &options.cache)
}
