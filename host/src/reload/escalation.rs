//! A plugin file that was exchanged must not quietly reach further than the one it replaces.
//!
//! Who may write a plugin's file may not always write the configuration. So where only the file changed, its new plan
//! may want no more than the old one did, unless the configuration says so: by `allow`, or by the file's `sha256`.

use std::collections::{BTreeMap, HashSet};

use crate::{
    abi::{Input, Plan},
    chain::Blueprint,
    config::{Allow, Interceptor, TopicPattern},
};

/// Why `new` may not replace `old`, a text an interceptor; empty: it may.
pub(super) fn refusals(old: &Blueprint, new: &Blueprint) -> Vec<String> {
    let before: BTreeMap<&str, (&Interceptor, &Plan)> = interceptors(old).collect();
    let mut refusals = Vec::new();
    for (name, (interceptor, plan)) in interceptors(new) {
        let Some((was, old_plan)) = before.get(name) else { continue };
        if !only_the_file_changed(was, interceptor) || is_pinned(interceptor) {
            continue;
        }
        let wants = wants_more(old_plan, plan, interceptor.allow.as_ref());
        if !wants.is_empty() {
            let sha256 = &interceptor.plugin.sha256;
            let path = interceptor.plugin.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
            refusals.push(format!(
                "interceptor `{name}`: the changed file `{path}` wants more than the one that runs: {}; if that is meant, \
                 write sha256 = \"{sha256}\" beside `plugin`, or name it in `allow`",
                wants.join(", ")
            ));
        }
    }
    refusals
}

fn interceptors(blueprint: &Blueprint) -> impl Iterator<Item = (&str, (&Interceptor, &Plan))> {
    let plans = blueprint.plans().map(|(_, plan)| plan);
    blueprint.pipeline().interceptors.iter().zip(plans).map(|(one, plan)| (one.name.as_str(), (one, plan)))
}

fn only_the_file_changed(old: &Interceptor, new: &Interceptor) -> bool {
    new.plugin.path.is_some()
        && old.plugin.path == new.plugin.path
        && old.plugin.sha256 != new.plugin.sha256
        && old.config == new.config
}

fn is_pinned(interceptor: &Interceptor) -> bool {
    interceptor.place.has("/sha256")
}

/// What `new` wants beyond `old`. A list of `allow` that is given has been checked already and settles its part.
fn wants_more(old: &Plan, new: &Plan, allow: Option<&Allow>) -> Vec<String> {
    let fenced = |list: fn(&Allow) -> bool| allow.is_some_and(list);
    let mut wants = Vec::new();
    if !fenced(|allow| allow.inputs.is_some()) {
        if new.all_headers && !old.all_headers {
            wants.push("to read all headers".to_owned());
        }
        let mut known: HashSet<&Input> = old.inputs.iter().collect();
        let more = new.inputs.iter().filter(|input| known.insert(input));
        wants.extend(more.map(|input| format!("to read `{input}`")));
    }
    if !fenced(|allow| allow.effects.is_some()) {
        let more = new.effects & !old.effects;
        wants.extend(more.named().map(|(_, name)| format!("the effect `{name}`")));
    }
    if !fenced(|allow| allow.headers.is_some()) {
        let known: HashSet<&str> = old.header_names.iter().map(String::as_str).collect();
        let more = new.header_names.iter().filter(|name| !known.contains("*") && !known.contains(name.as_str()));
        wants.extend(more.map(|name| format!("to write the header `{name}`")));
    }
    if !fenced(|allow| allow.topics.is_some()) {
        let known: HashSet<&str> = old.topics.iter().map(String::as_str).collect();
        let patterns = old.topics.iter().filter(|known| known.contains('*')).cloned().map(TopicPattern);
        let patterns: Vec<TopicPattern> = patterns.collect();
        let covered =
            |topic: &String| known.contains(topic.as_str()) || patterns.iter().any(|known| known.matches(topic));
        wants.extend(new.topics.iter().filter(|topic| !covered(topic)).map(|topic| format!("to route to `{topic}`")));
    }
    wants
}
