//! A plugin's config against the plugin's own JSON Schema: what the schema knows is said at once, with the nearest
//! right name. What this does not know of JSON Schema it leaves to the plugin, which has the last word.

mod choice;
mod findings;
mod words;

use serde_json::{Map, Value};

use super::{
    keys::{self, Kind},
    nearest::nearest,
};
use findings::At;
pub use findings::Findings;
use words::{kind, list, types_of};

/// A schema comes from a plugin: however it refers to itself, so many steps for each value of the config are enough for
/// an honest one.
const STEPS_FOR_A_VALUE: usize = 32;
const STEPS: usize = 10_000;
const DEPTH: usize = 64;

/// Returns the mistakes of `config_json` by `schema_json`; none where the schema cannot be read.
pub fn check_schema(schema_json: &str, config_json: &str) -> Findings {
    let (Ok(schema), Ok(config)) = (serde_json::from_str::<Value>(schema_json), serde_json::from_str(config_json))
    else {
        return Findings::default();
    };
    let limit = STEPS + values(&config).saturating_mul(STEPS_FOR_A_VALUE);
    let mut check = Check { root: &schema, steps: 0, limit };
    let mut found = Findings::default();
    check.value(&schema, &config, At::Root, 0, &mut found);
    if check.steps >= limit { Findings::default() } else { found }
}

struct Check<'s> {
    root: &'s Value,
    steps: usize,
    limit: usize,
}

/// How many values a document holds.
fn values(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        _ => 0,
    }
}

impl<'s> Check<'s> {
    fn value(&mut self, schema: &'s Value, value: &Value, at: At<'_>, depth: usize, found: &mut Findings) {
        self.steps += 1;
        let Some(schema) = schema.as_object().filter(|_| self.steps < self.limit && depth < DEPTH) else { return };
        if let Some(target) = schema.get("$ref").and_then(|target| self.target(target)) {
            self.value(target, value, at, depth + 1, found);
        }
        let types = types_of(schema);
        if !types.is_empty() && !types.iter().any(|wanted| words::fits(wanted, value)) {
            let wanted: Vec<&str> = types.iter().filter(|wanted| **wanted != "null").map(|ty| words::a(ty)).collect();
            found.push_with(|| {
                let message = format!("expected {}, found {}", list(&wanted), kind(value));
                (at.pointer(), message, words::form(schema, &wanted, value))
            });
            return;
        }
        if let Some(words) = words::permitted(schema) {
            words::choose(&words, value, at, found);
        }
        words::bounds(schema, value, at, found);
        for every in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.value(every, value, at, depth + 1, found);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(branches) = schema.get(key).and_then(Value::as_array) {
                self.choice(branches, value, at, depth, found);
            }
        }
        match value {
            Value::Object(members) => self.object(schema, members, at, depth, found),
            Value::Array(items) => self.items(schema, items, at, depth, found),
            _ => {}
        }
    }

    fn target(&self, reference: &Value) -> Option<&'s Value> {
        match reference.as_str()?.strip_prefix('#')? {
            "" => Some(self.root),
            pointer => self.root.pointer(pointer),
        }
    }

    fn object(
        &mut self,
        schema: &'s Map<String, Value>,
        members: &Map<String, Value>,
        at: At<'_>,
        depth: usize,
        found: &mut Findings,
    ) {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        let names: Vec<&str> = properties.unwrap_or(&none).keys().map(String::as_str).collect();
        let rest = schema.get("additionalProperties").filter(|_| !schema.contains_key("patternProperties"));
        let mut meant: Vec<&str> = Vec::new();
        for (name, member) in members {
            let below = At::Member(&at, name);
            match (properties.and_then(|properties| properties.get(name)), rest) {
                (Some(schema), _) => self.value(schema, member, below, depth + 1, found),
                (None, Some(Value::Bool(false))) => {
                    found.push_with(|| {
                        let near = nearest(name, names.iter().copied().filter(|near| !members.contains_key(*near)));
                        meant.extend(near);
                        let pointer = format!("{}#", below.pointer());
                        let help = help(name, near, &names, at.is_root());
                        (pointer, format!("unknown key `{name}`"), Some(help))
                    });
                }
                (None, Some(schema)) => self.value(schema, member, below, depth + 1, found),
                (None, None) => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        // A key that was misspelt has been told already.
        for name in required.filter(|name| !members.contains_key(*name) && !meant.contains(name)) {
            found.push_with(|| (at.pointer(), format!("`{name}` is missing"), None));
        }
    }

    fn items(
        &mut self,
        schema: &'s Map<String, Value>,
        items: &[Value],
        at: At<'_>,
        depth: usize,
        found: &mut Findings,
    ) {
        let first = schema.get("prefixItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index).or_else(|| schema.get("items")) {
                self.value(schema, item, At::Item(&at, index), depth + 1, found);
            }
        }
    }
}

fn help(name: &str, near: Option<&str>, names: &[&str], top: bool) -> String {
    if top && keys::knows(Kind::Interceptor, name) {
        return "it belongs one table higher, beside `plugin`".to_owned();
    }
    if let Some(near) = near {
        return format!("did you mean `{near}`?");
    }
    if top && keys::knows(Kind::Pipeline, name) {
        return "it belongs two tables higher, in [pipelines.NAME]".to_owned();
    }
    match names {
        [] => "this takes no keys".to_owned(),
        names => format!("known here: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests;
