//! What one worker counts, with the counters at hand.

use std::{collections::HashMap, sync::Arc};

use super::{board::Board, flight::Slot};
use crate::{
    chain::{Counts, Fate},
    metrics::{Count, Labels, Metrics, Name},
};

/// One worker's counters.
pub(super) struct Tally {
    metrics: Arc<Metrics>,
    pipeline: String,
    /// Records and bytes, by topic.
    read: HashMap<String, (Count, Count)>,
    sent: HashMap<String, (Count, Count)>,
    zero: Count,
    /// Records run since the breaker was last told.
    ran: u64,
}

impl Tally {
    pub(super) fn new(board: &Board) -> Self {
        let pipeline = board.config.name.clone();
        let zero = board.metrics.counter(Name::ZeroTimestamps, vec![("p", pipeline.clone())]);
        Self { metrics: Arc::clone(&board.metrics), pipeline, read: HashMap::new(), sent: HashMap::new(), zero, ran: 0 }
    }

    fn labels(&self, more: &[(&'static str, &str)]) -> Labels {
        let mut labels = vec![("p", self.pipeline.clone())];
        labels.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        labels
    }

    /// A record left the queue.
    pub(super) fn read(&mut self, topic: &str, bytes: usize) {
        if !self.read.contains_key(topic) {
            let labels = self.labels(&[("topic", topic)]);
            let records = self.metrics.counter(Name::RecordsIn, labels.clone());
            self.read.insert(topic.to_owned(), (records, self.metrics.counter(Name::BytesIn, labels)));
        }
        if let Some((records, sum)) = self.read.get(topic) {
            records.inc();
            sum.inc_by(bytes as u64);
        }
    }

    /// Records went through the chain.
    pub(super) fn ran(&mut self, records: u64) {
        self.ran += records;
    }

    pub(super) fn zero(&self, zero: bool) {
        if zero {
            self.zero.inc();
        }
    }

    /// A producer broke down and is replaced.
    pub(super) fn replaced(&self) {
        self.metrics.add(Name::ProducersReplaced, self.labels(&[]), 1);
    }

    /// A batch is settled: what became of its records.
    pub(super) fn settled(&mut self, slot: &Slot) {
        for output in slot.flow.outputs().filter(|output| output.death.is_none()) {
            let bytes = output.key.map_or(0, <[u8]>::len) + output.value.map_or(0, <[u8]>::len);
            if !self.sent.contains_key(output.topic) {
                let labels = self.labels(&[("topic", output.topic)]);
                let records = self.metrics.counter(Name::RecordsOut, labels.clone());
                self.sent.insert(output.topic.to_owned(), (records, self.metrics.counter(Name::BytesOut, labels)));
            }
            if let Some((records, sum)) = self.sent.get(output.topic) {
                records.inc();
                sum.inc_by(bytes as u64);
            }
        }
        let named = |place: Option<usize>| {
            let interceptors = slot.blueprint.as_ref().map(|blueprint| &blueprint.pipeline().interceptors);
            place.and_then(|place| interceptors?.get(place)).map_or("", |interceptor| &interceptor.name)
        };
        for fate in slot.flow.fates() {
            match fate {
                Fate::Out => {}
                Fate::Dropped(place) => {
                    let labels = self.labels(&[("i", named(Some(*place)))]);
                    self.metrics.add(Name::RecordsDropped, labels, 1);
                }
                Fate::Dead(death) => {
                    let labels = self.labels(&[("i", named(death.interceptor)), ("kind", death.kind.as_str())]);
                    self.metrics.add(Name::RecordsDead, labels, 1);
                }
            }
        }
    }

    /// What the chain counted since the last time; the breaker hears of it.
    pub(super) fn count(&mut self, board: &Board, counts: &Counts) {
        let mut faulted = 0;
        for one in &counts.interceptors {
            for (name, by) in &one.counts {
                self.metrics.add(Name::PluginCounts, self.labels(&[("i", &one.name), ("name", name)]), *by);
            }
            for (kind, by) in &one.faults {
                faulted += by;
                self.metrics.add(Name::Faults, self.labels(&[("i", &one.name), ("kind", kind.as_str())]), *by);
            }
            let micros = u64::try_from(one.cpu.as_micros()).unwrap_or(u64::MAX);
            if micros > 0 {
                self.metrics.add(Name::CpuMicros, self.labels(&[("i", &one.name)]), micros);
            }
        }
        let ran = std::mem::take(&mut self.ran);
        if ran > 0 || faulted > 0 {
            board.count_faults(ran, faulted);
        }
    }
}
