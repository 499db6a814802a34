//! A plugin's config: TOML becomes JSON text.

use serde_json::{Map, Number};

use super::{
    reading::Reading,
    tree::{Node, Value},
};

/// The JSON of a table, references resolved, keys in the file's order.
pub(super) fn json(reading: &mut Reading, node: &Node) -> Option<serde_json::Value> {
    use serde_json::Value as Json;
    Some(match &node.value {
        Value::Text(text) => Json::String(text.clone()),
        Value::Integer(Some(n)) => Json::Number((*n).into()),
        Value::Integer(None) => {
            reading.wrong(node, "the number needs more than 64 bits", None);
            return None;
        }
        Value::Float(n) => match Number::from_f64(*n) {
            Some(n) => Json::Number(n),
            None => {
                reading.wrong(node, "plugins read JSON, which has neither `inf` nor `nan`", None);
                return None;
            }
        },
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Datetime(time) => Json::String(time.clone()),
        Value::List(items) => {
            let read: Vec<Option<Json>> = items.iter().map(|item| json(reading, item)).collect();
            Json::Array(read.into_iter().collect::<Option<_>>()?)
        }
        Value::Table(_) if node.reference().is_some() => Json::String(reading.resolve(node)?),
        Value::Table(entries) => {
            let read: Vec<Option<(String, Json)>> =
                entries.iter().map(|entry| Some((entry.key.clone(), json(reading, &entry.node)?))).collect();
            Json::Object(read.into_iter().collect::<Option<Map<_, _>>>()?)
        }
    })
}
