//! `weir dev`.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;

use super::{ConfigArgument, Outcome, findings, replay::Format, say, set_up};
use crate::{
    app::{self, App, Ending, Look, Pipelines, Signals},
    config::{Config, Delivery},
    dev::{self, Broker, Effort, Feed},
    metrics::Metrics,
    pipeline::Limits,
    record_file::Reader,
};

/// Runs every pipeline against a broker inside the process, whose address it prints.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Records to produce into the source topics, no faster than they settle; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The form of the input.
    #[arg(long, value_enum, default_value_t = Format::Records, requires = "input")]
    format: Format,
    /// End when every record of the input is settled, with a summary per topic.
    #[arg(long, requires = "input")]
    once: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let signals = Signals::listen()?;
    let engine = set_up::engine()?;
    let written = app::load(&engine, &arguments.config.config, Look::default())?;
    let input = arguments.input.as_deref().map(open).transpose()?;
    let mut broker = Broker::start()?;
    let config = dev::adapt(&written, &broker);
    let (blueprints, warnings) = app::blueprints(&engine, &config)?;
    findings::tell_warnings(&warnings);
    broker.create(dev::topics(&blueprints).iter().map(String::as_str))?;
    introduce(&written, &broker);
    let metrics = Arc::new(Metrics::default());
    let app = App::start(&config, &blueprints, Limits::new(), &metrics, &signals)?;
    if !arguments.once {
        app.watch(&arguments.config.config, engine, written, None, false)?;
    }
    let fed = match input {
        Some(input) => {
            let topic = config.pipelines.values().find_map(|pipeline| pipeline.default_topic());
            let mut input = Reader::new(input, arguments.format.into(), topic.unwrap_or_default());
            feed(&mut broker, app.pipelines(), &mut input, &signals)
        }
        None => Ok(None),
    };
    let ending = if fed.is_ok() && !arguments.once { app.wait() } else { Ending::Asked };
    let settled = app.end(&ending);
    let effort = match &fed {
        Ok(effort) => *effort,
        Err(_) => None,
    };
    if let Some(effort) = effort {
        let text = dev::summary(&metrics, &dead_letters(&config), effort);
        std::io::stdout().write_all(text.as_bytes()).context("cannot write the summary")?;
    }
    let done = fed?.is_some() || !arguments.once;
    Ok(if settled && done { Outcome::Done } else { Outcome::Different })
}

fn introduce(config: &Config, broker: &Broker) {
    let topics = broker.topics().iter().map(|topic| format!("  {topic}\n")).collect::<String>();
    say(&format!("a broker inside this process listens at {}, with these topics:\n{topics}", broker.address()));
    for (name, pipeline) in &config.pipelines {
        if pipeline.delivery == Delivery::ExactlyOnce {
            say(&format!("pipeline `{name}` runs at least once here: this broker has no real transactions\n"));
        }
    }
}

/// Produces the input and waits until it is settled; none = interrupted.
fn feed(
    broker: &mut Broker,
    pipelines: &Pipelines,
    input: &mut Reader<Box<dyn BufRead>>,
    signals: &Signals,
) -> anyhow::Result<Option<Effort>> {
    let (started, cpu) = (Instant::now(), cpu_time());
    let stop = || signals.came();
    let mut feed = Feed::new(broker, pipelines)?;
    let records = feed.produce(input, &stop).with_context(|| format!("line {}", input.line()))?;
    if stop() || !feed.settle(&stop)? {
        return Ok(None);
    }
    Ok(Some(Effort { records, wall: started.elapsed(), cpu: cpu_time().saturating_sub(cpu) }))
}

fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Returns the dead-letter topic of each pipeline that has one.
pub(super) fn dead_letters(config: &Config) -> BTreeMap<String, String> {
    let topics =
        config.pipelines.iter().filter_map(|(name, pipeline)| Some((name.clone(), pipeline.dead_letter.clone()?)));
    topics.collect()
}
