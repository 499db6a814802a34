//! Batches in flight: sent, and not yet reported by the broker in full.

use std::{sync::Arc, time::Duration};

use super::{refused::Pending, tally::Sum, worker::Line};
use crate::{
    batch::Full,
    chain::{Blueprint, Flow, Output},
    delivery::Ticket,
    endpoint::{Incoming as _, Outgoing, Partition, Refusal, Refused, Sink as _, Tag},
    kafka::{Fetched, Headers, Producer},
};

/// Bytes of batches and of the messages made of them that a worker lets be in flight; beyond, it reads no more. A batch,
/// whose values are sent from where they stand, counts whole until the last of its messages has its report: a partition that
/// is stuck holds no memory that is not counted here, but for one copy of a batch in which a record is buried meanwhile.
const BYTES: usize = 9 << 20;
/// Bytes of buffers that free slots keep for the next batches.
const KEPT: usize = 8 << 20;
/// Batches a worker lets be in flight.
const BATCHES: usize = 4096;
/// Records that a worker may take while it is not full: each may become a batch, and a batch's slot must fit a [`Tag`].
pub(super) const ROOM: usize = Tag::SLOTS as usize - BATCHES;
/// The number of an output that was refused before and is sent alone.
pub(super) const PROBE: u32 = Tag::OUTPUTS - 1;
/// What a message costs besides its bytes.
const OVERHEAD: usize = 200;
/// What a header costs besides its bytes.
const HEADER: usize = 80;

/// A batch on its way.
pub(super) struct Slot {
    pub(super) flow: Flow,
    /// By input, until it is sent: its headers as they came.
    own: Vec<Option<Headers>>,
    pub(super) partition: Partition,
    /// What it was run by.
    pub(super) blueprint: Option<Arc<Blueprint>>,
    pub(super) ticket: Option<Ticket>,
    /// When it was launched: in the order of these numbers its messages go out.
    pub(super) launched: u64,
    /// Messages that are not delivered and not refused.
    pub(super) waiting: u32,
    /// By the number of the output: whether it is delivered.
    pub(super) delivered: Vec<bool>,
    /// Whether `delivered` speaks no more of the outputs as they are numbered now.
    pub(super) renumbered: bool,
    /// Messages that were refused and are not resolved.
    pub(super) refused: u32,
    /// What it was sent as, by topic.
    pub(super) sums: Vec<Sum>,
    bytes: usize,
    /// Bytes of buffers, while the slot is free.
    kept: usize,
}

impl Slot {
    fn new(partition: &Partition) -> Self {
        Self {
            flow: Flow::default(),
            own: Vec::new(),
            partition: partition.clone(),
            blueprint: None,
            ticket: None,
            launched: 0,
            waiting: 0,
            delivered: Vec::new(),
            renumbered: false,
            refused: 0,
            sums: Vec::new(),
            bytes: 0,
            kept: 0,
        }
    }

    /// A message is delivered that was sent by the number of its output.
    fn deliver(&mut self, tag: Tag) {
        self.waiting -= 1;
        if let Some(delivered) = self.delivered.get_mut(tag.output as usize) {
            *delivered = true;
        }
    }
}

/// The slots of one worker.
#[derive(Default)]
pub(super) struct Flights {
    pub(super) slots: Vec<Slot>,
    free: Vec<usize>,
    bytes: usize,
    kept: usize,
    /// Messages that a producer has and has not reported.
    pub(super) waiting: usize,
    launched: u64,
    /// Room for the slots of which everything is reported, used again.
    done: Vec<usize>,
}

impl Flights {
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
    pub(super) fn add(&mut self, slot: usize, message: Fetched<'_>, received: i64) -> Result<(), Full> {
        let slot = &mut self.slots[slot];
        slot.own.push(Some(message.copy_to(&mut slot.flow.batch, received)?));
        Ok(())
    }

    /// A message is delivered that was sent by the number of its output; its slot is added to `done` where it waits for
    /// no more.
    fn deliver(&mut self, tag: Tag, done: &mut Vec<usize>) {
        self.waiting -= 1;
        let at = tag.slot as usize;
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.deliver(tag);
        if slot.waiting == 0 {
            done.push(at);
        }
    }

    /// The slot may be used again.
    pub(super) fn release(&mut self, slot: usize) {
        let freed = &mut self.slots[slot];
        self.bytes -= std::mem::take(&mut freed.bytes);
        (freed.ticket, freed.blueprint) = (None, None);
        (freed.waiting, freed.refused, freed.renumbered) = (0, 0, false);
        freed.own.clear();
        let room = freed.flow.room();
        if self.kept + room <= KEPT {
            freed.kept = room;
            self.kept += room;
        } else {
            (freed.flow, freed.delivered) = (Flow::default(), Vec::new());
        }
        self.free.push(slot);
    }

    /// The batches that are on their way, in the order of their launch.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.slots.len()).filter(|&at| self.slots[at].ticket.is_some()).collect();
        order.sort_unstable_by_key(|&at| self.slots[at].launched);
        order
    }

    /// Messages that a producer has and has not reported.
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
        self.flights.launched += 1;
        let slot = &mut self.flights.slots[at];
        slot.ticket = Some(ticket);
        slot.launched = self.flights.launched;
        slot.blueprint = Some(Arc::clone(&self.blueprint));
        let (mut own, mut sums) = (std::mem::take(&mut slot.own), std::mem::take(&mut slot.sums));
        sums.clear();
        let (mut count, mut bytes, mut sent) = (0, slot.flow.room(), 0);
        let (mut reports, mut refused) = (Vec::new(), Vec::new());
        // What was launched before is sent first.
        let mut later = self.again.is_active().then_some(0);
        let Self { producer, flights, tally, again, board, .. } = self;
        // Values are sent from where they stand: the batch stays until all are reported anyway.
        let memory = flights.slots[at].flow.batch.lend();
        let slot = &flights.slots[at];
        // Not by `for`: iterators in iterators are much slower that way.
        slot.flow.outputs().for_each(|output| {
            let number = count;
            count += 1;
            let length = length(&slot.flow, &output);
            bytes += length + output.headers.len() * HEADER + OVERHEAD;
            let limit = tally.sum(&output, &mut sums, |topic| again.limit(topic));
            if later.is_some() {
                return;
            }
            if length >= limit {
                later = Some(number as usize);
                return;
            }
            let tag = Tag { slot: at as u32, output: number, partition: slot.partition.number };
            let mut own = own_of(&mut own, &slot.flow, &output);
            loop {
                match send_on(producer, &slot.flow, &output, tag, own.take(), Some(&memory)) {
                    Ok(zero) => {
                        tally.zero(zero);
                        sent += 1;
                    }
                    // It broke down, and says so in the words of what broke it: the next one takes the rest.
                    Err(_) if producer.broken().is_some() => {}
                    // The producer's queue is full, which its own bound should not let happen: make room.
                    Err(Refused { kind: Refusal::Again, .. }) if !board.is_abandoned() => {
                        producer.serve(Duration::from_millis(10), |report| reports.push(report));
                        if producer.broken().is_none() {
                            continue;
                        }
                    }
                    // It waits for the next producer.
                    Err(Refused { kind: Refusal::Fatal, .. }) => {}
                    Err(why) => refused.push((number, why)),
                }
                break;
            }
        });
        own.clear();
        let slot = &mut self.flights.slots[at];
        (slot.own, slot.sums) = (own, sums);
        (slot.waiting, slot.bytes) = (count, bytes);
        slot.delivered.clear();
        slot.delivered.resize(count as usize, false);
        self.flights.bytes += bytes;
        self.flights.waiting += sent;
        for (output, why) in refused {
            self.refuse(at, output, why);
        }
        for report in reports {
            self.take_in(report.tag, report.refused);
        }
        match later {
            Some(number) => self.queue_again(at, number),
            None => self.settle_if_done(at),
        }
    }

    /// Takes the reports in that are there; waits up to `wait` for the first.
    pub(super) fn serve(&mut self, wait: Duration) {
        let mut reports = std::mem::take(&mut self.refusals.reports);
        if self.again.is_active() {
            self.serve_again(wait, &mut reports);
        } else {
            // Nearly all: of the messages of a batch, sent as they are numbered, each was delivered.
            let mut done = std::mem::take(&mut self.flights.done);
            let Self { producer, flights, .. } = self;
            producer.serve(wait, |report| {
                if report.refused.is_none() && report.tag.output != PROBE {
                    flights.deliver(report.tag, &mut done);
                } else {
                    reports.push(report);
                }
            });
            for at in done.drain(..) {
                self.settle_if_done(at);
            }
            self.flights.done = done;
        }
        for report in reports.drain(..) {
            self.take_in(report.tag, report.refused);
        }
        self.refusals.reports = reports;
    }

    pub(super) fn take_in(&mut self, tag: Tag, refused: Option<Refused>) {
        let at = tag.slot as usize;
        self.flights.waiting -= 1;
        if refused.is_some() && self.carrier().broken().is_some() {
            return refused.map_or((), |why| self.note_broken(tag, why));
        }
        if self.again.has_stepped() {
            return self.take_in_again(tag, refused);
        }
        let Some(slot) = self.flights.slots.get_mut(at) else { return };
        if tag.output == PROBE {
            slot.waiting -= 1;
            self.judge(refused);
        } else if let Some(why) = refused {
            self.refuse(at, tag.output, why);
        } else {
            slot.deliver(tag);
        }
        self.settle_if_done(at);
    }

    /// An output of the slot was not delivered, though others may be.
    fn refuse(&mut self, at: usize, output: u32, why: Refused) {
        let slot = &mut self.flights.slots[at];
        slot.waiting -= 1;
        slot.refused += 1;
        let pending = Pending::new(&slot.flow, at, output, why);
        self.refusals.push(pending);
    }

    /// A message of the slot is on its way once more.
    pub(super) fn one_more(&mut self, at: usize) {
        self.flights.slots[at].waiting += 1;
        self.flights.waiting += 1;
    }

    /// Settles the batch where nothing of it is open any more.
    pub(super) fn settle_if_done(&mut self, at: usize) {
        let slot = &mut self.flights.slots[at];
        if slot.waiting > 0 || slot.refused > 0 {
            return;
        }
        let Some(ticket) = slot.ticket else { return };
        self.board.ledger(self.index).settle(&slot.partition, ticket);
        self.tally.settled(slot);
        self.flights.release(at);
    }
}

/// Bytes that an output takes in the producer's queue.
pub(super) fn cost(flow: &Flow, output: &Output<'_>) -> usize {
    length(flow, output) + output.headers.len() * HEADER + OVERHEAD
}

/// Bytes of an output's key, value and headers.
pub(super) fn length(flow: &Flow, output: &Output<'_>) -> usize {
    let headers = flow.batch.named(output.headers).map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
    output.key.map_or(0, <[u8]>::len) + output.value.map_or(0, <[u8]>::len) + headers.sum::<usize>()
}

/// The headers of an output's record as they came, where the output's begin with them and nobody has taken them.
fn own_of(own: &mut [Option<Headers>], flow: &Flow, output: &Output<'_>) -> Option<Headers> {
    let input = flow.batch.inputs().get(output.input as usize)?;
    let came = flow.batch.headers_of(input);
    if !std::ptr::eq(output.headers, came) && !output.headers.starts_with(came) {
        return None;
    }
    own.get_mut(output.input as usize)?.take()
}

/// Sends one output; returns whether its timestamp of 0 was sent as 1.
pub(super) fn send(producer: &mut Producer, flow: &Flow, output: &Output<'_>, tag: Tag) -> Result<bool, Refused> {
    send_on(producer, flow, output, tag, None, None)
}

/// The same; with `own`, which the output's headers begin with, these are handed on instead of copied.
fn send_on(
    producer: &mut Producer,
    flow: &Flow,
    output: &Output<'_>,
    tag: Tag,
    own: Option<Headers>,
    memory: Option<&Arc<Vec<u8>>>,
) -> Result<bool, Refused> {
    let message = Outgoing {
        topic: output.topic,
        partition: output.partition,
        key: output.key,
        value: output.value,
        timestamp: output.timestamp,
        tag,
    };
    let batch = &flow.batch;
    let input = batch.inputs().get(output.input as usize).filter(|_| own.is_some());
    let more = &output.headers[input.map_or(0, |input| batch.headers_of(input).len())..];
    producer.send(&message, own.unwrap_or(Headers::NONE), batch.named(more), memory).map(|()| output.was_zero)
}
