//! A plugin's config: TOML becomes JSON text.

use serde_json::{Map, Number};

use super::{
    Place,
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

/// Where everything below `node` stands.
pub(super) fn place(node: &Node) -> Place {
    let mut place = Place { source: node.source, ..Place::default() };
    locate(node, String::new(), &mut place);
    place
}

fn locate(node: &Node, pointer: String, place: &mut Place) {
    match &node.value {
        // Another file's part has other bytes: whatever is wrong there is shown at what is around it.
        _ if node.source != place.source => return,
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                locate(item, format!("{pointer}/{index}"), place);
            }
        }
        Value::Table(entries) => {
            let source = place.source;
            for entry in entries.iter().filter(|entry| entry.node.source == source) {
                let below = format!("{pointer}/{}", entry.key.replace('~', "~0").replace('/', "~1"));
                place.keys.insert(below.clone(), entry.key_span.clone());
                locate(&entry.node, below, place);
            }
        }
        _ => {}
    }
    place.spans.insert(pointer, node.span.clone());
}
