//! `weir-bench gate`: native instructions per record, counted by callgrind, against `bench/baseline.toml`.
//!
//! Seconds depend on the machine and on its neighbours; instructions of the same program on the same input do not. The
//! host's part is counted here (`work` says of what), the guests' instructions and the memory by the test `gate` of the
//! crate weir, against the same file. A figure more than 5 % off fails: above, weir got dearer; below, the baseline is
//! stale and would let the next loss pass.

mod callgrind;
mod work;

use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use toml::{Table, Value};
use weir_tests::place::project;

use crate::{Context, report};

/// By how much a figure may differ.
const TOLERANCE: f64 = 0.05;
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
    let mut figures = BTreeMap::new();
    for name in work::NAMES {
        let instructions = callgrind::count(name, &cache)? as f64 / work::RECORDS as f64;
        report::tell(format_args!("{name:24} {instructions:10.1} instructions per record"));
        figures.insert(name.to_owned(), instructions);
    }
    let path = project().join("bench/baseline.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    if options.update {
        fs::write(&path, updated(&text, &figures)?).with_context(|| path.display().to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let wrong = differences(&text, &figures)?;
    for line in &wrong {
        report::tell(format_args!("{line}"));
    }
    if wrong.is_empty() {
        report::tell(format_args!("gate: {} figures within 5 % of bench/baseline.toml", figures.len()));
        return Ok(ExitCode::SUCCESS);
    }
    report::tell(format_args!(
        "gate: if that is meant: target/release/weir-bench gate --update, and say why in the commit"
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

/// The file with the figures in their section, its first comment kept.
fn updated(text: &str, figures: &BTreeMap<String, f64>) -> anyhow::Result<String> {
    let head: String = text.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let mut all: Table = text.parse()?;
    let rounded = |figure: f64| Value::Float((figure * 10.0).round() / 10.0);
    let table = figures.iter().map(|(name, figure)| (name.clone(), rounded(*figure))).collect();
    all.insert(SECTION.to_owned(), Value::Table(table));
    Ok(format!("{head}\n{}", toml::to_string(&all)?))
}

/// What differs, a line each.
fn differences(text: &str, figures: &BTreeMap<String, f64>) -> anyhow::Result<Vec<String>> {
    let all: Table = text.parse()?;
    let empty = Table::new();
    let known = all.get(SECTION).and_then(Value::as_table).unwrap_or(&empty);
    let mut wrong = Vec::new();
    for (name, figure) in figures {
        match known.get(name).and_then(Value::as_float) {
            None => wrong.push(format!("{SECTION}.{name}: {figure:.1}, and the baseline does not know it")),
            Some(known) if (figure - known).abs() > known * TOLERANCE => {
                let change = (figure / known - 1.0) * 100.0;
                wrong.push(format!("{SECTION}.{name}: {figure:.1}, {change:+.1} % of the baseline's {known:.1}"));
            }
            Some(_) => {}
        }
    }
    let gone = known.keys().filter(|name| !figures.contains_key(*name));
    wrong.extend(gone.map(|name| format!("{SECTION}.{name}: no longer counted")));
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const BASELINE: &str = "# what it is\n# more\n\n[guest]\na = 1.0\n\n[host]\nx = 100.0\ny = 10.0\n";

    fn figures(all: &[(&str, f64)]) -> BTreeMap<String, f64> {
        all.iter().map(|(name, figure)| ((*name).to_owned(), *figure)).collect()
    }

    #[test]
    fn more_than_five_percent_either_way_is_told_and_so_is_what_came_and_went() {
        assert!(differences(BASELINE, &figures(&[("x", 104.0), ("y", 9.6)])).unwrap().is_empty());
        let wrong = differences(BASELINE, &figures(&[("x", 106.0), ("z", 1.0)])).unwrap();
        assert_eq!(
            wrong,
            [
                "host.x: 106.0, +6.0 % of the baseline's 100.0",
                "host.z: 1.0, and the baseline does not know it",
                "host.y: no longer counted",
            ]
        );
        assert_eq!(differences(BASELINE, &figures(&[("x", 94.0), ("y", 10.0)])).unwrap().len(), 1);
    }

    #[test]
    fn an_update_replaces_its_own_section_only() {
        let text = updated(BASELINE, &figures(&[("x", 50.04)])).unwrap();
        assert_eq!(text, "# what it is\n# more\n\n[guest]\na = 1.0\n\n[host]\nx = 50.0\n");
    }
}
