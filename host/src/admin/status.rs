//! Where weir stands, as JSON.

use serde_json::{Value, json};

use crate::{
    app::{LastReload, Operations},
    config::Pipeline,
    metrics::{Metrics, Records, partition_labels},
    pipeline::{Progress, Rebalance, RecentDeath, State, Status, StopReason},
    reload::{Changes, Outcome},
};

/// What `/status` answers: `version`, `uptime_seconds`, `ready`, `pipelines` by name, and `last_reload`, null where there was
/// none that changed or refused anything.
pub(super) fn of(operations: &dyn Operations) -> Value {
    let metrics = operations.metrics();
    let records = metrics.records();
    let configs = operations.configs();
    let pipelines: Vec<Value> = operations
        .status()
        .iter()
        .map(|status| {
            let records = records.get(&status.name).cloned().unwrap_or_default();
            of_pipeline(status, configs.get(&status.name).map(|config| &**config), metrics, &records)
        })
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": operations.uptime().as_secs(),
        "ready": operations.is_ready(),
        "pipelines": pipelines,
        "last_reload": operations.last_reload().map(|reload| of_reload(&reload)),
    })
}

/// What `/metrics` answers: the registry, and what is known of pipelines at this moment.
pub(super) fn metrics_text(operations: &dyn Operations) -> String {
    let metrics = operations.metrics();
    for status in operations.status() {
        metrics.pipeline(&status.name, status.state == State::Running, status.generation, &status.digest);
    }
    metrics.text()
}

fn of_pipeline(status: &Status, config: Option<&Pipeline>, metrics: &Metrics, records: &Records) -> Value {
    let (state, reason) = match &status.state {
        State::Joining => ("joining", None),
        State::Running => ("running", None),
        State::Stopped(StopReason::Paused) => ("paused", None),
        State::Stopped(reason) => ("stopped", Some(reason.to_string())),
    };
    let partitions: Vec<Value> = status
        .partitions
        .iter()
        .map(|Progress { partition, next, watermark }| {
            let labels = partition_labels(&status.name, &partition.topic, partition.number);
            json!({
                "topic": &*partition.topic,
                "partition": partition.number,
                "position": next,
                "watermark": watermark,
                "lag": metrics.lag_of(&labels),
            })
        })
        .collect();
    let troubles = status.topic_troubles.iter();
    let unusable: Vec<Value> =
        troubles.map(|(topic, trouble)| json!({ "topic": &**topic, "why": trouble.as_str() })).collect();
    let last_rebalance = status.last_rebalance.as_ref().map(|Rebalance { kind, partitions, at }| {
        json!({ "kind": kind, "partitions": partitions, "seconds_ago": at.elapsed().as_secs() })
    });
    let plugins: Vec<Value> = config
        .iter()
        .flat_map(|config| &config.interceptors)
        .map(|one| {
            let labels = vec![("pipeline", status.name.clone()), ("interceptor", one.name.clone())];
            json!({
                "interceptor": one.name,
                "plugin": one.plugin.name,
                "sha256": one.plugin.sha256,
                "cpu_seconds": metrics.cpu_of(&labels),
                "memory_bytes": metrics.memory_of(&labels),
            })
        })
        .collect();
    json!({
        "name": status.name,
        "state": state,
        "reason": reason,
        "generation": status.generation,
        "digest": status.digest,
        "serving_seconds": status.serving.as_secs(),
        "plugins": plugins,
        "records": {
            "in": records.read,
            "out": records.out,
            "dropped": records.dropped,
            "dead": records.all_dead(),
            "dead_by_kind": records.dead,
            "lost": records.lost,
            "passed": records.passed,
            "released": records.released,
            "in_flight": records.in_flight,
        },
        "partitions": partitions,
        "last_rebalance": last_rebalance,
        "unusable_topics": unusable,
    })
}

/// The newest dead letters: kind, reason and place of each, and nothing of the record.
pub(super) fn of_deaths(pipeline: &str, deaths: &[RecentDeath]) -> Value {
    let deaths: Vec<Value> = deaths
        .iter()
        .map(|death| {
            json!({
                "at": jiff::Timestamp::try_from(death.at).map(|at| at.to_string()).ok(),
                "topic": &*death.partition.topic,
                "partition": death.partition.number,
                "offset": death.offset,
                "interceptor": death.interceptor,
                "kind": death.kind.as_str(),
                "reason": death.reason,
            })
        })
        .collect();
    json!({ "pipeline": pipeline, "dead_letters": deaths })
}

fn of_reload(LastReload { at, outcome }: &LastReload) -> Value {
    let mut answer = of_outcome(outcome);
    if let (Some(members), Ok(at)) = (answer.as_object_mut(), jiff::Timestamp::try_from(*at)) {
        members.insert("at".to_owned(), at.to_string().into());
    }
    answer
}

/// A reload's outcome: `outcome`, and what belongs to it.
pub(super) fn of_outcome(outcome: &Outcome) -> Value {
    let word = outcome.as_str();
    match outcome {
        Outcome::Unchanged => json!({ "outcome": word }),
        Outcome::Applied { generation, digest, changes, warnings } => {
            serving(word, (*generation, digest), changes, json!({ "warnings": warnings }))
        }
        Outcome::RolledBack { generation, digest, left, why, changes } => {
            serving(word, (*generation, digest), changes, json!({ "left": left, "why": why }))
        }
        Outcome::Superseded => json!({ "outcome": word }),
        Outcome::Rejected { reasons } => json!({ "outcome": word, "reasons": reasons }),
        Outcome::NeedsRestart { keys } => json!({ "outcome": word, "keys": keys }),
    }
}

/// What a generation that came into service is told as, beside `more`.
fn serving(word: &str, (generation, digest): (u64, &str), changes: &Changes, mut more: Value) -> Value {
    more["outcome"] = word.into();
    more["generation"] = generation.into();
    more["digest"] = digest.into();
    for (list, names) in changes.lists() {
        more[list] = names.into();
    }
    more
}
