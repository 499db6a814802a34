#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::json;

use super::check_schema;

fn schema() -> String {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "rules": { "type": "array", "items": { "$ref": "#/$defs/Rule" } },
            "buckets": { "type": "integer", "format": "uint32", "minimum": 1 },
            "hash": { "oneOf": [
                { "description": "as it is", "type": "string", "const": "none" },
                { "description": "Kafka's", "type": "string", "const": "murmur2" },
            ] },
            "missing": { "anyOf": [ { "$ref": "#/$defs/Missing" }, { "type": "null" } ] },
            "from": { "oneOf": [
                { "type": "object", "properties": { "json": { "type": "string" } }, "required": ["json"], "additionalProperties": false },
                { "type": "object", "properties": { "header": { "type": "string" } }, "required": ["header"], "additionalProperties": false },
                { "type": "object", "properties": { "key": { "type": "boolean" } }, "required": ["key"], "additionalProperties": false },
            ] },
            "zone": { "type": ["string", "null"] },
        },
        "required": ["buckets"],
        "additionalProperties": false,
        "$defs": {
            "Rule": {
                "type": "object",
                "properties": { "pattern": { "type": "string" }, "headers": { "type": "array", "items": { "type": "string" } } },
                "required": ["pattern", "headers"],
                "additionalProperties": false,
            },
            "Missing": { "oneOf": [
                { "type": "string", "enum": ["dead-letter", "keep"] },
                { "type": "object", "properties": { "topic": { "type": "string" } }, "required": ["topic"], "additionalProperties": false },
            ] },
        },
    })
    .to_string()
}

#[track_caller]
fn says(config: &serde_json::Value, expected: &[(&str, &str, Option<&str>)]) {
    let found = check_schema(&schema(), &config.to_string());
    let found: Vec<_> =
        found.listed().iter().map(|(at, message, help)| (at.as_str(), message.as_str(), help.as_deref())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_fits_is_left_alone() {
    says(
        &json!({ "buckets": 12, "rules": [{ "pattern": "x", "headers": ["a"] }], "hash": "murmur2", "zone": "UTC" }),
        &[],
    );
    says(&json!({ "buckets": 1, "missing": "keep" }), &[]);
    says(&json!({ "buckets": 1, "missing": { "topic": "t" } }), &[]);
}

#[test]
fn unknown_keys_get_the_nearest_name_at_every_level_at_once() {
    says(
        &json!({ "bucket": 12, "rules": [{ "patern": "x", "headers": ["a"], "zzz": 1 }] }),
        &[
            ("/bucket#", "unknown key `bucket`", Some("did you mean `buckets`?")),
            ("/rules/0/patern#", "unknown key `patern`", Some("did you mean `pattern`?")),
            ("/rules/0/zzz#", "unknown key `zzz`", Some("known here: pattern, headers")),
        ],
    );
}

#[test]
fn keys_that_exclude_each_other_are_named_with_all_there_are() {
    let message = "`json` and `key` stand together, and one of them is needed";
    let help = Some("write one key only: `json`, `header` or `key`");
    says(&json!({ "buckets": 1, "from": { "key": true, "json": "/a" } }), &[("/from", message, help)]);
    says(&json!({ "buckets": 1, "from": { "key": true } }), &[]);
}

#[test]
fn keys_of_the_tables_above_are_sent_there() {
    says(
        &json!({ "buckets": 1, "on_fault": "stop", "dead_letter": "d" }),
        &[
            ("/on_fault#", "unknown key `on_fault`", Some("it belongs one table higher, beside `plugin`")),
            ("/dead_letter#", "unknown key `dead_letter`", Some("it belongs two tables higher, in [pipelines.NAME]")),
        ],
    );
}

#[test]
fn types_bounds_and_missing_keys_are_told() {
    let number = ("/buckets", "expected a whole number, found a string", Some("leave out the quotation marks"));
    says(&json!({ "buckets": "12" }), &[number]);
    says(&json!({ "buckets": 0 }), &[("/buckets", "0 is too small: at least 1", None)]);
    says(
        &json!({ "zone": 1 }),
        &[
            ("/zone", "expected a string, found a number", Some("write it in quotation marks: \"1\"")),
            ("", "`buckets` is missing", None),
        ],
    );
    says(
        &json!({ "buckets": 1, "rules": [{ "pattern": 1, "headers": "a" }] }),
        &[
            ("/rules/0/pattern", "expected a string, found a number", Some("write it in quotation marks: \"1\"")),
            ("/rules/0/headers", "expected a list, found a string", Some("write a list: [\"a\"]")),
        ],
    );
}

#[test]
fn of_several_forms_the_one_that_was_meant_is_spoken_of() {
    let hash = ("/hash", "`murmur3` is not known here", Some("did you mean \"murmur2\"?"));
    says(&json!({ "buckets": 1, "hash": "murmur3" }), &[hash]);
    let missing = ("/missing", "`drop` is not known here", Some("write \"dead-letter\" or \"keep\""));
    says(&json!({ "buckets": 1, "missing": "drop" }), &[missing]);
    let topic = ("/missing/topics#", "unknown key `topics`", Some("did you mean `topic`?"));
    says(&json!({ "buckets": 1, "missing": { "topics": "t" } }), &[topic]);
    let neither = ("/missing", "expected \"dead-letter\", \"keep\" or a table, found a number", None);
    says(&json!({ "buckets": 1, "missing": 3 }), &[neither]);
    says(&json!({ "buckets": 1, "hash": 3 }), &[("/hash", "expected \"none\" or \"murmur2\", found a number", None)]);
}

#[test]
fn a_schema_that_runs_in_circles_or_is_none_says_nothing() {
    let circle = r##"{ "anyOf": [{ "$ref": "#" }, { "$ref": "#" }, { "$ref": "#" }] }"##;
    assert!(check_schema(circle, "{}").is_empty());
    for schema in ["", "1", "[]", "null", "true", r#"{"type": 3, "properties": [], "required": {}}"#] {
        assert!(check_schema(schema, "{\"a\": 1}").is_empty(), "{schema}");
    }
}

proptest! {
    #[test]
    fn no_schema_and_no_config_bring_it_down(schema in json(), config in json()) {
        check_schema(&schema.to_string(), &config.to_string());
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let words = prop::sample::select(vec![
        "type",
        "properties",
        "$ref",
        "#",
        "#/x",
        "anyOf",
        "oneOf",
        "enum",
        "const",
        "items",
        "required",
        "object",
        "string",
        "additionalProperties",
        "minimum",
        "x",
        "allOf",
        "$defs",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        words.clone().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec((words.clone(), inner), 0..5)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}
