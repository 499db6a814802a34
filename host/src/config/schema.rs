//! A plugin's config against the plugin's own JSON Schema: what the schema knows is said at once, with the nearest
//! right name. What this does not know of JSON Schema it leaves to the plugin, which has the last word.

mod choice;
mod words;

use serde_json::{Map, Value};

use super::{
    nearest::nearest,
    table::{INTERCEPTOR, PIPELINE},
};
use words::{kind, list, types_of};

/// A JSON pointer, what is wrong there, and what to write instead.
pub(super) type Finding = (String, String, Option<String>);

/// A schema comes from a plugin: however it refers to itself, this many steps are enough for an honest one.
const STEPS: usize = 50_000;
const DEPTH: usize = 64;

/// Mistakes of `config_json` by `schema_json`: a JSON pointer, what is wrong, and what to write instead. A pointer that
/// ends in `#` speaks of the key, not of its value. Nothing where the schema cannot be read.
pub fn check_schema(schema_json: &str, config_json: &str) -> Vec<(String, String, Option<String>)> {
    let (Ok(schema), Ok(config)) = (serde_json::from_str::<Value>(schema_json), serde_json::from_str(config_json))
    else {
        return Vec::new();
    };
    let mut check = Check { root: &schema, steps: 0 };
    let mut found = Vec::new();
    check.value(&schema, &config, "", 0, &mut found);
    if check.steps >= STEPS { Vec::new() } else { found }
}

struct Check<'s> {
    root: &'s Value,
    steps: usize,
}

impl<'s> Check<'s> {
    fn value(&mut self, schema: &'s Value, value: &Value, at: &str, depth: usize, found: &mut Vec<Finding>) {
        self.steps += 1;
        let Some(schema) = schema.as_object().filter(|_| self.steps < STEPS && depth < DEPTH) else { return };
        if let Some(target) = schema.get("$ref").and_then(|target| self.target(target)) {
            self.value(target, value, at, depth + 1, found);
        }
        let types = types_of(schema);
        if !types.is_empty() && !types.iter().any(|wanted| words::fits(wanted, value)) {
            let wanted: Vec<&str> = types.iter().filter(|wanted| **wanted != "null").map(|ty| words::a(ty)).collect();
            found.push((at.to_owned(), format!("expected {}, found {}", list(&wanted), kind(value)), None));
            return;
        }
        if let Some(words) = words::permitted(schema) {
            found.extend(words::choose(&words, value, at));
        }
        found.extend(words::bounds(schema, value, at));
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
        at: &str,
        depth: usize,
        found: &mut Vec<Finding>,
    ) {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        let names: Vec<&str> = properties.unwrap_or(&none).keys().map(String::as_str).collect();
        let rest = schema.get("additionalProperties").filter(|_| !schema.contains_key("patternProperties"));
        let mut meant = Vec::new();
        for (name, member) in members {
            let below = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            match (properties.and_then(|properties| properties.get(name)), rest) {
                (Some(schema), _) => self.value(schema, member, &below, depth + 1, found),
                (None, Some(Value::Bool(false))) => {
                    let near = nearest(name, names.iter().copied().filter(|near| !members.contains_key(*near)));
                    meant.extend(near);
                    let message = format!("unknown key `{name}`");
                    found.push((format!("{below}#"), message, Some(help(name, near, &names, at.is_empty()))));
                }
                (None, Some(schema)) => self.value(schema, member, &below, depth + 1, found),
                (None, None) => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        // A key that was misspelt has been told already.
        for name in required.filter(|name| !members.contains_key(*name) && !meant.contains(name)) {
            found.push((at.to_owned(), format!("`{name}` is missing"), None));
        }
    }

    fn items(
        &mut self,
        schema: &'s Map<String, Value>,
        items: &[Value],
        at: &str,
        depth: usize,
        found: &mut Vec<Finding>,
    ) {
        let first = schema.get("prefixItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(index).or_else(|| schema.get("items")) {
                self.value(schema, item, &format!("{at}/{index}"), depth + 1, found);
            }
        }
    }
}

fn help(name: &str, near: Option<&str>, names: &[&str], top: bool) -> String {
    if top && INTERCEPTOR.contains(&name) {
        return "it belongs one table higher, beside `plugin`".to_owned();
    }
    if let Some(near) = near {
        return format!("did you mean `{near}`?");
    }
    if top && PIPELINE.contains(&name) {
        return "it belongs two tables higher, into [pipelines.NAME]".to_owned();
    }
    match names {
        [] => "this takes no keys".to_owned(),
        names => format!("known here: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests;
