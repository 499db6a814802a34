//! Which record a refused request was refused for, and what becomes of it.

use std::time::Instant;

use super::{Item, PAUSE};
use crate::{
    chain::{Death, DeathKind},
    endpoint::{Refusal, Refused, Sink as _},
    pipeline::{Limits, StopReason, flight, worker::Line},
};

/// Bytes that a record has at least in a request of its own, besides those of [`flight::length`].
const ENVELOPE: usize = 67;

impl Line {
    /// Lists what is to be sent again, and decides what the last refusal proves. Of the messages that the broker blamed some
    /// may have gone with their partition since: who is left over is not found guilty by that.
    pub(super) fn list_and_judge(&mut self) {
        let blamed = self.list_again();
        let suspects = self.again.todo.iter().filter(|item| item.suspect).count();
        match self.again.said.take() {
            Some((why, topic)) if why.kind == Refusal::Authorization => {
                self.board.stop(StopReason::NotAllowed { topic, reason: why.reason });
            }
            Some((why, _)) if blamed == 1 && suspects == 1 => self.bury_suspect(&why),
            Some(_) if suspects > 0 => {}
            _ => self.again.not_before = Some(Instant::now() + PAUSE),
        }
    }

    /// The broker refused the suspect alone: a dead letter takes its place.
    fn bury_suspect(&mut self, why: &Refused) {
        let Some(place) = self.again.todo.iter().position(|item| item.suspect) else { return };
        let Item { slot: at, input, ordinal, .. } = self.again.todo[place];
        if why.too_large {
            self.learn_limit(at, input, ordinal);
        }
        let slot = &mut self.flights.slots[at];
        let output = slot.flow.outputs_of(input).nth(ordinal);
        let topic = output.as_ref().map_or_else(String::new, |output| output.topic.to_owned());
        if output.is_some_and(|output| output.death.is_some()) {
            let offset = slot.flow.batch.inputs().get(input as usize).map_or(-1, |input| input.offset);
            let (partition, reason) = (slot.partition.clone(), why.reason.clone());
            return self.board.stop(StopReason::DeadLetterRefused { partition, offset, reason });
        }
        let blueprint = slot.blueprint.as_ref().unwrap_or(&self.blueprint);
        let death =
            Death { kind: DeathKind::Produce, interceptor: None, message: format!("`{topic}`: {}", why.reason) };
        if let Err(stop) = slot.flow.dead_letter(blueprint.dead_letters(), input, death) {
            return self.board.stop(StopReason::Fault(stop.to_string()));
        }
        let todo = &mut self.again.todo;
        todo[place] = Item { slot: at, input, ordinal: usize::MAX, suspect: false, alone: false };
        let before = todo.len();
        todo.retain(|item| (item.slot, item.input) != (at, input) || item.ordinal == usize::MAX);
        slot.waiting -= (before - todo.len()) as u32;
        if let Some(grave) = todo.iter_mut().find(|item| item.ordinal == usize::MAX) {
            grave.ordinal = 0;
        }
    }

    /// What is known of the destinations before anything is refused.
    pub(in crate::pipeline) fn know(&mut self, limits: &Limits) {
        // Compressed, a larger one may fit.
        if !self.producer.compresses() {
            self.again
                .limits
                .extend(limits.iter().map(|(topic, bytes)| (topic.clone(), bytes.saturating_sub(ENVELOPE))));
        }
    }

    /// That output was too large for its topic: the next of its size need not break a producer down.
    fn learn_limit(&mut self, at: usize, input: u32, ordinal: usize) {
        let flow = &self.flights.slots[at].flow;
        let Some(output) = flow.outputs_of(input).nth(ordinal) else { return };
        let size = flight::length(flow, &output);
        let limit = self.again.limits.entry(output.topic.to_owned()).or_insert(size);
        *limit = size.min(*limit);
        let mut todo = std::mem::take(&mut self.again.todo);
        for item in &mut todo {
            let flow = &self.flights.slots[item.slot].flow;
            let output = flow.outputs_of(item.input).nth(item.ordinal);
            item.alone |= output.is_some_and(|output| self.again.is_too_large(flow, &output));
        }
        self.again.todo = todo;
    }
}
