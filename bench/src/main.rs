//! The benchmark suite: `make bench`, or `cargo run --release -p weir-bench -- chain --only recom`.
//!
//! | where | what |
//! | --- | --- |
//! | [`events`] | the recom job's records, the same at every run |
//! | [`clock`] | CPU time of the thread, of the process, of a child |
//! | [`rounds`] | runs variants in turns, so that what disturbs the machine disturbs all of them |
//! | [`report`] | figures, ratios and the lines of "done when"; table, `bench.json`, plots |
//! | [`chain`] | section `chain`: the recom job in the sandbox and natively, no-op interceptors |
//! | [`start`] | section `start`: the program cold and warm, a fresh chain, memory of a chain |
//! | [`replay`] | section `replay`: a record file of a million records through the recom chain |
//! | [`gate`] | `weir-bench gate`: instructions per record against `bench/baseline.toml`; no part of the suite's tables |
//! | [`dead_letters`] | `weir-bench dead-letters`: what records that cannot be delivered cost; no part of the suite's tables |
//! | [`pipelines`] | `weir-bench pipelines`: what many pipelines in one process cost; no part of the suite's tables |
//! | [`languages`] | `weir-bench languages`: a plugin in every language; no part of the suite's tables |
//! | [`kafka`] | section `kafka`: the way from topic to topic on a real Kafka |
//!
//! A section takes its options and fills a [`Report`]. Figures are CPU time, never wall time, but where a name
//! says so; a ratio is the median of the ratios within each round.

mod chain;
mod clock;
mod dead_letters;
mod events;
mod gate;
mod json;
mod kafka;
mod languages;
mod pipelines;
mod replay;
mod report;
mod rounds;
mod start;

use std::{fs, io, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use report::Report;

// What the program itself runs on, so that native baselines have the same allocator.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Measures weir against native programs (and, with --peers, other systems) that do the same job.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to run; all of it where nothing is named.
    #[command(subcommand)]
    section: Option<Section>,
    /// Run other systems' programs for the same job too.
    #[arg(long)]
    peers: bool,
    /// Where `bench.json` and the plots (`bench/*.svg`) are written.
    #[arg(long, global = true, value_name = "DIR", default_value = "target")]
    out: PathBuf,
}

/// A part of the suite that can be run alone.
#[derive(Debug, Subcommand)]
enum Section {
    /// The recom job in the sandbox and natively, and what a no-op interceptor costs.
    Chain(Options),
    /// Members of JSON documents, by weir's extraction and by other libraries.
    Json(Options),
    /// The program cold and warm, a fresh chain, memory of a chain.
    Start(Options),
    /// `weir replay` of a million records with the recom chain: records a second, CPU seconds, memory.
    Replay(replay::Options),
    /// On a real Kafka: CPU seconds of the process per million records.
    Kafka(kafka::Options),
    /// Counts instructions per record with valgrind and fails where one is 5 % off bench/baseline.toml.
    Gate(gate::Options),
    /// Threads, memory, descriptors and the end of a process with 1, 10, 40 and 100 pipelines on one busy topic.
    Pipelines(pipelines::Options),
    /// How fast records become dead letters, and what that costs the records beside them.
    DeadLetters(dead_letters::Options),
    /// Makes a plugin's project in every language, does what its README says, and tells what it costs.
    Languages(languages::Options),
    /// A piece of the hot path, which the gate counts.
    #[command(hide = true)]
    GateWork(gate::WorkOptions),
    /// One of the native programs, which the others start.
    #[command(hide = true)]
    Program(kafka::program::Options),
}

/// What sections without options of their own take.
#[derive(Debug, Args)]
struct Options {
    /// Rounds of each comparison; left out, each has a number of its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Only comparisons whose name holds this text, such as `recom` or `recom.350B.b128`.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
}

impl Options {
    /// Whether a comparison of that name is wanted.
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }

    /// How many rounds: what was asked for, else `usual`.
    fn rounds(&self, usual: usize) -> usize {
        self.rounds.map_or(usual, |rounds| rounds as usize)
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => report::complain(&error),
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    let context = Context { peers: arguments.peers, out: arguments.out.clone() };
    match &arguments.section {
        // A program tells no figures: who started it does.
        Some(Section::Program(options)) => return kafka::program::run(options).map(|()| ExitCode::SUCCESS),
        Some(Section::GateWork(options)) => return gate::run_work(options).map(|()| ExitCode::SUCCESS),
        Some(Section::DeadLetters(options)) => {
            return dead_letters::run(options, &context).map(|()| ExitCode::SUCCESS);
        }
        Some(Section::Pipelines(options)) => return pipelines::run(options, &context).map(|()| ExitCode::SUCCESS),
        Some(Section::Gate(options)) => return gate::run(options, &context),
        Some(Section::Languages(options)) => return languages::run(options),
        Some(section) => section.run(&context, &mut report)?,
        None => {
            for name in ["chain", "json", "start", "replay", "kafka"] {
                let one = Arguments::try_parse_from(["weir-bench", name])?;
                one.section.iter().try_for_each(|section| section.run(&context, &mut report))?;
            }
        }
    }
    report.publish(&context.out)?;
    Ok(ExitCode::SUCCESS)
}

impl Section {
    fn run(&self, context: &Context, report: &mut Report) -> anyhow::Result<()> {
        match self {
            Self::Chain(options) => chain::run(options, context, report),
            Self::Json(options) => json::run(options, report),
            Self::Start(options) => start::run(options, context, report),
            Self::Replay(options) => replay::run(options, context, report),
            Self::Kafka(options) => kafka::run(options, context, report),
            // Answered above: these tell no figures.
            Self::Program(_)
            | Self::DeadLetters(_)
            | Self::Pipelines(_)
            | Self::Gate(_)
            | Self::GateWork(_)
            | Self::Languages(_) => Ok(()),
        }
    }
}

/// What is the same for all sections.
#[derive(Clone, Debug)]
struct Context {
    /// Whether other systems' programs are run too.
    peers: bool,
    /// Where results go.
    out: PathBuf,
}

impl Context {
    /// A folder for files that a section needs while it runs: configurations, plugins. It is not emptied.
    fn scratch(&self) -> io::Result<PathBuf> {
        let folder = self.out.join("bench").join("work");
        fs::create_dir_all(&folder)?;
        folder.canonicalize()
    }
}
