//! `weir-bench dead-letters`: what records that cannot be delivered cost: how fast they become dead letters, and what the
//! records beside them lose by it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use weir_tests::{Broker, Record, Topic, unique};

use crate::{
    Context,
    kafka::process::{Process, weir_program},
    report::tell,
};

/// Partitions of the topics.
const PARTITIONS: i32 = 4;
/// How long weir may take for all records.
const LIMIT: Duration = Duration::from_secs(180);
/// Between two looks at what has arrived.
const LOOK: Duration = Duration::from_millis(5);

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Records of each case.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    records: usize,
    /// How often each case is measured, in turns.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    /// The `weir` program; left out, the one beside this program.
    #[arg(long, value_name = "FILE")]
    weir: Option<PathBuf>,
}

/// What is wrong with some of the records.
#[derive(Clone, Copy, Debug)]
enum Case {
    /// Nothing.
    Good,
    /// The topic of every second one does not exist.
    MissingTopic,
    /// Every hundredth has no key, and its topic is compacted.
    NoKey,
}

/// What one run showed.
struct Run {
    /// From the first record that arrived anywhere until all are committed.
    took: Duration,
    dead: i64,
    /// From the making of the missing topic until a record is in it.
    late: Option<Duration>,
}

/// Runs each case in turns and prints a table.
///
/// # Errors
/// No broker, no program, or records that do not arrive.
pub(crate) fn run(options: &Options, context: &Context) -> Result<()> {
    let weir = weir_program(options.weir.as_deref())?;
    let folder = context.scratch()?.join("dead-letters");
    fs::create_dir_all(&folder)?;
    tell(format_args!(
        "case           records/s  dead letters/s  of the good case  its topic made until a record is there"
    ));
    for _ in 0..options.rounds {
        let mut good = None;
        for case in [Case::Good, Case::MissingTopic, Case::NoKey] {
            let run = once(case, options.records, &weir, &folder)?;
            let rate = options.records as f64 / run.took.as_secs_f64();
            let share = rate / *good.get_or_insert(rate);
            let late = run.late.map_or_else(String::new, |late| format!("{:.1} s", late.as_secs_f64()));
            let dead = run.dead as f64 / run.took.as_secs_f64();
            tell(format_args!("{:13} {rate:10.0} {dead:15.0} {share:17.2}  {late}", format!("{case:?}")));
        }
    }
    Ok(())
}

fn once(case: Case, records: usize, weir: &Path, folder: &Path) -> Result<Run> {
    let broker = Broker::shared();
    let oracle = &broker.oracle;
    let from = unique("dead");
    let (to, dead) = (format!("{from}-to"), format!("{from}-dead"));
    let (there, missing) = (format!("{to}-0"), format!("{to}-1"));
    let first = Topic::new(&there, PARTITIONS);
    let first = if matches!(case, Case::NoKey) { first.with("cleanup.policy", "compact") } else { first };
    oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&dead, PARTITIONS), first]);
    let record = |number: usize| {
        let bucket = usize::from(matches!(case, Case::MissingTopic)) * (number / PARTITIONS as usize % 2);
        let record = Record::to(&from).partition((number % PARTITIONS as usize) as i32).value(vec![b'v'; 350]);
        let record = record.header("b", bucket.to_string());
        if matches!(case, Case::NoKey) && number % 100 == 41 { record } else { record.key(format!("k{number}")) }
    };
    oracle.produce((0..records).map(record));
    let config = folder.join("weir.toml");
    fs::write(&config, self::config(broker, &from, &to, &dead))?;
    let log = config.with_extension("log");
    let mut process = Process::start(weir, &["run", "-c", "weir.toml"], folder, &log)?;
    let until = Instant::now() + LIMIT;
    let mut await_that = |what: &str, is_so: &dyn Fn() -> bool| -> Result<Instant> {
        while !is_so() {
            process.check()?;
            ensure!(Instant::now() < until, "{what}: not within {LIMIT:?}; the log is {}", log.display());
            std::thread::sleep(LOOK);
        }
        Ok(Instant::now())
    };
    let start = await_that("a record arrives", &|| oracle.count(&[&there, &dead]) > 0)?;
    let end = await_that("all is committed", &|| oracle.committed(&from) == oracle.ends(&[&from]))?;
    let counted = oracle.count(&[&dead]);
    let late = if matches!(case, Case::MissingTopic) {
        let number = records / PARTITIONS as usize * PARTITIONS as usize + PARTITIONS as usize;
        oracle.create([Topic::new(&missing, PARTITIONS)]);
        let made = Instant::now();
        let there = await_that("a record is in the topic that was made", &|| {
            oracle.produce([record(number)]);
            oracle.count(&[&missing]) > 0
        })?;
        Some(there - made)
    } else {
        None
    };
    Ok(Run { took: end - start, dead: counted, late })
}

fn config(broker: &Broker, from: &str, to: &str, dead: &str) -> String {
    format!(
        "[kafka]\nbrokers = \"{}\"\n[pipelines.p]\nfrom = [\"{from}\"]\ngroup = \"{from}\"\ndead_letter = \"{dead}\"\n\
         topics = [\"{to}-*\"]\nworkers = 1\n[[pipelines.p.interceptors]]\nplugin = \"mod-router\"\n\
         config = {{ from = {{ header = \"b\" }}, buckets = 2, topic = \"{to}-{{bucket}}\" }}\n",
        broker.address
    )
}
