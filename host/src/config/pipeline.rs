//! What `[pipelines.NAME]` says.

use std::{collections::BTreeMap, time::Duration};

use weir_rules::json::Reading;

use super::{
    Interceptor, Place, Probe, Secret,
    topics::{Budget, Topics},
};

/// `[pipelines.NAME]`.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// NAME.
    pub name: String,
    /// `from`: topic names, or regular expressions that begin with `^`. Never empty.
    pub from: Vec<String>,
    /// `group`: the consumer group.
    pub group: String,
    /// `to`: where a record goes that nothing routed.
    pub to: Option<String>,
    /// `topics`: where interceptors may route; names, or patterns with `*`.
    pub topics: Vec<TopicPattern>,
    /// `dead_letter`.
    pub dead_letter: Option<String>,
    /// `delivery`.
    pub delivery: Delivery,
    /// `start`.
    pub start: Start,
    /// `on_gap`.
    pub on_gap: OnGap,
    /// `breaker`.
    pub breaker: Option<Breaker>,
    /// `unknown_topics`: what becomes of a generation whose interceptors name topics that are not there.
    pub unknown_topics: UnknownTopics,
    /// `stamp_generation`: the header that names the generation on every record that goes out.
    pub stamp_generation: Option<String>,
    /// `rollback`: faults of a new generation that bring the one before it back.
    pub rollback: Option<Breaker>,
    /// `probe`: records that a generation must pass before it serves.
    pub probe: Option<Probe>,
    /// `partition_by`.
    pub partition_by: PartitionBy,
    /// `instance`: this weir's stable name in the group; given, it is also the static membership's `group.instance.id`.
    pub instance: Option<String>,
    /// `group_protocol`.
    pub group_protocol: GroupProtocol,
    /// `ledger_topic`: where one record per committed range goes.
    pub ledger_topic: Option<String>,
    /// `workers`: threads; none = the pipeline's [`super::Share`].
    pub workers: Option<usize>,
    /// `batch`: how batches are cut.
    pub batch: Cut,
    /// `json`: how much is read of the JSON documents that interceptors' declared inputs are taken from.
    pub json: Reading,
    /// `[pipelines.NAME.consumer]`: librdkafka properties, secrets resolved.
    pub consumer: BTreeMap<String, Secret>,
    /// `[pipelines.NAME.producer]`: librdkafka properties, secrets resolved.
    pub producer: BTreeMap<String, Secret>,
    /// `[[pipelines.NAME.interceptors]]`, in order. May be empty: records pass unchanged.
    pub interceptors: Vec<Interceptor>,
    /// Where the table stands, for mistakes found later.
    pub place: Place,
}

impl Pipeline {
    /// Returns the topic of records that name none: the first of `from` that is a name.
    pub fn default_topic(&self) -> Option<&str> {
        self.from.iter().map(String::as_str).find(|from| !from.starts_with('^'))
    }

    /// Every topic that is named exactly, with the pointer of where it stands. A source that is a regular expression and
    /// a pattern of `topics` name none.
    pub fn exact_topics(&self) -> Vec<(String, &str)> {
        let mut all = Vec::new();
        let sources = self.from.iter().enumerate().filter(|(_, from)| !from.starts_with('^'));
        all.extend(sources.map(|(at, from)| (format!("/from/{at}"), from.as_str())));
        all.extend(self.to.iter().map(|to| ("/to".to_owned(), to.as_str())));
        let exact = self.topics.iter().enumerate().filter(|(_, topic)| !topic.0.contains('*'));
        all.extend(exact.map(|(at, topic)| (format!("/topics/{at}"), topic.0.as_str())));
        all.extend(self.dead_letter.iter().map(|topic| ("/dead_letter".to_owned(), topic.as_str())));
        all.extend(self.ledger_topic.iter().map(|topic| ("/ledger_topic".to_owned(), topic.as_str())));
        all
    }

    /// Where records of the pipeline may go: each name or pattern with the pointer of where it stands, the patterns last.
    pub fn outputs(&self) -> Vec<(String, TopicPattern)> {
        let named = [("/to", &self.to), ("/dead_letter", &self.dead_letter)].into_iter();
        let mut all: Vec<(String, TopicPattern)> =
            named.filter_map(|(pointer, topic)| Some((pointer.to_owned(), TopicPattern(topic.clone()?)))).collect();
        all.extend(self.topics.iter().enumerate().map(|(at, topic)| (format!("/topics/{at}"), topic.clone())));
        all.sort_by_key(|(_, topic)| topic.0.contains('*'));
        all
    }

    /// Each item of `from` with the pointer of where it stands and those of `there` that it stands for. An expression that is
    /// too large to be held against names is left out.
    pub fn sources<'p, 'a>(&'p self, there: &[&'a str]) -> Vec<(String, &'p str, Vec<&'a str>)> {
        let of_item = |(at, from): (usize, &'p String)| {
            let budget = Budget::default();
            let topics = Topics::of_source(from, &budget)?;
            let matched = there.iter().copied().filter(|name| topics.matches(name, &budget)).collect();
            (!budget.is_spent()).then(|| (format!("/from/{at}"), from.as_str(), matched))
        };
        self.from.iter().enumerate().filter_map(of_item).collect()
    }

    /// Whether the pipeline may write to `topic`: records, dead letters, or what it records of them.
    pub fn may_write(&self, topic: &str) -> bool {
        let named = [&self.to, &self.dead_letter, &self.ledger_topic].into_iter().flatten().any(|name| name == topic);
        named || self.topics.iter().any(|pattern| pattern.matches(topic))
    }
}

/// `on_stop`: what weir does when the last of its pipelines has stopped by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnStop {
    /// It ends with status 1, so that whoever started it acts.
    #[default]
    Exit,
    /// It stays, holds its partitions, and waits for a change of the configuration.
    Hold,
}

/// A topic name, or a pattern in which `*` stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopicPattern(pub String);

impl TopicPattern {
    /// Whether `topic` is this name or fits this pattern.
    pub fn matches(&self, topic: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(rest) = topic.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        let mut rest = rest;
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }

    /// Whether some topic fits both patterns.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (one, two) = (self.0.as_bytes(), other.0.as_bytes());
        // Row by row, whether the rest of `one` from here and the rest of `two` from `at` have a text in common.
        let mut below = vec![false; two.len() + 1];
        for here in (0..=one.len()).rev() {
            let mut row = vec![false; two.len() + 1];
            for at in (0..=two.len()).rev() {
                row[at] = match (one.get(here), two.get(at)) {
                    (None, None) => true,
                    (Some(b'*'), _) => below[at] || (at < two.len() && row[at + 1]),
                    (_, Some(b'*')) => row[at + 1] || (here < one.len() && below[at]),
                    (Some(a), Some(b)) => a == b && below[at + 1],
                    _ => false,
                };
            }
            below = row;
        }
        below[0]
    }
}

/// `delivery`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Every record at least once.
    AtLeastOnce,
    /// Consume, transform and produce in transactions. Understood, and refused by `run` until it is there.
    ExactlyOnce,
}

/// `group_protocol`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupProtocol {
    /// The one every broker speaks; the only one for static membership.
    #[default]
    Classic,
    /// KIP-848.
    Consumer,
}

/// `start`: where a group begins that has committed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The oldest record.
    Earliest,
    /// What comes from now on.
    Latest,
    /// The first record at or after this time, ms since the epoch.
    At(i64),
}

/// `on_gap`: what to do where the committed offset is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnGap {
    /// The pipeline stops.
    Stop,
    /// It goes on from the oldest record; what is missing is counted as lost.
    Earliest,
}

/// `breaker`: the share of faults within a time that stops the pipeline; the same of `rollback`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    /// Faults per record, 0 to 1.
    pub faults: f64,
    /// Within this time.
    pub over: Duration,
    /// Only where at least so many faults were seen.
    pub min: u64,
}

/// `unknown_topics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownTopics {
    /// It serves, and the log says which are missing.
    #[default]
    Warn,
    /// It is refused.
    Refuse,
}

/// `partition_by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionBy {
    /// As the Java client does; a null key by the source partition.
    Key,
    /// Source partition modulo the destination's partitions.
    Source,
}

/// How batches are cut, whichever is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Records, 1 to 65,536.
    pub records: usize,
    /// Bytes of keys, values and headers; a larger record makes a batch of its own.
    pub bytes: usize,
    /// Age of the oldest record.
    pub age: Duration,
}

impl Default for Cut {
    fn default() -> Self {
        // Past 1,024 rows a call gains nothing; past 256 KiB the columns leave the cache (both measured).
        Self { records: 1024, bytes: 256 * 1024, age: Duration::from_millis(20) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::TopicPattern;

    proptest! {
        /// A name of few letters fits both patterns exactly where they overlap; short patterns have short names in common.
        #[test]
        fn patterns_overlap_where_a_name_fits_both(one in "[ab*]{0,3}", two in "[ab*]{0,3}") {
            let (one, two) = (TopicPattern(one), TopicPattern(two));
            let names = (0..=6_u32).flat_map(|length| (0..1_u32 << length).map(move |bits| {
                (0..length).map(|at| if bits >> at & 1 == 0 { 'a' } else { 'b' }).collect::<String>()
            }));
            let both = names.into_iter().any(|name| one.matches(&name) && two.matches(&name));
            prop_assert_eq!(one.overlaps(&two), both);
            prop_assert_eq!(two.overlaps(&one), both);
        }
    }
}
