//! From the start of the program to the end of a replay of one batch.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};

use super::SECTION;
use crate::{
    Options,
    chain::configs::{Configs, Which},
    events::write_record_file,
    kafka::process::{children_cpu, weir_program},
    report::{Limit, Report, Unit},
};

/// Starts of one round: the kernel tells the CPU time of children in ticks of 10 ms.
const STARTS: usize = 10;
/// Records of the replay: one batch.
const RECORDS: usize = 128;

/// One way to start.
struct Start {
    name: &'static str,
    which: Which,
    /// Whether compiled code of earlier starts is there.
    warm: bool,
    starts: usize,
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

pub(super) fn run(options: &Options, configs: &Configs, scratch: &Path, report: &mut Report) -> Result<()> {
    let start = |name, which, warm, starts| Start { name, which, warm, starts, wall: Vec::new(), cpu: Vec::new() };
    let mut all = vec![
        start("program.empty", Which::Nothing(0), true, STARTS),
        start("program.warm", Which::Captures, true, STARTS),
        start("program.warm-json", Which::Members, true, STARTS),
        start("program.cold", Which::Captures, false, 1),
    ];
    all.retain(|start| options.wants(start.name));
    if all.is_empty() {
        return Ok(());
    }
    report.begin("program");
    let weir = weir_program(None)?;
    let input = input(scratch)?;
    for round in 0..=options.rounds(5) {
        for start in &mut all {
            let before = children_cpu()?;
            let walls = (0..start.starts).map(|_| once(&weir, configs, start, &input, scratch));
            let walls = walls.collect::<Result<Vec<f64>>>()?;
            // The first round fills the caches, ours and the machine's.
            if round > 0 {
                start.wall.extend(walls);
                start.cpu.push((children_cpu()? - before) * 1e3 / start.starts as f64);
            }
        }
    }
    for Start { name, wall, cpu, .. } in &all {
        report.measure(SECTION, format!("{name}.wall"), Unit::Milliseconds, wall);
        report.measure(SECTION, format!("{name}.cpu"), Unit::Milliseconds, cpu);
    }
    report.bar(
        "program.warm.wall",
        "warm start of the program to the end of a replay of one batch: at most 50 ms",
        Limit::AtMost(50.0),
    );
    let labels =
        [("warm", "program.warm.wall"), ("warm, JSON", "program.warm-json.wall"), ("cold", "program.cold.wall")];
    let rows = labels.map(|(label, name)| (label, name.to_owned()));
    report.plot("start", "From the start of weir to the end of a replay of one batch (wall)", rows);
    Ok(())
}

/// One start; milliseconds by the clock.
fn once(weir: &Path, configs: &Configs, start: &Start, input: &Path, scratch: &Path) -> Result<f64> {
    let cache = scratch.join(if start.warm { "cache-warm" } else { "cache-cold" });
    if !start.warm {
        match fs::remove_dir_all(&cache) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let mut command = Command::new(weir);
    command.arg("replay").arg("-c").arg(configs.path(start.which)?).arg("--input").arg(input);
    command.arg("--output").arg(scratch.join("replayed.ndjson"));
    command.env("WEIR_CACHE", &cache).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let began = Instant::now();
    let output = command.output().with_context(|| format!("{}", weir.display()))?;
    let wall = began.elapsed().as_secs_f64() * 1e3;
    ensure!(output.status.success(), "weir replay: {}", String::from_utf8_lossy(&output.stderr));
    Ok(wall)
}

fn input(scratch: &Path) -> Result<PathBuf> {
    let path = scratch.join("one-batch.ndjson");
    write_record_file(&path, RECORDS)?;
    Ok(path)
}
