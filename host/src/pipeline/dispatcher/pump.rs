//! Sends what waits, in order.

use std::time::Instant;

use super::{
    Dispatcher, Event, Mode,
    budget::RequestBudget,
    dispatch::unknown,
    message::{cost, length, send},
    missing::Verdict,
    slot::{Key, OutputState},
};
use crate::{
    chain::DeathKind,
    endpoint::{Refusal, Refused, Sink, Tag},
};

/// What became of an output that was to be sent.
enum Sent {
    /// It is on its way, or needs nothing more.
    Done,
    /// It must be sent alone, and others are on their way.
    TooLarge,
    /// The step is full, or the sink is.
    Full,
}

impl<K: Sink> Dispatcher<K> {
    /// Sends what waits to the sink.
    pub(super) fn pump(&mut self, now: Instant) {
        if self.paused_until.is_some_and(|until| now < until) {
            return;
        }
        self.paused_until = None;
        while let Some(&key) = self.unsent.first() {
            match self.send_waiting(key, None, now) {
                Sent::Done => {}
                Sent::TooLarge => return self.drain_to_isolate(),
                Sent::Full => return,
            }
            if !matches!(self.mode, Mode::Direct) {
                return;
            }
        }
    }

    /// Sends so much of what waits as goes in one step of isolation. Returns whether anything is on its way.
    pub(super) fn send_step(&mut self, mut budget: RequestBudget, now: Instant) -> bool {
        while let Some(&key) = self.unsent.first() {
            match self.send_waiting(key, Some(&mut budget), now) {
                Sent::Done => {}
                Sent::TooLarge | Sent::Full => break,
            }
        }
        self.outstanding > 0
    }

    /// Sends one output that waits, in isolation where there is a budget for that.
    fn send_waiting(&mut self, key: Key, budget: Option<&mut RequestBudget>, now: Instant) -> Sent {
        let (at, number) = (key.slot as usize, key.number);
        let Some(output) = self.in_flight.slots[at].output(number) else {
            self.unsent.remove(&key);
            self.close(at, number, OutputState::Withdrawn);
            return Sent::Done;
        };
        let is_letter = output.death.is_some();
        if is_letter && self.events.iter().any(|event| matches!(event, Event::Rejected(_))) {
            // A dead letter that the worker has yet to write may belong before this one.
            return Sent::Full;
        }
        match self.topics.verdict(output.topic, now) {
            Verdict::Send if is_letter && self.held.first().is_some_and(|first| *first < key) => {
                self.unsent.remove(&key);
                self.hold(at, number);
                return Sent::Done;
            }
            Verdict::Send => {}
            Verdict::Missing => {
                let reason = unknown(output.topic);
                self.unsent.remove(&key);
                self.reject_as(at, number, DeathKind::UnknownTopic, reason);
                return self.after_refusal(key);
            }
            Verdict::Ask => {
                self.unsent.remove(&key);
                self.hold(at, number);
                return Sent::Done;
            }
        }
        let slot = &self.in_flight.slots[at];
        let Some(output) = slot.output(number) else { return Sent::Full };
        let length = length(&slot.flow, &output);
        let is_too_large = self.limits.get(output.topic).is_some_and(|limit| length >= *limit);
        let mut ends_step = false;
        match budget {
            None if is_too_large => return Sent::TooLarge,
            None => {}
            Some(budget) if is_too_large && !budget.is_empty() => return Sent::TooLarge,
            Some(budget) => {
                if !budget.takes(cost(length, &output)) {
                    return Sent::Full;
                }
                ends_step = is_too_large;
            }
        }
        let tag = Tag { slot: key.slot, output: number, partition: slot.partition.number };
        let sink = match &mut self.mode {
            Mode::Isolating(isolation) => isolation.sink(),
            _ => &mut self.sink,
        };
        let copied = output.value.map_or(0, <[u8]>::len);
        match send(sink, &slot.flow, &output, tag, None, None) {
            Ok(zero) => {
                self.in_flight.charge(at, copied);
                self.zeros += u64::from(zero);
                self.outstanding += 1;
                self.unsent.remove(&key);
                self.in_flight.slots[at].set_state(number, OutputState::Sent);
                if ends_step { Sent::Full } else { Sent::Done }
            }
            Err(Refused { kind: Refusal::Retriable | Refusal::Fatal, .. }) => Sent::Full,
            Err(why) => {
                self.unsent.remove(&key);
                self.on_refusal(at, number, why, now);
                self.after_refusal(key)
            }
        }
    }

    /// An output was refused: what waits behind it is sent, unless it waits itself again (the pipeline stops, then).
    fn after_refusal(&self, key: Key) -> Sent {
        if self.unsent.contains(&key) { Sent::Full } else { Sent::Done }
    }
}
