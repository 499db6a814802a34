//! Types, fixed values and bounds of a schema, in an operator's words.

use serde_json::{Map, Value};

use super::{super::nearest::nearest, At, Findings};

/// The names under `type`.
pub(super) fn types_of(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value is of a type; a type that nobody knows fits everything.
pub(super) fn fits(wanted: &str, value: &Value) -> bool {
    match wanted {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0),
        _ => true,
    }
}

/// A type as TOML calls it.
pub(super) fn a(name: &str) -> &str {
    match name {
        "boolean" => "true or false",
        "object" => "a table",
        "array" => "a list",
        "string" => "a string",
        "number" => "a number",
        "integer" => "a whole number",
        other => other,
    }
}

/// What stands there.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn list(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// How to write a value of the right type.
pub(super) fn form(schema: &Map<String, Value>, wanted: &[&str], value: &Value) -> Option<String> {
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let wants = |name: &str| wanted.contains(&a(name));
    if wants("string") && value.is_number() {
        // As the built-ins describe a duration.
        let is_duration = description.contains("such as `\"5m\"`") || description.contains("likewise");
        let unit = if is_duration { "s" } else { "" };
        return Some(format!(
            "write it in quotation marks{}: \"{value}{unit}\"",
            if is_duration { ", with its unit" } else { "" }
        ));
    }
    if (wants("number") || wants("integer")) && value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()) {
        return Some("leave out the quotation marks".to_owned());
    }
    if wants("array") && value.is_string() {
        return Some(format!("write a list: [{value}]"));
    }
    None
}

/// The fixed values of `const` or `enum`.
pub(super) fn permitted(schema: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => Some(vec![value]),
        (None, Some(Value::Array(values))) => Some(values.iter().collect()),
        _ => None,
    }
}

/// A mistake unless the value is one of these.
pub(super) fn choose(permitted: &[&Value], value: &Value, at: At<'_>, found: &mut Findings) {
    if permitted.contains(&value) {
        return;
    }
    found.push_with(|| {
        let (message, help) = unlike(permitted, value);
        (at.pointer(), message, help)
    });
}

/// What to say of a value that is none of these.
fn unlike(permitted: &[&Value], value: &Value) -> (String, Option<String>) {
    let names: Vec<&str> = permitted.iter().filter_map(|value| value.as_str()).collect();
    let shown: Vec<String> = permitted.iter().filter(|value| !value.is_null()).map(ToString::to_string).collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let Some(text) = value.as_str() else {
        return (format!("expected {}, found {}", list(&shown), kind(value)), None);
    };
    let help = match nearest(text, names) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => format!("write {}", list(&shown)),
    };
    (format!("`{text}` is not known here"), Some(help))
}

/// Mistakes against `minimum`, `maximum`, `minItems`, `minLength`.
pub(super) fn bounds(schema: &Map<String, Value>, value: &Value, at: At<'_>, found: &mut Findings) {
    let bound = |key| schema.get(key).and_then(Value::as_f64);
    let mut wrong = |message: String| found.push_with(|| (at.pointer(), message, None));
    if let Some(n) = value.as_f64() {
        if let Some(least) = bound("minimum").filter(|least| n < *least) {
            wrong(format!("{value} is too small: at least {least}"));
        }
        if let Some(most) = bound("maximum").filter(|most| n > *most) {
            wrong(format!("{value} is too large: at most {most}"));
        }
    }
    if value.as_array().is_some_and(Vec::is_empty) && bound("minItems").is_some_and(|least| least >= 1.0) {
        wrong("the list is empty".to_owned());
    }
    if value.as_str() == Some("") && bound("minLength").is_some_and(|least| least >= 1.0) {
        wrong("the string is empty".to_owned());
    }
}
