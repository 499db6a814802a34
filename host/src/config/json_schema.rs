//! The JSON Schema of a configuration, for editors: made from the table of keys that the reader and the documentation have.

use serde_json::{Map, Value, json};

use super::{
    keys::{self, Key, Kind},
    load::ON_STOP,
    options::{self, Side},
    read_interceptor::{EFFECTS, ON_FAULT},
    read_pipeline::{DELIVERY, GROUP_PROTOCOL, JSON, ON_GAP, PARTITION_BY},
};

/// The schema of `weir.toml`. `configs`: of each built-in its name and the schema of its config.
pub fn json_schema(configs: Vec<(&str, Value)>) -> Value {
    let mut definitions = Map::new();
    definitions.insert("reference".to_owned(), reference());
    definitions.insert("pipeline".to_owned(), table(Kind::Pipeline, &["from", "group"]));
    let mut interceptor = table(Kind::Interceptor, &["plugin"]);
    let mut choices = Vec::new();
    for (name, mut schema) in configs {
        let home = format!("#/$defs/{name}");
        move_references(&mut schema, &home);
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("$schema");
        }
        definitions.insert(name.to_owned(), schema);
        choices.push(json!({
            "if": { "properties": { "plugin": { "const": name } }, "required": ["plugin"] },
            "then": { "properties": { "config": { "$ref": home } } },
        }));
    }
    if let Some(interceptor) = interceptor.as_object_mut() {
        interceptor.insert("allOf".to_owned(), choices.into());
    }
    definitions.insert("interceptor".to_owned(), interceptor);
    // A directory's tables stand in several files, so that none of them needs to be in one.
    let mut schema = table(Kind::Top, &[]);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".to_owned(), "weir.toml".into());
        schema.insert("$defs".to_owned(), definitions.into());
    }
    schema
}

/// A table of known keys, of which some are needed.
fn table(kind: Kind, needed: &[&str]) -> Value {
    let properties: Map<String, Value> =
        keys::of(kind).iter().map(|key| (key.name.to_owned(), property(kind, key))).collect();
    json!({ "type": "object", "additionalProperties": false, "required": needed, "properties": properties })
}

fn property(kind: Kind, key: &Key) -> Value {
    let mut schema = match (kind, key.name) {
        (Kind::Top, "kafka") => table(Kind::Kafka, &[]),
        (Kind::Top, "admin") => table(Kind::Admin, &["listen"]),
        (Kind::Top, "pipelines") => json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/pipeline" } }),
        (Kind::Top, "on_stop") => words(ON_STOP),
        (Kind::Kafka, "options") => properties(&[Side::Every, Side::Consumer, Side::Producer]),
        (Kind::Admin, "tls") => own_table(&[("certificate", text()), ("key", text())]),
        (Kind::Admin, "token") => json!({ "$ref": "#/$defs/reference" }),
        (Kind::Pipeline, "consumer") => properties(&[Side::Every, Side::Consumer]),
        (Kind::Pipeline, "producer") => properties(&[Side::Every, Side::Producer]),
        (Kind::Pipeline, "delivery") => words(DELIVERY),
        (Kind::Pipeline, "on_gap") => words(ON_GAP),
        (Kind::Pipeline, "partition_by") => words(PARTITION_BY),
        (Kind::Pipeline, "group_protocol") => words(GROUP_PROTOCOL),
        (Kind::Pipeline, "json") => words(JSON),
        (Kind::Pipeline, "batch") => own_table(&[("records", number()), ("bytes", text()), ("age", text())]),
        (Kind::Pipeline, "breaker") => own_table(&[("faults", text()), ("over", text()), ("min", number())]),
        (Kind::Pipeline, "probe") => probe(),
        (Kind::Pipeline, "interceptors") => json!({ "type": "array", "items": { "$ref": "#/$defs/interceptor" } }),
        (Kind::Interceptor, "on_fault") => words(ON_FAULT),
        (Kind::Interceptor, "allow") => {
            let effects = json!({ "type": "array", "items": { "enum": EFFECTS } });
            own_table(&[("inputs", texts()), ("effects", effects), ("headers", texts()), ("topics", texts())])
        }
        _ => match key.form {
            "list of strings" => texts(),
            "number" => number(),
            "table" => json!({ "type": "object" }),
            _ => text(),
        },
    };
    if let Some(schema) = schema.as_object_mut().filter(|_| !key.meaning.is_empty()) {
        let default = if key.default.is_empty() { String::new() } else { format!(" (default: {})", key.default) };
        schema.insert("description".to_owned(), format!("{}{default}", key.meaning).into());
    }
    schema
}

/// A string, or what a reference stands for.
fn text() -> Value {
    json!({ "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/reference" }] })
}

fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

fn number() -> Value {
    json!({ "type": "integer", "minimum": 1 })
}

fn words<T>(words: &[(&str, T)]) -> Value {
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    json!({ "anyOf": [{ "enum": words }, { "$ref": "#/$defs/reference" }] })
}

fn own_table(members: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> =
        members.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A file, or two.
fn probe() -> Value {
    let mut table = own_table(&[("input", text()), ("expect", text())]);
    if let Some(table) = table.as_object_mut() {
        table.insert("required".to_owned(), json!(["input"]));
    }
    json!({ "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/reference" }, table] })
}

/// librdkafka's properties. Names with dots may also stand as tables in tables, which are left to `weir check`.
fn properties(sides: &[Side]) -> Value {
    let value = json!({ "anyOf": [{ "type": ["string", "number", "boolean"] }, { "$ref": "#/$defs/reference" }] });
    let names = sides.iter().flat_map(|side| options::names_of(*side));
    let properties: Map<String, Value> = names.map(|name| (name.to_owned(), value.clone())).collect();
    json!({ "type": "object", "properties": properties })
}

fn reference() -> Value {
    let one = |key: &str| json!({ "type": "object", "additionalProperties": false, "required": [key], "properties": { key: { "type": "string" } } });
    json!({
        "description": "What is better not written down here: a variable of the environment, or a file's text.",
        "anyOf": [one("env"), one("file")],
    })
}

/// Lets the references of a schema that becomes a part of another one find what they found.
fn move_references(schema: &mut Value, home: &str) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => {
                        if let Some(rest) = target.strip_prefix('#') {
                            *target = format!("{home}{rest}");
                        }
                    }
                    member => move_references(member, home),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| move_references(item, home)),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{super::check_schema, *};

    const PLUGIN: &str = r##"{"type":"object","additionalProperties":false,"properties":{"of":{"$ref":"#/$defs/of"}},
        "$defs":{"of":{"type":"integer"}}}"##;

    /// What the schema says of a configuration: pointer and message.
    fn told(toml: &str) -> Vec<(String, String)> {
        let schema = json_schema(vec![("mine", serde_json::from_str(PLUGIN).unwrap())]);
        let config: Value = toml::from_str(toml).unwrap();
        let findings = check_schema(&schema.to_string(), &config.to_string());
        findings.listed().iter().map(|(pointer, message, _)| (pointer.clone(), message.clone())).collect()
    }

    const GOOD: &str = r#"
[kafka]
brokers = { env = "B" }
[kafka.options]
"linger.ms" = 5
[pipelines.p]
from = ["in"]
group = "g"
delivery = "at-least-once"
batch = { records = 10 }
json = "first"
probe = { input = "in.ndjson", expect = "out.ndjson" }
[[pipelines.p.interceptors]]
plugin = "mine"
on_fault = "stop"
config = { of = 1 }
"#;

    #[test]
    fn what_the_reader_takes_fits() {
        assert_eq!(told(GOOD), []);
    }

    #[test]
    fn what_the_reader_refuses_does_not_fit() {
        for (right, wrong, pointer) in [
            ("from = [\"in\"]", "from = \"in\"", "/pipelines/p/from"),
            ("group = \"g\"", "gruop = \"g\"", "/pipelines/p/gruop#"),
            ("at-least-once", "exactly", "/pipelines/p/delivery"),
            ("json = \"first\"", "json = \"last\"", "/pipelines/p/json"),
            ("records = 10", "record = 10", "/pipelines/p/batch/record#"),
            ("{ input = \"in.ndjson\", expect = \"out.ndjson\" }", "7", "/pipelines/p/probe"),
            ("input = \"in.ndjson\", ", "", "/pipelines/p/probe"),
            ("[kafka]", "[kafak]\na = 1\n[kafka]", "/kafak#"),
            ("plugin = \"mine\"", "plugins = \"mine\"", "/pipelines/p/interceptors/0/plugins#"),
        ] {
            let told = told(&GOOD.replace(right, wrong));
            assert!(told.iter().any(|(at, _)| at == pointer), "{wrong}: {told:?}");
        }
    }

    #[test]
    fn references_of_a_plugins_schema_are_found_in_the_whole() {
        let schema = json_schema(vec![("mine", serde_json::from_str(PLUGIN).unwrap())]);
        let target = schema.pointer("/$defs/mine/properties/of/$ref").unwrap().as_str().unwrap();
        assert_eq!(schema.pointer(target.trim_start_matches('#')).unwrap(), &json!({ "type": "integer" }));
    }
}
