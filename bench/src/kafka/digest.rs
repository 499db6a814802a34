//! What stands in topics, as one number that does not depend on the order.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use anyhow::Result;
use rdkafka::message::{Headers as _, Message as _};

use super::cluster::Cluster;

/// Of any number of records: how many, and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    /// How many.
    pub(crate) records: u64,
    sum: u64,
}

impl Digest {
    /// Adds a record: its topic (by the name it has in every run), key, value, timestamp and headers in their order.
    pub(crate) fn add<'a>(
        &mut self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        timestamp: Option<i64>,
        headers: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>,
    ) {
        let mut hasher = DefaultHasher::new();
        (topic, key, value, timestamp).hash(&mut hasher);
        for header in headers {
            header.hash(&mut hasher);
        }
        self.records += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }
}

/// Reads everything that stands in `topics`, whose names all begin with `prefix`, which does not count. By the rest of
/// the name.
pub(crate) fn read(cluster: &Cluster, topics: &[String], prefix: &str) -> Result<BTreeMap<String, Digest>> {
    let mut digests: BTreeMap<String, Digest> = BTreeMap::new();
    cluster.read(topics, |message| {
        let topic = message.topic().strip_prefix(prefix).unwrap_or(message.topic());
        let headers = message.headers();
        let headers = headers.iter().flat_map(|headers| headers.iter()).map(|header| (header.key, header.value));
        let time = message.timestamp().to_millis();
        let digest = match digests.get_mut(topic) {
            Some(digest) => digest,
            None => digests.entry(topic.to_owned()).or_default(),
        };
        digest.add(topic, message.key(), message.payload(), time, headers);
    })?;
    Ok(digests)
}
