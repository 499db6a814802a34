//! What each built-in does, written by hand in native Rust: one record at a time, for one configuration, with the crates
//! that one would take for it.
//!
//! A program gets a record as its consumer lends it and hands on what a producer takes: key and value by reference
//! where they stay, and headers of its own, as rdkafka's `OwnedHeaders` are.

mod headers;
mod routes;
mod values;

use std::borrow::Cow;

pub(super) use headers::{Enricher, Extractor, TimeFixer};
pub(super) use routes::{ByHeader, ByTemplate, Filter, Modulo};
pub(super) use values::{Editor, KeySetter, Splitter};

/// The topic that the records come from.
pub(super) const SOURCE: &str = "client-events";
/// Where records go that nothing else is said of.
pub(super) const TO: &str = "events";
/// Where records go that cannot be used.
const DEAD: &str = "client-events-dead";

/// A record as it comes.
#[derive(Clone, Debug)]
pub(super) struct Consumed {
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Vec<u8>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    /// Milliseconds since the epoch.
    pub(super) timestamp: i64,
}

/// A header of a record that goes out. A name that the program itself writes costs no memory of its own.
pub(super) type Header = (Cow<'static, str>, Vec<u8>);

/// A record as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Produced<'a> {
    pub(super) topic: Cow<'a, str>,
    pub(super) key: Option<Cow<'a, [u8]>>,
    pub(super) value: Cow<'a, [u8]>,
    pub(super) headers: Vec<Header>,
    /// Milliseconds since the epoch.
    pub(super) timestamp: i64,
}

/// Does to records what a built-in does.
pub(super) trait Program {
    /// Calls `produce` with whatever becomes of the record.
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>));
}

impl Consumed {
    /// The value of the last header of that name.
    fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().rfind(|header| header.0 == name).map(|header| header.1.as_slice())
    }

    /// The headers, with room for `more`.
    fn owned_headers(&self, more: usize) -> Vec<Header> {
        let mut headers = Vec::with_capacity(self.headers.len() + more);
        headers.extend(self.headers.iter().map(|(name, value)| (Cow::Owned(name.clone()), value.clone())));
        headers
    }

    /// The record as it came, with these headers.
    fn with_headers(&self, headers: Vec<Header>) -> Produced<'_> {
        let (key, value) = (self.key.as_deref().map(Cow::Borrowed), self.value.as_slice().into());
        Produced { topic: TO.into(), key, value, headers, timestamp: self.timestamp }
    }

    /// The record as it came.
    pub(super) fn unchanged(&self) -> Produced<'_> {
        self.with_headers(self.owned_headers(0))
    }
}

impl Produced<'_> {
    /// The same in memory of its own.
    pub(super) fn into_owned(self) -> Produced<'static> {
        Produced {
            topic: self.topic.into_owned().into(),
            key: self.key.map(|key| key.into_owned().into()),
            value: self.value.into_owned().into(),
            headers: self.headers,
            timestamp: self.timestamp,
        }
    }
}
