//! `weir check`.

mod json;
mod plan;

use std::{collections::BTreeMap, io::Write, sync::Arc};

use super::{ConfigArgument, Outcome, findings, set_up, usage};
use crate::{
    app::{self, ClusterReport, Look, PreflightError},
    chain::Blueprint,
    config::{Config, Mistakes, References},
};

/// Names every mistake of a configuration, and prints what the plugins would do. Needs no broker, unless told to ask the
/// cluster.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Ask the cluster as well: brokers, topics, rights, and settings of topics. Writes nothing and joins no group.
    #[arg(long)]
    online: bool,
    /// Take `{ env = … }` and `{ file = … }` as given, and open no certificate: needs no secret.
    #[arg(long)]
    no_env: bool,
    /// Print one JSON document: mistakes, warnings, the plan, and what the cluster said.
    #[arg(long)]
    json: bool,
    /// Fail where there is something to warn of.
    #[arg(long)]
    deny_warnings: bool,
}

/// What was found sound.
struct Checked {
    config: Config,
    /// Of each pipeline whose plan can be told, by name.
    blueprints: BTreeMap<String, Arc<Blueprint>>,
    /// Pipelines whose plan depends on the value of a reference.
    untold: Vec<String>,
}

/// What the cluster said; none where it was not asked.
type Answer = Option<Result<ClusterReport, PreflightError>>;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.online && arguments.no_env {
        let message = "`--online` asks the cluster, for which it needs the secrets that `--no-env` leaves out: write one \
                       of the two";
        return Err(usage(message.to_owned()));
    }
    let (checked, mut found) = check(arguments)?;
    let asked = checked.as_ref().filter(|_| arguments.online);
    let mut answer = asked.map(|checked| app::check_online(&checked.config, &checked.blueprints));
    if let Some(Ok(report)) = &mut answer {
        found.append(std::mem::take(&mut report.found));
        found.sort_by_path();
    }
    let refused = !found.is_empty() || (arguments.deny_warnings && !found.warnings().is_empty());
    if arguments.json {
        let document = json::of(&found, checked.as_ref().filter(|_| found.is_empty()), &answer);
        std::io::stdout().lock().write_all(format!("{document:#}\n").as_bytes())?;
        return Ok(match answer {
            _ if refused => Outcome::Misconfigured,
            Some(Err(_)) => Outcome::Different,
            _ => Outcome::Done,
        });
    }
    let Some(checked) = checked.filter(|_| !refused) else {
        if let Some(Err(error)) = &answer {
            findings::tell_error(&error.to_string());
        }
        return Err(found.into());
    };
    if !found.warnings().is_empty() {
        findings::tell_warnings(found.warnings());
        findings::tell_count(&found);
    }
    let mut texts: Vec<String> = checked.blueprints.values().map(|blueprint| plan::of(blueprint)).collect();
    texts.extend(
        checked
            .untold
            .iter()
            .map(|name| format!("pipeline {name}\n  its plan cannot be told without what its references stand for\n")),
    );
    if let Some(report) = answer.transpose()? {
        texts.push(cluster_text(&report));
    }
    std::io::stdout().lock().write_all(texts.join("\n").as_bytes())?;
    Ok(Outcome::Done)
}

/// What the cluster let weir look at.
fn cluster_text(report: &ClusterReport) -> String {
    let mut text = format!("cluster {}\n", report.brokers);
    plan::line(&mut text, 1, "brokers", &[format!("{} of {} answer", report.answering, report.count)]);
    plan::line(&mut text, 1, "not checked", &report.unchecked);
    text
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
            (Some(Checked { config, blueprints: built, untold }), warnings.denied())
        }
        Err(mistakes) => (None, mistakes),
    })
}
