//! The batches of a worker that are filled or on their way, and the memory that they take.

use std::sync::Arc;

use super::slot::Slot;
use crate::{
    batch::Full,
    chain::{Blueprint, Flow},
    delivery::Ticket,
    endpoint::{Incoming, Partition, Tag},
};

/// In-flight byte budget of a worker: batches and the messages made of them; beyond, it reads no more. A batch, whose
/// values are sent from where they stand, counts in full until its last delivery report: a partition that is stuck holds no
/// memory that is not counted here, but for one copy of a batch in which a dead letter is written meanwhile. What is sent once
/// more is copied, and counts once more: where all that was on its way has to be, it takes up to as much again.
const MAX_BYTES: usize = 16 << 20;
/// Bytes of buffers that free slots keep for the next batches.
const MAX_KEPT_BYTES: usize = 8 << 20;
/// Batches a worker lets be in flight.
const MAX_BATCHES: usize = 4096;
/// Records that a worker may take while it is not full: each may become a batch, and a batch's slot must fit a [`Tag`].
pub(in crate::pipeline) const MAX_FETCHED: usize = Tag::SLOTS as usize - MAX_BATCHES;

/// The slots of one worker.
pub(super) struct InFlight<H> {
    pub(super) slots: Vec<Slot<H>>,
    free: Vec<usize>,
    bytes: usize,
    kept: usize,
    dispatched: u64,
}

impl<H> Default for InFlight<H> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), bytes: 0, kept: 0, dispatched: 0 }
    }
}

impl<H> InFlight<H> {
    /// A slot with an empty batch for records of `partition`.
    pub(super) fn start(&mut self, partition: &Partition) -> usize {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::new(partition));
            self.slots.len() - 1
        });
        let slot = &mut self.slots[at];
        self.kept -= std::mem::take(&mut slot.kept);
        slot.partition = partition.clone();
        slot.flow.batch.start(Arc::clone(&partition.topic), partition.number);
        at
    }

    pub(super) fn flow(&mut self, slot: usize) -> &mut Flow {
        &mut self.slots[slot].flow
    }

    /// Adds a record to the batch of a slot.
    ///
    /// # Errors
    /// [`Full`]; it was not added.
    pub(super) fn add<I: Incoming<Headers = H>>(&mut self, slot: usize, record: I, received: i64) -> Result<(), Full> {
        let slot = &mut self.slots[slot];
        slot.own.push(Some(record.copy_to(&mut slot.flow.batch, received)?));
        Ok(())
    }

    /// The batch of a slot is on its way from now on, behind all that were dispatched before.
    pub(super) fn begin(&mut self, at: usize, ticket: Ticket, blueprint: &Arc<Blueprint>) {
        self.dispatched += 1;
        let slot = &mut self.slots[at];
        (slot.ticket, slot.batch) = (Some(ticket), self.dispatched);
        slot.blueprint = Some(Arc::clone(blueprint));
    }

    /// The batch of a slot takes so many bytes more until it is released.
    pub(super) fn charge(&mut self, at: usize, bytes: usize) {
        self.slots[at].bytes += bytes;
        self.bytes += bytes;
    }

    /// The slot may be used again.
    pub(super) fn release(&mut self, at: usize) {
        let slot = &mut self.slots[at];
        self.bytes -= std::mem::take(&mut slot.bytes);
        slot.clear();
        let room = slot.flow.room();
        if self.kept + room <= MAX_KEPT_BYTES {
            slot.kept = room;
            self.kept += room;
        } else {
            *slot = Slot::new(&slot.partition);
        }
        self.free.push(at);
    }

    /// Whether no more should be read for now.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES || self.slots.len() - self.free.len() > MAX_BATCHES
    }

    /// Records of the slots that are on their way.
    pub(super) fn records(&self) -> usize {
        let on_their_way = self.slots.iter().filter(|slot| slot.ticket.is_some());
        on_their_way.map(|slot| slot.flow.batch.len()).sum()
    }

    /// The slots that are on their way.
    pub(super) fn dispatched(&self) -> Vec<usize> {
        (0..self.slots.len()).filter(|&at| self.slots[at].ticket.is_some()).collect()
    }
}
