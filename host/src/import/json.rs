//! Connectors as JSON: `{"name": …, "config": {…}}`, a flat object, or a list of either.

use serde_json::Value;

use super::{
    ImportError,
    properties::{Properties, Property},
};

/// The connectors of a text, each as properties. The name of the outer object becomes the property `name`.
pub(super) fn connectors(text: &str) -> Result<Vec<Properties>, ImportError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| ImportError::Syntax { line: error.line(), message: error.to_string() })?;
    let mut lines = KeyLines { keys: key_lines(text), next: 0 };
    let mut found = Vec::new();
    collect(&value, &mut lines, &mut found);
    if found.is_empty() {
        let message = "expected a connector: {\"name\": …, \"config\": {\"connector.class\": …}}".to_owned();
        return Err(ImportError::Syntax { line: 1, message });
    }
    Ok(found.into_iter().map(Properties::of).collect())
}

fn collect(value: &Value, lines: &mut KeyLines, found: &mut Vec<Vec<Property>>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, lines, found)),
        Value::Object(members) => {
            let mut flat = Vec::new();
            for (key, member) in members {
                let line = lines.line_of(key);
                match member {
                    Value::Object(config) if key == "config" => {
                        for (key, member) in config {
                            flat.push(Property::new(key.clone(), plain(member), lines.line_of(key)));
                        }
                    }
                    Value::Object(_) | Value::Array(_) => collect(member, lines, found),
                    member => flat.push(Property::new(key.clone(), plain(member), line)),
                }
            }
            let is_connector = |property: &Property| property.key.contains('.') || property.key == "transforms";
            if flat.iter().any(is_connector) {
                found.push(flat);
            }
        }
        _ => {}
    }
}

/// As Connect reads a value that is no string.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The keys of a document in its order, with their lines.
struct KeyLines {
    keys: Vec<(String, usize)>,
    next: usize,
}

impl KeyLines {
    /// The line of the next key of this name. Keys are asked for in the document's order.
    fn line_of(&mut self, key: &str) -> usize {
        let rest = &self.keys[self.next..];
        match rest.iter().position(|(name, _)| name == key) {
            Some(at) => {
                self.next += at + 1;
                rest[at].1
            }
            None => 0,
        }
    }
}

/// Every text before a colon, unescaped. The document is valid.
fn key_lines(text: &str) -> Vec<(String, usize)> {
    let mut keys = Vec::new();
    let (mut at, mut line) = (0, 1);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => line += 1,
            b'"' => {
                let start = at;
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let end = (at + 1).min(bytes.len());
                if text[end..].trim_start().starts_with(':')
                    && let Ok(key) = serde_json::from_str(&text[start..end])
                {
                    keys.push((key, line));
                }
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_connector_is_found_in_every_form_with_the_lines_of_its_keys() {
        let nested = "{\n\"name\": \"a:b\",\n\"config\": {\n \"tasks.max\": 1,\n \"x\\u002ey\": \"\\\"topics\\\": \"}}";
        let flat = "[{\n\"name\": \"a:b\",\n\n\"tasks.max\": \"1\",\n\"x.y\": \"\\\"topics\\\": \"}]";
        for text in [nested, flat] {
            let all = connectors(text).unwrap();
            assert_eq!(all.len(), 1, "{text}");
            let seen: Vec<_> = all[0].all().iter().map(|p| (p.key.as_str(), p.value.as_str(), p.line)).collect();
            assert_eq!(seen, [("name", "a:b", 2), ("tasks.max", "1", 4), ("x.y", "\"topics\": ", 5)]);
        }
    }

    #[test]
    fn what_is_no_connector_is_refused_at_its_line() {
        assert_eq!(connectors("{\n \"a\": 1,\n}").unwrap_err().to_string().split(':').next(), Some("line 3"));
        assert!(connectors("{\"a\": 1}").is_err());
    }
}
