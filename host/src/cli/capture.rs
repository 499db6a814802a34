//! `weir capture`.

use std::{
    fmt,
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

use super::{ConfigArgument, Outcome, say, usage};
use crate::{
    app::Signals,
    capture::{self, CaptureError, Mark, Range},
    config::{self, Probes, References},
};

/// How long it may take to end after a signal.
const END: Duration = Duration::from_secs(10);

/// Writes a range of a topic into a record file, without joining a group.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The topic.
    #[arg(long, value_name = "TOPIC")]
    topic: String,
    /// From here on: `earliest` (the default), an offset, or an RFC 3339 time.
    #[arg(long, value_name = "OFFSET|TIME")]
    from: Option<String>,
    /// Up to here, this one left out: `latest` (the default: what is there now), an offset, or an RFC 3339 time.
    #[arg(long, value_name = "OFFSET|TIME")]
    to: Option<String>,
    /// No more than this many records.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Where they are written; `-` is standard output.
    #[arg(long, value_name = "FILE|-")]
    output: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let range = Range {
        topic: &arguments.topic,
        from: mark("--from", arguments.from.as_deref(), Mark::Earliest)?,
        to: mark("--to", arguments.to.as_deref(), Mark::Latest)?,
        limit: arguments.limit,
    };
    if let (Mark::Offset(from), Mark::Offset(to)) | (Mark::Time(from), Mark::Time(to)) = (range.from, range.to)
        && from > to
    {
        return Err(usage("`--to` lies before `--from`".into()));
    }
    // It may be what writes the files of a probe.
    let loaded = config::load_or_part(&arguments.config.config, References::Resolve, Probes::LeaveOut);
    let config = loaded.map_err(|part| part.mistakes)?;
    let signals = Signals::listen()?;
    signals.serve(END);
    let bar = bar("capture");
    let mut progress = |passed, all| {
        bar.set_length(all);
        bar.set_position(passed);
        !signals.came()
    };
    let open = || output(&arguments.output);
    let written = capture::run(&config.kafka, &range, open, &mut progress);
    bar.finish_and_clear();
    let written = written.map_err(|error| match error {
        CaptureError::Open(error) => {
            anyhow::Error::new(error).context(format!("cannot write `{}`", arguments.output.display()))
        }
        error => error.into(),
    })?;
    say(&format!("{written} records of `{}`\n", arguments.topic));
    Ok(if signals.came() { Outcome::Different } else { Outcome::Done })
}

/// Where the records go. A file that is there is emptied.
fn output(path: &Path) -> io::Result<Box<dyn Write>> {
    Ok(if path == Path::new("-") {
        Box::new(BufWriter::new(io::stdout()))
    } else {
        Box::new(BufWriter::new(File::create(path)?))
    })
}

/// How far a topic is read; `what` is done with its records.
pub(super) fn bar(what: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style =
        ProgressStyle::with_template(&format!("{what} {{bar:40}} {{pos}} of {{len}} records, {{rate}}, {{eta}} left"));
    let rate = |state: &ProgressState, to: &mut dyn fmt::Write| {
        // What cannot be written is not shown.
        let _ = write!(to, "{}/s", HumanCount(state.per_sec() as u64));
    };
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("rate", rate));
    bar
}

fn mark(option: &str, text: Option<&str>, default: Mark) -> anyhow::Result<Mark> {
    let Some(text) = text else { return Ok(default) };
    match text {
        "earliest" => return Ok(Mark::Earliest),
        "latest" => return Ok(Mark::Latest),
        _ => {}
    }
    if let Ok(offset @ 0..) = text.parse::<i64>() {
        return Ok(Mark::Offset(offset));
    }
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => Ok(Mark::Time(time.as_millisecond())),
        Err(_) => {
            let message = format!("`{option} {text}` is neither `earliest`, `latest`, an offset nor an RFC 3339 time");
            Err(usage(message))
        }
    }
}
