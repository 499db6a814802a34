//! The partitions of a worker, and what comes out of its source.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Ready;
use crate::{
    delivery::Assignment,
    endpoint::{Incoming, Partition, Right, Sink, Trouble},
    pipeline::{StopReason, dispatcher::Dispatcher, shared::Shared},
};

/// So many errors of consuming are told.
const MAX_SAID: usize = 100;

/// A partition that is the worker's.
struct Assigned {
    partition: Partition,
    assignment: Assignment,
    next: i64,
    /// The slot whose batch its records go into.
    filling: Option<usize>,
}

impl Assigned {
    /// The batch that is being filled; the next record begins another one.
    fn filled(&mut self) -> Option<Ready> {
        let slot = self.filling.take()?;
        Some(Ready { slot, partition: self.partition.clone(), assignment: self.assignment })
    }
}

/// The partitions that a worker reads.
#[derive(Default)]
pub(super) struct Partitions {
    assigned: Vec<Assigned>,
    /// Places in `assigned` by topic handle and partition.
    places: HashMap<(usize, i32), Option<usize>>,
    /// The one looked up last: records come in runs.
    last_place: Option<((usize, i32), Option<usize>)>,
    /// Of these, what was fetched before they went must not be read, even where they came back meanwhile.
    stale: Vec<Partition>,
    /// These are read no more until they are taken again, because of what stood in place of a record.
    halted: Vec<(Partition, Trouble)>,
    /// Errors of consuming that were told.
    said: HashSet<String>,
}

impl Partitions {
    /// The partition is read from `next` on, for `assignment`. What of it the source holds is of an earlier time.
    pub(super) fn take(&mut self, partition: Partition, assignment: Assignment, next: i64) {
        self.assigned.retain(|assigned| assigned.partition != partition);
        self.halted.retain(|(halted, _)| *halted != partition);
        self.stale.push(partition.clone());
        self.assigned.push(Assigned { partition, assignment, next, filling: None });
        self.forget_places();
    }

    /// These are not read any more; what of them the source holds is dropped.
    pub(super) fn give(&mut self, partitions: Vec<Partition>) {
        self.assigned.retain(|assigned| !partitions.contains(&assigned.partition));
        self.halted.retain(|(halted, _)| !partitions.contains(halted));
        self.forget_places();
        self.stale.extend(partitions);
    }

    pub(super) fn all(&self) -> Vec<Partition> {
        self.assigned.iter().map(|assigned| assigned.partition.clone()).collect()
    }

    /// The source holds nothing any more.
    pub(super) fn forget_stale(&mut self) {
        self.stale.clear();
    }

    fn forget_places(&mut self) {
        self.places.clear();
        self.last_place = None;
    }

    fn place_of(&mut self, record: &impl Incoming) -> Option<usize> {
        let (topic, number) = (record.topic_id(), record.partition());
        if let Some((last, place)) = self.last_place
            && last == (topic, number)
        {
            return place;
        }
        let assigned = &self.assigned;
        let is_it = |one: &Assigned| one.partition.number == number && &*one.partition.topic == record.topic();
        let place = *self.places.entry((topic, number)).or_insert_with(|| assigned.iter().position(is_it));
        self.last_place = Some(((topic, number), place));
        place
    }

    /// Takes what came out of the source into its partition's batch.
    pub(super) fn accept<K: Sink>(
        &mut self,
        record: impl Incoming<Headers = K::Headers>,
        received: i64,
        (dispatcher, ready, shared): (&mut Dispatcher<K>, &mut VecDeque<Ready>, &Shared),
    ) {
        if shared.is_stopped() {
            return;
        }
        if let Some(trouble) = record.trouble() {
            return self.halt(&record, trouble, (ready, shared));
        }
        let Some(place) = self.place_of(&record) else { return };
        let assigned = &mut self.assigned[place];
        if record.offset() < assigned.next || !self.stale.is_empty() && self.stale.contains(&assigned.partition) {
            return;
        }
        if let Some(slot) = assigned.filling {
            let (batch, cut) = (&dispatcher.flow(slot).batch, &shared.config.batch);
            if batch.size() + record.size() > cut.bytes || batch.len() >= cut.records {
                ready.extend(assigned.filled());
            }
        }
        let slot = *assigned.filling.get_or_insert_with(|| dispatcher.start(&assigned.partition));
        let offset = record.offset();
        if let Err(full) = dispatcher.add(slot, record, received) {
            return shared.stop(StopReason::Client(format!("{} offset {offset}: {full}", assigned.partition)));
        }
        assigned.next = offset + 1;
    }

    /// The batches that are being filled.
    pub(super) fn filled(&mut self) -> impl Iterator<Item = Ready> {
        self.assigned.iter_mut().filter_map(Assigned::filled)
    }

    /// What stood in the source in place of a record. librdkafka may go on behind the record that an error stands for (its
    /// issue 4844): what follows is not taken until the control thread has told it, and this worker, where to read.
    fn halt(&mut self, record: &impl Incoming, trouble: Trouble, (ready, shared): (&mut VecDeque<Ready>, &Shared)) {
        if let Trouble::Other(reason) = &trouble
            // Once each: librdkafka says it again and again while it lasts.
            && self.said.len() < MAX_SAID
            && self.said.insert(format!("{} {reason}", record.topic()))
        {
            tracing::warn!(pipeline = shared.config.name, topic = record.topic(), "consuming: {reason}");
        }
        let Some(place) = self.place_of(record) else { return };
        if trouble == Trouble::End || self.stale.contains(&self.assigned[place].partition) {
            return;
        }
        let mut assigned = self.assigned.remove(place);
        self.forget_places();
        ready.extend(assigned.filled());
        self.halted.push((assigned.partition, trouble));
    }

    /// Tells the control thread what is read no more, once nothing that was read before waits to be opened.
    pub(super) fn report_halted(&mut self, shared: &Shared) {
        for (partition, trouble) in self.halted.drain(..) {
            match trouble {
                Trouble::End => {}
                Trouble::Gap => shared.report_gap(partition),
                Trouble::Other(_) => shared.report_error(partition),
                Trouble::Denied(reason) => {
                    let right = Right::ReadTopic(partition.topic.to_string());
                    shared.stop(StopReason::NotAllowed { right, reason });
                }
                // To read on would leave out what could not be read.
                Trouble::Unreadable(reason) => {
                    shared.stop(StopReason::Client(format!("{partition} cannot be read on: {reason}")));
                }
            }
        }
    }
}
