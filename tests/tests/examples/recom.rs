//! The recom job, computed a second time: with the regex crate, serde_json and plain lists.

use std::collections::BTreeMap;

use regex::bytes::Regex;
use serde_json::Value;
use weir_tests::{gateway::weir, json};

use super::{Headers, bytes, example, headers, records, text};

#[allow(dead_code, reason = "its main belongs to the example")]
#[path = "../../../examples/recom/generate.rs"]
mod generate;

const RULES: [(&str, &str); 6] = [
    (r#""actionTime":(\d+)"#, "timestamp"),
    (r#""businessId":"(.+?)""#, "customName"),
    (r#""sceneId":"(.+?)""#, "sceneId"),
    (r#""serviceName":"(.+?)""#, "serviceName"),
    (r#""logType":"(.+?)""#, "logType"),
    (r#""itemSetId":"(.+?)""#, "itemSetId"),
];

/// What is expected of one input record.
#[derive(Debug, PartialEq)]
struct Expected {
    topic: String,
    ts: Option<i64>,
    headers: Headers,
    key: Option<Vec<u8>>,
    payload: Option<Vec<u8>>,
}

fn last<'a>(headers: &'a Headers, name: &str) -> Option<&'a [u8]> {
    headers.iter().rfind(|(known, _)| known == name.as_bytes()).and_then(|(_, value)| value.as_deref())
}

/// Keeps the place of the first of that name and removes the others.
fn set(headers: &mut Headers, name: &str, value: &[u8]) {
    let place = headers.iter().position(|(known, _)| known == name.as_bytes());
    let entry = (name.as_bytes().to_vec(), Some(value.to_vec()));
    match place {
        Some(place) => {
            headers[place] = entry;
            let mut at = 0;
            headers.retain(|(known, _)| {
                at += 1;
                at <= place + 1 || known != name.as_bytes()
            });
        }
        None => headers.push(entry),
    }
}

/// The client's time in ms, by the size of the number.
fn client_time(said: &[u8]) -> Option<i64> {
    let number: i64 = std::str::from_utf8(said).ok()?.parse().ok()?;
    Some(match number.unsigned_abs() {
        0..100_000_000_000 => number * 1000,
        100_000_000_000..100_000_000_000_000 => number,
        100_000_000_000_000..100_000_000_000_000_000 => number.div_euclid(1000),
        _ => number.div_euclid(1_000_000),
    })
}

/// The user's number, from a JSON document whose texts need not be UTF-8.
fn user(payload: Option<&[u8]>) -> Option<i128> {
    let document: Value = serde_json::from_str(&json::cleaned(payload?)?).ok()?;
    match document.get("userId")? {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
}

fn compute(input: &Value, rules: &[(Regex, &str)]) -> Expected {
    let (key, payload) = (bytes(&input["key"]), bytes(&input["payload"]));
    let server = input["ts"].as_i64();
    let Some(user) = user(payload.as_deref()) else {
        let topic = "client-events-dead".into();
        return Expected { topic, ts: server, headers: headers(input), key, payload };
    };
    let mut headers = headers(input);
    for (rule, name) in rules {
        if let Some(found) = payload.as_deref().and_then(|payload| rule.captures(payload)) {
            set(&mut headers, name, &found[1]);
        }
    }
    if last(&headers, "dc").is_none() {
        set(&mut headers, "dc", b"hz1");
    }
    let parts =
        ["customName", "sceneId", "serviceName", "logType"].map(|name| last(&headers, name).map(<[u8]>::to_vec));
    if last(&headers, "path").is_none() && parts.iter().all(Option::is_some) {
        let path =
            parts.iter().flatten().fold(b"/recom/log".to_vec(), |path, part| [&path, b"/".as_slice(), part].concat());
        set(&mut headers, "path", &path);
    }
    let said = last(&headers, "timestamp").map(<[u8]>::to_vec);
    let client = said.as_deref().and_then(client_time);
    let believed = match (client, server) {
        (Some(client), Some(server)) => (server - 86_400_000..=server + 300_000).contains(&client),
        (client, None) => client.is_some(),
        (None, Some(_)) => false,
    };
    let ts = if believed { client } else { server };
    if let (false, Some(said), Some(_)) = (believed, &said, server) {
        set(&mut headers, "client-timestamp", said);
    }
    if let Some(ts) = ts {
        set(&mut headers, "timestamp", ts.to_string().as_bytes());
    }
    Expected { topic: format!("events-{:02}", user.rem_euclid(12)), ts, headers, key, payload }
}

#[test]
fn the_events_are_what_their_generator_makes() {
    assert!(generate::events() == std::fs::read(example("recom/events.ndjson")).unwrap(), "run the generator again");
}

#[test]
fn the_expected_records_are_right_by_a_computation_without_weir() {
    let rules = RULES.map(|(pattern, name)| (Regex::new(pattern).unwrap(), name));
    let inputs = records(&text("recom/events.ndjson"));
    let outputs = records(&text("recom/expected.ndjson"));
    assert_eq!((inputs.len(), outputs.len()), (2000, 2000));
    let mut topics: BTreeMap<String, usize> = BTreeMap::new();
    let (mut replaced, mut generations) = (0, Vec::new());
    for (at, (input, output)) in inputs.iter().zip(&outputs).enumerate() {
        let mut got = Expected {
            topic: output["topic"].as_str().unwrap().to_owned(),
            ts: output["ts"].as_i64(),
            headers: headers(output),
            key: bytes(&output["key"]),
            payload: bytes(&output["payload"]),
        };
        assert_eq!((&output["partition"], &output["offset"]), (&Value::Null, &Value::Null));
        assert_eq!(output["tstype"], if got.ts.is_some() { "create" } else { "unknown" });
        if got.topic == "client-events-dead" {
            let why = take_error(&mut got.headers);
            let said = |name: &str| why.get(name).map(|value| String::from_utf8(value.clone()).unwrap());
            assert_eq!(said("pipeline").as_deref(), Some("recom"));
            assert_eq!(said("interceptor").as_deref(), Some("mod-router"));
            assert_eq!(said("kind").as_deref(), Some("rejected"));
            assert_eq!(said("topic").as_deref(), Some("client-events"));
            assert_eq!(said("partition"), Some(input["partition"].to_string()));
            assert_eq!(said("offset"), Some(input["offset"].to_string()));
            assert_eq!(said("timestamp"), input["ts"].as_i64().map(|ms| ms.to_string()));
            assert!(said("message").is_some_and(|message| message.contains("/userId")));
            generations.push(said("generation").unwrap());
        }
        replaced += usize::from(last(&got.headers, "client-timestamp").is_some());
        *topics.entry(got.topic.clone()).or_default() += 1;
        assert_eq!(got, compute(input, &rules), "line {}", at + 1);
    }
    assert_eq!(topics.len(), 13, "twelve topics and the dead letters: {topics:?}");
    assert!(replaced > 300, "one clock in five is wrong: {replaced}");
    assert!(topics["client-events-dead"] > 150);
    generations.dedup();
    assert_eq!(generations.len(), 1, "one generation");
}

/// Takes the headers that say why a record died off its end.
fn take_error(headers: &mut Headers) -> BTreeMap<String, Vec<u8>> {
    let own = headers.iter().position(|(name, _)| name.starts_with(b"weir.error.")).unwrap();
    let why = headers.split_off(own).into_iter();
    why.map(|(name, value)| {
        let name = String::from_utf8(name).unwrap();
        (name.strip_prefix("weir.error.").unwrap().to_owned(), value.unwrap())
    })
    .collect()
}

const REPLAY: [&str; 7] = ["replay", "-c", "weir.toml", "--expect", "expected.ndjson", "--input", "events.ndjson"];

#[test]
fn replay_gives_the_expected_records_whatever_the_batches() {
    for batch in ["1", "2", "7", "1024"] {
        let arguments = [REPLAY.as_slice(), &["--batch-records", batch]].concat();
        let told = weir(&example("recom"), &arguments, b"").expect(0);
        assert!(told.out.is_empty() && told.err.contains("equal to expected.ndjson, 2000 records"), "{}", told.err);
    }
}

#[test]
fn one_changed_byte_is_shown_with_its_record_and_field() {
    let changed = text("recom/events.ndjson").replacen("app/4.2", "app/4.3", 1);
    let arguments = [&REPLAY[..6], &["-"]].concat();
    let told = weir(&example("recom"), &arguments, changed.as_bytes()).expect(1);
    for words in
        ["record 1 differs", "header `agent`", "expected \"app/4.2\"", "got      \"app/4.3\"", "1 record differs"]
    {
        assert!(told.text().contains(words), "{words} is not in:\n{}", told.text());
    }
}
