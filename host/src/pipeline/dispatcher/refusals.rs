//! What follows from a message that was not delivered.

use std::time::Instant;

use super::{Dispatcher, Event, Mode, PAUSE, Rejection, message, slot::OutputState};
use crate::{
    chain::DeathKind,
    endpoint::{Refusal, Refused, Right, Sink},
    pipeline::StopReason,
};

impl<K: Sink> Dispatcher<K> {
    /// A message was not delivered that a sink had.
    pub(super) fn on_refused(&mut self, at: usize, number: u32, refused: Refused, now: Instant) {
        match self.in_flight.slots.get(at).and_then(|slot| slot.state(number)) {
            Some(OutputState::Sent) => self.on_refusal(at, number, refused, now),
            Some(OutputState::Superseded) => self.close(at, number, OutputState::Withdrawn),
            _ => {}
        }
    }

    /// An output was refused, by a report or at once.
    pub(super) fn on_refusal(&mut self, at: usize, number: u32, refused: Refused, now: Instant) {
        let Refused { kind, too_large, reason } = refused;
        match kind {
            Refusal::Record => {
                self.is_blamed = true;
                if too_large {
                    self.learn_limit(at, number);
                }
                self.reject(at, number, DeathKind::Produce, &reason);
            }
            Refusal::Candidate => {
                (self.is_blamed, self.candidates) = (true, self.candidates + 1);
                self.send_again(at, number, true);
            }
            Refusal::Unaffected => {
                self.is_blamed = true;
                self.send_again(at, number, true);
            }
            Refusal::Topic | Refusal::Partition => self.hold_for_topic(at, number, now),
            Refusal::Authorization => {
                self.is_blamed = true;
                let topic = self.topic_of(at, number);
                self.send_again(at, number, false);
                let right = Right::WriteTopic(topic);
                self.events.push_back(Event::Stop(StopReason::NotAllowed { right, reason }));
            }
            Refusal::Request => {
                self.unblamed = Some(reason);
                self.send_again(at, number, true);
            }
            Refusal::Retriable => {
                // What a broken sink gives up is not refused.
                if self.active_sink().broken().is_none() {
                    self.paused_until = Some(now + PAUSE);
                }
                self.send_again(at, number, false);
            }
            Refusal::Fatal => self.send_again(at, number, false),
        }
    }

    /// The output goes out once more, in its place. What was sent behind it is awaited first.
    fn send_again(&mut self, at: usize, number: u32, in_isolation: bool) {
        self.queue(at, number);
        match &mut self.mode {
            Mode::Direct => self.mode = Mode::Draining { isolate: in_isolation },
            Mode::Draining { isolate } => *isolate |= in_isolation,
            Mode::WindingUp { .. } | Mode::Isolating(_) => {}
        }
    }

    /// The output waits to be sent.
    pub(super) fn queue(&mut self, at: usize, number: u32) {
        let slot = &mut self.in_flight.slots[at];
        slot.set_state(number, OutputState::Waiting);
        self.unsent.insert(slot.key(at, number));
    }

    /// The output cannot be delivered, for the broker's reason.
    fn reject(&mut self, at: usize, number: u32, kind: DeathKind, reason: &str) {
        let message = format!("`{}`: {reason}", self.topic_of(at, number));
        self.reject_as(at, number, kind, message);
    }

    /// The output cannot be delivered; `message` is for the dead letter.
    pub(super) fn reject_as(&mut self, at: usize, number: u32, kind: DeathKind, message: String) {
        let slot = &mut self.in_flight.slots[at];
        let input = slot.input_of(number);
        let Some(output) = slot.output(number) else { return self.close(at, number, OutputState::Withdrawn) };
        if output.death.is_some() {
            let offset = slot.flow.batch.inputs().get(input as usize).map_or(-1, |input| input.offset);
            let partition = slot.partition.clone();
            self.events.push_back(Event::Stop(StopReason::DeadLetterRefused { partition, offset, reason: message }));
            // Whoever resumes the pipeline wants it to be tried again.
            return self.queue(at, number);
        }
        slot.set_state(number, OutputState::Rejected);
        self.events.push_back(Event::Rejected(Rejection { slot: at, number, input, kind, message }));
    }

    pub(super) fn topic_of(&mut self, at: usize, number: u32) -> String {
        let slot = &mut self.in_flight.slots[at];
        slot.input_of(number);
        slot.output(number).map_or_else(String::new, |output| output.topic.to_owned())
    }

    /// That output was too large for its topic: the next of its size need not break a sink.
    fn learn_limit(&mut self, at: usize, number: u32) {
        let slot = &mut self.in_flight.slots[at];
        slot.input_of(number);
        let Some(output) = slot.output(number) else { return };
        let size = message::length(&slot.flow, &output);
        let limit = self.limits.entry(output.topic.to_owned()).or_insert(size);
        *limit = size.min(*limit);
    }
}
