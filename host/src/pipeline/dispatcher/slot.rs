//! A batch in flight: its outputs by number, and what has become of each.

use std::sync::Arc;

use super::super::tally::Sum;
use crate::{
    chain::{Blueprint, Flow, Output},
    delivery::Ticket,
    endpoint::Partition,
};

/// What has become of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputState {
    /// The sink has it, and has not reported it.
    Sent,
    /// As before, but a dead letter stands for its record meanwhile: whatever is reported, it is not sent again.
    Superseded,
    /// It waits to be sent, or for what is known of its topic.
    Waiting,
    /// It cannot be delivered; the worker is to write a dead letter.
    Rejected,
    /// Every replica that must have it has it.
    Delivered,
    /// It is not sent any more: a dead letter stands for its record, or the partition was revoked.
    Withdrawn,
}

/// An output's place in the order in which a worker sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The number of the batch's dispatch.
    batch: u64,
    input: u32,
    /// Which of the input's outputs.
    ordinal: u32,
    pub(super) slot: u32,
    /// The output's number in the slot.
    pub(super) number: u32,
}

/// A batch on its way.
pub(in crate::pipeline) struct Slot<H> {
    pub(in crate::pipeline) flow: Flow,
    /// By input, until it is sent: its headers as they came.
    pub(super) own: Vec<Option<H>>,
    pub(in crate::pipeline) partition: Partition,
    /// What it was run by.
    pub(in crate::pipeline) blueprint: Option<Arc<Blueprint>>,
    pub(in crate::pipeline) ticket: Option<Ticket>,
    /// What it was sent as, by topic.
    pub(in crate::pipeline) sums: Vec<Sum>,
    /// Whether its partition was revoked: it is settled for nobody.
    pub(in crate::pipeline) is_revoked: bool,
    /// The number of its dispatch.
    pub(super) batch: u64,
    /// By number of the output.
    states: Vec<OutputState>,
    /// By number of the output: its input, and which of the input's outputs. Filled when an output is not delivered at
    /// once, before a dead letter changes what `flow` hands out.
    places: Vec<(u32, u32)>,
    /// How many outputs it was dispatched with; the numbers behind are dead letters written since.
    dispatched: usize,
    /// Outputs that are neither delivered nor withdrawn.
    open: usize,
    pub(super) bytes: usize,
    /// Bytes of buffers, while the slot is free.
    pub(super) kept: usize,
}

impl<H> Slot<H> {
    pub(super) fn new(partition: &Partition) -> Self {
        Self {
            flow: Flow::default(),
            own: Vec::new(),
            partition: partition.clone(),
            blueprint: None,
            ticket: None,
            sums: Vec::new(),
            is_revoked: false,
            batch: 0,
            states: Vec::new(),
            places: Vec::new(),
            dispatched: 0,
            open: 0,
            bytes: 0,
            kept: 0,
        }
    }

    /// Forgets the batch; buffers keep their room.
    pub(super) fn clear(&mut self) {
        (self.ticket, self.blueprint, self.is_revoked) = (None, None, false);
        (self.dispatched, self.open) = (0, 0);
        self.own.clear();
        self.states.clear();
        self.places.clear();
    }

    /// The batch goes out as `count` outputs, all of which the sink has, unless something else is said of them.
    pub(super) fn dispatch(&mut self, count: usize) {
        self.states.clear();
        self.states.resize(count, OutputState::Sent);
        (self.dispatched, self.open) = (count, count);
    }

    /// Whether every output is delivered or withdrawn.
    pub(super) fn is_done(&self) -> bool {
        self.open == 0
    }

    /// Whether a dead letter was written since it was dispatched, so that `sums` speaks of other outputs.
    pub(in crate::pipeline) fn is_changed(&self) -> bool {
        self.states.len() > self.dispatched
    }

    pub(super) fn state(&self, number: u32) -> Option<OutputState> {
        self.states.get(number as usize).copied()
    }

    pub(super) fn set_state(&mut self, number: u32, state: OutputState) {
        let Some(known) = self.states.get_mut(number as usize) else { return };
        let is_open = |state| !matches!(state, OutputState::Delivered | OutputState::Withdrawn);
        self.open -= usize::from(is_open(*known) && !is_open(state));
        *known = state;
    }

    /// An output is delivered that was sent as it was dispatched.
    pub(super) fn deliver(&mut self, number: u32) {
        self.set_state(number, OutputState::Delivered);
    }

    /// The numbers of the outputs that are in one of these states.
    pub(super) fn in_state(&self, wanted: &[OutputState]) -> Vec<u32> {
        let found = self.states.iter().zip(0..).filter(|(state, _)| wanted.contains(state));
        found.map(|(_, number)| number).collect()
    }

    fn ensure_places(&mut self) {
        if !self.places.is_empty() {
            return;
        }
        let mut last = (u32::MAX, 0);
        self.places.extend(self.flow.outputs().map(|output| {
            last = (output.input, if last.0 == output.input { last.1 + 1 } else { 0 });
            last
        }));
    }

    /// The order in which an output of the slot, which is number `at`, is sent.
    pub(super) fn key(&mut self, at: usize, number: u32) -> Key {
        self.ensure_places();
        let (input, ordinal) = self.places.get(number as usize).copied().unwrap_or_default();
        Key { batch: self.batch, input, ordinal, slot: at as u32, number }
    }

    /// The record that an output comes from.
    pub(super) fn input_of(&mut self, number: u32) -> u32 {
        self.ensure_places();
        self.places.get(number as usize).map_or(0, |place| place.0)
    }

    /// An output that is neither superseded nor withdrawn. Its key must have been asked for before.
    pub(super) fn output(&self, number: u32) -> Option<Output<'_>> {
        let (input, ordinal) = *self.places.get(number as usize)?;
        self.flow.outputs_of(input).nth(ordinal as usize)
    }

    /// The numbers of what the input was dispatched as.
    pub(super) fn outputs_of(&mut self, input: u32) -> std::ops::Range<u32> {
        self.ensure_places();
        let dispatched = &self.places[..self.dispatched.min(self.places.len())];
        let from = dispatched.partition_point(|place| place.0 < input);
        let to = dispatched.partition_point(|place| place.0 <= input);
        from as u32..to as u32
    }

    /// A dead letter stands for the input now. Returns its number.
    pub(super) fn add_dead_letter(&mut self, input: u32) -> u32 {
        self.ensure_places();
        self.places.push((input, 0));
        self.states.push(OutputState::Waiting);
        self.open += 1;
        self.states.len() as u32 - 1
    }
}
