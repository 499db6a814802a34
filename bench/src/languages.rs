//! `weir-bench languages`: makes a plugin's project in every language, does what its README says, and tells what it costs.

mod conformance;
mod figures;
mod many;
mod project;
mod sdk_tests;

use std::{
    fs,
    os::unix::fs::{DirBuilderExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use weir_tests::paths::project as root;

use crate::{kafka::process::weir_program, report::tell};

use figures::Figures;
use project::Project;

/// The languages in the order of the documentation, and the programs that their projects need besides weir.
const LANGUAGES: [(&str, &[&str]); 10] = [
    ("rust", &["rustup", "cargo"]),
    ("c", &["python3"]),
    ("cpp", &["python3"]),
    ("zig", &["python3"]),
    ("go", &["go"]),
    ("python", &["python3"]),
    ("javascript", &["node", "npm"]),
    ("typescript", &["node", "npm"]),
    ("assemblyscript", &["node", "npm"]),
    ("wat", &[]),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these languages.
    #[arg(value_name = "LANGUAGE")]
    only: Vec<String>,
    /// Neither measure nor build in other ways than the READMEs say: what CI has time for.
    #[arg(long)]
    quick: bool,
    /// The program; `weir` beside this one where left out.
    #[arg(long, value_name = "FILE")]
    weir: Option<PathBuf>,
}

/// What came of a language.
enum Outcome {
    /// What it costs, and how many cases of the conformance kit its reference plugin passes; none where it has none.
    Passed(Option<Figures>, Option<usize>),
    /// A program that is not there.
    Skipped(&'static str),
    /// The command, and the end of what it said.
    Failed(String),
}

/// Makes, builds, tests and measures every project, runs the tests of its SDK, and prints a table. Fails where one of them does; a language whose
/// tools are not there is told as skipped.
///
/// # Errors
/// There is no weir, or no folder to work in.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let weir = weir_program(options.weir.as_deref())?;
    let folder = tempfile::Builder::new().prefix("weir-languages-").tempdir()?;
    prepare(folder.path(), &weir)?;
    let unknown: Vec<&String> =
        options.only.iter().filter(|only| !LANGUAGES.iter().any(|(name, _)| name == only)).collect();
    ensure!(unknown.is_empty(), "there is no language {unknown:?}");
    let wanted =
        LANGUAGES.iter().filter(|(name, _)| options.only.is_empty() || options.only.iter().any(|only| only == name));
    let mut rows = Vec::new();
    for (language, tools) in wanted {
        let begin = Instant::now();
        let outcome = match tools.iter().find(|tool| !is_there(tool)) {
            Some(tool) => Outcome::Skipped(tool),
            None => match build_and_measure(language, folder.path(), options.quick) {
                Ok((figures, cases)) => Outcome::Passed(figures, cases),
                Err(error) => Outcome::Failed(format!("{error:#}")),
            },
        };
        let seconds = begin.elapsed().as_secs();
        match &outcome {
            Outcome::Passed(..) => tell(format_args!("{language}: passed in {seconds} s")),
            Outcome::Skipped(tool) => tell(format_args!("{language}: SKIPPED, there is no {tool}")),
            Outcome::Failed(why) => tell(format_args!("{language}: FAILED in {seconds} s: {why}")),
        }
        rows.push((*language, outcome));
    }
    tell(format_args!("\n{}  conformance", Figures::HEADING));
    for (language, outcome) in &rows {
        match outcome {
            Outcome::Passed(figures, cases) => {
                let figures = figures.as_ref().map_or_else(|| "not measured".to_owned(), Figures::to_string);
                let cases = cases.map_or_else(|| "no SDK".to_owned(), |cases| cases.to_string());
                tell(format_args!("{language:16}{figures:79}  {cases:>11}"));
            }
            Outcome::Skipped(tool) => tell(format_args!("{language:16}skipped: there is no {tool}")),
            Outcome::Failed(_) => tell(format_args!("{language:16}FAILED")),
        }
    }
    let count = |is: fn(&Outcome) -> bool| rows.iter().filter(|(_, outcome)| is(outcome)).count();
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    tell(format_args!(
        "languages: {} passed, {failed} failed, {} skipped",
        count(|outcome| matches!(outcome, Outcome::Passed(..))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    ));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A folder outside the repository, with weir on the path of what runs there, and the SDK where cargo looks for the one that
/// is published.
fn prepare(folder: &Path, weir: &Path) -> Result<()> {
    fs::create_dir(folder.join("bin"))?;
    symlink(weir, folder.join("bin/weir"))?;
    fs::DirBuilder::new().mode(0o700).create(folder.join("cache"))?;
    fs::create_dir(folder.join(".cargo"))?;
    let sdk = root().join("guest-sdk");
    let rules = root().join("rules");
    let patch = format!("[patch.crates-io]\nweir-sdk = {{ path = {sdk:?} }}\nweir-rules = {{ path = {rules:?} }}\n");
    fs::write(folder.join(".cargo/config.toml"), patch)?;
    Ok(())
}

fn is_there(program: &str) -> bool {
    let mut asked = Command::new("sh");
    asked.args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

fn build_and_measure(language: &str, folder: &Path, quick: bool) -> Result<(Option<Figures>, Option<usize>)> {
    let project = Project::make(language, folder)?;
    for command in project.commands()? {
        project.run(&command).with_context(|| format!("`{}`", command.lines().next().unwrap_or_default()))?;
    }
    let figures = if quick { None } else { Some(Figures::of(&project)?) };
    if !quick {
        many::check(&project)?;
    }
    sdk_tests::run(language, &project, folder)?;
    let cases = conformance::run(language, &project, &folder.join(language).join("kit"), quick)?;
    Ok((figures, cases))
}
