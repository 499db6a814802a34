//! Makes `events.ndjson`: what clients of a recommendation service send, with everything they get wrong.
//!
//! `cargo run -p weir --example recom-events > examples/recom/events.ndjson`. The same bytes at every run.

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use weir_tests::rng::Rng;

const RECORDS: u64 = 2000;
const PARTITIONS: usize = 4;
/// 2023-11-14 22:13:20 UTC.
const START: i64 = 1_700_000_000_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

#[allow(dead_code, reason = "the tests take `events` alone")]
fn main() -> io::Result<()> {
    io::stdout().lock().write_all(&events())
}

/// The whole file.
pub(crate) fn events() -> Vec<u8> {
    let mut rng = Rng::new(0x9e37_79b9_7f4a_7c15);
    let mut offsets = [0_i64; PARTITIONS];
    let mut out = Vec::new();
    for number in 0..RECORDS {
        let server = START + number as i64 * 37 + rng.below(30) as i64;
        let partition = rng.below(PARTITIONS as u64) as usize;
        // Transactions and compaction leave holes in the offsets.
        offsets[partition] += if rng.below(50) == 0 { 3 } else { 1 };
        let user = user_id(&mut rng);
        let value = value(&mut rng, server, &user);
        let (tstype, ts) = match rng.below(100) {
            0 => ("unknown", Value::Null),
            1..=5 => ("create", json!(server)),
            _ => ("logappend", json!(server)),
        };
        let key = match (&user, rng.below(20)) {
            (_, 0) => Value::Null,
            (_, 1) => json!(""),
            (Some(user), _) => json!(user.to_string().trim_matches('"')),
            (None, _) => Value::Null,
        };
        let record = json!({
            "topic": "client-events",
            "partition": partition,
            "offset": offsets[partition],
            "tstype": tstype,
            "ts": ts,
            "headers": headers(&mut rng, number),
            "key": key,
            "payload": value.map_or(Value::Null, text),
        });
        out.extend_from_slice(record.to_string().as_bytes());
        out.push(b'\n');
    }
    out
}

/// A string, or base64 where the bytes are no string.
fn text(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => json!(text),
        Err(error) => json!({ "base64": STANDARD.encode(error.into_bytes()) }),
    }
}

/// Two headers that the collector adds, and now and then more, or fewer, or odder ones.
fn headers(rng: &mut Rng, number: u64) -> Vec<Value> {
    let mut headers = vec![json!("trace"), json!(format!("{:016x}", rng.next_u64())), json!("agent"), json!("app/4.2")];
    match rng.below(60) {
        0 => headers.extend([json!("trace"), json!(format!("retry-{number}"))]),
        1 => headers.extend([json!("sceneId"), json!("from-client"), json!("sceneId"), json!("again")]),
        2 => headers.extend([json!("dc"), json!("sh2")]),
        3 => headers.extend([json!("path"), Value::Null]),
        4 => headers.extend([json!("note"), json!("")]),
        5 => headers.extend([json!("raw"), json!({ "base64": "/wD+" })]),
        6 => headers.clear(),
        7 => headers.extend([json!("timestamp"), json!("not a time")]),
        _ => {}
    }
    headers
}

/// The user: mostly a number, sometimes a number in a string, negative, or nothing that can be counted on.
fn user_id(rng: &mut Rng) -> Option<Value> {
    let id = rng.below(5_000_000) as i64;
    Some(match rng.below(100) {
        0..=2 => return None,
        3..=7 => json!(id.to_string()),
        8..=10 => json!(-id),
        11 => json!(format!("+{id}")),
        12 => json!(format!("guest-{id}")),
        13 => Value::Null,
        14 => json!(id as f64 + 0.5),
        15 => json!(format!("-{id}")),
        16 => json!(9_223_372_036_854_775_807_i64),
        17 => json!(18_446_744_073_709_551_615_u64),
        _ => json!(id),
    })
}

/// What the client's clock says, as it stands in the event.
fn action_time(rng: &mut Rng, server: i64) -> Option<Value> {
    let honest = server - rng.below(40_000) as i64;
    Some(match rng.below(100) {
        // One in ten ahead, one in ten behind.
        0..=5 => json!(server + 6 * MINUTE + rng.below(400 * DAY as u64) as i64),
        6..=8 => json!(server + 5 * MINUTE + 1),
        9 => json!(99_999_999_999_999_i64),
        10..=16 => json!(server - DAY - MINUTE - rng.below(3000 * DAY as u64) as i64),
        17 => json!(server - DAY - 1),
        18 => json!(0),
        19 => json!(rng.below(100_000)),
        // Within the window to the millisecond.
        20 => json!(server + 5 * MINUTE),
        21 => json!(server - DAY),
        // Right, in other units.
        22..=24 => json!(honest / 1000),
        25 => json!(honest * 1000),
        26 => json!(honest * 1_000_000),
        // Unreadable.
        27 => json!(-honest),
        28 => json!(honest.to_string()),
        29 => return None,
        _ => json!(honest),
    })
}

fn value(rng: &mut Rng, server: i64, user: &Option<Value>) -> Option<Vec<u8>> {
    let kind = rng.below(1000);
    match kind {
        0..=19 => return None,
        20..=29 => return Some(Vec::new()),
        30..=36 => return Some(b"ping".to_vec()),
        _ => {}
    }
    let mut event = Map::new();
    if let Some(time) = action_time(rng, server) {
        event.insert("actionTime".into(), time);
    }
    let pick = |rng: &mut Rng, names: &[&str]| json!(names[rng.below(names.len() as u64) as usize]);
    if rng.below(40) != 0 {
        event.insert("businessId".into(), pick(rng, &["mall", "video", "news", "music", "书店", "a\"b"]));
    }
    if rng.below(40) != 0 {
        event.insert("sceneId".into(), pick(rng, &["home", "detail", "cart", "search/结果", ""]));
    }
    event.insert("serviceName".into(), pick(rng, &["recall", "rank", "rerank", "feed"]));
    event.insert("logType".into(), pick(rng, &["click", "show", "buy", "dislike"]));
    if rng.below(30) != 0 {
        event.insert("itemSetId".into(), json!(format!("set-{}", rng.below(500))));
    }
    if let Some(user) = user {
        event.insert("userId".into(), user.clone());
    }
    event.insert("itemId".into(), json!(format!("sku-{:08}", rng.below(100_000_000))));
    event.insert("device".into(), json!({ "os": "android", "version": "14", "net": "wifi", "screen": [1080, 2400] }));
    event.insert("session".into(), json!(format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64())));
    event.insert("position".into(), json!(rng.below(40)));
    let mut bytes = Value::Object(event).to_string().into_bytes();
    match kind {
        // Cut off by a buffer that was too small.
        37..=51 => bytes.truncate(bytes.len() / 2 + rng.below(20) as usize),
        // A latin-1 client.
        52..=66 => bytes = replace(bytes, b"\"sceneId\":\"", b"\"sceneId\":\"caf\xe9-"),
        // White space that the patterns do not expect.
        67..=76 => bytes = replace(bytes, b"\"actionTime\":", b"\"actionTime\": "),
        // A name that stands twice: the last one counts.
        77..=84 => bytes = replace(bytes, b"\"position\":", b"\"userId\":7,\"position\":"),
        // White space around a document is part of no value.
        85..=94 => bytes = [b" \n", bytes.as_slice(), b"\r\n"].concat(),
        // Two documents in one value.
        95..=99 => bytes = [bytes.as_slice(), b"{}"].concat(),
        // A byte order mark.
        100..=104 => bytes = [b"\xef\xbb\xbf", bytes.as_slice()].concat(),
        _ => {}
    }
    Some(bytes)
}

/// Replaces the first `from`, if there is one.
fn replace(bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    match bytes.windows(from.len()).position(|window| window == from) {
        Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]].concat(),
        None => bytes,
    }
}
