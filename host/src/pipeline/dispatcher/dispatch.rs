//! Sends a batch that was opened in the ledger.

use std::{sync::Arc, time::Instant};

use super::{
    Dispatcher, Event, Mode,
    message::{self, cost, length},
    slot::OutputState,
};
use crate::{
    chain::{Blueprint, DeathKind},
    delivery::Ticket,
    endpoint::{Refusal, Refused, Sink, Tag},
    pipeline::{dispatcher::missing::Verdict, tally::Tally},
};

/// Why an output was not sent with its batch.
enum Aside {
    /// Its topic may be missing, or it is a dead letter behind one that waits for that.
    Held,
    Refused(Refused),
}

impl<K: Sink> Dispatcher<K> {
    /// The records of a batch, not yet dispatched, that go to topics which are missing for certain, each once and with the
    /// reason: they are to be dead letters from the start.
    pub(in crate::pipeline) fn unroutable(&mut self, at: usize, now: Instant) -> Vec<(u32, DeathKind, String)> {
        let mut found: Vec<(u32, DeathKind, String)> = Vec::new();
        if self.topics.is_empty() {
            return found;
        }
        let Self { in_flight, topics, .. } = self;
        in_flight.slots[at].flow.outputs().for_each(|output| {
            let is_known = found.last().is_some_and(|last| last.0 == output.input);
            if !is_known && output.death.is_none() && topics.verdict(output.topic, now) == Verdict::Missing {
                found.push((output.input, DeathKind::UnknownTopic, unknown(output.topic)));
            }
        });
        found
    }

    /// Sends every output of a batch.
    pub(in crate::pipeline) fn dispatch_batch(
        &mut self,
        at: usize,
        ticket: Ticket,
        blueprint: &Arc<Blueprint>,
        tally: &mut Tally,
    ) {
        self.in_flight.begin(at, ticket, blueprint);
        let slot = &mut self.in_flight.slots[at];
        let (mut own, mut sums) = (std::mem::take(&mut slot.own), std::mem::take(&mut slot.sums));
        sums.clear();
        let (mut count, mut bytes, mut sent, mut zeros) = (0, slot.flow.room(), 0, 0);
        let mut aside = Vec::new();
        let is_direct = matches!(self.mode, Mode::Direct) && self.unsent.is_empty();
        // The first of those that have to wait for what is sent before.
        let mut rest = (!is_direct).then_some(0);
        let (mut is_too_large, mut last) = (false, None);
        let Self { sink, in_flight, limits, topics, held, .. } = self;
        let (watches_topics, holds) = (!topics.is_empty(), !held.is_empty());
        // Values are sent from where they stand: the batch stays until all are reported anyway.
        let memory = in_flight.slots[at].flow.batch.lend();
        let slot = &in_flight.slots[at];
        // Not by `for`: iterators in iterators are much slower that way.
        slot.flow.outputs().for_each(|output| {
            let number = count;
            count += 1;
            let length = length(&slot.flow, &output);
            bytes += cost(length, &output);
            if last != Some(output.input) {
                // The value stands in the batch's memory, which is counted already. Others of the record may be the same one.
                bytes -= output.value.map_or(0, <[u8]>::len);
                last = Some(output.input);
            }
            let limit = tally.sum(&output, &mut sums, |topic| limits.get(topic).copied().unwrap_or(usize::MAX));
            if rest.is_some() {
                return;
            }
            if length >= limit {
                (rest, is_too_large) = (Some(number), true);
                return;
            }
            if watches_topics && (holds && output.death.is_some() || topics.contains(output.topic)) {
                return aside.push((number, Aside::Held));
            }
            let tag = Tag { slot: at as u32, output: number, partition: slot.partition.number };
            let own = message::own_headers(&mut own, &slot.flow, &output);
            match message::send(sink, &slot.flow, &output, tag, own, Some(&memory)) {
                Ok(zero) => {
                    zeros += u64::from(zero);
                    sent += 1;
                }
                // Its queue is full, or it broke, and says why when it is asked.
                Err(Refused { kind: Refusal::Retriable | Refusal::Fatal, .. }) => rest = Some(number),
                Err(why) => aside.push((number, Aside::Refused(why))),
            }
        });
        own.clear();
        let slot = &mut self.in_flight.slots[at];
        (slot.own, slot.sums) = (own, sums);
        slot.dispatch(count as usize);
        let is_done = slot.is_done();
        self.in_flight.charge(at, bytes);
        self.outstanding += sent;
        self.zeros += zeros;
        if is_done {
            self.events.push_back(Event::Settled(at));
        }
        self.set_aside(at, aside);
        for number in rest.into_iter().flat_map(|rest| rest..count) {
            self.queue(at, number);
        }
        if is_too_large {
            self.drain_to_isolate();
        }
    }

    fn set_aside(&mut self, at: usize, aside: Vec<(u32, Aside)>) {
        let now = Instant::now();
        for (number, why) in aside {
            match why {
                Aside::Held => self.hold(at, number),
                Aside::Refused(why) => self.on_refusal(at, number, why, now),
            }
        }
    }

    /// Sends nothing more until all is reported that is on its way, and then in isolation.
    pub(super) fn drain_to_isolate(&mut self) {
        if matches!(self.mode, Mode::Direct | Mode::Draining { .. }) {
            self.mode = Mode::Draining { isolate: true };
        }
    }

    /// The output waits for certainty about its topic, or behind one that does.
    pub(super) fn hold(&mut self, at: usize, number: u32) {
        let slot = &mut self.in_flight.slots[at];
        slot.set_state(number, OutputState::Waiting);
        self.held.insert(slot.key(at, number));
    }
}

/// What a dead letter says of its topic.
pub(super) fn unknown(topic: &str) -> String {
    format!("`{topic}`: the brokers know no such topic")
}
