//! The access log, read a second time: by hand, byte after byte.

use serde_json::Value;
use weir_tests::gateway::weir;

use super::{Headers, bytes, example, headers, records, text};

#[allow(dead_code, reason = "its main belongs to the example")]
#[path = "../../../examples/access-log/generate.rs"]
mod generate;

/// A line in its parts; none where the format's beginning or its end does not stand.
struct Line<'a> {
    host: &'a [u8],
    user: &'a [u8],
    time: &'a [u8],
    request: &'a [u8],
    status: &'a [u8],
    size: &'a [u8],
    agent: &'a [u8],
}

/// What stands before the first `end`, and what stands behind it.
fn until<'a>(text: &'a [u8], end: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(end.len()).position(|window| window == end)?;
    Some((&text[..at], &text[at + end.len()..]))
}

/// What stands in quotes at the beginning, where `\` takes the next byte along, and what stands behind.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let mut at = 0;
    while *text.get(at)? != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    Some((&text[..at], &text[at + 1..]))
}

fn parse(text: &[u8]) -> Option<Line<'_>> {
    let (host, text) = until(text, b" ")?;
    let (_, text) = until(text, b" ")?;
    let (user, text) = until(text, b" [")?;
    let (time, text) = until(text, b"] ")?;
    let (request, text) = quoted(text)?;
    let (status, text) = until(text.strip_prefix(b" ")?, b" ")?;
    let (size, text) = until(text, b" ")?;
    let (_, text) = quoted(text)?;
    let (agent, _) = quoted(text.strip_prefix(b" ")?)?;
    Some(Line { host, user, time, request, status, size, agent })
}

/// `17/May/2015:10:05:03 +0000` in ms since the epoch.
fn millis(time: &[u8]) -> Option<i64> {
    let time = std::str::from_utf8(time).ok()?;
    let number = |range: std::ops::Range<usize>| time.get(range)?.parse::<i64>().ok();
    assert!(time.get(3..11)? == "May/2015" || time.starts_with('?'), "{time}");
    // The first of May 2015 was day 16,556.
    let day = 16_555 + number(0..2)?;
    let seconds = ((day * 24 + number(12..14)?) * 60 + number(15..17)?) * 60 + number(18..20)?;
    let east = number(22..24)? * 60 + number(24..26)?;
    let east = if time.as_bytes()[21] == b'-' { -east } else { east };
    Some((seconds - east * 60) * 1000)
}

/// Method and path of a request that is HTTP.
fn request(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = text.split(|byte| *byte == b' ');
    let (method, path) = (words.next()?, words.next()?);
    method.iter().all(u8::is_ascii_uppercase).then_some((method, path))
}

fn expected(line: &[u8]) -> (String, Option<i64>, Headers) {
    let Some(line) = parse(line) else { return ("access-dead".into(), None, Vec::new()) };
    let topic = match line.status[0] {
        b'2' => "access-ok",
        b'3' => "access-moved",
        b'4' => "access-refused",
        b'5' => "access-failed",
        _ => "access-other",
    };
    let mut headers = vec![("host", line.host), ("user", line.user)];
    if let Some((method, path)) = request(line.request) {
        headers.extend([("method", method), ("path", path)]);
    }
    headers.extend([("status", line.status), ("size", line.size), ("agent", line.agent)]);
    let headers = headers.into_iter().map(|(name, value)| (name.into(), Some(value.to_vec()))).collect();
    (topic.into(), millis(line.time), headers)
}

#[test]
fn the_log_is_what_its_generator_makes() {
    assert!(generate::log() == std::fs::read(example("access-log/access.log")).unwrap(), "run the generator again");
}

#[test]
fn the_expected_records_are_right_by_a_parser_without_weir() {
    let log = std::fs::read(example("access-log/access.log")).unwrap();
    let lines: Vec<&[u8]> = log.split(|byte| *byte == b'\n').collect();
    let outputs = records(&text("access-log/expected.ndjson"));
    assert_eq!((lines.len(), outputs.len()), (200, 200));
    let mut dead = 0;
    for (at, (line, output)) in lines.iter().zip(&outputs).enumerate() {
        // A client on Windows ended one with a carriage return, too.
        let line = &line.strip_suffix(b"\r").unwrap_or(line);
        let (topic, ts, wanted) = expected(line);
        assert_eq!(output["topic"], topic, "line {}", at + 1);
        assert_eq!(bytes(&output["payload"]).as_deref(), Some(*line), "line {}", at + 1);
        assert_eq!((&output["key"], output["ts"].as_i64()), (&Value::Null, ts), "line {}", at + 1);
        if topic == "access-dead" {
            dead += 1;
            continue;
        }
        assert_eq!(headers(output), wanted, "line {}", at + 1);
    }
    assert_eq!(dead, 2, "the torn line and the empty one");
}

#[test]
fn replay_gives_the_expected_records_whatever_the_batches() {
    let replay = ["replay", "-c", "weir.toml", "--input", "access.log", "--format", "lines"];
    for batch in ["1", "7", "1024"] {
        let arguments = [replay.as_slice(), &["--expect", "expected.ndjson", "--batch-records", batch]].concat();
        weir(&example("access-log"), &arguments, b"").expect(0);
    }
}
