//! `weir run`.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Context;

use super::{ConfigArgument, Outcome, line, set_up, signals::Signals};
use crate::{
    config::{Config, Delivery, Mistake, Mistakes},
    kafka::Cluster,
    metrics::Metrics,
    pipeline::preflight::{self, Limits},
};

/// How long one question to the brokers may take.
const QUESTION: Duration = Duration::from_secs(5);

/// Runs every pipeline, Kafka to Kafka, until SIGTERM or Ctrl-C; reloads by itself.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let engine = set_up::engine()?;
    let config = set_up::load(&engine, &arguments.config.config)?;
    refuse_exactly_once(&config)?;
    let signals = Signals::listen()?;
    let blueprints = set_up::blueprints(&engine, &config)?;
    let Some(limits) = check_topics(&config, &signals)? else { return Ok(Outcome::Done) };
    let metrics = Arc::new(Metrics::default());
    let limit = config.shutdown_timeout;
    let pipelines = line::start(&config, &blueprints, &limits, &metrics)?;
    let ending = signals.flag();
    let preflight = move |config: &Config| topics_there(config, || !ending.load(Ordering::Acquire));
    let reload = line::watch(&arguments.config.config, engine, config, &pipelines, Some(Box::new(preflight)))?;
    tracing::info!(pipelines = pipelines.len(), "running");
    signals.wait();
    drop(reload);
    tracing::info!("stopping: settling what is in flight; a second signal ends at once");
    Ok(if line::stop(pipelines, limit) { Outcome::Done } else { Outcome::Different })
}

fn refuse_exactly_once(config: &Config) -> Result<(), Mistakes> {
    let exactly = config.pipelines.values().filter(|pipeline| pipeline.delivery == Delivery::ExactlyOnce);
    let mistakes: Vec<Mistake> = exactly
        .map(|pipeline| {
            let help = Some("write `delivery = \"at-least-once\"`".to_owned());
            pipeline.place.mistake(config, "/delivery", "`exactly-once` is not there yet", help)
        })
        .collect();
    if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
}

/// Looks whether the topics of a configuration that is to take over are there. Brokers that do not answer hinder
/// nothing: a topic that turns out to be missing costs the record, not the pipeline.
fn topics_there(config: &Config, wanted: impl Fn() -> bool) -> Result<(), Mistakes> {
    match Cluster::connect(&config.kafka).and_then(|cluster| cluster.topics(QUESTION, wanted)) {
        Ok(topics) => preflight::topics_exist(config, config.pipelines.values(), &topics),
        Err(error) => {
            tracing::warn!("cannot see whether the topics of the new configuration are there: {error}");
            Ok(())
        }
    }
}

/// Looks whether every topic is there, and what it takes; brokers that are away are waited for. None = asked to stop
/// meanwhile.
fn check_topics(config: &Config, signals: &Signals) -> anyhow::Result<Option<Limits>> {
    let cluster = Cluster::connect(&config.kafka).context("cannot connect")?;
    let topics = loop {
        let answer = cluster.topics(QUESTION, || !signals.came());
        match (answer, cluster.denied()) {
            (Ok(topics), _) => break topics,
            (Err(_), _) if signals.came() => return Ok(None),
            // Whoever starts weir looks at it now. Later, while it runs, it would try on: keys are changed then.
            (Err(_), Some(denied)) => anyhow::bail!("the brokers do not let weir in: {denied}"),
            (Err(error), None) => tracing::warn!(brokers = config.kafka.brokers, "waiting for the brokers: {error}"),
        }
        if signals.came_within(Duration::from_secs(1)) {
            return Ok(None);
        }
    };
    if let Err(mistakes) = preflight::topics_exist(config, config.pipelines.values(), &topics) {
        // The configuration is fine in itself: another cluster may have them. So this is no status 78.
        super::say(&mistakes.render(super::is_coloured()));
        let count = mistakes.0.len();
        let missing = if count == 1 { "topic is" } else { "topics are" };
        anyhow::bail!("{count} {missing} missing in the cluster at {}", config.kafka.brokers);
    }
    Ok(Some(preflight::learn(&cluster, config.pipelines.values(), &topics, QUESTION, || !signals.came())))
}
