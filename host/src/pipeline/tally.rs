//! What one worker counts, with the counters at hand.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use super::{dispatcher::Slot, shared::Shared};
use crate::{
    batch::Batch,
    chain::{Counts, DeathKind, Fate, Output},
    delivery::Fates,
    metrics::{Count, Distribution, Gauge, Histogram, Labels, Metrics, Name},
};

/// Records and bytes of a topic, counted together.
type Pair = (Count, Count);

/// What goes to one topic out of one batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    /// Where the topic's name stands, which is cheaper to compare than the name.
    name: usize,
    /// The topic's number among the tally's.
    topic: usize,
    records: u64,
    bytes: u64,
    /// How many bytes of a record are too many for the topic, as far as that is known.
    limit: usize,
}

/// So many topics are counted apart; their names may come from records.
const MAX_TOPICS: usize = 1000;
/// What all further ones are counted as.
const OTHERS: &str = "(others)";

/// One worker's counters.
pub(super) struct Tally {
    metrics: Arc<Metrics>,
    pipeline: String,
    read: HashMap<Arc<str>, Pair>,
    /// Topics, each with its counters once something was delivered there: one that does not exist has no series.
    sent: Vec<(String, Option<Pair>)>,
    /// The numbers of topics in `sent`.
    topics: HashMap<String, usize>,
    zero: Count,
    passed: Count,
    released: Count,
    in_flight: Gauge,
    /// Of them, those of this worker.
    open: usize,
    batch_records: Histogram,
    chain: Histogram,
    delivery: Histogram,
    age: Histogram,
    swap: Histogram,
    /// Records run since the breaker was last told.
    ran: u64,
}

impl Tally {
    pub(super) fn new(shared: &Shared) -> Self {
        let pipeline = shared.config.name.clone();
        let metrics = Arc::clone(&shared.metrics);
        let count = |name| metrics.counter(name, vec![("pipeline", pipeline.clone())]);
        let distribution = |which| metrics.distribution(which, &pipeline);
        Self {
            read: HashMap::new(),
            sent: Vec::new(),
            topics: HashMap::new(),
            zero: count(Name::ZeroTimestamps),
            passed: count(Name::RecordsPassed),
            released: count(Name::RecordsReleased),
            in_flight: metrics.in_flight(&pipeline),
            open: 0,
            batch_records: distribution(Distribution::BatchRecords),
            chain: distribution(Distribution::Chain),
            delivery: distribution(Distribution::Delivery),
            age: distribution(Distribution::RecordAge),
            swap: distribution(Distribution::Swap),
            ran: 0,
            metrics,
            pipeline,
        }
    }

    fn pair(&self, (records, bytes): (Name, Name), topic: &str) -> Pair {
        let labels = self.labels(&[("topic", topic)]);
        (self.metrics.counter(records, labels.clone()), self.metrics.counter(bytes, labels))
    }

    fn labels(&self, more: &[(&'static str, &str)]) -> Labels {
        let mut labels = vec![("pipeline", self.pipeline.clone())];
        labels.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        labels
    }

    /// A batch is on its way from now on.
    pub(super) fn opened(&mut self, batch: &Batch) {
        self.open += batch.len();
        self.in_flight.inc_by(batch.len() as i64);
        if !self.read.contains_key(batch.topic()) {
            let pair = self.pair((Name::RecordsIn, Name::BytesIn), batch.topic());
            self.read.insert(Arc::clone(batch.topic()), pair);
        }
        if let Some((records, bytes)) = self.read.get(batch.topic()) {
            let sizes = batch.inputs().iter().map(|input| input.key.len() + input.value.len());
            records.inc_by(batch.len() as u64);
            bytes.inc_by(sizes.sum::<usize>() as u64);
        }
    }

    /// Records went through the chain, which took so long.
    pub(super) fn ran(&mut self, records: usize, took: Duration) {
        self.ran += records as u64;
        self.batch_records.observe(records as f64);
        self.chain.observe(took.as_secs_f64());
    }

    /// A new generation was taken over, which took so long.
    pub(super) fn swapped(&self, took: Duration) {
        self.swap.observe(took.as_secs_f64());
    }

    /// So many records are not on their way any more; this worker settles them no more, and they are read again.
    pub(super) fn released(&mut self, records: usize) {
        self.closed(records);
        self.released.inc_by(records as u64);
    }

    fn closed(&mut self, records: usize) {
        self.open = self.open.saturating_sub(records);
        self.in_flight.dec_by(records as i64);
    }

    /// Records that are on their way by what was counted.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// So many messages had a timestamp of 0, and went out with 1.
    pub(super) fn zeros(&self, count: u64) {
        if count > 0 {
            self.zero.inc_by(count);
        }
    }

    /// A producer broke down and is replaced.
    pub(super) fn replaced(&self) {
        self.metrics.add(Name::ProducersReplaced, self.labels(&[]), 1);
    }

    /// Adds an output to what its batch is sent as. Returns what `limit` says of its topic.
    pub(super) fn sum(&mut self, output: &Output<'_>, sums: &mut Vec<Sum>, limit: impl FnOnce(&str) -> usize) -> usize {
        if output.death.is_some() {
            return limit(output.topic);
        }
        let name = output.topic.as_ptr().addr();
        let at = sums.iter().position(|sum| sum.name == name).unwrap_or_else(|| {
            let topic = self.number_of(output.topic);
            sums.push(Sum { name, topic, records: 0, bytes: 0, limit: limit(output.topic) });
            sums.len() - 1
        });
        let sum = &mut sums[at];
        sum.records += 1;
        sum.bytes += (output.key.map_or(0, <[u8]>::len) + output.value.map_or(0, <[u8]>::len)) as u64;
        sum.limit
    }

    fn number_of(&mut self, topic: &str) -> usize {
        if let Some(&number) = self.topics.get(topic) {
            return number;
        }
        if self.topics.len() >= MAX_TOPICS && topic != OTHERS {
            return self.number_of(OTHERS);
        }
        self.sent.push((topic.to_owned(), None));
        self.topics.insert(topic.to_owned(), self.sent.len() - 1);
        self.sent.len() - 1
    }

    /// A batch is settled at `now`, ms since the epoch: what became of its records, which is returned, too.
    pub(super) fn settled<H>(&mut self, slot: &mut Slot<H>, now: i64) -> Fates {
        if slot.is_changed() {
            // A dead letter was written of a record after it was sent.
            let mut sums = std::mem::take(&mut slot.sums);
            sums.clear();
            slot.flow.outputs().for_each(|output| {
                self.sum(&output, &mut sums, |_| usize::MAX);
            });
            slot.sums = sums;
        }
        for sum in &slot.sums {
            let known = self.sent[sum.topic].1.take();
            let new = || self.pair((Name::RecordsOut, Name::BytesOut), &self.sent[sum.topic].0);
            let (records, bytes) = known.unwrap_or_else(new);
            records.inc_by(sum.records);
            bytes.inc_by(sum.bytes);
            self.sent[sum.topic].1 = Some((records, bytes));
        }
        let records = slot.flow.batch.len();
        let out = slot.sums.iter().map(|sum| sum.records).sum();
        let mut fates = Fates { records: records as u64, out, ..Fates::default() };
        self.closed(records);
        if let Some(first) = slot.flow.batch.inputs().first() {
            let since = |then: i64| {
                Duration::from_millis(u64::try_from(now.saturating_sub(then)).unwrap_or_default()).as_secs_f64()
            };
            self.delivery.observe(first.received.map_or(0.0, since));
            first.timestamp.millis().inspect(|&sent| self.age.observe(since(sent)));
        }
        if slot.flow.is_unchanged() {
            self.passed.inc_by(records as u64);
            return Fates { passed: records as u64, ..fates };
        }
        let mut gone: BTreeMap<(Option<usize>, Option<DeathKind>), u64> = BTreeMap::new();
        let mut null: BTreeMap<(Option<usize>, &str), u64> = BTreeMap::new();
        for fate in slot.flow.fates() {
            match fate {
                Fate::Out => fates.passed += 1,
                Fate::Dropped(place) => {
                    fates.dropped += 1;
                    *gone.entry((Some(*place), None)).or_default() += 1;
                }
                Fate::Dead(death) => {
                    fates.dead += 1;
                    *gone.entry((death.interceptor, Some(death.kind))).or_default() += 1;
                    if let Some(reason) = death.null {
                        *null.entry((death.interceptor, reason)).or_default() += 1;
                    }
                }
            }
        }
        self.passed.inc_by(fates.passed);
        let interceptors = slot.blueprint.as_ref().map(|blueprint| &blueprint.pipeline().interceptors);
        let name_of = |place: Option<usize>| {
            place.and_then(|place| interceptors?.get(place)).map_or("", |interceptor| &interceptor.name)
        };
        for ((place, reason), count) in null {
            let labels = self.labels(&[("interceptor", name_of(place)), ("reason", reason)]);
            self.metrics.add(Name::NullCells, labels, count);
        }
        for ((place, kind), count) in gone {
            let named = name_of(place);
            let (name, labels) = match kind {
                None => (Name::RecordsDropped, self.labels(&[("interceptor", named)])),
                Some(kind) => (Name::RecordsDead, self.labels(&[("interceptor", named), ("kind", kind.as_str())])),
            };
            self.metrics.add(name, labels, count);
        }
        fates
    }

    /// What the chain of `generation` counted since the last time; the breaker hears of it.
    pub(super) fn count(&mut self, shared: &Shared, generation: u64, counts: &Counts) {
        let mut faulted = 0;
        for one in &counts.interceptors {
            for (name, by) in &one.counts {
                self.metrics.add(Name::PluginCounts, self.labels(&[("interceptor", &one.name), ("name", name)]), *by);
            }
            for (kind, by) in &one.faults {
                faulted += by;
                self.metrics.add(
                    Name::Faults,
                    self.labels(&[("interceptor", &one.name), ("kind", kind.as_str())]),
                    *by,
                );
            }
            for (kind, by) in &one.recovered_faults {
                let labels = self.labels(&[("interceptor", &one.name), ("kind", kind.as_str())]);
                self.metrics.add(Name::RecoveredFaults, labels, *by);
            }
            let labels = self.labels(&[("interceptor", &one.name)]);
            if !one.cpu.is_zero() {
                self.metrics.cpu(&labels, one.cpu);
            }
            self.metrics.memory(&labels, one.memory);
        }
        let ran = std::mem::take(&mut self.ran);
        if ran > 0 || faulted > 0 {
            shared.count_faults(generation, ran, faulted);
        }
    }
}

/// What is still on its way when a worker ends, or panics, is read again by whoever has the partitions.
impl Drop for Tally {
    fn drop(&mut self) {
        self.released(self.open);
    }
}
