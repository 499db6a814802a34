//! A producer's topic handles by name.

use std::collections::HashMap;

use rdkafka::bindings as sys;

/// How many are at hand without hashing a whole name with a random key.
const NEAR: usize = 64;

/// So many handles are kept; the names of topics may come from records.
const MAX_TOPICS: usize = 1000;

/// Handles by name.
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

    /// Adds a handle. Returns those that are not kept any more.
    pub(super) fn add(&mut self, name: &str, topic: *mut sys::rd_kafka_topic_t) -> Vec<*mut sys::rd_kafka_topic_t> {
        let old = if self.all.len() >= MAX_TOPICS {
            self.near = [const { None }; NEAR];
            self.all.drain().map(|(_, topic)| topic).collect()
        } else {
            Vec::new()
        };
        self.all.insert(name.to_owned(), topic);
        old
    }

    /// Forgets a handle and returns it.
    pub(super) fn remove(&mut self, name: &str) -> Option<*mut sys::rd_kafka_topic_t> {
        self.near[place(name)] = None;
        self.all.remove(name)
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
            assert!(topics.add(name, handle(number)).is_empty());
        }
        for _ in 0..2 {
            for (number, name) in names.iter().enumerate() {
                assert_eq!(topics.find(name), Some(handle(number)), "{name}");
            }
        }
        assert_eq!(topics.all().count(), 1000);
        assert_eq!(topics.remove("events-07"), Some(handle(7)));
        assert_eq!((topics.find("events-07"), topics.all().count()), (None, 999));
    }

    #[test]
    fn handles_of_names_that_come_from_records_do_not_pile_up() {
        let mut topics = Topics::default();
        let handle = |number: usize| std::ptr::without_provenance_mut(number + 1);
        let mut given_back = 0;
        for number in 0..10_000 {
            given_back += topics.add(&number.to_string(), handle(number)).len();
            assert_eq!(topics.find(&number.to_string()), Some(handle(number)));
            assert!(topics.all().count() <= MAX_TOPICS);
        }
        assert_eq!(given_back + topics.all().count(), 10_000);
        assert_eq!(topics.find("0"), None);
    }
}
