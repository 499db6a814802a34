//! A producer's topic handles by name.

use std::collections::HashMap;

use rdkafka::bindings as sys;

/// How many are at hand without hashing a whole name with a random key.
const NEAR: usize = 64;

/// Handles, which stay until the producer goes.
pub(super) struct Topics {
    all: HashMap<String, *mut sys::rd_kafka_topic_t>,
    /// The one used last of those that share a place. A record asks for its topic, and a pipeline has a dozen of them.
    near: [Option<(Box<str>, *mut sys::rd_kafka_topic_t)>; NEAR],
}

impl Default for Topics {
    fn default() -> Self {
        Self { all: HashMap::new(), near: [const { None }; NEAR] }
    }
}

/// Names of one pipeline differ at their ends if anywhere.
fn place(name: &str) -> usize {
    let tail = name.as_bytes().last_chunk().map_or(name.len() as u64, |tail| u64::from_le_bytes(*tail));
    (tail.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % NEAR
}

impl Topics {
    pub(super) fn find(&mut self, name: &str) -> Option<*mut sys::rd_kafka_topic_t> {
        let near = &mut self.near[place(name)];
        if let Some((known, topic)) = near
            && **known == *name
        {
            return Some(*topic);
        }
        let topic = *self.all.get(name)?;
        *near = Some((name.into(), topic));
        Some(topic)
    }

    pub(super) fn add(&mut self, name: &str, topic: *mut sys::rd_kafka_topic_t) {
        self.all.insert(name.to_owned(), topic);
    }

    /// Every handle, once.
    pub(super) fn all(&self) -> impl Iterator<Item = *mut sys::rd_kafka_topic_t> {
        self.all.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_finds_its_own_handle_however_many_share_a_place() {
        let mut topics = Topics::default();
        let handle = |number: usize| std::ptr::without_provenance_mut(number + 1);
        let names: Vec<String> = (0..1000).map(|number| format!("events-{number:02}")).collect();
        for (number, name) in names.iter().enumerate() {
            assert_eq!(topics.find(name), None);
            topics.add(name, handle(number));
        }
        for _ in 0..2 {
            for (number, name) in names.iter().enumerate() {
                assert_eq!(topics.find(name), Some(handle(number)), "{name}");
            }
        }
        assert_eq!(topics.all().count(), 1000);
    }
}
