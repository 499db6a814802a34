//! `weir-bench gate`: native instructions per record, counted by callgrind, against `bench/baseline.toml`.
//!
//! Seconds depend on the machine and on its neighbours; instructions of the same program on the same input do not. The
//! host's part is counted here (`work` says of what), and each built-in as a whole, held against a native program that does
//! the same (`built_ins`); the guests' instructions and the memory are counted by the test `gate` of the crate weir,
//! against the same file.

mod built_ins;
mod callgrind;
mod native;
mod work;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use weir_tests::baseline::{self, Section};

use crate::{Context, report};

/// Sections of the baseline's file: works of the host's part, and built-ins.
const HOST: &str = "host";
const BUILT_INS: &str = "built-in";

/// So many times the native program's instructions a built-in may take.
const MOST: f64 = 2.0;

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
/// There is no valgrind, a work fails, a built-in and its native program do not bring the same, the baseline cannot be read
/// or written.
pub(crate) fn run(options: &Options, context: &Context) -> anyhow::Result<ExitCode> {
    let cache = context.scratch()?.join("code");
    let mut wrong = Vec::new();
    let sections = [(HOST, count_host(&cache)?), (BUILT_INS, count_built_ins(&cache, &mut wrong)?)];
    let path = baseline::path();
    let mut text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    for (section, figures) in &sections {
        if options.update {
            text = baseline::updated(&text, section, figures)?;
        } else {
            wrong.extend(baseline::differences(&text, section, figures)?);
        }
    }
    if options.update {
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    for line in &wrong {
        report::tell(format_args!("{line}"));
    }
    if wrong.is_empty() {
        let count: usize = sections.iter().map(|(_, figures)| figures.len()).sum();
        let compared = if options.update { "written into" } else { "within 5 % of" };
        report::tell(format_args!(
            "gate: {count} figures {compared} bench/baseline.toml, each built-in within {MOST} × native"
        ));
        return Ok(ExitCode::SUCCESS);
    }
    report::tell(format_args!(
        "gate: if a figure is meant: `weir-bench gate --update` of this build, and say why in the commit"
    ));
    Ok(ExitCode::FAILURE)
}

/// Instructions of the host per record, by work.
fn count_host(cache: &Path) -> anyhow::Result<Section> {
    let mut figures = Section::new();
    for name in work::NAMES {
        let instructions = callgrind::count(name, cache)?.host as f64 / work::RECORDS as f64;
        report::tell(format_args!("{name:24} {instructions:10.1} instructions per record"));
        figures.insert(name.to_owned(), instructions);
    }
    Ok(figures)
}

/// Instructions of each built-in per record; a line in `wrong` for each that takes more than [`MOST`] times those of its
/// native program.
fn count_built_ins(cache: &Path, wrong: &mut Vec<String>) -> anyhow::Result<Section> {
    let mut figures = Section::new();
    for built_in in &built_ins::BUILT_INS {
        built_in.compare(cache)?;
        let count = |kind: &str| -> anyhow::Result<f64> {
            let instructions = callgrind::count(&format!("{kind}{}", built_in.name), cache)?.all;
            Ok(instructions as f64 / work::RECORDS as f64)
        };
        let (sandboxed, native) = (count(work::BUILT_IN)?, count(work::NATIVE)?);
        let (name, ratio) = (built_in.name, sandboxed / native);
        report::tell(format_args!(
            "{name:24} {sandboxed:10.1} instructions per record, natively {native:10.1}: {ratio:.2} ×"
        ));
        wrong.extend(above_bar(name, ratio));
        figures.insert(name.to_owned(), sandboxed);
    }
    Ok(figures)
}

/// What is wrong with so many times the native program's instructions.
fn above_bar(built_in: &str, ratio: f64) -> Option<String> {
    let told = || format!("{built_in}: {ratio:.2} times the instructions of the native program, more than {MOST}");
    (ratio > MOST).then(told)
}

/// Does a work, for callgrind.
///
/// # Errors
/// There is no work of that name, or it fails.
pub(crate) fn run_work(options: &WorkOptions) -> anyhow::Result<()> {
    work::run(&options.name, &options.cache)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_native_instructions_are_allowed_and_no_more() {
        assert_eq!((above_bar("filter", 0.5), above_bar("filter", MOST)), (None, None));
        let told = "filter: 2.01 times the instructions of the native program, more than 2";
        assert_eq!(above_bar("filter", 2.01).as_deref(), Some(told));
    }
}
