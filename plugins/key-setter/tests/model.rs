//! key-setter against the parts of records as serde_json sees them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};
use weir_key_setter::KeySetter;
use weir_sdk::testing::{Bench, Record, Verdict};

#[derive(Clone, Copy, Debug)]
enum From {
    Value,
    Header,
    Json,
    Within,
    Topic,
    Timestamp,
    Template,
}

impl From {
    fn written(self) -> Value {
        match self {
            Self::Value => json!({ "value": true }),
            Self::Header => json!({ "header": "h" }),
            Self::Json => json!({ "json": "/a/0" }),
            Self::Within => json!({ "json": "/b", "source": { "header": "h" } }),
            Self::Topic => json!({ "topic": true }),
            Self::Timestamp => json!({ "timestamp": true }),
            Self::Template => json!({ "template": "{topic}:{h}/{json:/a/0}{{}}" }),
        }
    }
}

#[derive(Clone, Debug)]
struct Given {
    value: Option<String>,
    header: Option<Option<String>>,
    key: Option<String>,
    timestamp: Option<i64>,
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        "[a\"\\\\\n\u{e9}\u{1f600}]{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let members = vec((select(vec!["a", "b", "0"]), inner.clone()), 0..4);
        let object = members.prop_map(|members| {
            Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        });
        prop_oneof![1 => vec(inner, 0..3).prop_map(Value::from), 2 => object]
    })
}

fn given() -> impl Strategy<Value = Given> {
    let a = document().prop_map(|inner| json!({ "a": [inner] }).to_string());
    let value = prop_oneof![3 => a, 2 => document().prop_map(|it| it.to_string()), 1 => "[{a:\\[]{0,4}"];
    let header = prop_oneof![document().prop_map(|it| it.to_string()), "[a-c ]{0,3}"];
    let timestamp = option::weighted(0.8, 0..2_000_000_000_000_i64);
    (
        option::weighted(0.9, value),
        option::weighted(0.8, option::weighted(0.8, header)),
        option::of("[a-c]{0,2}"),
        timestamp,
    )
        .prop_map(|(value, header, key, timestamp)| Given { value, header, key, timestamp })
}

impl Given {
    fn record(&self) -> Record {
        let mut record = self.value.as_ref().map_or_else(Record::tombstone, Record::of);
        record = match &self.header {
            Some(Some(text)) => record.header("h", "earlier").header("h", text),
            Some(None) => record.header("h", "earlier").null_header("h"),
            None => record.header("other", "x"),
        };
        if let Some(key) = &self.key {
            record = record.key(key);
        }
        if let Some(timestamp) = self.timestamp {
            record = record.timestamp(timestamp);
        }
        record
    }

    fn header(&self) -> Option<String> {
        self.header.clone().flatten()
    }

    /// The part that becomes the key.
    fn part(&self, from: From) -> Option<String> {
        match from {
            From::Value => self.value.clone(),
            From::Header => self.header(),
            From::Json => member(self.value.as_deref()?, "/a/0"),
            From::Within => member(&self.header()?, "/b"),
            From::Topic => Some("in".to_owned()),
            From::Timestamp => self.timestamp.map(|ms| ms.to_string()),
            From::Template => Some(format!("in:{}/{}{{}}", self.header()?, self.part(From::Json)?)),
        }
    }
}

/// A string as it is, all else as JSON; none where it is null or not there.
fn member(document: &str, pointer: &str) -> Option<String> {
    match serde_json::from_str::<Value>(document).ok()?.pointer(pointer)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_part_becomes_the_key(
        from in select(vec![
            From::Value, From::Header, From::Json, From::Within, From::Topic, From::Timestamp, From::Template,
        ]),
        missing in select(vec!["keep", "null", "dead-letter"]),
        given in vec(given(), 1..10),
        cut in 1..7_usize,
    ) {
        let config = json!({ "from": from.written(), "missing": missing });
        let records: Vec<Record> = given.iter().map(Given::record).collect();
        let outcomes = Bench::<KeySetter>::new(config).unwrap().from("in", 0).run_cut(cut, &records).unwrap();
        prop_assert_eq!(outcomes.len(), records.len());
        for ((outcome, given), record) in outcomes.into_iter().zip(&given).zip(records) {
            let part = given.part(from);
            let is_dead = part.is_none() && missing == "dead-letter";
            prop_assert_eq!(matches!(outcome.verdict, Verdict::DeadLetter(_)), is_dead);
            let key = match part {
                Some(part) => Some(part.into_bytes()),
                None if missing == "null" => None,
                None => record.key.clone(),
            };
            // Nothing else of the record changes.
            let mut expected = record;
            expected.key = key;
            prop_assert_eq!(outcome.record, expected);
        }
    }
}
