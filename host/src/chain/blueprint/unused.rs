//! Topics that a pipeline lets its interceptors route to and that none of them can.

use std::collections::HashSet;

use super::Stage;
use crate::{
    abi::Effects,
    config::{Config, Pipeline, TopicPattern, Warnings},
};

/// Steps that comparing the patterns of a pipeline may take: beyond these nothing is said.
const STEPS: usize = 1 << 24;

/// Warns of each item of `topics` that no plan can route to.
pub(super) fn topics(config: &Config, pipeline: &Pipeline, stages: &[Stage], warnings: &mut Warnings) {
    let routers = stages.iter().filter(|stage| stage.plan.effects.contains(Effects::ROUTE));
    let targets: Vec<&str> = routers.flat_map(|stage| &stage.plan.topics).map(String::as_str).collect();
    let names: HashSet<&str> = targets.iter().copied().filter(|target| !target.contains('*')).collect();
    let patterns: Vec<TopicPattern> =
        targets.iter().filter(|target| target.contains('*')).map(|target| TopicPattern((*target).to_owned())).collect();
    let mut left = STEPS;
    let letters: usize = patterns.iter().map(|pattern| pattern.0.len() + 1).sum();
    for (at, topic) in pipeline.topics.iter().enumerate() {
        let named = names.contains(topic.0.as_str())
            || topic.0.contains('*') && {
                left = left.saturating_sub(names.len() * topic.0.len());
                names.iter().any(|name| topic.matches(name))
            };
        left = left.saturating_sub(letters * topic.0.len());
        if left == 0 {
            return;
        }
        if named || patterns.iter().any(|pattern| pattern.overlaps(topic)) {
            continue;
        }
        let message = format!("no interceptor can route to `{}`", topic.0);
        let help = match targets.as_slice() {
            [] => "none of the pipeline's interceptors routes: leave `topics` out, or add a router".to_owned(),
            targets => format!("they can route to {}: leave it out, or correct it", some(targets)),
        };
        warnings.push(pipeline.place.mistake(config, &format!("/topics/{at}"), message, Some(help)));
    }
}

/// The first few names.
fn some(targets: &[&str]) -> String {
    let shown: Vec<String> = targets.iter().take(3).map(|target| format!("`{target}`")).collect();
    let more = targets.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
