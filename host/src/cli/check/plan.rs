//! The plan of a pipeline, as `check` prints it.

use std::fmt::Write;

use weir_rules::json::Reading;

use crate::{
    abi::{Description, Input, Plan},
    chain::Blueprint,
    cli::plan_text,
    config::{Delivery, Interceptor, OnFault, Start},
};

/// Where its records come from, what is done to them, and where they may go.
pub(super) fn of(blueprint: &Blueprint) -> String {
    let pipeline = blueprint.pipeline();
    let mut text = format!("pipeline {}\n", pipeline.name);
    let delivery = match pipeline.delivery {
        Delivery::AtLeastOnce => "at-least-once",
        Delivery::ExactlyOnce => "exactly-once (not yet run by this version of weir)",
    };
    let start = match pipeline.start {
        Start::Earliest => "the earliest record".to_owned(),
        Start::Latest => "what comes from now on".to_owned(),
        Start::At(ms) => jiff::Timestamp::from_millisecond(ms).map_or(format!("{ms} ms"), |time| time.to_string()),
    };
    line(&mut text, 1, "from", &[pipeline.from.join(", ")]);
    line(&mut text, 1, "group", &[format!("{}, a new one starts at {start}", pipeline.group)]);
    line(&mut text, 1, "delivery", &[delivery.to_owned()]);
    let (mut received, mut given_values, mut reads_members) = (Vec::new(), Vec::new(), false);
    let plans = pipeline.interceptors.iter().zip(blueprint.plans()).zip(blueprint.wasi_imports());
    for (at, ((interceptor, (description, plan)), imports)) in plans.enumerate() {
        one(&mut text, at + 1, interceptor, description, plan);
        line(&mut text, 2, "WASI refused", &plan_text::refused_imports(imports));
        if plan_text::reads_received(plan) {
            received.push(format!("`{}`", interceptor.name));
        }
        if plan.inputs.contains(&Input::Value) {
            given_values.push(format!("`{}`", interceptor.name));
        }
        reads_members |= plan.inputs.iter().any(|input| matches!(input, Input::Json(_) | Input::JsonInt(_)));
    }
    if pipeline.json == Reading::First {
        let mut told = vec![if reads_members {
            "first: of a name that stands twice the first counts, and behind the last `json` input above that a record \
             has, it is not looked for more, nor whether that is JSON"
                .to_owned()
        } else {
            "first, which changes nothing: no interceptor has a `json` input".to_owned()
        }];
        if !given_values.is_empty() {
            told.push(format!("not where plugins read a whole value by themselves: {}", given_values.join(", ")));
        }
        line(&mut text, 1, "json", &told);
    }
    let topics: Vec<&str> = pipeline.topics.iter().map(|topic| topic.0.as_str()).collect();
    let or = |topic: &Option<String>, none: &str| vec![topic.clone().unwrap_or_else(|| none.to_owned())];
    let nowhere = if pipeline.dead_letter.is_some() { "a dead letter (unrouted)" } else { "the pipeline stops" };
    line(&mut text, 1, "routes to", &[if topics.is_empty() { "-".to_owned() } else { topics.join(", ") }]);
    line(&mut text, 1, "otherwise to", &or(&pipeline.to, nowhere));
    line(&mut text, 1, "dead letters", &or(&pipeline.dead_letter, "none: the pipeline stops instead"));
    let replay = match received.is_empty() {
        true => "gives what run gives".to_owned(),
        false => format!("may differ from run: {} reads when a record was received", received.join(", ")),
    };
    line(&mut text, 1, "replay", &[replay]);
    if let Some(probe) = &pipeline.probe {
        let input = probe.input.path.display();
        let passed = match &probe.expect {
            Some(expect) => format!("{input} gives {}", expect.path.display()),
            None => format!("{input} passes"),
        };
        line(&mut text, 1, "probe", &[passed]);
    }
    line(&mut text, 1, "digest", &[blueprint.digest().to_owned()]);
    text
}

fn one(text: &mut String, number: usize, interceptor: &Interceptor, description: &Description, plan: &Plan) {
    let plugin = &interceptor.plugin;
    let origin = if plugin.path.is_some() { plugin.name.as_str() } else { "built in" };
    let fault = match interceptor.on_fault {
        OnFault::DeadLetter => "a dead letter",
        OnFault::Stop => "the pipeline stops",
        OnFault::Pass => "the record skips it",
    };
    // Writing into a String cannot fail.
    let _ = writeln!(text, "  {number}. {}", interceptor.name);
    let named = format!("{} {}, {origin}", description.name, description.version);
    line(text, 2, "plugin", &[named, format!("sha256 {}", plugin.sha256)]);
    line(text, 2, "reads", &plan_text::inputs(plan));
    line(text, 2, "may change", &plan_text::effects(plan));
    let memory = interceptor.memory >> 10;
    line(text, 2, "limits", &[format!("{:?} of CPU time a call, {memory} KiB of memory", interceptor.deadline)]);
    line(text, 2, "a fault is", &[fault.to_owned()]);
}

/// A label and its values, one a line.
pub(super) fn line(text: &mut String, depth: usize, label: &str, values: &[String]) {
    for (at, value) in values.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        let value = plan_text::printable(value);
        let indent = if depth == 1 { "  " } else { "     " };
        let _ = writeln!(text, "{indent}{label:<13}{value}");
    }
}
