//! Reads `[[pipelines.NAME.interceptors]]`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use weir_rules::json_pointer;

use super::{
    Allow, Interceptor, OnFault, Place, References, json,
    keys::Kind,
    nearest::{either, nearest},
    plugin,
    read_pipeline::{optional, or, word},
    reading::{LOOKUP_LIMIT, Reading},
    table::Table,
    tree::{Node, Value},
};

const DEADLINE: Duration = Duration::from_millis(50);
const MEMORY: usize = 32 << 20;
pub(super) const ON_FAULT: &[(&str, OnFault)] =
    &[("dead-letter", OnFault::DeadLetter), ("stop", OnFault::Stop), ("pass", OnFault::Pass)];
pub(super) const EFFECTS: &[&str] =
    &["key", "value", "timestamp", "headers", "route", "partition", "drop", "dead-letter", "expand"];
const INPUTS: &[&str] = &[
    "key",
    "value",
    "timestamp",
    "timestamp-type",
    "received",
    "offset",
    "json",
    "capture",
    "all-headers",
    "header:NAME",
];

/// Every interceptor of a pipeline whose plugin and config could be read, in order, and whether that was all of them and
/// of what stands in them.
pub(super) fn interceptors(
    reading: &mut Reading,
    node: &Node,
    pipeline: &str,
    dead_letter: bool,
) -> (Vec<Interceptor>, bool) {
    let title = format!("[[pipelines.{pipeline}.interceptors]]");
    let Value::List(items) = &node.value else {
        let help = format!("each begins with {title}, in two brackets");
        reading.wrong(node, format!("expected a list of tables, found {}", node.kind()), help);
        return (Vec::new(), false);
    };
    let mut names = Names::default();
    for item in items {
        // Given names come first: a plugin's own steps aside for them.
        if let Some(name) = item.get("name")
            && let Some(text) = reading.text(name)
        {
            if text.is_empty() || text.len() > 128 || text.chars().any(char::is_control) {
                reading.wrong(name, format!("`{text}` is not a valid interceptor name"), None);
            } else if !names.taken.insert(text.clone()) {
                reading.wrong(name, format!("another interceptor of this pipeline is called `{text}`"), None);
            }
        }
    }
    let mut whole = true;
    let read = items.iter().map(|item| interceptor(reading, item, &title, dead_letter, &mut names, &mut whole));
    let read: Vec<Interceptor> = read.flatten().collect();
    whole &= read.len() == items.len();
    (read, whole)
}

fn interceptor(
    reading: &mut Reading,
    node: &Node,
    title: &str,
    dead_letter: bool,
    names: &mut Names,
    whole: &mut bool,
) -> Option<Interceptor> {
    let mut table = Table::open(reading, node, Kind::Interceptor, title.to_owned())?;
    let pin = table.take("sha256");
    let plugin =
        table.need(reading, "plugin", "\"regex-extractor\"").and_then(|node| plugin::plugin(reading, node, pin));
    let name = match table.take("name").map(|node| &node.value) {
        Some(Value::Text(name)) => Some(name.clone()),
        Some(_) => None,
        None => plugin.as_ref().map(|plugin| names.unique(plugin::short_name(&plugin.name))),
    };
    let fault = table.take("on_fault");
    let default = if dead_letter { OnFault::DeadLetter } else { OnFault::Stop };
    let on_fault = word(reading, fault, "on_fault", ON_FAULT, default);
    if let (Some(at), Some(OnFault::DeadLetter), false) = (fault, on_fault, dead_letter) {
        let owner = title.trim_matches(['[', ']']).trim_end_matches(".interceptors");
        let help = format!("name a topic by `dead_letter` in [{owner}], or write `on_fault = \"stop\"`");
        reading.wrong(at, "the pipeline has no `dead_letter`", help);
    }
    let deadline = table.take("deadline").map_or(Some(DEADLINE), |node| {
        reading.duration(node, "deadline", Duration::from_millis(1), Duration::from_secs(5))
    });
    let memory = table.take("memory").map_or(Some(MEMORY), |node| reading.size(node, "memory", 64 << 10, 4 << 30));
    let allow = optional(table.take("allow"), |node| allow(reading, node, title));
    let files = table.take("files").map_or(Some(BTreeMap::new()), |node| files(reading, node));
    let config_node = table.take("config");
    let config = match config_node {
        Some(node) => config(reading, node, title),
        None => Some("{}".to_owned()),
    };
    table.close(reading);
    Some(Interceptor {
        name: or(name, String::new(), whole),
        plugin: plugin?,
        config: config?,
        references: references_in(reading, config_node),
        on_fault: or(on_fault, default, whole),
        deadline: or(deadline, DEADLINE, whole),
        memory: or(memory, MEMORY, whole),
        allow: or(allow, None, whole),
        // A plugin that misses a file would complain of what was told already.
        files: files?,
        place: Place::of(node),
    })
}

/// The names of a pipeline's interceptors so far.
#[derive(Default)]
struct Names {
    taken: BTreeSet<String>,
    /// The number to try next, by name.
    numbers: HashMap<String, usize>,
}

impl Names {
    /// The name, or the first free one of `name-2`, `name-3` and so on.
    fn unique(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_owned()) {
            return name.to_owned();
        }
        let number = self.numbers.entry(name.to_owned()).or_insert(2);
        loop {
            let unique = format!("{name}-{number}");
            *number += 1;
            if self.taken.insert(unique.clone()) {
                return unique;
            }
        }
    }
}

fn config(reading: &mut Reading, node: &Node, title: &str) -> Option<String> {
    if node.table().is_none() {
        let help = format!("begin one with [{}.config]", title.trim_matches(['[', ']']));
        reading.wrong(node, format!("expected a table, found {}", node.kind()), help);
        return None;
    }
    json::json(reading, node).map(|json| json.to_string())
}

/// Where in a plugin's config, or another table, references stand whose values are not asked for.
pub(super) fn references_in(reading: &Reading, config: Option<&Node>) -> Vec<String> {
    let mut found = Vec::new();
    if reading.references == References::Resolve {
        return found;
    }
    let mut left = vec![(String::new(), config)];
    while let Some((pointer, Some(node))) = left.pop() {
        if reading.is_given(node) {
            found.push(pointer);
            continue;
        }
        let below = |part: &str| {
            let mut below = pointer.clone();
            json_pointer::push(&mut below, part);
            below
        };
        match &node.value {
            Value::List(items) => {
                left.extend(items.iter().enumerate().map(|(at, item)| (below(&at.to_string()), Some(item))));
            }
            Value::Table(entries) => left.extend(entries.iter().map(|entry| (below(&entry.key), Some(&entry.node)))),
            _ => {}
        }
    }
    found
}

fn files(reading: &mut Reading, node: &Node) -> Option<BTreeMap<String, Arc<[u8]>>> {
    let Some(entries) = node.table() else {
        let help = "write `files = { name = \"./path\" }`".to_owned();
        reading.wrong(node, format!("expected a table, found {}", node.kind()), help);
        return None;
    };
    let mut files = BTreeMap::new();
    let mut whole = true;
    for entry in entries {
        let written = reading.name(&entry.node, &entry.key);
        let bytes = written.and_then(|written| reading.bytes(&entry.node, &written, LOOKUP_LIMIT));
        match bytes {
            Some((bytes, _)) => drop(files.insert(entry.key.clone(), bytes)),
            None => whole = false,
        }
    }
    whole.then_some(files)
}

fn allow(reading: &mut Reading, node: &Node, title: &str) -> Option<Allow> {
    let mut table = Table::open(reading, node, Kind::Other, format!("`allow` of {title}"))?;
    let mut list = |reading: &mut Reading, key, check: fn(&mut Reading, &Node, &str)| {
        optional(table.take(key), |node| {
            let texts = reading.texts(node, key)?;
            if let Value::List(items) = &node.value {
                items.iter().zip(&texts).for_each(|(item, text)| check(reading, item, text));
            }
            Some(texts)
        })
    };
    let inputs = list(reading, "inputs", |reading, node, text| {
        let known = match text.strip_prefix("header:") {
            Some(name) => !name.is_empty(),
            None => INPUTS.contains(&text),
        };
        if !known {
            let help = match nearest(text, INPUTS.iter().copied()) {
                Some(name) => format!("did you mean \"{name}\"?"),
                None => either(INPUTS),
            };
            reading.wrong(node, format!("there is no input `{text}`"), help);
        }
    });
    let effects = list(reading, "effects", |reading, node, text| {
        if !EFFECTS.contains(&text) {
            let help = match nearest(text, EFFECTS.iter().copied()) {
                Some(name) => format!("did you mean \"{name}\"?"),
                None => either(EFFECTS),
            };
            reading.wrong(node, format!("there is no effect `{text}`"), help);
        }
    });
    let headers = list(reading, "headers", |_, _, _| {});
    let topics = list(reading, "topics", |_, _, _| {});
    table.close(reading);
    Some(Allow { inputs: inputs?, effects: effects?, headers: headers?, topics: topics? })
}
