//! The four steps as one would write them without weir: a record at a time, owned, with the regex crate and serde_json.

use std::fmt;

use regex::bytes::Regex;
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;
use weir::record::{Header, Record, Timestamp};

const DAY: i64 = 86_400_000;
const AHEAD: i64 = 300_000;

/// The job.
pub(crate) struct Recom {
    rules: [(Regex, &'static str); 6],
    topics: Vec<String>,
    generation: String,
}

impl Recom {
    pub(crate) fn new(generation: &str) -> Result<Self, regex::Error> {
        let rule = |name: &str| Regex::new(&format!(r#""{name}":"(.+?)""#));
        Ok(Self {
            rules: [
                (Regex::new(r#""actionTime":(\d+)"#)?, "timestamp"),
                (rule("businessId")?, "customName"),
                (rule("sceneId")?, "sceneId"),
                (rule("serviceName")?, "serviceName"),
                (rule("logType")?, "logType"),
                (rule("itemSetId")?, "itemSetId"),
            ],
            topics: (0..12).map(|bucket| format!("events-{bucket:02}")).collect(),
            generation: generation.to_owned(),
        })
    }

    /// One pass: everything that comes out is looked at.
    pub(crate) fn run(&mut self, batches: &[Vec<Record>]) -> usize {
        let mut bytes = 0;
        for record in batches.iter().flatten() {
            let record = self.process(record.clone());
            bytes += record.topic.len() + record.value.as_ref().map_or(0, Vec::len);
            bytes += record.headers.iter().map(|header| header.value.as_ref().map_or(0, Vec::len)).sum::<usize>();
        }
        bytes
    }

    /// One record, from its topic to where it goes.
    pub(crate) fn process(&self, mut record: Record) -> Record {
        let Some(user) = record.value.as_deref().and_then(user) else { return self.dead_letter(record) };
        self.extract(&mut record);
        enrich(&mut record.headers);
        fix(&mut record);
        record.topic.clone_from(&self.topics[user.rem_euclid(12) as usize]);
        (record.partition, record.offset) = (None, None);
        record
    }

    fn extract(&self, record: &mut Record) {
        let Some(value) = &record.value else { return };
        for (rule, name) in &self.rules {
            if let Some(found) = rule.captures(value).and_then(|captures| captures.get(1)) {
                set(&mut record.headers, name, found.as_bytes().to_vec());
            }
        }
    }

    fn dead_letter(&self, mut record: Record) -> Record {
        let timestamp = record.timestamp.millis().map(|ms| ms.to_string());
        let why = [
            ("pipeline", Some("recom".to_owned())),
            ("interceptor", Some("mod-router".to_owned())),
            ("kind", Some("rejected".to_owned())),
            ("message", Some("no integer at `/userId` of the value".to_owned())),
            ("topic", Some(record.topic)),
            ("partition", Some(record.partition.unwrap_or(0).to_string())),
            ("offset", Some(record.offset.unwrap_or(0).to_string())),
            ("timestamp", timestamp),
            ("generation", Some(self.generation.clone())),
        ];
        for (name, value) in why.into_iter().filter(|(_, value)| value.is_some()) {
            let name = format!("weir.error.{name}").into_bytes();
            record.headers.push(Header { name, value: value.map(String::into_bytes) });
        }
        let timestamp = record.timestamp.millis().map_or(Timestamp::None, Timestamp::Create);
        Record { topic: "client-events-dead".to_owned(), partition: None, offset: None, timestamp, ..record }
    }
}

fn last<'a>(headers: &'a [Header], name: &str) -> Option<&'a [u8]> {
    headers.iter().rfind(|header| header.name == name.as_bytes()).and_then(|header| header.value.as_deref())
}

/// Keeps the place of the first of that name and removes the others.
fn set(headers: &mut Vec<Header>, name: &str, value: Vec<u8>) {
    let mut value = Some(value);
    headers.retain_mut(|header| {
        if header.name != name.as_bytes() {
            return true;
        }
        let first = value.is_some();
        if first {
            header.value = value.take();
        }
        first
    });
    if value.is_some() {
        headers.push(Header { name: name.as_bytes().to_vec(), value });
    }
}

fn enrich(headers: &mut Vec<Header>) {
    if last(headers, "dc").is_none() {
        set(headers, "dc", b"hz1".to_vec());
    }
    if last(headers, "path").is_some() {
        return;
    }
    let mut path = b"/recom/log".to_vec();
    for name in ["customName", "sceneId", "serviceName", "logType"] {
        let Some(part) = last(headers, name) else { return };
        path.push(b'/');
        path.extend_from_slice(part);
    }
    set(headers, "path", path);
}

fn fix(record: &mut Record) {
    let server = record.timestamp.millis();
    let said = last(&record.headers, "timestamp").map(<[u8]>::to_vec);
    let client = said.as_deref().and_then(|said| std::str::from_utf8(said).ok()?.parse::<i64>().ok());
    let client = client.map(|number| match number.unsigned_abs() {
        0..100_000_000_000 => number * 1000,
        100_000_000_000..100_000_000_000_000 => number,
        100_000_000_000_000..100_000_000_000_000_000 => number.div_euclid(1000),
        _ => number.div_euclid(1_000_000),
    });
    let fixed = match (client, server) {
        (Some(client), Some(server)) if (server - DAY..=server + AHEAD).contains(&client) => Some(client),
        (_, Some(server)) => {
            if let Some(said) = said {
                set(&mut record.headers, "client-timestamp", said);
            }
            Some(server)
        }
        (client, None) => client,
    };
    if let Some(ms) = fixed {
        set(&mut record.headers, "timestamp", ms.to_string().into_bytes());
    }
    record.timestamp = fixed.map_or(Timestamp::None, Timestamp::Create);
}

/// The member `userId` of a JSON object as an integer; the rest of the document is checked and skipped.
fn user(value: &[u8]) -> Option<i64> {
    struct UserId;
    impl<'de> Visitor<'de> for UserId {
        type Value = Option<Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(is_user) = map.next_key_seed(IsUser)? {
                if is_user {
                    found = Some(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }
    // What is skipped is not looked at for UTF-8 otherwise.
    let mut document = serde_json::Deserializer::from_str(std::str::from_utf8(value).ok()?);
    let found = document.deserialize_map(UserId).ok()?;
    document.end().ok()?;
    match found? {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// Whether a name is `userId`, without a copy of it.
struct IsUser;

impl<'de> DeserializeSeed<'de> for IsUser {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsUser {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == "userId")
    }
}
