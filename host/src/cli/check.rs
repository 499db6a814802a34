//! `weir check`.

mod json;
mod plan;

use std::io::Write;

use super::{ConfigArgument, Outcome, findings, set_up};
use crate::{
    app::{self, Look},
    chain::Blueprint,
    config::{Config, Mistakes, References},
};

/// Names every mistake of a configuration, and prints what the plugins would do. Needs no broker.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Take `{ env = … }` and `{ file = … }` as given, and open no certificate: needs no secret.
    #[arg(long)]
    no_env: bool,
    /// Print one JSON document: mistakes, warnings and the plan.
    #[arg(long)]
    json: bool,
    /// Fail where there is something to warn of.
    #[arg(long)]
    deny_warnings: bool,
}

/// What was found sound.
struct Checked {
    /// Of each pipeline whose plan can be told.
    blueprints: Vec<std::sync::Arc<Blueprint>>,
    /// Pipelines whose plan depends on the value of a reference.
    untold: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (checked, found) = check(arguments)?;
    let refused = !found.is_empty() || (arguments.deny_warnings && !found.warnings().is_empty());
    if arguments.json {
        let document = json::of(&found, checked.as_ref());
        std::io::stdout().lock().write_all(format!("{document:#}\n").as_bytes())?;
        return if refused { Ok(Outcome::Misconfigured) } else { Ok(Outcome::Done) };
    }
    let Some(checked) = checked.filter(|_| !refused) else { return Err(found.into()) };
    if !found.warnings().is_empty() {
        findings::tell_warnings(found.warnings());
        findings::tell_count(&found);
    }
    let mut texts: Vec<String> = checked.blueprints.iter().map(|blueprint| plan::of(blueprint)).collect();
    texts.extend(
        checked
            .untold
            .iter()
            .map(|name| format!("pipeline {name}\n  its plan cannot be told without what its references stand for\n")),
    );
    std::io::stdout().lock().write_all(texts.join("\n").as_bytes())?;
    Ok(Outcome::Done)
}

/// What is sound, and all that there is to say.
fn check(arguments: &Arguments) -> anyhow::Result<(Option<Checked>, Mistakes)> {
    let engine = set_up::engine()?;
    let references = if arguments.no_env { References::AsGiven } else { References::Resolve };
    let look = Look { references, properties: true, ..Look::default() };
    let config: Config = match app::load(&engine, &arguments.config.config, look) {
        Ok(config) => config,
        Err(mistakes) => return Ok((None, mistakes)),
    };
    Ok(match app::blueprints(&engine, &config) {
        Ok((built, warnings)) => {
            let untold = config.pipelines.keys().filter(|name| !built.contains_key(*name)).cloned().collect();
            (Some(Checked { blueprints: built.into_values().collect(), untold }), warnings.denied())
        }
        Err(mistakes) => (None, mistakes),
    })
}
