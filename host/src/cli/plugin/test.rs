//! `weir plugin test`.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use super::{LimitArguments, junit, read_plugin};
use crate::{
    cli::{Outcome, plan_text::printable, say, set_up},
    plugin_cases::{CUTS, Case, Subject, Verdict},
};

/// Runs a plugin's cases through the engine that `weir run` has: each at several sizes of batches, and with a new instance
/// for every record.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The plugin's project: its cases are DIR/cases/*.json.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The plugin; DIR/plugin.wasm, or else DIR/plugin.wat, where left out.
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// Write what comes out now into the cases as what is expected.
    #[arg(long)]
    update: bool,
    /// Print the results in the Test Anything Protocol.
    #[arg(long)]
    tap: bool,
    /// Also write the results to this file, in JUnit's XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    limits: LimitArguments,
}

/// A case that was run.
pub(super) struct Ran {
    /// The name of its file, without its ending.
    pub(super) file: String,
    /// What it shows; its file's name where it could not be read.
    pub(super) name: String,
    pub(super) took: Duration,
    /// None: it passed. Lines for people.
    pub(super) failure: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let path = plugin(arguments)?;
    let plugin = read_plugin(&path)?;
    let limits = arguments.limits.limits();
    let engine = set_up::engine()?;
    let subject = Subject { engine: &engine, path: &path, bytes: &plugin, limits };
    // Told once, not once a case.
    engine.load(&plugin).with_context(|| path.display().to_string())?;
    let mut all = Vec::new();
    for case in cases(&arguments.folder)? {
        let started = Instant::now();
        let (name, ended) = match Case::read(&case) {
            Ok(read) if arguments.update => (read.name.clone(), update(&subject, &case, &read)),
            Ok(read) => (read.name.clone(), check(&subject, &read)),
            Err(error) => (stem(&case), Err(error.into())),
        };
        let failure = ended.unwrap_or_else(|error| Some(format!("{error:#}")));
        all.push(Ran { file: stem(&case), name, took: started.elapsed(), failure });
    }
    if let Some(file) = &arguments.junit {
        let name = path.display().to_string();
        fs::write(file, junit::report(&name, &all)).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    let text = if arguments.tap { tap(&all) } else { plain(&all) };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    let failed = all.iter().filter(|ran| ran.failure.is_some()).count();
    if !arguments.tap {
        say(&format!("{} passed, {failed} failed, each at {} cuttings\n", all.len() - failed, CUTS.len()));
    }
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Different })
}

fn plugin(arguments: &Arguments) -> anyhow::Result<PathBuf> {
    if let Some(plugin) = &arguments.plugin {
        return Ok(plugin.clone());
    }
    let folder = &arguments.folder;
    let there = ["plugin.wasm", "plugin.wat"].map(|name| folder.join(name)).into_iter().find(|path| path.is_file());
    match there {
        Some(path) => Ok(path),
        None => bail!("there is no plugin.wasm in `{}`: build it, or name it with --plugin", folder.display()),
    }
}

/// The files of the cases, by their names.
fn cases(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = folder.join("cases");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<_> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    if paths.is_empty() {
        bail!("there is no case in `{}`: a case is a .json file with `name`, `input` and `expected`", folder.display());
    }
    paths.sort();
    Ok(paths)
}

fn check(subject: &Subject<'_>, case: &Case) -> anyhow::Result<Option<String>> {
    Ok(match subject.check(case)? {
        Verdict::Passed => None,
        Verdict::Differs { cutting, first, count } => {
            let mut text = format!("{cutting}:");
            for difference in &first {
                let _ = write!(text, "\n{difference}");
            }
            let more = count - first.len() as u64;
            if more > 0 {
                let _ = write!(text, "\nand {more} more");
            }
            Some(text)
        }
        Verdict::RecoveredFaults { cutting, kind, count } => Some(format!(
            "{cutting}: the records are as expected, but {count} calls faulted ({}) of which no record is to blame: a \
             plugin may depend neither on earlier calls nor on how many records a batch has",
            kind.as_str(),
        )),
        Verdict::OtherMistakes { expected, got } => {
            let list = |mistakes: Option<Vec<String>>| match mistakes {
                None => "none".to_owned(),
                Some(mistakes) => mistakes.join("\n           "),
            };
            Some(format!("mistakes in the config:\n  expected {}\n  got      {}", list(expected), list(got)))
        }
        Verdict::OtherWarnings { expected, got } => {
            let list = |warnings: &[String]| match warnings {
                [] => "none".to_owned(),
                warnings => warnings.join("\n           "),
            };
            Some(format!("warnings of the config:\n  expected {}\n  got      {}", list(&expected), list(&got)))
        }
    })
}

fn update(subject: &Subject<'_>, file: &Path, case: &Case) -> anyhow::Result<Option<String>> {
    let case = subject.expected_of(case)?;
    case.write(file).with_context(|| format!("cannot write `{}`", file.display()))?;
    // What depends on the cutting is wrong whatever is expected.
    check(subject, &case)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn plain(all: &[Ran]) -> String {
    let mut text = String::new();
    for ran in all {
        let word = if ran.failure.is_some() { "FAILED" } else { "passed" };
        let _ = writeln!(text, "{word}  {}: {}", printable(&ran.file), printable(&ran.name));
        for line in ran.failure.iter().flat_map(|failure| failure.lines()) {
            let _ = writeln!(text, "        {}", printable(line));
        }
    }
    text
}

/// The Test Anything Protocol, version 13; the reasons stand in comments.
fn tap(all: &[Ran]) -> String {
    let mut text = format!("TAP version 13\n1..{}\n", all.len());
    for (at, ran) in all.iter().enumerate() {
        let word = if ran.failure.is_some() { "not ok" } else { "ok" };
        // A `#` would begin a directive.
        let name = printable(&format!("{}: {}", ran.file, ran.name)).replace('#', "\\#");
        let _ = writeln!(text, "{word} {} - {name}", at + 1);
        for line in ran.failure.iter().flat_map(|failure| failure.lines()) {
            let _ = writeln!(text, "# {}", printable(line));
        }
    }
    text
}
