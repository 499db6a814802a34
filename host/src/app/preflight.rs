//! Before a pipeline starts: are its topics there, what do they take, and will they keep what it sets?

mod destinations;
mod online;
mod rights;
mod settings;
mod topics;

use std::time::Duration;

use destinations::learn;
pub use online::{ClusterReport, check_online};
use topics::{planned_topics_exist, topics_exist};

use super::{Signals, refuse_exactly_once};
use crate::{
    config::{Config, Mistakes},
    endpoint::Error,
    kafka::{Cluster, Denied, Topic},
    pipeline::Limits,
    reload::{Blueprints, PlanPreflight, Preflight},
    threads,
};

/// How long one question to the brokers may take.
const QUESTION: Duration = Duration::from_secs(5);
/// Between two questions.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a configuration that is sound in itself cannot run in this cluster.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// librdkafka makes no client of the settings.
    #[error("cannot connect")]
    Client(#[from] Error),
    /// None answered in time, of those that were asked once.
    #[error("no broker answers at {brokers}: {reason}")]
    Unreachable {
        /// As configured.
        brokers: String,
        /// The client library's words, which begin with the address that failed.
        reason: String,
    },
    /// Wrong password, certificate or mechanism.
    #[error("the brokers do not let weir in: {0}")]
    Denied(Denied),
    /// Topics that are named and not there. The configuration is fine in itself: another cluster may have them.
    #[error("{} missing in the cluster at {brokers}", counted(.mistakes))]
    Missing {
        /// Each at its place in the configuration.
        mistakes: Mistakes,
        /// As configured.
        brokers: String,
    },
}

fn counted(mistakes: &Mistakes) -> String {
    match mistakes.count() {
        1 => "1 topic is".to_owned(),
        count => format!("{count} topics are"),
    }
}

/// Looks whether every topic is there that the configuration or a plan names, and what it takes; brokers that are away are
/// waited for. Returns none where a signal came meanwhile.
///
/// # Errors
/// [`PreflightError`].
pub fn await_topics(
    config: &Config,
    blueprints: &Blueprints,
    signals: &Signals,
) -> Result<Option<Limits>, PreflightError> {
    threads::doing("waiting for the brokers");
    let cluster = Cluster::connect(&config.kafka)?;
    let topics = loop {
        let answer = cluster.topics(QUESTION, || !signals.came());
        match (answer, cluster.denied()) {
            (Ok(topics), _) => break topics,
            (Err(_), _) if signals.came() => return Ok(None),
            // Whoever starts weir looks at it now. Later, while it runs, it keeps retrying: credentials are rotated.
            (Err(_), Some(denied)) => return Err(PreflightError::Denied(denied)),
            (Err(error), None) => tracing::warn!(brokers = config.kafka.brokers, "waiting for the brokers: {error}"),
        }
        if signals.came_within(PAUSE) {
            return Ok(None);
        }
    };
    let mut missing = topics_exist(config, &cluster, &topics);
    if missing.is_empty() {
        missing = planned_topics_exist(config, blueprints, &topics);
    }
    missing.take_warnings().log();
    if !missing.is_empty() {
        return Err(PreflightError::Missing { mistakes: missing, brokers: config.kafka.brokers.clone() });
    }
    let limits = learn(config, blueprints, &cluster, &topics, || !signals.came());
    threads::doing("");
    Ok(Some(limits))
}

/// What a configuration that is to take over needs from the cluster.
///
/// Brokers that do not answer hinder nothing: a topic that turns out to be missing costs the record, not the pipeline.
#[derive(Debug)]
pub struct Outside {
    signals: Signals,
}

impl Outside {
    /// Asks until a signal comes.
    pub fn new(signals: &Signals) -> Self {
        Self { signals: signals.clone() }
    }

    /// Those that are there, and whom to ask again; none where nobody answers.
    fn ask(&self, config: &Config) -> Option<(Cluster, Vec<Topic>)> {
        let told = Cluster::connect(&config.kafka).and_then(|cluster| {
            let topics = cluster.topics(QUESTION, || !self.signals.came())?;
            Ok((cluster, topics))
        });
        told.inspect_err(warn_unseen).ok()
    }
}

fn warn_unseen(error: &Error) {
    tracing::warn!("cannot see whether the topics of the new configuration are there: {error}");
}

impl Preflight for Outside {
    fn look_at_config(&self, config: &Config) -> Result<Box<dyn PlanPreflight>, Mistakes> {
        refuse_exactly_once(config)?;
        let signals = self.signals.clone();
        let Some((cluster, there)) = self.ask(config) else {
            return Ok(Box::new(OutsideOfPlans { cluster: None, signals }));
        };
        let missing = topics_exist(config, &cluster, &there);
        if missing.is_empty() { Ok(Box::new(OutsideOfPlans { cluster: Some(cluster), signals })) } else { Err(missing) }
    }
}

/// The second look of the same attempt, over the connection of the first: plugins may take long to compile, and topics are
/// created meanwhile.
struct OutsideOfPlans {
    /// None where nobody answered the first.
    cluster: Option<Cluster>,
    signals: Signals,
}

impl PlanPreflight for OutsideOfPlans {
    fn look_at_plans(&self, config: &Config, blueprints: &Blueprints) -> Result<(), Mistakes> {
        let names_any = blueprints.values().any(|blueprint| blueprint.plans().any(|(_, plan)| !plan.topics.is_empty()));
        let Some(cluster) = self.cluster.as_ref().filter(|_| names_any) else { return Ok(()) };
        let told = cluster.topics(QUESTION, || !self.signals.came()).inspect_err(warn_unseen);
        let mut missing = told.map(|there| planned_topics_exist(config, blueprints, &there)).unwrap_or_default();
        missing.take_warnings().log();
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }
}

#[cfg(test)]
mod tests;
