//! splitter against serde_json: what was joined comes apart again, wherever a batch is cut.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use weir_sdk::testing::{Bench, Record, Verdict};
use weir_splitter::Splitter;

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        "[a-z\"\\\\\n\u{e9}\u{1f600}\\[\\]{},]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-c\"]{0,2}", inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A record's documents, how they are written, and how they are joined.
fn record() -> impl Strategy<Value = (Vec<Value>, bool, &'static str)> {
    (vec(document(), 0..5), any::<bool>(), select(vec!["\n", " ", "\r\n", "\n\n", "\t"]))
}

fn written(value: &Value, pretty: bool) -> String {
    if pretty { serde_json::to_string_pretty(value).unwrap() } else { value.to_string() }
}

/// What comes of the records at this cut: their documents, by record.
fn split(config: &Value, records: &[Record], cut: usize) -> Vec<Vec<Value>> {
    let mut parts = vec![Vec::new(); records.len()];
    for outcome in Bench::<Splitter>::new(config).unwrap().run_cut(cut, records).unwrap() {
        if outcome.verdict == Verdict::Keep {
            let part = serde_json::from_slice(&outcome.record.value.unwrap()).unwrap();
            let number: usize = outcome.record.headers[0]
                .1
                .as_deref()
                .map(|text| std::str::from_utf8(text).unwrap())
                .unwrap()
                .parse()
                .unwrap();
            assert_eq!(number, parts[outcome.input].len());
            parts[outcome.input].push(part);
        } else {
            assert_eq!(outcome.verdict, Verdict::Drop);
        }
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn documents_and_items_come_apart_as_they_were_joined(records in vec(record(), 1..8), cut in 1..9_usize) {
        let expected: Vec<Vec<Value>> = records.iter().map(|(documents, ..)| documents.clone()).collect();
        let joined = |(documents, pretty, between): &(Vec<Value>, bool, &str)| {
            Record::of(documents.iter().map(|one| written(one, *pretty)).collect::<Vec<_>>().join(between))
        };
        let documents: Vec<Record> = records.iter().map(joined).collect();
        let config = json!({ "by": "documents", "position_header": "part" });
        prop_assert_eq!(&split(&config, &documents, cut), &expected);
        let array = |(documents, pretty, _): &(Vec<Value>, bool, &str)| {
            Record::of(written(&json!({ "x": [0], "a": { "b": documents } }), *pretty))
        };
        let arrays: Vec<Record> = records.iter().map(array).collect();
        let config = json!({ "by": { "array": "/a/b" }, "position_header": "part" });
        prop_assert_eq!(&split(&config, &arrays, cut), &expected);
    }
}
