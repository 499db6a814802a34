//! The registry of metrics and the names in it.
//!
//! One [`Metrics`] for the process. A label set is a short list of names and values; what counts often keeps the
//! counter it got ([`Metrics::counter`]) instead of looking it up again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError, atomic::AtomicU64},
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// The labels of one series, in a fixed order per family.
pub type Labels = Vec<(&'static str, String)>;

/// A counter of whole things.
pub type Count = Counter<u64, AtomicU64>;

/// The families that weir counts, each named as in the exposition without `weir_` and `_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// Records read: p, topic.
    RecordsIn,
    /// Records delivered, dead letters apart: p, topic.
    RecordsOut,
    /// Input records dropped by a verdict: p, i.
    RecordsDropped,
    /// Input records dead-lettered: p, i, kind.
    RecordsDead,
    /// Records that were gone before they were read: p, topic.
    RecordsLost,
    /// Bytes of keys and values read: p, topic.
    BytesIn,
    /// Bytes of keys and values sent: p, topic.
    BytesOut,
    /// Records that faulted: p, i, kind.
    Faults,
    /// What a plugin counted: p, i, name.
    PluginCounts,
    /// Thread CPU time of an interceptor, in microseconds: p, i.
    CpuMicros,
    /// Rebalances: p, kind.
    Rebalances,
    /// Commits: p, outcome.
    Commits,
    /// Timestamps of 0 sent as 1: p.
    ZeroTimestamps,
    /// Generations swapped in: p.
    Swaps,
    /// Producers that broke down and were replaced: p.
    ProducersReplaced,
    /// Members of a group that got stuck and were replaced: p.
    MembersReplaced,
}

const FAMILIES: [(Name, &str, &str); 16] = [
    (Name::RecordsIn, "records_in", "Records read from source topics"),
    (Name::RecordsOut, "records_out", "Records delivered to destination topics"),
    (Name::RecordsDropped, "records_dropped", "Input records dropped by a verdict"),
    (Name::RecordsDead, "records_dead", "Input records set aside as dead letters"),
    (Name::RecordsLost, "records_lost", "Records gone from the source before they were read"),
    (Name::BytesIn, "bytes_in", "Bytes of keys and values read"),
    (Name::BytesOut, "bytes_out", "Bytes of keys and values sent"),
    (Name::Faults, "interceptor_faults", "Records that made an interceptor fault"),
    (Name::PluginCounts, "interceptor_count", "What plugins count themselves"),
    (Name::CpuMicros, "interceptor_cpu_microseconds", "Thread CPU time spent in an interceptor"),
    (Name::Rebalances, "rebalances", "Rebalances of the consumer group"),
    (Name::Commits, "commits", "Commits of offsets"),
    (Name::ZeroTimestamps, "zero_timestamps", "Timestamps of 0 that were sent as 1"),
    (Name::Swaps, "swaps", "Generations swapped in while records flowed"),
    (Name::ProducersReplaced, "producers_replaced", "Producers that broke down and were replaced"),
    (Name::MembersReplaced, "group_members_replaced", "Members of a consumer group that got stuck and were replaced"),
];

/// Every metric of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    families: Vec<(Name, Family<Labels, Count>)>,
    /// Every series of the families, for those who ask in the process.
    known: Mutex<BTreeMap<(Name, Labels), Count>>,
    watermarks: Family<Labels, Gauge>,
    lags: Family<Labels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("weir");
        let mut families = Vec::with_capacity(FAMILIES.len());
        for (name, text, help) in FAMILIES {
            let family = Family::<Labels, Count>::default();
            registry.register(text, help, family.clone());
            families.push((name, family));
        }
        let watermarks = Family::<Labels, Gauge>::default();
        registry.register("watermark_offset", "The offset below which every record is settled", watermarks.clone());
        let lags = Family::<Labels, Gauge>::default();
        registry.register("lag_records", "Offsets between the last stable one and what is committed", lags.clone());
        Self { registry: Mutex::new(registry), families, known: Mutex::default(), watermarks, lags }
    }
}

impl Metrics {
    /// The counter of one series, to be kept by who counts often.
    pub fn counter(&self, name: Name, labels: Labels) -> Count {
        let family = self.families.iter().find(|(known, _)| *known == name);
        let counter = family.map(|(_, family)| family.get_or_create_owned(&labels)).unwrap_or_default();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((name, labels)).or_insert(counter).clone()
    }

    /// Adds to one series.
    pub fn add(&self, name: Name, labels: Labels, by: u64) {
        self.counter(name, labels).inc_by(by);
    }

    /// Sets the watermark of a partition: p, topic, partition.
    pub fn watermark(&self, labels: Labels, offset: i64) {
        self.watermarks.get_or_create(&labels).set(offset);
    }

    /// Sets how far a partition is behind: p, topic, partition. None: it is read by somebody else now.
    pub fn lag(&self, labels: Labels, records: Option<i64>) {
        match records {
            Some(records) => drop(self.lags.get_or_create(&labels).set(records)),
            None => drop(self.lags.remove(&labels)),
        }
    }

    /// The whole registry as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        match encode(&mut text, &registry) {
            Ok(()) => text,
            Err(error) => {
                tracing::error!("writing the metrics: {error}");
                String::new()
            }
        }
    }

    /// Every series of a family that was ever asked for, with its labels and its value.
    pub fn series(&self, name: Name) -> Vec<(Labels, u64)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let of_name = known.iter().filter(|((family, _), _)| *family == name);
        of_name.map(|((_, labels), counter)| (labels.clone(), counter.get())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_comes_back_as_it_was_counted() {
        let metrics = Metrics::default();
        let labels = vec![("p", "re\"com\\".to_owned()), ("topic", "a,b=\"}".to_owned())];
        metrics.add(Name::RecordsOut, labels.clone(), 3);
        metrics.add(Name::RecordsOut, labels, 4);
        let series = metrics.series(Name::RecordsOut);
        assert_eq!(series.len(), 1);
        assert_eq!(series[0].1, 7);
        assert!(metrics.text().contains("weir_records_out_total{"));
    }

    #[test]
    fn a_partition_that_went_elsewhere_has_no_lag() {
        let metrics = Metrics::default();
        let labels = || vec![("p", "recom".to_owned()), ("topic", "events".to_owned()), ("partition", "3".to_owned())];
        metrics.lag(labels(), Some(12));
        assert!(metrics.text().contains("weir_lag_records{p=\"recom\",topic=\"events\",partition=\"3\"} 12"));
        metrics.lag(labels(), None);
        assert!(!metrics.text().contains("weir_lag_records{"));
    }
}
