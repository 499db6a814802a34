//! `weir replay`.

mod output;
mod sink;
mod update;
mod write_behind;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal},
    path::{Path, PathBuf},
};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use super::{ConfigArgument, Outcome, findings, say, set_up, usage};
use crate::{
    app::{self, Look},
    chain::Chain,
    config::{Config, Probes},
    record_file::{self, Reader},
    replay,
};

use sink::Sink;

/// Bytes of the input that are read at a time.
const READ: usize = 256 * 1024;

/// Runs the records of a file through a pipeline's chain, without Kafka.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The records; `-` is standard input.
    #[arg(long, value_name = "FILE|-")]
    input: PathBuf,
    /// The form of the input.
    #[arg(long, value_enum, default_value_t = Format::Records)]
    format: Format,
    /// Which pipeline; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// Where the records that come out are written; `-`, standard output, where neither this nor --expect is given.
    #[arg(long, value_name = "FILE|-")]
    output: Option<PathBuf>,
    /// Compare with these records; the first differences are shown, and the exit status is 1 where there are any. The
    /// generation that a dead letter names is not compared, because every rebuild of a plugin changes it.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Write what comes out to the file of --expect.
    #[arg(long, requires = "expect")]
    update: bool,
    /// Cut batches at this many records, whatever the configuration says. No answer may depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch_records: Option<u32>,
}

/// The form of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// One JSON object a line, as kcat -J prints them.
    Records,
    /// Any text file: each line is a value, without its line end (a line feed, or a carriage return and one).
    Lines,
    /// CSV whose header line names the fields: a value is a JSON object of them.
    Csv,
    /// Lines of name=value: a value is a JSON object of them.
    Logfmt,
    /// Syslog (RFC 5424, RFC 3164): a value is a JSON object of a line's parts.
    Syslog,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let engine = set_up::engine()?;
    // It is what writes the files of a probe.
    let look = Look { probes: Probes::LeaveOut, ..Look::default() };
    let config = app::load(&engine, &arguments.config.config, look)?;
    let name = pipeline(&config, arguments.pipeline.as_deref())?;
    let (blueprints, warnings) = app::blueprints(&engine, &config)?;
    findings::tell_warnings(&warnings);
    let blueprint = blueprints.get(name).context("the pipeline is not there")?;
    let chain = blueprint.prepare(None).context("a plugin cannot be set up")?.adopt(None);
    let mut cut = blueprint.pipeline().batch;
    if let Some(records) = arguments.batch_records {
        cut.records = records as usize;
    }

    let (input, bar) = open(&arguments.input)?;
    let input = Reader::new(input, arguments.format.into(), blueprint.pipeline().default_topic().unwrap_or_default());
    let mut sink = Sink::open(arguments)?;
    let ended = replay::run_ahead(chain, cut, input, |produced| sink.take(&produced));
    bar.finish_and_clear();
    let (summary, mut chain) = match ended {
        Ok(ended) => ended,
        Err(replay::Error::Emit(error)) => return sink.broken(error),
        Err(error) => {
            sink.flush();
            return Err(anyhow::Error::new(error).context(arguments.input.display().to_string()));
        }
    };
    say(&format!("{summary}\n{}", counts(&mut chain)));
    sink.finish()
}

/// The pipeline that is meant.
fn pipeline<'a>(config: &'a Config, wanted: Option<&str>) -> anyhow::Result<&'a str> {
    let names = || config.pipelines.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let message = match wanted {
        Some(wanted) => match config.pipelines.get_key_value(wanted) {
            Some((name, _)) => return Ok(name),
            None => format!("there is no pipeline `{wanted}`; there is: {}", names()),
        },
        None => {
            let mut all = config.pipelines.keys();
            match (all.next(), all.next()) {
                (Some(only), None) => return Ok(only),
                _ => format!("which pipeline? Give `--pipeline` one of: {}", names()),
            }
        }
    };
    Err(usage(message))
}

/// The input, and a bar that shows how much of it has been read.
fn open(path: &Path) -> anyhow::Result<(Box<dyn BufRead + Send>, ProgressBar)> {
    if path == Path::new("-") {
        return Ok((Box::new(BufReader::with_capacity(READ, io::stdin())), ProgressBar::hidden()));
    }
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let length = file.metadata().map(|metadata| metadata.len()).unwrap_or(0);
    // Where records scroll by on the same terminal a bar is in the way.
    if length == 0 || io::stdout().is_terminal() || !io::stderr().is_terminal() {
        return Ok((Box::new(BufReader::with_capacity(READ, file)), ProgressBar::hidden()));
    }
    let bar = ProgressBar::new(length);
    let style = ProgressStyle::with_template("replay {bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    Ok((Box::new(BufReader::with_capacity(READ, bar.wrap_read(file))), bar))
}

/// What the interceptors counted, a line each.
fn counts(chain: &mut Chain) -> String {
    let mut text = String::new();
    for interceptor in chain.take_counts().interceptors {
        let counts: Vec<String> = interceptor.counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if !counts.is_empty() {
            text.push_str(&format!("  {}: {}\n", interceptor.name, counts.join(", ")));
        }
    }
    text
}

impl From<Format> for record_file::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Records => Self::Records,
            Format::Lines => Self::Lines,
            Format::Csv => Self::Csv,
            Format::Logfmt => Self::Logfmt,
            Format::Syslog => Self::Syslog,
        }
    }
}
