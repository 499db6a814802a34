//! What was written, as a tree in which everything knows where it stands.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A value and the bytes of the file that it stands in.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Index of the file.
    pub(super) source: usize,
    /// The value's bytes; of a table with a header, the header's.
    pub(super) span: Range<usize>,
    pub(super) value: Value,
}

/// TOML's values; the order of keys is the file's.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// None: outside of 64 bits.
    Integer(Option<i64>),
    Float(f64),
    Bool(bool),
    /// As RFC 3339 writes it, or a part of that.
    Datetime(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) node: Node,
}

impl Node {
    /// The whole of a file.
    pub(super) fn document(source: usize, span: Range<usize>, table: &DeTable<'_>) -> Self {
        Self { source, span, value: Value::Table(entries(source, table)) }
    }

    fn new(source: usize, span: Range<usize>, value: &DeValue<'_>) -> Self {
        let value = match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(digits) => Value::Integer(i64::from_str_radix(digits.as_str(), digits.radix()).ok()),
            DeValue::Float(digits) => Value::Float(digits.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(bool) => Value::Bool(*bool),
            DeValue::Datetime(time) => Value::Datetime(time.to_string()),
            DeValue::Array(items) => {
                Value::List(items.iter().map(|item| Self::new(source, item.span(), item.get_ref())).collect())
            }
            DeValue::Table(table) => Value::Table(entries(source, table)),
        };
        Self { source, span, value }
    }

    /// The entries, where it is a table.
    pub(super) fn table(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a table holds under `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.table()?.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// `env` or `file`, and what stands there, where this is a table with exactly that one key.
    pub(super) fn reference(&self) -> Option<(&str, &Node)> {
        match self.table()? {
            [entry] if matches!(entry.key.as_str(), "env" | "file") => Some((&entry.key, &entry.node)),
            _ => None,
        }
    }

    /// For messages: `a string`, `a number`.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a string",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Bool(_) => "true or false",
            Value::Datetime(_) => "a date or time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

fn entries(source: usize, table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: key.span(),
            node: Node::new(source, value.span(), value.get_ref()),
        })
        .collect();
    // The parser sorts by name; a plugin's config, and what is said about mistakes, follow the file.
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}
