//! What commands begin with.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    chain::Blueprint,
    config::{self, Config, Mistakes},
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

/// The configuration at `path`. Where it has mistakes, the plugins that it names are asked for theirs as well, so that
/// one look shows all.
pub(super) fn load(engine: &Engine, path: &Path) -> Result<Config, Mistakes> {
    config::load_or_part(path).map_err(|part| {
        let mut mistakes = part.mistakes.0;
        for (config, pipeline) in part.rest.iter().flat_map(|rest| rest.pipelines.values().map(move |one| (rest, one)))
        {
            mistakes.extend(
                Blueprint::build(engine, config, pipeline, "".into()).err().into_iter().flat_map(|more| more.0),
            );
        }
        let file = |mistake: &config::Mistake| mistake.at.as_ref().map(|(source, at)| (source.path.clone(), at.start));
        mistakes.sort_by_cached_key(file);
        Mistakes(mistakes)
    })
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
