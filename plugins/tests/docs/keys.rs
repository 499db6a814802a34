//! A JSON Schema as a table of keys.

use std::fmt::Write;

use serde_json::Value;

/// One line a key, in the schema's order; the keys of a table come after the key that holds it.
pub(crate) fn table(schema: &Value) -> String {
    let mut table = "| key | type | default | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    rows(schema, schema, "", &mut Vec::new(), &mut table);
    table
}

/// `shown` are the tables whose keys stand above, by what the schema calls them: a table may hold itself.
fn rows<'a>(
    root: &'a Value,
    object: &'a Value,
    prefix: &str,
    shown: &mut Vec<(&'a Value, String)>,
    table: &mut String,
) {
    let required = |name: &str| {
        let names = object["required"].as_array().into_iter().flatten();
        names.into_iter().any(|known| known == name)
    };
    for (name, property) in object["properties"].as_object().into_iter().flatten() {
        let target = resolve(root, property);
        let default = match property.get("default").or_else(|| target.get("default")) {
            _ if required(name) => "**required**".to_owned(),
            Some(Value::Null) => "–".to_owned(),
            None if may_be_null(property) => "–".to_owned(),
            None => panic!("`{prefix}{name}` may be left out, and the schema does not say what it is then"),
            Some(value) => format!("`{value}`"),
        };
        let kind = kind(root, property);
        let mut meaning = property.get("description").or_else(|| target.get("description")).map_or("", text).to_owned();
        for choice in choices(root, target) {
            write!(meaning, "<br>{choice}").unwrap();
        }
        let (inner, mark) = match target.get("items") {
            Some(items) => (resolve(root, items), "[]"),
            None => (target, ""),
        };
        let has_keys = inner.get("properties").is_some() && inner.get("oneOf").is_none();
        let above = shown.iter().find(|(known, _)| std::ptr::eq(*known, inner)).map(|(_, key)| key);
        if let Some(key) = above.filter(|_| has_keys) {
            write!(meaning, " Its keys are those of `{key}`.").unwrap();
        }
        let is_new = has_keys && above.is_none();
        let meaning = meaning.replace('\n', " ").replace('|', "\\|");
        let kind = kind.replace('|', "\\|");
        writeln!(table, "| `{prefix}{name}` | {kind} | {default} | {meaning} |").unwrap();
        if is_new {
            shown.push((inner, format!("{prefix}{name}{mark}")));
            rows(root, inner, &format!("{prefix}{name}{mark}."), shown, table);
        }
    }
}

/// Whether a key that is left out is told apart from every value.
fn may_be_null(schema: &Value) -> bool {
    let types = schema["type"].as_array().into_iter().flatten();
    let forms = schema["anyOf"].as_array().into_iter().flatten().map(|form| &form["type"]);
    types.chain(forms).any(|one| one == "null")
}

/// Follows `$ref`, and takes the one that is not null of two.
fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(path) = schema["$ref"].as_str() {
        let target = root.pointer(path.trim_start_matches('#')).expect("a reference into the schema");
        return resolve(root, target);
    }
    match schema["anyOf"].as_array().map(|all| all.iter().filter(|one| one["type"] != "null").collect::<Vec<_>>()) {
        Some(rest) if rest.len() == 1 => resolve(root, rest[0]),
        _ => schema,
    }
}

/// The type in words.
fn kind(root: &Value, schema: &Value) -> String {
    let schema = resolve(root, schema);
    if let Some(items) = schema.get("items") {
        return format!("list of {}", plural(kind(root, items)));
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(all) = schema[several].as_array() {
            let kinds: Vec<_> = all.iter().map(|one| kind(root, one)).collect();
            return kinds.join(" or ");
        }
    }
    if let Some(value) = schema.get("const") {
        return format!("`{value}`");
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).filter(|one| *one != "null").collect(),
        other => panic!("a type that the table of keys has no words for: {other} in {schema}"),
    };
    let words =
        types.into_iter().map(|one| match (one, schema.get("properties"), schema.get("additionalProperties")) {
            ("object", Some(members), _) if is_variant(schema) => {
                let (name, member) = members.as_object().and_then(|members| members.iter().next()).expect("a member");
                format!("`{{ {name} = … }}` ({})", kind(root, member))
            }
            ("object", None, Some(values)) if values.is_object() => format!("table of {}", plural(kind(root, values))),
            ("object", ..) => "table".to_owned(),
            ("integer", ..) if schema["minimum"] == 0 => "integer from 0".to_owned(),
            ("integer", ..) if schema["minimum"] == 1 => "integer from 1".to_owned(),
            (other, ..) => other.to_owned(),
        });
    words.collect::<Vec<_>>().join(" or ")
}

fn plural(kind: String) -> String {
    match kind.as_str() {
        "string" | "table" | "integer" => format!("{kind}s"),
        _ => kind,
    }
}

/// What serde writes as `{ name = … }`: one member, which must be there.
fn is_variant(schema: &Value) -> bool {
    let count = |key: &str| schema[key].as_object().map(serde_json::Map::len).or(schema[key].as_array().map(Vec::len));
    count("properties") == Some(1) && count("required") == Some(1)
}

/// The variants of an enum with what each of them means.
fn choices(root: &Value, schema: &Value) -> Vec<String> {
    let all = schema["oneOf"].as_array().or(schema["anyOf"].as_array()).into_iter().flatten();
    let described = all.filter_map(|one| {
        let meaning = one.get("description").map(text)?;
        Some(format!("{}: {meaning}", kind(root, one)))
    });
    described.collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
