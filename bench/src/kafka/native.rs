//! The recom job as a good engineer writes it for speed, without weir: no regular expressions, no JSON document, no copy
//! of what can be lent.

use std::ffi::CStr;

use anyhow::{Context as _, Result, ensure};
use memchr::{
    memchr,
    memmem::{Finder, find},
};
use weir::config::Pipeline;

use super::{
    program::Step,
    raw::{Headers, Message, Producer, Topic},
    relay::take_headers,
};

const DAY: i64 = 86_400_000;
const AHEAD: i64 = 300_000;
const BUCKETS: i64 = 12;

/// Headers that come from the value, by name; the first is the time.
const FIELDS: [(&str, &CStr); 6] = [
    (r#""actionTime":"#, c"timestamp"),
    (r#""businessId":""#, c"customName"),
    (r#""sceneId":""#, c"sceneId"),
    (r#""serviceName":""#, c"serviceName"),
    (r#""logType":""#, c"logType"),
    (r#""itemSetId":""#, c"itemSetId"),
];

/// What the job needs.
pub(crate) struct Recom {
    fields: [Finder<'static>; 6],
    user: Finder<'static>,
    topics: Vec<Topic>,
    dead: Topic,
    copy_headers: bool,
    path: Vec<u8>,
}

impl Recom {
    pub(crate) fn new(pipeline: &Pipeline, producer: &mut Producer, copy_headers: bool) -> Result<Self> {
        let pattern = pipeline.topics.first().context("`topics`")?;
        let prefix = pattern.0.strip_suffix('*');
        ensure!(prefix.is_some(), "`topics` ends with *");
        let topics = (0..BUCKETS).map(|bucket| producer.topic(&format!("{}{bucket:02}", prefix.unwrap_or_default())));
        Ok(Self {
            fields: FIELDS.map(|(literal, _)| Finder::new(literal.as_bytes())),
            user: Finder::new(br#""userId":"#),
            topics: topics.collect::<Result<_>>()?,
            dead: producer.topic(pipeline.dead_letter.as_deref().context("`dead_letter`")?)?,
            copy_headers,
            path: Vec::new(),
        })
    }

    fn user(&self, value: &[u8]) -> Option<i64> {
        let digits = &value[self.user.find(value)? + self.user.needle().len()..];
        let quoted = digits.strip_prefix(b"\"").unwrap_or(digits);
        let (sign, digits) = match quoted.strip_prefix(b"-") {
            Some(digits) => (-1, digits),
            None => (1, quoted),
        };
        number(&digits[..digits.iter().take_while(|digit| digit.is_ascii_digit()).count()]).map(|number| number * sign)
    }
}

impl Step for Recom {
    fn step(&mut self, message: &mut Message) -> (Topic, Option<Headers>, i64) {
        let server = message.timestamp();
        let headers = take_headers(message, self.copy_headers, 9);
        let value = message.value().unwrap_or_default();
        let Some(user) = self.user(value) else { return (self.dead, headers, server) };
        let mut headers = headers.unwrap_or_else(|| Headers::new(9));

        let mut found = [None; 6];
        for (at, (found, finder)) in found.iter_mut().zip(&self.fields).enumerate() {
            let Some(start) = finder.find(value) else { continue };
            let rest = &value[start + finder.needle().len()..];
            *found = if at == 0 { digits(rest) } else { text(rest) };
        }
        let client = found[0].and_then(number).map(milliseconds);
        let believed = client.filter(|client| (server - DAY..=server + AHEAD).contains(client));
        let time = believed.unwrap_or(server);
        let replaced = if believed.is_none() { found[0] } else { None };
        let mut decimal = itoa::Buffer::new();
        let said = found[0].map(|_| decimal.format(time).as_bytes());

        // What came with such a name already: rare, so looked for once.
        let (mut known, mut has_dc, mut has_path) = ([false; 6], false, false);
        for (name, _) in (0..).map_while(|at| headers.get(at)) {
            has_dc |= name == b"dc";
            has_path |= name == b"path";
            for (known, (_, ours)) in known.iter_mut().zip(FIELDS) {
                *known |= name == ours.to_bytes();
            }
        }
        for (at, (_, name)) in FIELDS.iter().enumerate() {
            let Some(value) = (if at == 0 { said } else { found[at] }) else { continue };
            if known[at] {
                headers.remove(name);
            }
            headers.add(name.to_bytes(), Some(value));
        }
        if !has_dc {
            headers.add(b"dc", Some(b"hz1"));
        }
        if let (false, [Some(custom), Some(scene), Some(service), Some(log)]) =
            (has_path, [found[1], found[2], found[3], found[4]])
        {
            self.path.clear();
            self.path.extend_from_slice(b"/recom/log");
            for part in [custom, scene, service, log] {
                self.path.push(b'/');
                self.path.extend_from_slice(part);
            }
            headers.add(b"path", Some(&self.path));
        }
        if said.is_none() {
            headers.add(b"timestamp", Some(decimal.format(time).as_bytes()));
        }
        if let Some(original) = replaced {
            headers.add(b"client-timestamp", Some(original));
        }
        (self.topics[user.rem_euclid(BUCKETS) as usize], Some(headers), time)
    }
}

/// `(\d+)`
fn digits(rest: &[u8]) -> Option<&[u8]> {
    let digits = &rest[..rest.iter().take_while(|digit| digit.is_ascii_digit()).count()];
    (!digits.is_empty()).then_some(digits)
}

/// `(.+?)"`
fn text(rest: &[u8]) -> Option<&[u8]> {
    let end = 1 + memchr(b'"', rest.get(1..)?)?;
    let text = &rest[..end];
    find(text, b"\n").is_none().then_some(text)
}

fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

fn milliseconds(number: i64) -> i64 {
    match number {
        0..100_000_000_000 => number * 1_000,
        100_000_000_000..100_000_000_000_000 => number,
        100_000_000_000_000..100_000_000_000_000_000 => number / 1_000,
        _ => number / 1_000_000,
    }
}
