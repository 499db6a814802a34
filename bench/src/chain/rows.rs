//! F1: the job as one would write it without weir. Records are owned, headers a `Vec`, and four functions follow each
//! other; the fields, and the user, come by the regex crate or, for comparison, by serde.

use std::{borrow::Cow, sync::Arc};

use anyhow::Result;
use regex::bytes::{CaptureLocations, Regex};
use serde::Deserialize;

use super::{job::Job, sink::Sink};
use crate::events::Event;

pub(super) const DAY: i64 = 86_400_000;
pub(super) const AHEAD: i64 = 300_000;
pub(super) const DEAD: &str = "client-events-dead";

/// A record on its way. Names that the program itself writes cost no memory of their own.
#[derive(Debug)]
struct Row {
    topic: Arc<str>,
    timestamp: i64,
    key: Vec<u8>,
    value: Vec<u8>,
    headers: Vec<(Cow<'static, str>, Vec<u8>)>,
}

/// How fields are found.
#[derive(Debug)]
enum Fields {
    /// One expression each, and one for the user.
    Regex { rules: Vec<(Regex, CaptureLocations, &'static str)>, user: (Regex, CaptureLocations) },
    /// One pass over the document for all of them, which is checked as a whole.
    Serde,
}

/// The job.
#[derive(Debug)]
pub(super) struct Rows {
    fields: Fields,
    topics: Vec<Arc<str>>,
    source: Arc<str>,
    rows: Vec<Row>,
}

impl Rows {
    /// Fields by the regex crate: F1.
    pub(super) fn regex() -> Result<Self> {
        let regex = |pattern: &str| -> Result<(Regex, CaptureLocations)> {
            let regex = Regex::new(pattern)?;
            let room = regex.capture_locations();
            Ok((regex, room))
        };
        let mut rules = Vec::new();
        for (member, header) in [
            ("actionTime", "timestamp"),
            ("businessId", "customName"),
            ("sceneId", "sceneId"),
            ("serviceName", "serviceName"),
            ("logType", "logType"),
            ("itemSetId", "itemSetId"),
        ] {
            let group = if member == "actionTime" { r"(\d+)" } else { r#""(.+?)""# };
            let (regex, room) = regex(&format!("\"{member}\":{group}"))?;
            rules.push((regex, room, header));
        }
        Ok(Self::new(Fields::Regex { rules, user: regex(r#""userId":(\d+)"#)? }))
    }

    /// Fields by serde.
    pub(super) fn serde() -> Self {
        Self::new(Fields::Serde)
    }

    fn new(fields: Fields) -> Self {
        let topics = (0..12).map(|bucket| Arc::from(format!("events-{bucket:02}"))).collect();
        Self { fields, topics, source: Arc::from(super::job::TOPIC), rows: Vec::new() }
    }
}

impl Job for Rows {
    fn batch(&mut self, _: i64, events: &[Event], sink: &mut Sink) -> Result<()> {
        self.rows.clear();
        self.rows.extend(events.iter().map(|event| owned(event, &self.source)));
        for row in &mut self.rows {
            let user = self.fields.extract(row);
            enrich(row);
            fix(row);
            route(row, user, &self.topics);
        }
        for row in &self.rows {
            sink.record(&row.topic, row.timestamp, Some(&row.key), Some(&row.value));
            for (name, value) in &row.headers {
                sink.header(name.as_bytes(), Some(value));
            }
        }
        Ok(())
    }
}

fn owned(event: &Event, source: &Arc<str>) -> Row {
    Row {
        topic: Arc::clone(source),
        timestamp: event.server,
        key: event.key.clone(),
        value: event.value.clone(),
        headers: event.headers.iter().map(|(name, value)| ((*name).to_owned().into(), value.clone())).collect(),
    }
}

fn last<'a>(row: &'a Row, name: &str) -> Option<&'a [u8]> {
    row.headers.iter().rfind(|header| header.0 == name).map(|header| header.1.as_slice())
}

/// Keeps the place of the first of that name and removes the others.
fn set(row: &mut Row, name: &'static str, value: Vec<u8>) {
    match row.headers.iter().position(|header| header.0 == name) {
        None => row.headers.push((name.into(), value)),
        Some(first) => {
            row.headers[first].1 = value;
            let mut at = 0;
            row.headers.retain(|header| {
                at += 1;
                at <= first + 1 || header.0 != name
            });
        }
    }
}

/// The members of the value that the job looks at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    action_time: Option<i64>,
    #[serde(borrow)]
    business_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    scene_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    service_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    log_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    item_set_id: Option<Cow<'a, str>>,
    user_id: Option<i64>,
}

impl Fields {
    /// Lifts the fields into headers and answers the user.
    fn extract(&mut self, row: &mut Row) -> Option<i64> {
        match self {
            Self::Regex { rules, user } => {
                for (rule, room, name) in rules {
                    if rule.captures_read(room, &row.value).is_some()
                        && let Some((from, to)) = room.get(1)
                    {
                        let found = row.value[from..to].to_vec();
                        set(row, name, found);
                    }
                }
                user.0.captures_read(&mut user.1, &row.value)?;
                let (from, to) = user.1.get(1)?;
                std::str::from_utf8(&row.value[from..to]).ok()?.parse().ok()
            }
            Self::Serde => {
                // Taken out so that members may borrow from it while headers are written.
                let value = std::mem::take(&mut row.value);
                let user = serde_json::from_slice::<Members<'_>>(&value).ok().and_then(|members| {
                    let time = members.action_time.map(|time| Cow::Owned(time.to_string()));
                    let found = [
                        ("timestamp", time),
                        ("customName", members.business_id),
                        ("sceneId", members.scene_id),
                        ("serviceName", members.service_name),
                        ("logType", members.log_type),
                        ("itemSetId", members.item_set_id),
                    ];
                    for (name, text) in found {
                        if let Some(text) = text {
                            set(row, name, text.into_owned().into_bytes());
                        }
                    }
                    members.user_id
                });
                row.value = value;
                user
            }
        }
    }
}

fn enrich(row: &mut Row) {
    if last(row, "dc").is_none() {
        set(row, "dc", b"hz1".to_vec());
    }
    if last(row, "path").is_some() {
        return;
    }
    let mut path = b"/recom/log".to_vec();
    for name in ["customName", "sceneId", "serviceName", "logType"] {
        let Some(part) = last(row, name) else { return };
        path.push(b'/');
        path.extend_from_slice(part);
    }
    set(row, "path", path);
}

fn fix(row: &mut Row) {
    let server = row.timestamp;
    let client = last(row, "timestamp").and_then(|said| milliseconds(std::str::from_utf8(said).ok()?.parse().ok()?));
    match client.filter(|client| (server - DAY..=server + AHEAD).contains(client)) {
        Some(client) => row.timestamp = client,
        None => {
            if let Some(said) = last(row, "timestamp").map(<[u8]>::to_vec) {
                set(row, "client-timestamp", said);
            }
        }
    }
    let fixed = row.timestamp.to_string().into_bytes();
    set(row, "timestamp", fixed);
}

/// Seconds, milliseconds, microseconds or nanoseconds, by the size of the number.
pub(super) fn milliseconds(number: i64) -> Option<i64> {
    match number.unsigned_abs() {
        0..100_000_000_000 => number.checked_mul(1000),
        100_000_000_000..100_000_000_000_000 => Some(number),
        100_000_000_000_000..100_000_000_000_000_000 => Some(number.div_euclid(1000)),
        _ => Some(number.div_euclid(1_000_000)),
    }
}

fn route(row: &mut Row, user: Option<i64>, topics: &[Arc<str>]) {
    match user.and_then(|user| topics.get(user.rem_euclid(12) as usize)) {
        Some(topic) => row.topic = Arc::clone(topic),
        None => row.topic = Arc::from(DEAD),
    }
}
