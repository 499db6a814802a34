//! header-enricher against a plain model that edits one record's headers step by step.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};
use weir_header_enricher::Enricher;
use weir_sdk::testing::{Bench, Record, Verdict};

type Headers = Vec<(String, Option<Vec<u8>>)>;

#[derive(Debug, Clone)]
enum Part {
    Text(&'static str),
    Header(&'static str),
    Key,
    Topic,
    Seconds,
    Missing,
}

#[derive(Debug, Clone)]
struct Entry {
    name: &'static str,
    parts: Vec<Part>,
    preserve: Option<bool>,
    missing: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Config {
    entries: Vec<Entry>,
    renames: Vec<(&'static str, &'static str)>,
    remove: Vec<&'static str>,
    preserve: bool,
    missing: &'static str,
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "c", "topic"])
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        select(vec!["", "x", "{", "}", "{a}", "ü/"]).prop_map(Part::Text),
        name().prop_map(Part::Header),
        Just(Part::Key),
        Just(Part::Topic),
        Just(Part::Seconds),
        Just(Part::Missing),
    ]
}

fn missing() -> impl Strategy<Value = &'static str> {
    select(vec!["skip", "empty", "dead-letter", "default"])
}

fn config() -> impl Strategy<Value = Config> {
    let entry = (name(), vec(part(), 0..4), option::of(any::<bool>()), option::of(missing()))
        .prop_map(|(name, parts, preserve, missing)| Entry { name, parts, preserve, missing });
    let renames = vec((name(), name()), 0..4).prop_map(|pairs| {
        let mut kept: Vec<(&str, &str)> = Vec::new();
        for (from, to) in pairs {
            if from != to && kept.iter().all(|(f, t)| *f != from && *t != to) {
                kept.push((from, to));
            }
        }
        kept
    });
    (vec(entry, 0..5), renames, vec(name(), 0..2), any::<bool>(), missing()).prop_map(
        |(entries, renames, remove, preserve, missing)| Config { entries, renames, remove, preserve, missing },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let value = option::of(select(vec![&b""[..], b"1", b"\xff\x00", b"long value"]));
    let headers = vec((name(), value), 0..6);
    let key = option::of(select(vec!["", "k"]));
    let time = option::of(-5_000_000_000_000_i64..5_000_000_000_000);
    (headers, key, time).prop_map(|(headers, key, time)| {
        let mut record = Record::of("{}");
        record.headers =
            headers.into_iter().map(|(name, value)| (name.to_owned(), value.map(<[u8]>::to_vec))).collect();
        record.key = key.map(|key| key.as_bytes().to_vec());
        record.timestamp = time;
        record
    })
}

fn policy(missing: &str) -> Value {
    if missing == "default" { json!({ "default": "?" }) } else { json!(missing) }
}

fn written(config: &Config) -> Value {
    let entries = config.entries.iter().map(|entry| {
        let template = entry.parts.iter().map(|part| match part {
            Part::Text(text) => text.replace('{', "{{").replace('}', "}}"),
            Part::Header(name) => format!("{{header:{name}}}"),
            Part::Key => "{key}".to_owned(),
            Part::Topic => "{topic}".to_owned(),
            Part::Seconds => "{timestamp:%s}".to_owned(),
            Part::Missing => "{json:/no}".to_owned(),
        });
        let template: String = template.collect();
        let mut entry_json = json!({ "name": entry.name, "value": template });
        if let Some(preserve) = entry.preserve {
            entry_json["preserve_existing"] = json!(preserve);
        }
        if let Some(missing) = entry.missing {
            entry_json["missing"] = policy(missing);
        }
        entry_json
    });
    json!({
        "headers": entries.collect::<Vec<_>>(),
        "rename": config.renames.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect::<Vec<_>>(),
        "remove": config.remove,
        "preserve_existing": config.preserve,
        "missing": policy(config.missing),
    })
}

fn last(headers: &Headers, name: &str) -> Option<Vec<u8>> {
    headers.iter().rev().find(|(known, _)| known == name)?.1.clone()
}

/// The headers after the config; none where the record is a dead letter.
fn expected(config: &Config, record: &Record) -> Option<Headers> {
    let came = &record.headers;
    let has = |name: &str| came.iter().any(|(known, _)| known == name);
    let done: Vec<_> = config.renames.iter().filter(|(from, to)| has(from) && !(config.preserve && has(to))).collect();
    let goes = |name: &str| done.iter().any(|(from, to)| *from == name || *to == name);
    let mut headers: Headers = came.iter().filter(|(name, _)| !goes(name)).cloned().collect();
    for (from, to) in &done {
        let moved = came.iter().filter(|(name, _)| name == from);
        headers.extend(moved.map(|(_, value)| ((*to).to_owned(), value.clone())));
    }
    for entry in &config.entries {
        if entry.preserve.unwrap_or(config.preserve) && last(&headers, entry.name).is_some() {
            continue;
        }
        let mut value = Some(Vec::new());
        for part in &entry.parts {
            let text = match part {
                Part::Text(text) => Some(text.as_bytes().to_vec()),
                Part::Header(name) => last(&headers, name),
                Part::Key => record.key.clone(),
                Part::Topic => Some(b"t".to_vec()),
                Part::Seconds => record.timestamp.map(|ms| ms.div_euclid(1000).to_string().into_bytes()),
                Part::Missing => None,
            };
            let text = match (text, entry.missing.unwrap_or(config.missing)) {
                (Some(text), _) => text,
                (None, "empty") => Vec::new(),
                (None, "default") => b"?".to_vec(),
                (None, "dead-letter") => return None,
                (None, _) => {
                    value = None;
                    break;
                }
            };
            value.as_mut().expect("not yet skipped").extend(text);
        }
        let Some(value) = value else { continue };
        match headers.iter().position(|(name, _)| name == entry.name) {
            None => headers.push((entry.name.to_owned(), Some(value))),
            Some(first) => {
                headers[first].1 = Some(value);
                let mut at = 0;
                headers.retain(|(name, _)| {
                    at += 1;
                    name != entry.name || at == first + 1
                });
            }
        }
    }
    headers.retain(|(name, _)| !config.remove.contains(&name.as_str()));
    Some(headers)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_batch_comes_out_as_the_model_says(config in config(), records in vec(record(), 1..6), size in 1_usize..7) {
        let mut bench = Bench::<Enricher>::new(written(&config)).unwrap().from("t", 0);
        let outcomes = bench.run_cut(size, &records).unwrap();
        prop_assert_eq!(outcomes.len(), records.len());
        for (outcome, record) in outcomes.iter().zip(&records) {
            match expected(&config, record) {
                None => prop_assert!(matches!(outcome.verdict, Verdict::DeadLetter(_))),
                Some(headers) => {
                    prop_assert_eq!(&outcome.verdict, &Verdict::Keep);
                    prop_assert_eq!(&outcome.record.headers, &headers);
                }
            }
        }
    }
}
