//! What became of records, pipeline by pipeline.

use std::collections::BTreeMap;

use super::{Metrics, Name};

/// Records of a pipeline since weir began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Read from source topics.
    pub read: u64,
    /// Delivered, dead letters apart.
    pub out: u64,
    /// Input records dropped by a verdict.
    pub dropped: u64,
    /// Input records set aside as dead letters, by kind.
    pub dead: BTreeMap<String, u64>,
    /// Gone before they were read.
    pub lost: u64,
    /// Input records all of whose outputs were delivered.
    pub passed: u64,
    /// Given up before they were settled: they are read again.
    pub released: u64,
    /// On their way.
    pub in_flight: i64,
}

impl Records {
    /// Input records set aside as dead letters, of whatever kind.
    pub fn all_dead(&self) -> u64 {
        self.dead.values().sum()
    }

    /// Records that were read and are nowhere: 0, or weir has a fault. While records flow the counters are read one after
    /// the other, and may be off by a few batches.
    pub fn unaccounted(&self) -> i64 {
        let settled = self.passed + self.dropped + self.all_dead() + self.released;
        self.read as i64 - settled as i64 - self.in_flight
    }

    /// What has come since `before`, which is older.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let dead = self.dead.iter().map(|(kind, count)| {
            (kind.clone(), count.saturating_sub(before.dead.get(kind).copied().unwrap_or_default()))
        });
        Self {
            read: self.read.saturating_sub(before.read),
            out: self.out.saturating_sub(before.out),
            dropped: self.dropped.saturating_sub(before.dropped),
            dead: dead.filter(|(_, count)| *count > 0).collect(),
            lost: self.lost.saturating_sub(before.lost),
            passed: self.passed.saturating_sub(before.passed),
            released: self.released.saturating_sub(before.released),
            in_flight: self.in_flight,
        }
    }
}

impl Metrics {
    /// What became of records, by pipeline; those of which nothing was counted yet are left out.
    pub fn records(&self) -> BTreeMap<String, Records> {
        let mut all: BTreeMap<String, Records> = BTreeMap::new();
        for name in [
            Name::RecordsIn,
            Name::RecordsOut,
            Name::RecordsDropped,
            Name::RecordsDead,
            Name::RecordsLost,
            Name::RecordsPassed,
            Name::RecordsReleased,
        ] {
            for (labels, count) in self.series(name) {
                let of = |wanted: &str| {
                    let label = labels.iter().find(|(label, _)| *label == wanted);
                    label.map(|(_, value)| value.clone()).unwrap_or_default()
                };
                let records = all.entry(of("pipeline")).or_default();
                match name {
                    Name::RecordsIn => records.read += count,
                    Name::RecordsOut => records.out += count,
                    Name::RecordsDropped => records.dropped += count,
                    Name::RecordsDead => *records.dead.entry(of("kind")).or_default() += count,
                    Name::RecordsPassed => records.passed += count,
                    Name::RecordsReleased => records.released += count,
                    _ => records.lost += count,
                }
            }
        }
        for (pipeline, records) in &mut all {
            records.in_flight = self.in_flight(pipeline).get();
        }
        all
    }
}
