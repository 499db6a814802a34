//! Pipelines that run: what `run` and `dev` share.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use anyhow::Context;

use crate::{
    chain::Blueprint,
    config::Config,
    metrics::Metrics,
    pipeline::{Pipeline, SwapError, preflight::Limits},
    reload::{self, Preflight, Reload, Reloader, Running},
    wasm::Engine,
};

/// How long the workers may take to the end of their batches.
const SWAP: Duration = Duration::from_secs(15);

/// Starts every pipeline. `limits` as [`Pipeline::start`] takes it.
pub(super) fn start(
    config: &Config,
    blueprints: &BTreeMap<String, Arc<Blueprint>>,
    limits: &Limits,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<BTreeMap<String, Arc<Pipeline>>> {
    let mut pipelines = BTreeMap::new();
    for (name, blueprint) in blueprints {
        let pipeline = Pipeline::start(&config.kafka, blueprint, 1, limits, metrics)
            .with_context(|| format!("pipeline `{name}` cannot start"))?;
        pipelines.insert(name.clone(), Arc::new(pipeline));
    }
    Ok(pipelines)
}

/// Takes changes of the configuration at `path` over while records flow, until what is answered is dropped. `preflight`
/// looks at what a new configuration needs from outside.
pub(super) fn watch(
    path: &Path,
    engine: Engine,
    config: Config,
    pipelines: &BTreeMap<String, Arc<Pipeline>>,
    preflight: Option<Preflight>,
) -> anyhow::Result<Reload> {
    let running = pipelines.iter().map(|(name, pipeline)| {
        let blueprint = pipeline.generation().1;
        let pipeline = Arc::clone(pipeline);
        let swap = move |blueprint: &Arc<Blueprint>, generation: u64| match pipeline.swap(blueprint, generation, SWAP) {
            Ok(()) => Ok(()),
            // They hold it and take it as soon as they can: it is in service, only not everywhere yet.
            Err(SwapError::Late(workers)) => {
                tracing::warn!(generation, workers, "workers that have not come to the end of a batch follow later");
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        };
        (name.clone(), Running { blueprint, swap: Box::new(swap) })
    });
    let mut reloader = Reloader::new(path.to_owned(), engine, config, running.collect());
    if let Some(preflight) = preflight {
        reloader = reloader.with_preflight(preflight);
    }
    reload::start(reloader, |_| {}).context("cannot watch the configuration")
}

/// Stops every pipeline at the same time; answers whether everything delivered is committed.
pub(super) fn stop(pipelines: BTreeMap<String, Arc<Pipeline>>, limit: Duration) -> bool {
    for pipeline in pipelines.values() {
        pipeline.begin_shut_down(limit);
    }
    let mut all = true;
    for (name, pipeline) in pipelines {
        if !pipeline.shut_down(limit) {
            tracing::warn!(pipeline = name, "ended before everything was settled and committed; it will come again");
            all = false;
        }
    }
    all
}
