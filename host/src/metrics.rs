//! The registry of metrics and the names in it.
//!
//! One [`Metrics`] for the process. A label set is a short list of names and values; what counts often keeps the
//! counter it got ([`Metrics::counter`]) instead of looking it up again.

mod clients;
mod distributions;
mod records;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, info::Info},
    registry::{Registry, Unit},
};

pub use clients::ClientGauges;
use clients::Clients;
pub use distributions::Distribution;
use distributions::Distributions;
pub use prometheus_client::metrics::{gauge::Gauge, histogram::Histogram};
pub use records::Records;

/// The labels of one series, in a fixed order per family.
pub type Labels = Vec<(&'static str, String)>;

/// The labels of what is said of a partition: pipeline, topic, partition.
pub fn partition_labels(pipeline: &str, topic: &str, number: impl ToString) -> Labels {
    vec![("pipeline", pipeline.to_owned()), ("topic", topic.to_owned()), ("partition", number.to_string())]
}

/// A counter of whole things.
pub type Count = Counter<u64, AtomicU64>;

/// The families that weir counts, each named as in the exposition without `weir_` and `_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Name {
    /// Records read: pipeline, topic.
    RecordsIn,
    /// Records delivered, dead letters apart: pipeline, topic.
    RecordsOut,
    /// Input records dropped by a verdict: pipeline, interceptor.
    RecordsDropped,
    /// Input records dead-lettered: pipeline, interceptor, kind.
    RecordsDead,
    /// Dead letters of interceptors that read a null cell: pipeline, interceptor, reason.
    NullCells,
    /// Records that were gone before they were read: pipeline, topic.
    RecordsLost,
    /// Input records all of whose outputs were delivered: pipeline.
    RecordsPassed,
    /// Input records that were given up before they were settled, and are read again: pipeline.
    RecordsReleased,
    /// Bytes of keys and values read: pipeline, topic.
    BytesIn,
    /// Bytes of keys and values sent: pipeline, topic.
    BytesOut,
    /// Records that faulted: pipeline, interceptor, kind.
    Faults,
    /// Calls of an interceptor that faulted while each of their records alone did not: pipeline, interceptor, kind.
    RecoveredFaults,
    /// What a plugin counted: pipeline, interceptor, name.
    PluginCounts,
    /// Rebalances: pipeline, kind.
    Rebalances,
    /// Commits: pipeline, outcome.
    Commits,
    /// Timestamps of 0 sent as 1: pipeline.
    ZeroTimestamps,
    /// Attempts to take over a changed configuration: outcome.
    Reloads,
    /// Ranges for the ledger topic: pipeline, outcome.
    LedgerRecords,
    /// Producers that broke down and were replaced: pipeline.
    ProducersReplaced,
    /// Members of a group that got stuck and were replaced: pipeline.
    MembersReplaced,
}

const FAMILIES: [(Name, &str, &str); 20] = [
    (Name::RecordsIn, "records_in", "Records read from source topics"),
    (Name::RecordsOut, "records_out", "Records delivered to destination topics"),
    (Name::RecordsDropped, "records_dropped", "Input records dropped by a verdict"),
    (Name::RecordsDead, "records_dead", "Input records set aside as dead letters"),
    (
        Name::NullCells,
        "records_dead_of_null",
        "Dead letters of interceptors that read a null cell of JSON or a capture",
    ),
    (Name::RecordsLost, "records_lost", "Records gone from the source before they were read"),
    (Name::RecordsPassed, "records_passed", "Input records all of whose outputs were delivered"),
    (
        Name::RecordsReleased,
        "records_released",
        "Input records given up before they were settled; whoever has the partition reads them again",
    ),
    (Name::BytesIn, "bytes_in", "Bytes of keys and values read"),
    (Name::BytesOut, "bytes_out", "Bytes of keys and values sent"),
    (Name::Faults, "interceptor_faults", "Records that made an interceptor fault"),
    (
        Name::RecoveredFaults,
        "interceptor_recovered_faults",
        "Calls that faulted though none of their records does alone",
    ),
    (Name::PluginCounts, "interceptor_count", "What plugins count themselves"),
    (Name::Rebalances, "rebalances", "Rebalances of the consumer group"),
    (Name::Commits, "commits", "Commits of offsets"),
    (Name::ZeroTimestamps, "zero_timestamps", "Timestamps of 0 that were sent as 1"),
    (Name::Reloads, "reloads", "Attempts to take over a changed configuration"),
    (Name::LedgerRecords, "ledger_records", "Records for the ledger topic that were written or refused"),
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
    distributions: Distributions,
    clients: Clients,
    in_flight: Family<Labels, Gauge>,
    watermarks: Family<Labels, Gauge>,
    lags: Family<Labels, Gauge>,
    /// The partitions of which `lags` says something.
    lagging: Mutex<BTreeSet<Labels>>,
    cpu_seconds: Family<Labels, Counter<f64, AtomicU64>>,
    memory_bytes: Family<Labels, Gauge>,
    up: Family<Labels, Gauge>,
    unusable_topics: Family<Labels, Gauge>,
    ledger_waiting: Family<Labels, Gauge<f64, AtomicU64>>,
    generations: Family<Labels, Gauge>,
    /// What `generations` says of each pipeline.
    generation_of: Mutex<BTreeMap<String, Labels>>,
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
        let distributions = Distributions::register(&mut registry);
        let clients = Clients::register(&mut registry);
        let in_flight = Family::<Labels, Gauge>::default();
        registry.register("records_in_flight", "Input records on their way, not settled yet", in_flight.clone());
        let watermarks = Family::<Labels, Gauge>::default();
        registry.register("watermark_offset", "The offset below which every record is settled", watermarks.clone());
        let lags = Family::<Labels, Gauge>::default();
        registry.register("lag_records", "Offsets between the last stable one and what is committed", lags.clone());
        let cpu_seconds = Family::<Labels, Counter<f64, AtomicU64>>::default();
        let help = "Thread CPU time of an interceptor's calls";
        registry.register_with_unit("interceptor_cpu", help, Unit::Seconds, cpu_seconds.clone());
        let memory_bytes = Family::<Labels, Gauge>::default();
        let help = "Linear memory of an interceptor's instance, of the worker that told it last";
        registry.register_with_unit("interceptor_memory", help, Unit::Bytes, memory_bytes.clone());
        let up = Family::<Labels, Gauge>::default();
        registry.register(
            "pipeline_up",
            "Whether it has joined its group and is neither stopped nor paused",
            up.clone(),
        );
        let unusable_topics = Family::<Labels, Gauge>::default();
        let help = "Topics that its configuration or a plan names and that are missing, or may not be used";
        registry.register("topics_unusable", help, unusable_topics.clone());
        let ledger_waiting = Family::<Labels, Gauge<f64, AtomicU64>>::default();
        let help = "For how long the oldest range waits to be written to the ledger topic";
        registry.register_with_unit("ledger_waiting", help, Unit::Seconds, ledger_waiting.clone());
        let generations = Family::<Labels, Gauge>::default();
        registry.register("generation_info", "Which generation of its configuration serves", generations.clone());
        Self {
            registry: Mutex::new(registry),
            families,
            known: Mutex::default(),
            distributions,
            clients,
            in_flight,
            watermarks,
            lags,
            lagging: Mutex::default(),
            cpu_seconds,
            memory_bytes,
            up,
            unusable_topics,
            ledger_waiting,
            generations,
            generation_of: Mutex::default(),
        }
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

    /// Sets for how long the oldest range of a pipeline waits for the ledger topic. None: it has none any more.
    pub fn ledger_waiting(&self, pipeline: &str, waited: Option<Duration>) {
        let labels = vec![("pipeline", pipeline.to_owned())];
        match waited {
            Some(waited) => drop(self.ledger_waiting.get_or_create(&labels).set(waited.as_secs_f64())),
            None => drop(self.ledger_waiting.remove(&labels)),
        }
    }

    /// How many records of a pipeline are in flight, to be kept by each who changes it.
    pub fn in_flight(&self, pipeline: &str) -> Gauge {
        self.in_flight.get_or_create_owned(&vec![("pipeline", pipeline.to_owned())])
    }

    /// Sets the watermark of a partition: pipeline, topic, partition. None: it is read by somebody else now.
    pub fn watermark(&self, labels: Labels, offset: Option<i64>) {
        match offset {
            Some(offset) => drop(self.watermarks.get_or_create(&labels).set(offset)),
            None => drop(self.watermarks.remove(&labels)),
        }
    }

    /// Sets how far a partition is behind: pipeline, topic, partition. None: it is read by somebody else now.
    pub fn lag(&self, labels: Labels, records: Option<i64>) {
        let mut lagging = self.lagging.lock().unwrap_or_else(PoisonError::into_inner);
        match records {
            Some(records) => {
                self.lags.get_or_create(&labels).set(records);
                lagging.insert(labels);
            }
            None => {
                self.lags.remove(&labels);
                lagging.remove(&labels);
            }
        }
    }

    /// How far a partition is behind, as it was set last.
    pub fn lag_of(&self, labels: &Labels) -> Option<i64> {
        self.lags.get(labels).map(|lag| lag.get())
    }

    /// The lags of a pipeline's partitions together, as they were set last.
    pub fn lag_of_pipeline(&self, pipeline: &str) -> i64 {
        let lagging = self.lagging.lock().unwrap_or_else(PoisonError::into_inner);
        let its_own = lagging
            .iter()
            .filter(|labels| labels.iter().any(|(label, value)| *label == "pipeline" && value == pipeline));
        its_own.filter_map(|labels| self.lag_of(labels)).sum()
    }

    /// Adds thread CPU time of an interceptor's calls: pipeline, interceptor.
    pub fn cpu(&self, labels: &Labels, spent: Duration) {
        self.cpu_seconds.get_or_create(labels).inc_by(spent.as_secs_f64());
    }

    /// Thread CPU time of an interceptor's calls so far, in seconds: pipeline, interceptor.
    pub fn cpu_of(&self, labels: &Labels) -> f64 {
        self.cpu_seconds.get(labels).map_or(0.0, |spent| spent.get())
    }

    /// Linear memory of an interceptor's instance, in bytes, as it was set last: pipeline, interceptor.
    pub fn memory_of(&self, labels: &Labels) -> Option<i64> {
        self.memory_bytes.get(labels).map(|bytes| bytes.get())
    }

    /// Sets the linear memory of an interceptor's instance: pipeline, interceptor.
    pub fn memory(&self, labels: &Labels, bytes: usize) {
        self.memory_bytes.get_or_create(labels).set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Sets whether a pipeline runs, and what.
    pub fn pipeline(&self, name: &str, is_up: bool, generation: u64, digest: &str) {
        self.up.get_or_create_owned(&vec![("pipeline", name.to_owned())]).set(i64::from(is_up));
        let labels =
            vec![("pipeline", name.to_owned()), ("generation", generation.to_string()), ("digest", digest.to_owned())];
        let mut known = self.generation_of.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(name) {
            Some(old) if *old == labels => return,
            Some(old) => drop(self.generations.remove(old)),
            None => {}
        }
        self.generations.get_or_create_owned(&labels).set(1);
        known.insert(name.to_owned(), labels);
    }

    /// Sets how many topics a pipeline names and cannot use.
    pub fn unusable_topics(&self, pipeline: &str, count: usize) {
        let gauge = self.unusable_topics.get_or_create_owned(&vec![("pipeline", pipeline.to_owned())]);
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Takes away what is told of a pipeline that is no more; what was counted of it stays.
    pub fn forget_pipeline(&self, name: &str) {
        let of_pipeline = vec![("pipeline", name.to_owned())];
        self.up.remove(&of_pipeline);
        self.unusable_topics.remove(&of_pipeline);
        let mut known = self.generation_of.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(name).inspect(|labels| _ = self.generations.remove(labels));
    }

    /// Sets what the process says of itself: name and value of each label.
    pub fn build_info(&self, labels: Labels) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register("build", "What runs", Info::new(labels));
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
mod tests;
