//! Batches in flight: sent, and not yet reported by the broker in full.

use std::{sync::Arc, time::Duration};

use super::{StopReason, refused::Pending, worker::Line};
use crate::{
    chain::{Blueprint, Flow, Output},
    delivery::Ticket,
    kafka::{Outgoing, Partition, Refusal, Refused, Tag},
};

/// Bytes of messages a worker lets be in flight; beyond, it reads no more.
const BYTES: usize = 32 << 20;
/// Batches a worker lets be in flight.
const BATCHES: usize = 4096;
/// Records that a worker may take while it is not full: each may become a batch, and a batch's slot must fit a [`Tag`].
pub(super) const ROOM: usize = Tag::SLOTS as usize - BATCHES;
/// The number of an output that was refused before and is sent alone.
pub(super) const PROBE: u32 = Tag::OUTPUTS - 1;
/// What a message costs besides its bytes.
const OVERHEAD: usize = 200;

/// A batch on its way.
pub(super) struct Slot {
    pub(super) flow: Flow,
    pub(super) partition: Partition,
    /// What it was run by.
    pub(super) blueprint: Option<Arc<Blueprint>>,
    ticket: Option<Ticket>,
    /// Messages without a report.
    waiting: u32,
    /// Messages that were refused and are not resolved.
    pub(super) refused: u32,
    bytes: usize,
}

/// The slots of one worker.
#[derive(Default)]
pub(super) struct Flights {
    pub(super) slots: Vec<Slot>,
    free: Vec<usize>,
    bytes: usize,
    waiting: usize,
}

impl Flights {
    /// A slot with an empty batch for records of `partition`.
    pub(super) fn start(&mut self, partition: &Partition) -> usize {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                flow: Flow::default(),
                partition: partition.clone(),
                blueprint: None,
                ticket: None,
                waiting: 0,
                refused: 0,
                bytes: 0,
            });
            self.slots.len() - 1
        });
        let slot = &mut self.slots[at];
        slot.partition = partition.clone();
        slot.flow.batch.start(Arc::clone(&partition.topic), partition.number);
        at
    }

    pub(super) fn flow(&mut self, slot: usize) -> &mut Flow {
        &mut self.slots[slot].flow
    }

    /// The slot may be used again.
    pub(super) fn release(&mut self, slot: usize) {
        let freed = &mut self.slots[slot];
        self.bytes -= std::mem::take(&mut freed.bytes);
        (freed.ticket, freed.blueprint) = (None, None);
        self.free.push(slot);
    }

    /// Messages without a report.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether no more should be read for now.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > BYTES || self.slots.len() - self.free.len() > BATCHES
    }
}

impl Line {
    /// Sends every output of a batch that was opened in the ledger.
    pub(super) fn send(&mut self, at: usize, ticket: Ticket) {
        let slot = &mut self.flights.slots[at];
        slot.ticket = Some(ticket);
        slot.blueprint = Some(Arc::clone(&self.blueprint));
        let (mut sent, mut bytes, mut reports, mut refused) = (0, 0, Vec::new(), Vec::new());
        for (number, output) in slot.flow.outputs().enumerate() {
            bytes += output.key.map_or(0, <[u8]>::len) + output.value.map_or(0, <[u8]>::len) + OVERHEAD;
            let tag = Tag { slot: at as u32, output: number as u32, partition: slot.partition.number };
            loop {
                match send(&mut self.producer, &slot.flow, &output, tag) {
                    Ok(zero) => {
                        self.tally.zero(zero);
                        sent += 1;
                    }
                    // The producer's queue is full, which its own bound should not let happen: make room.
                    Err(Refused { kind: Refusal::Again, .. }) if !self.board.is_abandoned() => {
                        let fatal = self.producer.serve(Duration::from_millis(10), |report| reports.push(report));
                        if fatal.is_none() {
                            continue;
                        }
                    }
                    Err(why) => refused.push((number as u32, why)),
                }
                break;
            }
        }
        slot.waiting = sent;
        slot.bytes = bytes;
        slot.refused = refused.len() as u32;
        self.flights.waiting += sent as usize;
        self.flights.bytes += bytes;
        for (output, why) in refused {
            let pending = Pending::new(&self.flights.slots[at].flow, at, output, why);
            self.refusals.push(pending);
        }
        for report in reports {
            self.take_in(report.tag, report.refused);
        }
        self.settle_if_done(at);
    }

    /// Takes the reports in that are there; waits up to `wait` for the first.
    pub(super) fn serve(&mut self, wait: Duration) {
        let mut reports = std::mem::take(&mut self.refusals.reports);
        if let Some(reason) = self.producer.serve(wait, |report| reports.push(report)) {
            self.board.stop(StopReason::Client(format!("the producer can send no more: {reason}")));
        }
        for report in reports.drain(..) {
            self.take_in(report.tag, report.refused);
        }
        self.refusals.reports = reports;
    }

    fn take_in(&mut self, tag: Tag, refused: Option<Refused>) {
        let at = tag.slot as usize;
        let Some(slot) = self.flights.slots.get_mut(at) else { return };
        slot.waiting -= 1;
        self.flights.waiting -= 1;
        if tag.output == PROBE {
            self.judge(refused);
        } else if let Some(why) = refused {
            slot.refused += 1;
            let pending = Pending::new(&slot.flow, at, tag.output, why);
            self.refusals.push(pending);
        }
        self.settle_if_done(at);
    }

    /// A message of the slot is on its way once more.
    pub(super) fn one_more(&mut self, at: usize) {
        self.flights.slots[at].waiting += 1;
        self.flights.waiting += 1;
    }

    /// Settles the batch where nothing of it is open any more.
    pub(super) fn settle_if_done(&mut self, at: usize) {
        let slot = &self.flights.slots[at];
        if slot.waiting > 0 || slot.refused > 0 {
            return;
        }
        let Some(ticket) = slot.ticket else { return };
        self.board.ledger(self.index).settle(&slot.partition, ticket);
        self.tally.settled(slot);
        self.flights.release(at);
    }
}

/// Sends one output; answers whether its timestamp of 0 was sent as 1.
pub(super) fn send(
    producer: &mut crate::kafka::Producer,
    flow: &Flow,
    output: &Output<'_>,
    tag: Tag,
) -> Result<bool, Refused> {
    // librdkafka takes 0 for "now".
    let zero = output.timestamp == Some(0);
    let message = Outgoing {
        topic: output.topic,
        partition: output.partition,
        key: output.key,
        value: output.value,
        timestamp: if zero { Some(1) } else { output.timestamp },
        tag,
    };
    let batch = &flow.batch;
    let headers = output.headers.iter().map(|header| (batch.name(header.name), batch.bytes(header.value)));
    producer.send(&message, headers).map(|()| zero)
}
