//! `weir-bench pipelines`: what many pipelines in one process cost on one busy topic: threads by kind, memory,
//! descriptors, and how long they take to end.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use weir_tests::{Broker, Load, Topic, child_process};

use crate::{
    Context,
    kafka::process::{usage, weir_program},
};

/// Partitions of the topics.
const PARTITIONS: i32 = 4;
/// How long the pipelines may take to commit their first records.
const START: Duration = Duration::from_secs(180);
/// How long weir may take to end.
const END: Duration = Duration::from_secs(60);

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many pipelines, one process after the other.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,10,40,100")]
    counts: Vec<usize>,
    /// How often each is started and stopped.
    #[arg(long, value_name = "N", default_value_t = 1)]
    times: usize,
    /// Records a second into the topic that all of them read.
    #[arg(long, value_name = "N", default_value_t = 100)]
    rate: u64,
    /// How long each runs under load before it is looked at.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    seconds: u64,
    /// The `weir` program; left out, the one beside this program.
    #[arg(long, value_name = "FILE")]
    weir: Option<PathBuf>,
    /// Put before the program, such as `valgrind`.
    #[arg(long, value_name = "PROGRAM")]
    under: Option<PathBuf>,
}

/// What one run showed.
struct Run {
    threads: BTreeMap<String, usize>,
    rss: f64,
    peak: f64,
    descriptors: usize,
    end: Duration,
    status: Option<i32>,
    signal: Option<i32>,
}

/// Runs each number of pipelines and prints a table.
///
/// # Errors
/// No broker, no program, or pipelines that carry nothing.
pub(crate) fn run(options: &Options, context: &Context) -> Result<()> {
    let weir = weir_program(options.weir.as_deref())?;
    let folder = context.scratch()?.join("pipelines");
    fs::create_dir_all(&folder)?;
    let broker = Broker::shared();
    let (from, to) = (weir_tests::unique("many"), weir_tests::unique("many-out"));
    broker.oracle.create([&from, &to].map(|name| Topic::new(name, PARTITIONS)));
    let load = Load::start(broker, &from, PARTITIONS, options.rate);
    say("pipelines  threads      RSS     peak  descriptors      end  status\n")?;
    for &count in &options.counts {
        for time in 0..options.times {
            let config = folder.join("weir.toml");
            // Groups of its own: what another run has committed says nothing of this one.
            let groups = format!("{from}-{count}-{time}");
            fs::write(&config, self::config(broker, &from, &to, (&groups, count)))?;
            let run = once(options, broker, &weir, &config, (&groups, count))?;
            show(count, &run)?;
        }
    }
    load.finish();
    Ok(())
}

fn config(broker: &Broker, from: &str, to: &str, (groups, count): (&str, usize)) -> String {
    let mut text = format!("[kafka]\nbrokers = \"{}\"\n", broker.address);
    for number in 0..count {
        // Written to a string, which cannot fail.
        let _ = write!(
            text,
            "\n[pipelines.p{number}]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{groups}-{number}\"\n\
             start = \"latest\"\n[[pipelines.p{number}.interceptors]]\nplugin = \"header-enricher\"\n\
             [pipelines.p{number}.interceptors.config]\nheaders = [{{ name = \"dc\", value = \"hz{number}\" }}]\n"
        );
    }
    text
}

fn once(options: &Options, broker: &Broker, weir: &Path, config: &Path, which: (&str, usize)) -> Result<Run> {
    let log = config.with_extension("log");
    let mut command = child_process::command(options.under.as_deref().unwrap_or(weir));
    if options.under.is_some() {
        command.arg(weir);
    }
    let file = fs::File::create(&log)?;
    command.args(["run", "-c"]).arg(config);
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let mut child = Started(child_process::spawn(command)?);
    await_commits(broker, which, &mut child, &log)?;
    // What they hold while they carry, not while they start.
    std::thread::sleep(Duration::from_secs(options.seconds));
    let pid = child.0.id();
    let (threads, usage) = (threads(pid)?, usage(pid)?);
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
    let start = Instant::now();
    kill_process(i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process")?, Signal::TERM)?;
    let status = loop {
        if let Some(status) = child.0.try_wait()? {
            break status;
        }
        ensure!(start.elapsed() < END, "it did not end within {END:?}; its log is {}", log.display());
        std::thread::sleep(Duration::from_millis(5));
    };
    let end = start.elapsed();
    let (status, signal) = (status.code(), status.signal());
    Ok(Run { threads, rss: usage.rss, peak: usage.peak, descriptors, end, status, signal })
}

/// Waits until every pipeline has committed something.
fn await_commits(broker: &Broker, (groups, count): (&str, usize), child: &mut Started, log: &Path) -> Result<()> {
    let until = Instant::now() + START;
    for number in 0..count {
        let group = format!("{groups}-{number}");
        while broker.oracle.committed(&group).len() < PARTITIONS as usize {
            ensure!(child.0.try_wait()?.is_none(), "it ended; its log is {}", log.display());
            ensure!(Instant::now() < until, "{group} has committed nothing; the log is {}", log.display());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(())
}

/// Its threads by kind: librdkafka's names and ours, without the numbers and names of pipelines in them.
fn threads(pid: u32) -> Result<BTreeMap<String, usize>> {
    let mut kinds = BTreeMap::new();
    for name in &child_process::thread_names(pid)? {
        let kind = match name.split_once('-') {
            Some((pipeline, "control")) if pipeline.starts_with('p') => "group",
            Some((pipeline, number)) if pipeline.starts_with('p') && number.parse::<u32>().is_ok() => "worker",
            _ if name.starts_with("rdk:") => name,
            _ => "other",
        };
        *kinds.entry(kind.to_owned()).or_default() += 1;
    }
    Ok(kinds)
}

fn show(count: usize, run: &Run) -> Result<()> {
    let total: usize = run.threads.values().sum();
    let status = match (run.status, run.signal) {
        (Some(status), _) => status.to_string(),
        (None, signal) => format!("signal {}", signal.unwrap_or_default()),
    };
    let kinds: Vec<String> = run.threads.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    say(&format!(
        "{count:9}  {total:7}  {:4.0} MiB {:4.0} MiB  {:11}  {:5.1} s  {status}\n           {}\n",
        run.rss,
        run.peak,
        run.descriptors,
        run.end.as_secs_f64(),
        kinds.join(", "),
    ))
}

fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// A process that does not outlive a measurement that fails.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // Where it has ended already, there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
