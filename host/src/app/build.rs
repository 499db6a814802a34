//! From a path to what the pipelines run.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use crate::{
    chain::Blueprint,
    config::{self, Config, Delivery, Mistake, Mistakes, Probes, References, Warnings},
    kafka, probe, reload, threads,
    wasm::{Cancel, Engine},
};

/// How much of a configuration is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// What becomes of references to secrets.
    pub references: References,
    /// Whether librdkafka is asked about its properties: where clients are to be made of them.
    pub properties: bool,
    /// Whether pipelines have their probes.
    pub probes: Probes,
}

/// The configuration at `path`. Where it has mistakes, the plugins that it names are asked for theirs as well, so that
/// one look shows all.
///
/// # Errors
/// The mistakes, in the order of the files, and the warnings beside them.
pub fn load(engine: &Engine, path: &Path, look: Look) -> Result<Config, Mistakes> {
    threads::doing("reading the configuration");
    let besides = |config: &Config| {
        let mut mistakes = probe::check_files(config);
        if look.properties {
            mistakes.append(kafka::check_properties(config, look.references == References::Resolve));
        }
        mistakes
    };
    let (mut mistakes, rest) = match config::load_or_part(path, look.references, look.probes) {
        Ok(config) => {
            let mut mistakes = besides(&config);
            if mistakes.is_empty() {
                return Ok(config);
            }
            mistakes.warn(config.warnings.clone());
            (mistakes, Some(config))
        }
        Err(part) => {
            let mut mistakes = part.mistakes;
            mistakes.append(part.rest.as_ref().map(besides).unwrap_or_default());
            (mistakes, part.rest)
        }
    };
    for (config, pipeline) in rest.iter().flat_map(|rest| rest.pipelines.values().map(move |one| (rest, one))) {
        match Blueprint::build(engine, config, pipeline, "".into()) {
            // What is warned of where another mistake stands is told as well.
            Ok(blueprint) => mistakes.warn(blueprint.warnings().clone()),
            Err(more) => mistakes.append(more),
        }
    }
    mistakes.sort_by_path();
    Err(mistakes)
}

/// The blueprint of every pipeline, by name, and what there is to warn of in the whole configuration, in the order of the
/// files. Where all of them can be built, each has passed its probe. Where references were taken as given, a pipeline may be
/// missing that cannot be built without their values.
///
/// # Errors
/// The mistakes of all of them at once, and the warnings beside them.
pub fn blueprints(engine: &Engine, config: &Config) -> Result<(BTreeMap<String, Arc<Blueprint>>, Warnings), Mistakes> {
    let mut built = BTreeMap::new();
    let mut mistakes = Mistakes::default();
    mistakes.warn(config.warnings.clone());
    for (name, pipeline) in &config.pipelines {
        threads::doing(format!("compiling the plugins of pipeline `{name}`"));
        match Blueprint::build(engine, config, pipeline, "".into()) {
            Ok(blueprint) => {
                mistakes.warn(blueprint.warnings().clone());
                built.insert(name.clone(), blueprint);
            }
            Err(more) => mistakes.append(more),
        }
    }
    if mistakes.is_empty() {
        for (name, blueprint) in &built {
            threads::doing(format!("running the probe of pipeline `{name}`"));
            mistakes.extend(probe::run(config, blueprint, &Cancel::default()).err().map(|failed| *failed));
        }
    }
    threads::doing("");
    mistakes.sort_by_path();
    if mistakes.is_empty() { Ok((built, mistakes.take_warnings())) } else { Err(mistakes) }
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
