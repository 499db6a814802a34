//! `weir import`.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{CommandFactory, error::ErrorKind};

use super::{Outcome, say};
use crate::import::{self, Grade, ImportError, Imported, Options, Time};

/// Translates the configuration of another system into weir's, with a report of what was translated, differs, and cannot be.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    system: System,
}

#[derive(Debug, clap::Subcommand)]
enum System {
    /// Flume's agents: a properties file.
    Flume {
        #[command(flatten)]
        common: Common,
        /// Whose time the dates of paths and topics (%Y%m%d) are, where an interceptor writes the header `timestamp`.
        #[arg(long, value_enum, default_value_t = TimeOf::Record)]
        time: TimeOf,
    },
    /// Connectors of Kafka Connect or MirrorMaker 2: JSON as the REST API takes it, or a properties file.
    Connect {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The other system's configuration; `-` is standard input.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Where weir's configuration is written; standard output where this is left out. A file that is there is replaced.
    #[arg(long, value_name = "FILE|-")]
    output: Option<PathBuf>,
    /// Print the report, which goes to standard error, as JSON.
    #[arg(long)]
    json: bool,
    /// The zone of dates that were in the zone of the machine, an IANA name.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    zone: String,
    /// The brokers, where the file names none.
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:9092")]
    brokers: String,
}

/// Whose time dates are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum TimeOf {
    /// The record's timestamp.
    Record,
    /// The header `timestamp`, as in Flume: a timestamp-fixer puts it into the record.
    Header,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (common, time) = match &arguments.system {
        System::Flume { common, time: TimeOf::Header } => (common, Time::Header),
        System::Flume { common, .. } | System::Connect { common } => (common, Time::Record),
    };
    let options = Options { zone: common.zone.clone(), brokers: common.brokers.clone(), time };
    let text = read(&common.file)?;
    let imported = match arguments.system {
        System::Flume { .. } => import::flume(&text, &options),
        System::Connect { .. } => import::connect(&text, &options),
    };
    let imported = imported.with_context(|| common.file.display().to_string())?;
    write(&imported, common)?;
    Ok(if imported.report.is_complete() { Outcome::Done } else { Outcome::Different })
}

/// Writes the configuration, then the report.
fn write(imported: &Imported, common: &Common) -> anyhow::Result<()> {
    match common.output.as_deref().filter(|path| *path != Path::new("-")) {
        Some(path) => {
            fs::write(path, &imported.config).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        None => io::stdout().lock().write_all(imported.config.as_bytes())?,
    }
    if common.json {
        let report = serde_json::json!({
            "complete": imported.report.is_complete(),
            "impossible": imported.report.count(Grade::Impossible),
            "entries": imported.report.entries,
        });
        say(&format!("{report}\n"));
    } else {
        say(&imported.report.to_string());
    }
    Ok(())
}

/// The largest file that is read.
const LIMIT: u64 = 1 << 20;

fn read(path: &Path) -> anyhow::Result<String> {
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(fs::File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?)
    };
    let mut bytes = Vec::new();
    input.take(LIMIT + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read `{}`", path.display()))?;
    if bytes.len() as u64 > LIMIT {
        let message = format!("`{}` is larger than 1 MiB: is it the right file?", path.display());
        return Err(super::Arguments::command().error(ErrorKind::ValueValidation, message).into());
    }
    // Properties files were in ISO 8859-1 once.
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()))
}

fn zone(text: &str) -> Result<String, String> {
    match jiff::tz::TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("it is not a zone of the tz database; write one such as `Europe/Berlin`".to_owned()),
    }
}

/// Whether an error speaks of what stands in the file.
pub(super) fn is_of_file(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ImportError>().is_some()
}
