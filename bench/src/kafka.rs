//! What a record costs on a real Kafka: weir against bare librdkafka and against the same job written by hand.
//!
//! Every contender is a process of its own with the same allocator, the same build profile and the same client settings;
//! all see the same records, in turns. What is compared is the CPU time of the process while it is in its stride.

mod cluster;
mod digest;
mod feed;
mod figures;
mod latency;
mod native;
pub(crate) mod process;
pub(crate) mod program;
mod raw;
mod relay;
mod rounds;
mod run;
mod scrape;
mod setup;
mod soak;
mod track;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::Result;

use cluster::Cluster;
use rounds::{Bench, LoadKind, Variant};
use run::Binaries;
use setup::Contender;

use crate::{Context, report::Report};

/// `weir-bench kafka`. Without any of `--only`, `--workers`, `--compression` and `--load`: both pairs, on a backlog with 2
/// and 1 workers, with lz4 and zstd, and at half load; and how long a record is on its way. With any of them: one variant, on a backlog with 2 workers,
/// uncompressed, and what they say otherwise.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these comparisons.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Pair>,
    /// How often everything is run, in turns; left out: 9 times what comes first, 5 times what follows, 3 times Kafka
    /// Streams (and never more often) and how long a record is on its way.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Records of a run; left out: 1,000,000, and three times as many where they only pass, which is as quick.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    records: Option<u64>,
    /// Threads of each program.
    #[arg(long, value_delimiter = ',')]
    workers: Vec<usize>,
    /// none, lz4, zstd: of the input and of the output.
    #[arg(long, value_delimiter = ',')]
    compression: Vec<String>,
    /// How records come.
    #[arg(long, value_enum, value_delimiter = ',')]
    load: Vec<LoadKind>,
    /// Records a second of half load; left out: half of what the slowest took, 60,000 where nothing was measured before.
    #[arg(long, value_name = "RECORDS", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// A setting of librdkafka's producer for all of them, such as linger.ms=5, instead of weir's.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    producer: Vec<(String, String)>,
    /// Instead of all that: so many minutes of weir with the recom chain at full rate, its memory watched.
    #[arg(long, value_name = "MINUTES")]
    soak: Option<f64>,
    /// Only how long a record is on its way, alone and under load.
    #[arg(long, conflicts_with = "soak")]
    latency: bool,
    /// The weir to measure; else the one that WEIR_BIN names, else the one beside this program.
    #[arg(long)]
    weir: Option<PathBuf>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is wanted")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// What is compared: others with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Pair {
    /// Bare librdkafka against an empty chain.
    Empty,
    /// An empty chain with and without an admin API that is asked every second.
    Admin,
    /// An empty chain without an admin API, and with one that is besieged.
    Siege,
    /// The recom job by hand against the recom chain.
    Recom,
    /// The recom job by hand against the recom chain whose fields are members of a JSON document.
    Json,
    /// Kafka Streams against the recom chain; where --peers is given, it is there by itself.
    Streams,
    /// Bare librdkafka in three forms: which of them is the floor?
    Floor,
}

impl Pair {
    fn contenders(self) -> &'static [Contender] {
        match self {
            Self::Empty => &[Contender::Relay, Contender::Empty],
            Self::Admin => &[Contender::Empty, Contender::Watched],
            Self::Siege => &[Contender::Empty, Contender::Besieged],
            Self::Recom => &[Contender::Native, Contender::Recom],
            Self::Json => &[Contender::Native, Contender::Json],
            Self::Streams => &[Contender::Streams, Contender::Recom],
            Self::Floor => &[Contender::Relay, Contender::HeldValues, Contender::CopiedHeaders],
        }
    }

    /// How many of the first one's records per CPU second the others must reach under that load, and in words.
    fn bar(self, load: LoadKind) -> Option<(f64, &'static str)> {
        match self {
            Self::Empty => Some((0.95, "an empty chain has 0.95 of the relay's records per CPU second")),
            Self::Admin => Some((0.98, "the admin API, asked every second, costs at most 2 % of the CPU")),
            Self::Recom if load == LoadKind::Half => {
                Some((0.9, "the recom chain has 0.9 of the native program's records per CPU second at half load"))
            }
            Self::Recom => Some((0.95, "the recom chain has 0.95 of the native program's records per CPU second")),
            Self::Streams => Some((1.5, "the recom chain has 1.5 times Kafka Streams' records per CPU second")),
            Self::Siege | Self::Json | Self::Floor => None,
        }
    }

    /// How many of the first one's records a second by the clock the others must reach where all wait, and in words.
    fn rate_bar(self, load: LoadKind) -> Option<(f64, &'static str)> {
        match self {
            Self::Recom if load == LoadKind::Backlog => {
                Some((0.9, "the recom chain moves 0.9 of the native program's records a second"))
            }
            _ => None,
        }
    }
}

/// Runs it all.
pub(crate) fn run(options: &Options, context: &Context, report: &mut Report) -> Result<()> {
    let steps = options.steps(context.peers);
    let streams = steps.iter().any(|step| step.pairs.contains(&Pair::Streams));
    let mut bench = start(options, context, streams)?;
    if let Some(minutes) = options.soak {
        report.begin(&format!("kafka: {minutes} minutes of recom at full rate"));
        return soak::run(&mut bench, options.threads(), Duration::from_secs_f64(minutes * 60.0), report);
    }
    if options.latency {
        return latency(&mut bench, options, report);
    }
    let mut slowest = None;
    for Step { variant, pairs, rounds, records, read } in steps {
        report.begin(&format!("kafka {variant}"));
        let rate = options.rate.map(f64::from).or(slowest.map(|rate: f64| rate / 2.0)).unwrap_or(HALF);
        let load = bench.load(&variant, records, rate)?;
        let costs = bench.rounds(&variant, &contenders(&pairs), rounds, &load, read, |contender, cost| {
            report.begin(&format!("  {contender} {:.2} s/M, {:.0}/s, {:.0} MiB", cost.cpu, cost.rate, cost.peak));
        })?;
        if variant.load != LoadKind::Half {
            let rates = costs.values().flatten().map(|cost| cost.rate);
            slowest = rates.chain(slowest).reduce(f64::min);
        }
        figures::tell(report, &variant, &pairs, &costs);
    }
    if options.is_whole() {
        latency(&mut bench, options, report)?;
    }
    Ok(())
}

fn latency(bench: &mut Bench, options: &Options, report: &mut Report) -> Result<()> {
    report.begin("kafka: how long a record is on its way");
    let only = contenders(&options.only);
    let who = if only.is_empty() { &latency::CONTENDERS[..] } else { &only };
    latency::run(bench, options.threads(), options.rounds(latency::ROUNDS), who, report)
}

/// Records a second of half load, where nothing was measured to halve.
const HALF: f64 = 60_000.0;

/// One variant and who is compared in it.
struct Step {
    variant: Variant,
    pairs: Vec<Pair>,
    rounds: usize,
    /// Of a run over what is there already.
    records: u64,
    /// Whether what comes out is read and compared.
    read: bool,
}

/// What is compared on the same records, and how many these are: a run that only passes a million on is over before it
/// says much.
const QUICK: (u64, &[Pair]) = (3_000_000, &[Pair::Empty, Pair::Admin, Pair::Siege, Pair::Floor]);
const SLOW: (u64, &[Pair]) = (1_000_000, &[Pair::Recom, Pair::Json]);

/// Everybody once.
fn contenders(pairs: &[Pair]) -> Vec<Contender> {
    let mut contenders: Vec<Contender> = Vec::new();
    for contender in pairs.iter().flat_map(|pair| pair.contenders()) {
        if !contenders.contains(contender) {
            contenders.push(*contender);
        }
    }
    contenders
}

impl Options {
    fn rounds(&self, usual: usize) -> usize {
        self.rounds.map_or(usual, |rounds| rounds as usize)
    }

    /// Of each program, where there is no more than one variant.
    fn threads(&self) -> usize {
        self.workers.first().copied().unwrap_or(2)
    }

    fn steps(&self, peers: bool) -> Vec<Step> {
        let all = self.only.is_empty();
        let mut steps = Vec::new();
        for (at, variant) in self.variants().into_iter().enumerate() {
            // What comes out does not depend on the variant.
            let read = at == 0;
            // On a shared machine rounds differ by a third: of five the median says little.
            let rounds = self.rounds(if at == 0 { 9 } else { 5 });
            for (records, pairs) in [QUICK, SLOW] {
                let is_usual = |pair: &Pair| {
                    matches!(pair, Pair::Empty | Pair::Recom)
                        || at == 0 && matches!(pair, Pair::Admin | Pair::Siege | Pair::Json)
                };
                let is_wanted = |pair: &Pair| if all { is_usual(pair) } else { self.only.contains(pair) };
                let pairs: Vec<Pair> = pairs.iter().copied().filter(is_wanted).collect();
                if !pairs.is_empty() {
                    let (variant, records) = (variant.clone(), self.records.unwrap_or(records));
                    steps.push(Step { variant, pairs, rounds, records, read });
                }
            }
        }
        if if all { peers } else { self.only.contains(&Pair::Streams) } {
            let compression = self.compression.first().cloned().unwrap_or_else(|| "none".to_owned());
            let variant = Variant { workers: self.threads(), compression, load: LoadKind::Long };
            // Fewer rounds: each takes four times as long.
            let (rounds, records) = (self.rounds(3).min(3), self.records.unwrap_or(SLOW.0));
            steps.push(Step { variant, pairs: vec![Pair::Streams], rounds, records, read: steps.is_empty() });
        }
        steps
    }

    /// Whether nothing says that only a part is wanted.
    fn is_whole(&self) -> bool {
        self.only.is_empty() && self.workers.is_empty() && self.compression.is_empty() && self.load.is_empty()
    }

    fn variants(&self) -> Vec<Variant> {
        let variant = |workers, compression: &str, load| Variant { workers, compression: compression.to_owned(), load };
        if self.is_whole() {
            return vec![
                variant(2, "none", LoadKind::Backlog),
                variant(1, "none", LoadKind::Backlog),
                variant(2, "lz4", LoadKind::Backlog),
                variant(2, "zstd", LoadKind::Backlog),
                variant(2, "none", LoadKind::Half),
            ];
        }
        let none = ["none".to_owned()];
        let loads: &[LoadKind] = if self.load.is_empty() { &[LoadKind::Backlog] } else { &self.load };
        let workers: &[usize] = if self.workers.is_empty() { &[2] } else { &self.workers };
        let compressions = if self.compression.is_empty() { &none[..] } else { &self.compression };
        let mut variants = Vec::new();
        for &load in loads {
            for compression in compressions {
                variants.extend(workers.iter().map(|&workers| variant(workers, compression, load)));
            }
        }
        variants
    }
}

fn start(options: &Options, context: &Context, streams: bool) -> Result<Bench> {
    let bench = std::env::current_exe()?;
    let weir = process::weir_program(options.weir.as_deref())?;
    let folder = context.scratch()?.join("kafka");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let streams = streams.then(|| {
        let source = weir_tests::paths::project().join("bench/peers/streams");
        weir_tests::jars::fetch("streams", &source, "Recom.java").class_path
    });
    Ok(Bench {
        cluster: Cluster::start()?,
        binaries: Binaries { bench, weir, streams, folder, producer: options.producer.clone() },
        inputs: BTreeMap::new(),
        number: 0,
    })
}
