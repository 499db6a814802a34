//! What `check --json` prints.

use serde_json::{Map, Value, json};
use weir_rules::json::Reading;

use super::{Answer, Checked};
use crate::{
    abi::{Description, Effects, Plan},
    app::{ClusterReport, PreflightError},
    chain::Blueprint,
    cli::{findings, plan_text},
    config::{Delivery, Interceptor, Mistake, Mistakes, OnFault, Probe, Start, TopicPattern},
};

/// One document: `mistakes` and `warnings`, each with `message`, `file`, `line`, `column`, `key` and `help`; how many more of
/// them there are; the `plan`, a pipeline each, null where there are mistakes; and what the `cluster` said, null where it was
/// not asked.
pub(super) fn of(found: &Mistakes, checked: Option<&Checked>, answer: &Answer) -> Value {
    let list = |listed: &[Mistake]| listed.iter().map(finding).collect::<Vec<Value>>();
    let warnings = found.warnings();
    let plan = checked.map(|checked| {
        let mut plans: Vec<Value> = checked.blueprints.values().map(|blueprint| pipeline(blueprint)).collect();
        plans.extend(checked.untold.iter().map(|name| json!({ "name": name, "told": false })));
        plans
    });
    json!({
        "mistakes": list(found.listed()),
        "warnings": list(warnings.listed()),
        "unlisted": {
            "mistakes": found.count() - found.listed().len(),
            "warnings": warnings.count() - warnings.listed().len(),
        },
        "plan": plan,
        "cluster": answer.as_ref().map(cluster),
    })
}

/// `brokers` as configured, how many there are and answer, what was `unchecked`; or the `error` that kept all from being asked.
fn cluster(answer: &Result<ClusterReport, PreflightError>) -> Value {
    match answer {
        Ok(ClusterReport { brokers, count, answering, unchecked, .. }) => json!({
            "brokers": brokers, "count": count, "answering": answering, "unchecked": unchecked, "error": null,
        }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn finding(mistake: &Mistake) -> Value {
    let mut members = Map::new();
    members.insert("message".to_owned(), mistake.message.clone().into());
    members.extend(findings::of(mistake));
    members.into()
}

fn pipeline(blueprint: &Blueprint) -> Value {
    let pipeline = blueprint.pipeline();
    let delivery = match pipeline.delivery {
        Delivery::AtLeastOnce => "at-least-once",
        Delivery::ExactlyOnce => "exactly-once",
    };
    let start = match pipeline.start {
        Start::Earliest => "earliest".to_owned(),
        Start::Latest => "latest".to_owned(),
        Start::At(ms) => jiff::Timestamp::from_millisecond(ms).map_or(format!("{ms} ms"), |time| time.to_string()),
    };
    let plans = pipeline.interceptors.iter().zip(blueprint.plans());
    let topics: Vec<&TopicPattern> = pipeline.topics.iter().collect();
    json!({
        "name": pipeline.name,
        "told": true,
        "from": pipeline.from,
        "group": pipeline.group,
        "start": start,
        "delivery": delivery,
        "json": match pipeline.json {
            Reading::Whole => "whole",
            Reading::First => "first",
        },
        "interceptors": plans.map(|(one, (description, plan))| interceptor(one, description, plan)).collect::<Vec<_>>(),
        "topics": topics.iter().map(|topic| &topic.0).collect::<Vec<_>>(),
        "to": pipeline.to,
        "dead_letter": pipeline.dead_letter,
        "probe": pipeline.probe.as_ref().map(probe),
        "replay_equals_run": !blueprint.plans().any(|(_, plan)| plan_text::reads_received(plan)),
        "digest": blueprint.digest(),
    })
}

/// It was passed.
fn probe(probe: &Probe) -> Value {
    let expect = probe.expect.as_ref().map(|expect| expect.path.display().to_string());
    json!({ "input": probe.input.path.display().to_string(), "expect": expect })
}

fn interceptor(interceptor: &Interceptor, description: &Description, plan: &Plan) -> Value {
    let on_fault = match interceptor.on_fault {
        OnFault::DeadLetter => "dead-letter",
        OnFault::Stop => "stop",
        OnFault::Pass => "pass",
    };
    let effects: Vec<&str> = plan.effects.named().map(|(_, name)| name).collect();
    let routes = plan.effects.contains(Effects::ROUTE);
    json!({
        "name": interceptor.name,
        "plugin": interceptor.plugin.name,
        "built_in": interceptor.plugin.path.is_none(),
        "sha256": interceptor.plugin.sha256,
        "describes_itself": { "name": description.name, "version": description.version },
        "reads": plan_text::inputs(plan),
        "effects": effects,
        "headers": plan.header_names,
        "topics": if routes { plan.topics.clone() } else { Vec::new() },
        "deadline_ms": u64::try_from(interceptor.deadline.as_millis()).unwrap_or(u64::MAX),
        "memory_bytes": interceptor.memory,
        "on_fault": on_fault,
    })
}
