//! From a path to what the pipelines run.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use crate::{
    chain::Blueprint,
    config::{self, Config, Delivery, Mistake, Mistakes},
    reload, threads,
    wasm::Engine,
};

/// The configuration at `path`. Where it has mistakes, the plugins that it names are asked for theirs as well, so that
/// one look shows all.
///
/// # Errors
/// The mistakes, in the order of the files.
pub fn load(engine: &Engine, path: &Path) -> Result<Config, Mistakes> {
    threads::doing("reading the configuration");
    config::load_or_part(path).map_err(|part| {
        let mut mistakes = part.mistakes;
        for (config, pipeline) in part.rest.iter().flat_map(|rest| rest.pipelines.values().map(move |one| (rest, one)))
        {
            if let Err(more) = Blueprint::build(engine, config, pipeline, "".into()) {
                mistakes.append(more);
            }
        }
        mistakes.sort_by_path();
        mistakes
    })
}

/// The blueprint of every pipeline, by name.
///
/// # Errors
/// The mistakes of all of them at once.
pub fn blueprints(engine: &Engine, config: &Config) -> Result<BTreeMap<String, Arc<Blueprint>>, Mistakes> {
    warn_of_what_waits(config);
    let mut built = BTreeMap::new();
    let mut mistakes = Mistakes::default();
    for (name, pipeline) in &config.pipelines {
        threads::doing(format!("compiling the plugins of pipeline `{name}`"));
        match Blueprint::build(engine, config, pipeline, "".into()) {
            Ok(blueprint) => drop(built.insert(name.clone(), blueprint)),
            Err(more) => mistakes.append(more),
        }
    }
    threads::doing("");
    if mistakes.is_empty() { Ok(built) } else { Err(mistakes) }
}

/// The digest of all of them, as reload tells it.
pub fn digest(blueprints: &BTreeMap<String, Arc<Blueprint>>) -> String {
    let digests: Vec<_> = blueprints.iter().map(|(name, blueprint)| (name.as_str(), blueprint.digest())).collect();
    reload::digest_of(&digests)
}

/// Refuses a configuration that asks for what `run` does not do yet.
///
/// # Errors
/// One mistake a pipeline.
pub fn refuse_exactly_once(config: &Config) -> Result<(), Mistakes> {
    let exactly = config.pipelines.values().filter(|pipeline| pipeline.delivery == Delivery::ExactlyOnce);
    let mistakes: Vec<Mistake> = exactly
        .map(|pipeline| {
            let help = Some("write `delivery = \"at-least-once\"`".to_owned());
            pipeline.place.mistake(config, "/delivery", "`exactly-once` is not there yet", help)
        })
        .collect();
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
}

/// Refuses a configuration that was rolled back, as far as that is remembered in its `state_dir`.
///
/// # Errors
/// When and why it was.
pub fn refuse_rolled_back(path: &Path, config: &Config) -> Result<(), Mistakes> {
    let Some(why) = reload::rolled_back(config) else { return Ok(()) };
    let message = format!("{} is not run: {why}", path.display());
    let help = Some("change it, or delete that file to have it tried again".to_owned());
    Err(vec![Mistake { at: None, message, help }].into())
}

/// What is understood and does nothing yet is no mistake, but nobody shall count on it.
fn warn_of_what_waits(config: &Config) {
    for pipeline in config.pipelines.values().filter(|pipeline| pipeline.ledger_topic.is_some()) {
        tracing::warn!(pipeline = pipeline.name, "`ledger_topic` is read, but nothing is written there yet");
    }
}
