//! `weir run`.

use std::sync::Arc;

use super::{ConfigArgument, Outcome, logging, set_up};
use crate::{
    admin,
    app::{self, App, Look, Operations, Outside, Signals, Starting},
    dev, kafka,
    metrics::Metrics,
    wasm,
};

/// Runs every pipeline, Kafka to Kafka, until SIGTERM or Ctrl-C; reloads by itself. At the end it tells what became of records.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Do not start with a configuration that there is something to warn of, and refuse to reload one.
    #[arg(long)]
    deny_warnings: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let signals = Signals::listen()?;
    set_up::raise_file_limit();
    let path = &arguments.config.config;
    let engine = set_up::engine()?;
    let config = app::load(&engine, path, Look { properties: true, ..Look::default() })?;
    app::refuse_exactly_once(&config)?;
    app::refuse_rolled_back(path, &config)?;
    let metrics = Arc::new(Metrics::default());
    metrics.build_info(vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("wasmtime", wasm::ENGINE.to_owned()),
        ("librdkafka", kafka::librdkafka()),
    ]);
    // Before anything is waited for, so that it can be seen what weir waits for.
    let starting = Arc::new(Starting::new(&metrics));
    if let Some(admin) = &config.admin {
        let address = admin::serve(admin, Arc::clone(&starting) as Arc<dyn Operations>)?;
        tracing::info!(%address, "the admin API listens");
    }
    let (blueprints, warnings) = app::blueprints(&engine, &config)?;
    if arguments.deny_warnings && !warnings.is_empty() {
        return Err(warnings.denied().into());
    }
    warnings.log();
    let Some(limits) = app::await_topics(&config, &blueprints, &signals)? else { return Ok(Outcome::Done) };
    let dead_letters = super::dev::dead_letters(&config);
    let (brokers, digest) = (config.kafka.brokers.clone(), app::digest(&blueprints));
    let pipelines: Vec<&str> = blueprints.keys().map(String::as_str).collect();
    let app = Arc::new(App::start(&config, &blueprints, limits, &metrics, &signals)?);
    app.watch(path, engine, config, Some(Box::new(Outside::new(&signals))), arguments.deny_warnings)?;
    starting.serve(&app);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        config = %path.display(),
        brokers,
        pipelines = pipelines.join(", "),
        generation = app::FIRST_GENERATION,
        digest,
        "running"
    );
    let ending = app.wait();
    let is_settled = app.end(&ending);
    if !logging::is_json() {
        super::say(&dev::totals(&metrics, &dead_letters));
    }
    Ok(if is_settled { Outcome::Done } else { Outcome::Different })
}
