//! `weir run`.

use std::sync::Arc;

use super::{ConfigArgument, Outcome, set_up};
use crate::{
    app::{self, App, Signals},
    config::Config,
    metrics::Metrics,
};

/// Runs every pipeline, Kafka to Kafka, until SIGTERM or Ctrl-C; reloads by itself.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let signals = Signals::listen()?;
    let path = &arguments.config.config;
    let engine = set_up::engine()?;
    let config = app::load(&engine, path)?;
    app::refuse_exactly_once(&config)?;
    let blueprints = app::blueprints(&engine, &config)?;
    let Some(limits) = app::await_topics(&config, &signals)? else { return Ok(Outcome::Done) };
    let app = App::start(&config, &blueprints, limits, &Arc::new(Metrics::default()), &signals)?;
    let preflight = move |config: &Config| app::topics_are_there(config, &signals);
    app.watch(path, engine, config, Some(Box::new(preflight)))?;
    tracing::info!(pipelines = app.pipelines().len(), "running");
    let ending = app.wait();
    Ok(if app.end(&ending) { Outcome::Done } else { Outcome::Different })
}
