//! value-editor against edits of serde_json's values, and against the bytes that it must leave alone.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use weir_sdk::testing::{Bench, Outcome, Record, Verdict};
use weir_value_editor::ValueEditor;

const NAMES: [&str; 7] = ["a", "b", "c", "0", "-", "~/", "é\""];

#[derive(Clone, Debug)]
enum Edit {
    Set(Vec<String>, Value),
    Copy(Vec<String>, Vec<String>),
    Remove(Vec<String>),
    Rename(Vec<String>, String),
    Keep(Vec<Vec<String>>),
    Mask(Vec<String>),
    Replace(Vec<String>),
}

fn name() -> impl Strategy<Value = String> {
    select(NAMES.to_vec()).prop_map(str::to_owned)
}

fn way() -> impl Strategy<Value = Vec<String>> {
    vec(prop_oneof![4 => name(), 1 => select(vec!["1", "2"]).prop_map(str::to_owned)], 1..4)
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        "[ab\"\\\\\n\u{e9}\u{1f600}]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => vec((name(), inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (way(), document()).prop_map(|(way, value)| Edit::Set(way, value)),
        (way(), way()).prop_map(|(way, from)| Edit::Copy(way, from)),
        way().prop_map(Edit::Remove),
        (way(), name()).prop_map(|(way, to)| Edit::Rename(way, to)),
        vec(way(), 1..4).prop_map(Edit::Keep),
        way().prop_map(Edit::Mask),
        way().prop_map(Edit::Replace),
    ]
}

fn pointer(way: &[String]) -> String {
    way.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

impl Edit {
    fn config(&self, below: &str) -> Value {
        let at = |way: &[String]| format!("{below}{}", pointer(way));
        match self {
            // A text is a template.
            Self::Set(way, Value::String(text)) => json!({ "set": at(way), "to": text }),
            Self::Set(way, Value::Null) => json!({ "set": at(way), "to_json": "null" }),
            Self::Set(way, value) => json!({ "set": at(way), "to_json": value }),
            Self::Copy(way, from) => json!({ "set": at(way), "from": at(from) }),
            Self::Remove(way) => json!({ "remove": at(way) }),
            Self::Rename(way, to) => json!({ "rename": at(way), "to": to }),
            Self::Keep(ways) => json!({ "keep": ways.iter().map(|way| at(way)).collect::<Vec<_>>() }),
            Self::Mask(way) => json!({ "mask": { "json": at(way) }, "keep_last": 1 }),
            Self::Replace(way) => json!({ "replace": "(a)|b", "with": "<$1>", "json": at(way) }),
        }
    }

    /// The same with serde_json.
    fn model(&self, document: &mut Value) {
        match self {
            Self::Set(way, value) => {
                set(document, way, value.clone());
            }
            Self::Copy(way, from) => {
                if let Some(value) = document.pointer(&pointer(from)).cloned() {
                    set(document, way, value);
                }
            }
            Self::Remove(way) => {
                let (last, parent) = way.split_last().unwrap();
                match document.pointer_mut(&pointer(parent)) {
                    Some(Value::Object(members)) => drop(members.shift_remove(last)),
                    Some(Value::Array(items)) => {
                        drop(index(last).filter(|at| *at < items.len()).map(|at| items.remove(at)))
                    }
                    _ => {}
                }
            }
            Self::Rename(way, to) => {
                let (last, parent) = way.split_last().unwrap();
                if let Some(Value::Object(members)) = document.pointer_mut(&pointer(parent))
                    && let Some(value) = members.shift_remove(last)
                {
                    members.insert(to.clone(), value);
                }
            }
            Self::Keep(ways) => keep(document, &ways.iter().map(Vec::as_slice).collect::<Vec<_>>()),
            Self::Mask(way) => {
                if let Some(Value::String(text)) = document.pointer_mut(&pointer(way)) {
                    let last = text.chars().count().saturating_sub(1);
                    let kept = last > 0;
                    *text =
                        text.chars().enumerate().map(|(at, one)| if kept && at == last { one } else { '*' }).collect();
                }
            }
            Self::Replace(way) => {
                if let Some(Value::String(text)) = document.pointer_mut(&pointer(way)) {
                    *text = text.replace('a', "<A>").replace('b', "<>").replace('A', "a");
                }
            }
        }
    }

    /// Whether the model knows what it does: masks of other values depend on how they are written.
    fn is_clear(&self, document: &Value) -> bool {
        match self {
            Self::Mask(way) | Self::Replace(way) => {
                document.pointer(&pointer(way)).is_none_or(|value| value.is_string() || value.is_null())
            }
            Self::Set(_, Value::String(text)) => !text.contains(['{', '}']),
            Self::Rename(way, to) => way.last() != Some(to),
            _ => true,
        }
    }
}

fn index(token: &str) -> Option<usize> {
    let index: usize = token.parse().ok()?;
    (index.to_string() == token).then_some(index)
}

fn made(way: &[String], value: Value) -> Value {
    way.iter().rev().fold(value, |value, token| match token.as_str() {
        "-" => Value::Array(vec![value]),
        token => Value::Object(Map::from_iter([(token.to_owned(), value)])),
    })
}

fn set(document: &mut Value, way: &[String], value: Value) -> bool {
    let Some((token, rest)) = way.split_first() else {
        *document = value;
        return true;
    };
    match document {
        Value::Object(members) => match members.get_mut(token) {
            Some(member) => set(member, rest, value),
            None => members.insert(token.clone(), made(rest, value)).is_none(),
        },
        Value::Array(items) => match index(token) {
            Some(at) if at < items.len() => set(&mut items[at], rest, value),
            at if token == "-" || at == Some(items.len()) => {
                items.push(made(rest, value));
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn keep(document: &mut Value, ways: &[&[String]]) {
    let stays = |token: &str, member: &mut Value| {
        let below: Vec<&[String]> = ways.iter().filter(|way| way[0] == token).map(|way| &way[1..]).collect();
        if below.iter().any(|way| way.is_empty()) {
            return true;
        }
        keep(member, &below);
        !below.is_empty() && (member.is_object() || member.is_array())
    };
    match document {
        Value::Object(members) => members.retain(|name, member| stays(name, member)),
        Value::Array(items) => {
            let mut at = 0;
            items.retain_mut(|item| {
                at += 1;
                stays(&(at - 1).to_string(), item)
            });
        }
        _ => {}
    }
}

/// The edits whose outcome is clear, and what comes of them.
fn clear(edits: Vec<Edit>, document: &Value) -> (Vec<Edit>, Value) {
    let mut model = document.clone();
    let mut clear = Vec::new();
    for edit in edits {
        if edit.is_clear(&model) {
            edit.model(&mut model);
            clear.push(edit);
        }
    }
    (clear, model)
}

fn run(edits: &[Value], records: &[Record], cut: usize) -> Vec<Outcome> {
    Bench::<ValueEditor>::new(json!({ "edits": edits })).unwrap().run_cut(cut, records).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn it_edits_as_serde_json_does(document in document(), edits in vec(edit(), 1..5), pretty in any::<bool>()) {
        let (edits, expected) = clear(edits, &document);
        prop_assume!(!edits.is_empty());
        let text = if pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() };
        let configs: Vec<Value> = edits.iter().map(|edit| edit.config("")).collect();
        let outcome = run(&configs, &[Record::of(&text)], 1).remove(0);
        prop_assert_eq!(outcome.verdict, Verdict::Keep);
        let found: Value = serde_json::from_slice(&outcome.record.value.unwrap()).unwrap();
        prop_assert_eq!(found, expected, "{} {:?}", text, configs);
    }

    #[test]
    fn what_is_not_edited_keeps_its_bytes(document in document(), edits in vec(edit(), 1..5)) {
        let (edits, _) = clear(edits, &document);
        // `keep` removes what it does not name.
        let edits: Vec<Value> =
            edits.iter().filter(|edit| !matches!(edit, Edit::Keep(_))).map(|edit| edit.config("/edited")).collect();
        prop_assume!(!edits.is_empty());
        let before = "\u{feff} {\"x\":[ 1.50,1E+2 , \"\\u0041\\/\",{}],\t\"edited\" : ";
        let after = " ,\"dup\":1, \"dup\" : {\"a\" :0.0 , \"b\":\"\\ud800\"}\r\n} ";
        let outcome = run(&edits, &[Record::of(format!("{before}{document}{after}"))], 1).remove(0);
        let value = String::from_utf8(outcome.record.value.unwrap()).unwrap();
        prop_assert!(value.starts_with(before) && value.ends_with(after), "{}", value);
    }

    #[test]
    fn the_cut_of_a_batch_changes_nothing(documents in vec(document(), 1..9), edits in vec(edit(), 1..5)) {
        let edits: Vec<Value> =
            edits.iter().filter(|edit| edit.is_clear(&Value::Null)).map(|edit| edit.config("")).collect();
        prop_assume!(!edits.is_empty());
        let records: Vec<Record> = documents.iter().map(|document| Record::of(document.to_string())).collect();
        let whole = run(&edits, &records, records.len());
        for cut in [1, 2, 7] {
            prop_assert_eq!(&run(&edits, &records, cut), &whole);
        }
    }
}
