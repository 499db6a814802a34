//! What commands begin with.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use crate::{
    chain::Blueprint,
    config::{Config, Mistakes},
    wasm::Engine,
};

/// The engine, with the user's cache of compiled code: `WEIR_CACHE`, else `weir` in the user's cache folder.
pub(super) fn engine() -> anyhow::Result<Engine> {
    Engine::new(cache_folder())
}

fn cache_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("WEIR_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").filter(|path| path.is_absolute()).map(|path| path.join("weir")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache").join("weir")))
}

/// The blueprint of every pipeline, by name; the mistakes of all of them at once.
pub(super) fn blueprints(engine: &Engine, config: &Config) -> Result<BTreeMap<String, Arc<Blueprint>>, Mistakes> {
    warn_of_what_waits(config);
    let mut built = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (name, pipeline) in &config.pipelines {
        match Blueprint::build(engine, config, pipeline, "".into()) {
            Ok(blueprint) => drop(built.insert(name.clone(), blueprint)),
            Err(more) => mistakes.extend(more.0),
        }
    }
    if mistakes.is_empty() { Ok(built) } else { Err(Mistakes(mistakes)) }
}

/// What is understood and does nothing yet is no mistake, but nobody shall count on it.
fn warn_of_what_waits(config: &Config) {
    if config.admin.is_some() {
        tracing::warn!("[admin] is read, but nothing listens there yet");
    }
    for pipeline in config.pipelines.values().filter(|pipeline| pipeline.ledger_topic.is_some()) {
        tracing::warn!(pipeline = pipeline.name, "`ledger_topic` is read, but nothing is written there yet");
    }
}
