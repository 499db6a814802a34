//! What a record costs on a real Kafka: weir against bare librdkafka and against the same job written by hand.
//!
//! Every contender is a process of its own with the same allocator, the same build profile and the same client settings;
//! all see the same records, in turns. What is compared is the CPU time of the process while it is in its stride.

mod cluster;
mod digest;
mod events;
mod feed;
mod native;
mod process;
pub(crate) mod program;
mod raw;
mod relay;
mod rounds;
mod run;
mod setup;
mod track;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context as _, Result, ensure};

use cluster::Cluster;
use rounds::{Bench, LoadKind, Measured, PACED, Variant};
use run::{Binaries, Load};
use setup::Contender;

/// `weir-bench kafka`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Pair::Empty, Pair::Recom])]
    only: Vec<Pair>,
    /// How often everything is run, in turns.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Records of a run.
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// Threads of each program.
    #[arg(long, value_delimiter = ',', default_values_t = [2])]
    workers: Vec<usize>,
    /// none, lz4, zstd: of the input and of the output.
    #[arg(long, value_delimiter = ',', default_values_t = ["none".to_owned()])]
    compression: Vec<String>,
    /// How records come.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [LoadKind::Backlog])]
    load: Vec<LoadKind>,
    /// The weir to measure; else the one that WEIR_BIN names, else the one beside this program.
    #[arg(long)]
    weir: Option<PathBuf>,
}

/// What is compared: others with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Pair {
    /// Bare librdkafka against an empty chain.
    Empty,
    /// The recom job by hand against the recom chain.
    Recom,
    /// Bare librdkafka in three forms: which of them is the floor?
    Floor,
}

impl Pair {
    fn contenders(self) -> &'static [Contender] {
        match self {
            Self::Empty => &[Contender::Relay, Contender::Empty],
            Self::Recom => &[Contender::Native, Contender::Recom],
            Self::Floor => &[Contender::Relay, Contender::HeldValues, Contender::CopiedHeaders],
        }
    }

    /// The share of the first one's records per CPU second that the others must reach.
    fn bar(self) -> Option<f64> {
        match self {
            Self::Empty => Some(0.9),
            Self::Recom => Some(0.8),
            Self::Floor => None,
        }
    }
}

/// Runs it all and prints what it says.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut bench = start(options)?;
    let contenders: Vec<Contender> = options.only.iter().flat_map(|pair| pair.contenders()).copied().collect();
    let mut read = true;
    for compression in &options.compression {
        for &workers in &options.workers {
            let mut slowest = None;
            for &load in &options.load {
                let variant = Variant { workers, compression: compression.clone(), load };
                let given = match load {
                    LoadKind::Backlog => bench.input(compression)?,
                    LoadKind::Half => Load::Paced { rate: slowest.unwrap_or(100_000.0) / 2.0, time: PACED },
                };
                let measured =
                    bench.rounds(&variant, &contenders, options.rounds, &given, read, |contender, cost| {
                        tell(&format!("  {variant}: {contender} {:.2} s/M, {:.0}/s", cost.cpu, cost.rate));
                    })?;
                if load == LoadKind::Backlog {
                    slowest = contenders
                        .iter()
                        .filter_map(|&contender| measured.spread(contender, |cost| cost.rate))
                        .map(|rate| rate.median)
                        .reduce(f64::min);
                    // What comes out does not depend on the variant.
                    read = false;
                }
                print(&measured, &options.only);
            }
        }
    }
    Ok(())
}

fn start(options: &Options) -> Result<Bench> {
    let bench = std::env::current_exe()?;
    let weir = options.weir.clone().or_else(|| std::env::var_os("WEIR_BIN").map(PathBuf::from));
    let weir = weir.unwrap_or_else(|| bench.with_file_name("weir"));
    let weir = weir.canonicalize().with_context(|| format!("no weir at {}; build it, or name it", weir.display()))?;
    let folder = weir_tests::place::target().join("weir-bench");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    ensure!(options.rounds > 0 && options.records > 0, "at least one round of at least one record");
    let cluster = Cluster::start()?;
    Ok(Bench {
        cluster,
        binaries: Binaries { bench, weir, folder },
        records: options.records,
        inputs: BTreeMap::new(),
        number: 0,
    })
}

/// How far it is.
#[allow(clippy::print_stderr, reason = "beside the result, which goes to standard output")]
fn tell(line: &str) {
    eprintln!("{line}");
}

#[allow(clippy::print_stdout, reason = "the result")]
fn print(measured: &Measured, pairs: &[Pair]) {
    println!("\n{}", measured.variant);
    println!("  {:20} {:22} {:>10} {:>10} {:>10} {:>8}", "", "CPU s/M", "whole", "broker", "records/s", "MiB");
    for &contender in measured.costs.keys() {
        let spread = |which: fn(&run::Cost) -> f64| measured.spread(contender, which);
        let (Some(cpu), Some(whole), Some(broker), Some(rate), Some(peak)) = (
            spread(|cost| cost.cpu),
            spread(|cost| cost.whole),
            spread(|cost| cost.broker),
            spread(|cost| cost.rate),
            spread(|cost| cost.peak),
        ) else {
            continue;
        };
        let name = contender.to_string();
        println!(
            "  {name:20} {cpu:22} {:>10.2} {:>10.2} {:>10.0} {:>8.0}",
            whole.median, broker.median, rate.median, peak.most
        );
    }
    for pair in pairs {
        let Some((first, others)) = pair.contenders().split_first() else { continue };
        for other in others {
            let bar = pair.bar().map_or(String::new(), |bar| format!(", bar {bar}"));
            if let Some(ratio) = measured.ratio(*other, *first) {
                println!("  {other} : {first} = {ratio}{bar}");
            }
        }
    }
}
