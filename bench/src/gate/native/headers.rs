//! Programs that write headers: the first three steps of the recom job.

use std::str;

use regex::bytes::{CaptureLocations, Regex};

use super::{Consumed, Header, Produced, Program};

/// Of regex-extractor: one expression a header.
#[derive(Debug)]
pub(in crate::gate) struct Extractor {
    rules: Vec<(Regex, CaptureLocations, &'static str)>,
}

impl Extractor {
    pub(in crate::gate) fn new() -> anyhow::Result<Self> {
        let rules = [
            (r#""actionTime":(\d+)"#, "timestamp"),
            (r#""businessId":"(.+?)""#, "customName"),
            (r#""sceneId":"(.+?)""#, "sceneId"),
            (r#""serviceName":"(.+?)""#, "serviceName"),
            (r#""logType":"(.+?)""#, "logType"),
            (r#""itemSetId":"(.+?)""#, "itemSetId"),
        ];
        let compiled = rules.into_iter().map(|(pattern, header)| {
            let regex = Regex::new(pattern)?;
            let room = regex.capture_locations();
            anyhow::Ok((regex, room, header))
        });
        Ok(Self { rules: compiled.collect::<anyhow::Result<_>>()? })
    }
}

impl Program for Extractor {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let mut headers = record.owned_headers(self.rules.len());
        for (regex, room, name) in &mut self.rules {
            if regex.captures_read(room, &record.value).is_some()
                && let Some((from, to)) = room.get(1)
            {
                set(&mut headers, name, record.value[from..to].to_vec());
            }
        }
        produce(record.with_headers(headers));
    }
}

/// Of header-enricher: a constant, and a path of four headers; what is there already stays.
#[derive(Debug)]
pub(in crate::gate) struct Enricher;

impl Program for Enricher {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let mut headers = record.owned_headers(2);
        if record.header("dc").is_none() {
            headers.push(("dc".into(), b"hz1".to_vec()));
        }
        if record.header("path").is_none()
            && let Some(path) = path(record)
        {
            headers.push(("path".into(), path));
        }
        produce(record.with_headers(headers));
    }
}

fn path(record: &Consumed) -> Option<Vec<u8>> {
    let mut path = Vec::with_capacity(64);
    path.extend_from_slice(b"/recom/log");
    for name in ["customName", "sceneId", "serviceName", "logType"] {
        path.push(b'/');
        path.extend_from_slice(record.header(name)?);
    }
    Some(path)
}

/// Of timestamp-fixer: the client's time where it is within a window round the server's.
#[derive(Debug)]
pub(in crate::gate) struct TimeFixer;

const DAY: i64 = 86_400_000;
const AHEAD: i64 = 300_000;

impl Program for TimeFixer {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let server = record.timestamp;
        let said = record.header("timestamp");
        let client = said.and_then(|said| milliseconds(str::from_utf8(said).ok()?.parse().ok()?));
        let believed = client.filter(|client| (server - DAY..=server + AHEAD).contains(client));
        let timestamp = believed.unwrap_or(server);
        let mut headers = record.owned_headers(2);
        if believed.is_none()
            && let Some(said) = said
        {
            set(&mut headers, "client-timestamp", said.to_vec());
        }
        set(&mut headers, "timestamp", itoa::Buffer::new().format(timestamp).as_bytes().to_vec());
        produce(Produced { timestamp, ..record.with_headers(headers) });
    }
}

/// Seconds, milliseconds, microseconds or nanoseconds, by the size of the number.
fn milliseconds(number: i64) -> Option<i64> {
    match number.unsigned_abs() {
        0..100_000_000_000 => number.checked_mul(1000),
        100_000_000_000..100_000_000_000_000 => Some(number),
        100_000_000_000_000..100_000_000_000_000_000 => Some(number.div_euclid(1000)),
        _ => Some(number.div_euclid(1_000_000)),
    }
}

/// Keeps the place of the first of that name and removes the others.
fn set(headers: &mut Vec<Header>, name: &'static str, value: Vec<u8>) {
    let Some(first) = headers.iter().position(|header| header.0 == name) else {
        headers.push((name.into(), value));
        return;
    };
    headers[first].1 = value;
    let mut at = 0;
    headers.retain(|header| {
        at += 1;
        at <= first + 1 || header.0 != name
    });
}
