//! Section `replay`: `weir replay` of a record file with the recom chain, and with another build of weir beside it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use weir_tests::child_process;

use crate::{
    Context, events,
    kafka::process::{self, usage, weir_program},
    report::{Limit, Report, Unit},
};

const SECTION: &str = "replay";
/// Between two looks at the program's memory.
const LOOK: Duration = Duration::from_millis(10);
/// MiB that a replay may have, whatever the file's size.
const MEMORY: f64 = 64.0;
/// How many times the records a second of the other build.
const FASTER: f64 = 3.0;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Rounds, each program once in each.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Records of the file.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    records: usize,
    /// The weir to measure; else the one that WEIR_BIN names, else the one beside this program.
    #[arg(long, value_name = "PATH")]
    weir: Option<PathBuf>,
    /// A build of weir to compare with, of which the same bytes are expected.
    #[arg(long, value_name = "PATH")]
    before: Option<PathBuf>,
}

/// What the rounds of one program took.
#[derive(Debug)]
struct Program {
    name: &'static str,
    path: PathBuf,
    /// Records a second by the clock, from start to end of the process.
    rate: Vec<f64>,
    /// CPU seconds of a million records.
    cpu: Vec<f64>,
    /// The most memory that was resident, MiB.
    peak: Vec<f64>,
}

impl Program {
    fn new(name: &'static str, path: PathBuf) -> Self {
        Self { name, path, rate: Vec::new(), cpu: Vec::new(), peak: Vec::new() }
    }
}

/// Runs the section.
///
/// # Errors
/// A program is not there or fails, or the two give different bytes.
pub(crate) fn run(options: &Options, context: &Context, report: &mut Report) -> Result<()> {
    let folder = context.scratch()?.join("replay");
    fs::create_dir_all(&folder)?;
    let input = folder.join("input.ndjson");
    events::write_record_file(&input, options.records)?;
    let mut programs = vec![Program::new("weir", weir_program(options.weir.as_deref())?)];
    if let Some(before) = &options.before {
        programs.push(Program::new("before", weir_program(Some(before))?));
    }
    report.begin(&format!("replay of {} records", options.records));
    // The first round compiles plugins and fills the machine's caches.
    for round in 0..=options.rounds {
        for program in &mut programs {
            let (rate, cpu, peak) = replay_once(program, &input, &folder, options.records)?;
            if round > 0 {
                report.begin(&format!("  {} {rate:.0}/s, {cpu:.2} s/M, {peak:.0} MiB", program.name));
                program.rate.push(rate);
                program.cpu.push(cpu);
                program.peak.push(peak);
            }
        }
        if let [one, other] = &*programs
            && round == 0
        {
            ensure_same(&output(&folder, one.name), &output(&folder, other.name))?;
        }
    }
    tell(report, &programs);
    fs::remove_dir_all(&folder)?;
    Ok(())
}

fn tell(report: &mut Report, programs: &[Program]) {
    for Program { name, rate, cpu, peak, .. } in programs {
        report.measure(SECTION, format!("rate.{name}"), Unit::RecordsPerSecond, rate);
        report.measure(SECTION, format!("cpu.{name}"), Unit::SecondsPerMillion, cpu);
        report.measure(SECTION, format!("peak.{name}"), Unit::Mebibytes, peak);
    }
    report.bar("peak.weir", "a replay has at most 64 MiB resident", Limit::AtMost(MEMORY));
    if let [weir, before] = programs {
        report.ratio(SECTION, "rate.weir/before", &weir.rate, &before.rate);
        report.bar("rate.weir/before", "three times the records a second of the build before", Limit::AtLeast(FASTER));
    }
}

fn output(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.ndjson"))
}

/// One replay: records a second, CPU seconds a million records, MiB at its peak.
fn replay_once(program: &Program, input: &Path, folder: &Path, records: usize) -> Result<(f64, f64, f64)> {
    let mut command = child_process::command(&program.path);
    let config = weir_tests::paths::project().join("examples/recom/weir.toml");
    command.arg("replay").arg("-c").arg(config).arg("--input").arg(input);
    let output = output(folder, program.name);
    // Else the program has to free what the round before wrote.
    if output.exists() {
        fs::remove_file(&output)?;
    }
    command.arg("--output").arg(&output);
    command.env("WEIR_CACHE", folder.join(format!("cache-{}", program.name)));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let before = process::children_cpu()?;
    let began = Instant::now();
    let mut child = child_process::spawn(command).with_context(|| program.path.display().to_string())?;
    let mut peak = 0.0_f64;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // A process that has just ended has no memory to tell of.
        peak = usage(child.id()).map_or(peak, |used| used.peak.max(peak));
        thread::sleep(LOOK);
    };
    let wall = began.elapsed().as_secs_f64();
    ensure!(status.success(), "{}: {status}", program.path.display());
    let cpu = process::children_cpu()? - before;
    Ok((records as f64 / wall, cpu * 1e6 / records as f64, peak))
}

fn ensure_same(one: &Path, other: &Path) -> Result<()> {
    let lines = |path: &Path| Ok::<_, std::io::Error>(BufReader::new(fs::File::open(path)?).split(b'\n'));
    let (mut ours, mut theirs) = (lines(one)?, lines(other)?);
    let mut number = 1;
    loop {
        match (ours.next().transpose()?, theirs.next().transpose()?) {
            (None, None) => return Ok(()),
            (Some(a), Some(b)) if a == b => number += 1,
            _ => bail!("line {number} of {} and {} is not the same", one.display(), other.display()),
        }
    }
}
