//! One run: a program over one feed, watched from outside.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use weir_tests::siege::{self, Siege};

use super::{
    cluster::Cluster,
    digest::{self, Digest},
    feed::{Fed, Feed},
    process::{Process, usage},
    scrape::{self, Scraper},
    setup::{Contender, Program, Setup},
};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// No record for so long: it stands still.
const STILL: Duration = Duration::from_secs(20);
/// How long it may take to end.
const END: Duration = Duration::from_secs(30);
/// What counts as steady: between these shares of the records.
pub(crate) const STEADY: (f64, f64) = (0.15, 0.85);

/// What is read.
#[derive(Clone, Debug)]
pub(crate) enum Load {
    /// A topic that is full.
    Backlog { topic: String, fed: Fed },
    /// Records come while it runs, so many a second for so long.
    Paced { rate: f64, time: Duration },
}

/// What a run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// CPU seconds of the process per million records, while steady.
    pub(crate) cpu: f64,
    /// The same over its whole life.
    pub(crate) whole: f64,
    /// CPU seconds of the broker per million records, while steady.
    pub(crate) broker: f64,
    /// Records a second by the clock, while steady.
    pub(crate) rate: f64,
    /// The most memory that was resident, MiB.
    pub(crate) peak: f64,
}

/// A look at a moment.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// Seconds since the start.
    at: f64,
    /// Records that have come out.
    out: u64,
    /// CPU seconds of the process.
    cpu: f64,
    /// CPU seconds of the broker.
    broker: f64,
}

/// Where programs and their folders stand.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    /// This program.
    pub(crate) bench: PathBuf,
    /// The weir under measurement.
    pub(crate) weir: PathBuf,
    /// The class path of the Kafka Streams program, where it is wanted.
    pub(crate) streams: Option<String>,
    /// For configurations and logs.
    pub(crate) folder: PathBuf,
    /// Settings of producers that differ from weir's.
    pub(crate) producer: Vec<(String, String)>,
}

impl Binaries {
    /// Starts a contender in a folder that is empty.
    pub(crate) fn start(&self, contender: Contender, setup: &Setup<'_>, folder: &Path) -> Result<Process> {
        let log = folder.join("log");
        let path = folder.to_str().context("a path that is no text")?;
        if contender.program() != Program::Streams {
            fs::write(folder.join("weir.toml"), setup.config(contender, &self.producer)?)?;
        }
        match contender.program() {
            Program::Weir => Process::start(&self.weir, &["run", "-c", "weir.toml"], folder, &log),
            Program::Native(job) => {
                let arguments = [&["program"], job, &["--config", "weir.toml"]].concat();
                Process::start(&self.bench, &arguments, folder, &log)
            }
            Program::Streams => {
                let class_path = self.streams.as_deref().context("the Kafka Streams program")?;
                let given = setup.for_streams(path);
                let quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
                let mut arguments = vec!["-Xmx1g", quiet, "-cp", class_path, "Recom"];
                arguments.extend(given.iter().map(String::as_str));
                Process::start(Path::new("java"), &arguments, folder, &log)
            }
        }
    }
}

/// How one run is done.
pub(crate) struct Run<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) binaries: &'a Binaries,
    pub(crate) contender: Contender,
    pub(crate) workers: usize,
    pub(crate) compression: &'a str,
    pub(crate) load: &'a Load,
    /// A number that no other run has.
    pub(crate) number: usize,
    /// Whether to read everything that came out.
    pub(crate) read: bool,
}

/// What came of a run.
pub(crate) struct Outcome {
    pub(crate) cost: Cost,
    /// What came out, by topic; empty unless it was asked for.
    pub(crate) digests: BTreeMap<String, Digest>,
}

impl Run<'_> {
    /// Runs it, checks that every record came out where it belongs, once, and takes its topics away.
    pub(crate) fn run(&self) -> Result<Outcome> {
        let name = format!("{} ({} workers, {})", self.contender, self.workers, self.compression);
        self.all().with_context(|| name)
    }

    fn all(&self) -> Result<Outcome> {
        let prefix = format!("b{}-{}-", std::process::id(), self.number);
        let input = match self.load {
            Load::Backlog { topic, .. } => topic.clone(),
            Load::Paced { .. } => format!("{prefix}in"),
        };
        let setup = Setup {
            brokers: &self.cluster.broker.address,
            input: &input,
            prefix: &prefix,
            workers: self.workers,
            compression: self.compression,
            admin: self.contender.is_watched().then(scrape::free_address).transpose()?,
        };
        let topics = setup.topics(self.contender);
        self.cluster.create(&topics);
        if let Load::Paced { .. } = self.load {
            self.cluster.create(std::slice::from_ref(&input));
        }
        let folder = self.binaries.folder.join(&prefix);
        fs::create_dir_all(&folder)?;
        let start = Instant::now();
        let process = self.binaries.start(self.contender, &setup, &folder)?;
        let scraper = setup.admin.map(Scraper::start);
        let siege = setup.admin.filter(|_| self.contender == Contender::Besieged).map(Siege::start);
        let (fed, mut process, looks) = self.watch(process, &topics, &input, start)?;
        if let Some(scraper) = scraper {
            scraper.stop(start.elapsed())?;
        }
        if let Some(made) = siege.map(Siege::stop) {
            ensure!(made >= (siege::IDLE + siege::HOSTILE) as u64, "the siege made only {made} connections");
        }
        self.cluster.await_commit(&setup.group(), fed.records)?;
        process.check()?;
        let last = usage(process.id())?;
        process.stop(END)?;
        let counts = self.cluster.count(&topics)?;
        ensure!(counts == setup.expected(self.contender, &fed), "other counts than expected: {counts:?}");
        let digests = if self.read { digest::read(self.cluster, &topics, &prefix)? } else { BTreeMap::new() };
        if let (true, Some(found)) = (self.contender.is_unchanged(), digests.get("out")) {
            ensure!(*found == fed.unchanged, "the records came out changed");
        }
        self.cluster.delete(&topics);
        if let Load::Paced { .. } = self.load {
            self.cluster.delete(std::slice::from_ref(&input));
        }
        let cost = cost(&looks, fed.records, last.cpu, last.peak)?;
        Ok(Outcome { cost, digests })
    }

    /// Looks until every record has come out.
    fn watch(
        &self,
        mut process: Process,
        topics: &[String],
        input: &str,
        start: Instant,
    ) -> Result<(Fed, Process, Vec<Look>)> {
        let (mut fed, feeding) = match self.load {
            Load::Backlog { fed, .. } => (Some(fed.clone()), None),
            Load::Paced { rate, time } => {
                let feed = Feed::new(&self.cluster.broker.address, input, self.compression)?;
                let (rate, time) = (*rate, *time);
                (None, Some(thread::spawn(move || feed.pace(rate, time))))
            }
        };
        let mut feeding = feeding;
        let mut looks: Vec<Look> = Vec::new();
        let mut moved = Instant::now();
        loop {
            if feeding.as_ref().is_some_and(thread::JoinHandle::is_finished)
                && let Some(feed) = feeding.take()
            {
                fed = Some(feed.join().map_err(|_| anyhow::anyhow!("the feed panicked"))??);
            }
            process.check()?;
            let out = self.cluster.count(topics)?.values().sum();
            let used = usage(process.id())?;
            let broker = self.cluster.process().map_or(Ok(0.0), |pid| usage(pid).map(|used| used.cpu))?;
            if looks.last().is_none_or(|last| last.out != out) {
                moved = Instant::now();
            }
            looks.push(Look { at: start.elapsed().as_secs_f64(), out, cpu: used.cpu, broker });
            if let Some(fed) = fed.take_if(|fed| fed.records <= out) {
                return Ok((fed, process, looks));
            }
            if moved.elapsed() > STILL {
                bail!("{out} records came out, and for {STILL:?} no more:\n{}", process.said());
            }
            thread::sleep(LOOK);
        }
    }
}

fn cost(looks: &[Look], records: u64, whole: f64, peak: f64) -> Result<Cost> {
    let at = |share: f64| -> Result<(f64, f64, f64)> {
        let wanted = records as f64 * share;
        let after = looks.iter().position(|look| look.out as f64 >= wanted).context("too few records")?;
        let (from, to) = (looks[after.saturating_sub(1)], looks[after]);
        let part = if to.out > from.out { (wanted - from.out as f64) / (to.out - from.out) as f64 } else { 0.0 };
        let between = |from: f64, to: f64| from + (to - from) * part;
        Ok((between(from.at, to.at), between(from.cpu, to.cpu), between(from.broker, to.broker)))
    };
    let (begin, end) = (at(STEADY.0)?, at(STEADY.1)?);
    let millions = records as f64 * (STEADY.1 - STEADY.0) / 1e6;
    Ok(Cost {
        cpu: (end.1 - begin.1) / millions,
        whole: whole / (records as f64 / 1e6),
        broker: (end.2 - begin.2) / millions,
        rate: millions * 1e6 / (end.0 - begin.0),
        peak,
    })
}
