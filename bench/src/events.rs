//! The recom job's records: what clients of a recommendation service send, made from a seed, the same at every run.
//!
//! Unlike `examples/recom/events.ndjson`, which shows everything that clients get wrong, these differ in one thing only:
//! one clock in five is wrong (half of them ahead, half behind), so that a figure speaks of the job and not of the mix.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use weir::{
    record::Timestamp,
    record_file::{self, Parts},
};
use weir_tests::rng::Rng;

use crate::chain::job::TOPIC;

/// 2023-11-14 22:13:20 UTC.
const START: i64 = 1_700_000_000_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// How long a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// About 100 bytes. There is room for five members only: no `serviceName` and no `itemSetId`, and so no `path`.
    Tiny,
    /// 350 bytes: the event alone.
    Usual,
    /// 2,400 bytes: the event and after it a list of the items that were shown.
    Large,
    /// 8,400 bytes, likewise.
    Huge,
    /// 64,000 bytes, likewise.
    Vast,
}

impl Size {
    /// From small to large.
    pub(crate) const ALL: [Self; 5] = [Self::Tiny, Self::Usual, Self::Large, Self::Huge, Self::Vast];

    /// Bytes of a value.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Tiny => 100,
            Self::Usual => 350,
            Self::Large => 2_400,
            Self::Huge => 8_400,
            Self::Vast => 64_000,
        }
    }

    /// As it stands in the names of figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tiny => "100B",
            Self::Usual => "350B",
            Self::Large => "2.4KB",
            Self::Huge => "8.4KB",
            Self::Vast => "64KB",
        }
    }
}

/// One record as it lies in the source topic, whose timestamps are the server's (log append time).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The user's id, in digits.
    pub(crate) key: Vec<u8>,
    /// A JSON object.
    pub(crate) value: Vec<u8>,
    /// `trace` and `agent`, which the collector adds.
    pub(crate) headers: [(&'static str, Vec<u8>); 2],
    /// The server's clock in ms since the epoch: the record's timestamp.
    pub(crate) server: i64,
}

/// So many events with values of that size.
pub(crate) fn events(count: usize, size: Size) -> Vec<Event> {
    stream(size).take(count).collect()
}

/// The same events without an end.
pub(crate) fn stream(size: Size) -> impl Iterator<Item = Event> + Send {
    let mut rng = Rng::new(0x9e37_79b9_7f4a_7c15);
    (0..).map(move |number| event(&mut rng, number, size))
}

/// Writes so many events of 350 bytes as a record file, all of one partition.
pub(crate) fn write_record_file(path: &Path, count: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut line = Vec::new();
    for (event, offset) in stream(Size::Usual).take(count).zip(0..) {
        let parts = Parts {
            topic: TOPIC,
            partition: Some(0),
            offset: Some(offset),
            timestamp: Timestamp::LogAppend(event.server),
            received: None,
            key: Some(&event.key),
            value: Some(&event.value),
        };
        let headers = event.headers.iter().map(|(name, value)| (name.as_bytes(), Some(value.as_slice())));
        line.clear();
        record_file::write(&parts, headers, &mut line);
        file.write_all(&line)?;
    }
    file.flush()
}

fn event(rng: &mut Rng, number: usize, size: Size) -> Event {
    let server = START + number as i64 * 37 + rng.below(30) as i64;
    let honest = server - rng.below(40_000) as i64;
    let client = match rng.below(10) {
        0 => server + 6 * MINUTE + rng.below(400 * DAY as u64) as i64,
        1 => server - DAY - MINUTE - rng.below(3_000 * DAY as u64) as i64,
        _ => honest,
    };
    let user = 1_000_000 + rng.below(4_000_000);
    Event {
        key: user.to_string().into_bytes(),
        value: value(rng, client, user, size).into_bytes(),
        headers: [("trace", hex(rng.next_u64()).into_bytes()), ("agent", b"app/4.2".to_vec())],
        server,
    }
}

fn value(rng: &mut Rng, client: i64, user: u64, size: Size) -> String {
    let business = rng.pick(&["video", "music", "shop", "news"]);
    let scene = rng.pick(&["home", "search", "detail", "cart"]);
    let service = rng.pick(&["recall", "rank", "rerank", "feed"]);
    let log = rng.pick(&["click", "show", "buy", "dislike"]);
    let mut text = format!("{{\"actionTime\":{client},\"businessId\":\"{business}\",\"sceneId\":\"{scene}\",");
    if size == Size::Tiny {
        push(&mut text, format_args!("\"logType\":\"{log}\",\"userId\":{user}}}"));
        return text;
    }
    let (set, item, position) = (rng.below(500), rng.below(100_000_000), rng.below(40));
    push(
        &mut text,
        format_args!(
            "\"serviceName\":\"{service}\",\"logType\":\"{log}\",\"itemSetId\":\"set-{set}\",\"userId\":{user},\
             \"itemId\":\"sku-{item:08}\",\
             \"device\":{{\"os\":\"android\",\"version\":\"14\",\"net\":\"wifi\",\"screen\":[1080,2400]}},\
             \"position\":{position}"
        ),
    );
    if size != Size::Usual {
        text.push_str(",\"items\":[");
        let last = size.bytes() - 200;
        while text.len() < last {
            let (item, score) = (rng.below(100_000_000), rng.below(1_000));
            push(
                &mut text,
                format_args!("{{\"id\":\"sku-{item:08}\",\"score\":0.{score:03},\"from\":\"{service}\"}},"),
            );
        }
        text.truncate(text.len() - 1);
        text.push(']');
    }
    // A session id takes up what is left.
    text.push_str(",\"session\":\"");
    let end = size.bytes() - 2;
    while text.len() < end {
        let left = end - text.len();
        let digits = hex(rng.next_u64());
        text.push_str(&digits[..left.min(digits.len())]);
    }
    text.push_str("\"}");
    text
}

/// Writing into a string does not fail.
fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}

fn hex(number: u64) -> String {
    format!("{number:016x}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn values_are_json_of_the_size_that_is_said_with_the_user_as_seventh_member() {
        for size in Size::ALL {
            for event in events(500, size) {
                let value: serde_json::Value = serde_json::from_slice(&event.value).unwrap();
                let off = event.value.len().abs_diff(size.bytes());
                assert!(
                    off <= if size == Size::Tiny { 12 } else { 0 },
                    "{} bytes for {}",
                    event.value.len(),
                    size.name()
                );
                assert_eq!(value["userId"].to_string().as_bytes(), event.key);
                let place = value.as_object().unwrap().keys().position(|name| name == "userId");
                assert_eq!(place, Some(if size == Size::Tiny { 4 } else { 6 }));
            }
        }
    }

    #[test]
    fn one_clock_in_five_is_wrong_and_every_run_gives_the_same() {
        let all = events(10_000, Size::Usual);
        let wrong = all.iter().filter(|event| {
            let value: serde_json::Value = serde_json::from_slice(&event.value).unwrap();
            let client = value["actionTime"].as_i64().unwrap();
            !(event.server - DAY..=event.server + 5 * MINUTE).contains(&client)
        });
        let wrong = wrong.count();
        assert!((1_850..2_150).contains(&wrong), "{wrong} of 10,000");
        assert_eq!(all, events(10_000, Size::Usual));
    }
}
