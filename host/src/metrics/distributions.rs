//! The histograms: what people ask percentiles of.

use prometheus_client::{
    metrics::{family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::{Labels, Metrics};

/// Each has the label pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Records of a batch.
    BatchRecords,
    /// How long the chain ran on a batch.
    Chain,
    /// From the fetch of a batch's first record until all of the batch is settled.
    Delivery,
    /// From the timestamp of a batch's first record until all of the batch is settled.
    RecordAge,
    /// From the request to commit to its answer.
    Commit,
    /// How long a worker stood still to take over a new generation.
    Swap,
}

type New = fn() -> Histogram;
type Histograms = Family<Labels, Histogram, New>;

/// The families of all of them.
#[derive(Debug)]
pub(super) struct Distributions(Vec<(Distribution, Histograms)>);

/// 1 to 65,536, the largest batch that can be configured.
fn records() -> Histogram {
    Histogram::new((0..9).map(|step| f64::from(1 << (2 * step))))
}

/// 100 µs to 105 s, each four times the one before.
fn seconds() -> Histogram {
    Histogram::new((0..11).map(|step| 1e-4 * f64::from(1 << (2 * step))))
}

/// 1 ms to 12 days, each four times the one before: records may be as old as a topic's retention.
fn ages() -> Histogram {
    Histogram::new((0..16).map(|step| 1e-3 * f64::from(1 << (2 * step))))
}

impl Distributions {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let time = Some(Unit::Seconds);
        let all: [(Distribution, &str, &str, Option<Unit>, New); 6] = [
            (Distribution::BatchRecords, "batch_records", "Records of a batch", None, records),
            (Distribution::Chain, "chain", "How long the chain ran on a batch", time.clone(), seconds),
            (
                Distribution::Delivery,
                "delivery",
                "From the fetch of a batch's first record until all of the batch was settled",
                time.clone(),
                seconds,
            ),
            (
                Distribution::RecordAge,
                "record_age",
                "From the timestamp of a batch's first record until all of the batch was settled",
                time.clone(),
                ages,
            ),
            (Distribution::Commit, "commit", "From the request to commit offsets to its answer", time.clone(), seconds),
            (
                Distribution::Swap,
                "swap",
                "How long a worker stood still between two batches to take over a new generation",
                time,
                seconds,
            ),
        ];
        let families = all.map(|(which, name, help, unit, histogram)| {
            let family = Histograms::new_with_constructor(histogram);
            match unit {
                Some(unit) => registry.register_with_unit(name, help, unit, family.clone()),
                None => registry.register(name, help, family.clone()),
            }
            (which, family)
        });
        Self(families.into())
    }
}

impl Metrics {
    /// The histogram of one pipeline, to be kept by who observes often.
    pub fn distribution(&self, which: Distribution, pipeline: &str) -> Histogram {
        let labels = vec![("pipeline", pipeline.to_owned())];
        let family = self.distributions.0.iter().find(|(known, _)| *known == which);
        family.map_or_else(seconds, |(_, family)| family.get_or_create_owned(&labels))
    }
}
