//! Messages that librdkafka itself did not deliver (no such topic, no such partition): each is tried alone, then sent
//! again, buried, or the pipeline stops. What a broker refused goes another way: see [`super::again`].
//!
//! The worker reads no more, waits until all else in flight is reported, and sends the refused ones one by one.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use super::{StopReason, flight, worker::Line};
use crate::{
    chain::{Death, DeathKind, Flow},
    endpoint::{Refusal, Refused, Report, Tag},
};

/// How long a topic must be unknown before a record dies of it: brokers that come back know less for a while.
const UNKNOWN: Duration = Duration::from_secs(5);
/// How long a topic that was found missing is taken to be missing still.
const MISSING: Duration = Duration::from_secs(60);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// A message that was refused.
pub(super) struct Pending {
    slot: usize,
    input: u32,
    /// Which of the input's outputs.
    ordinal: usize,
    topic: String,
    why: Refused,
    since: Instant,
    tries: u32,
    /// Whether it is a dead letter, which has no further way out.
    is_grave: bool,
}

impl Pending {
    pub(super) fn new(flow: &Flow, slot: usize, output: u32, why: Refused) -> Self {
        let input = flow.outputs().nth(output as usize).map_or(0, |output| output.input);
        let earlier = flow.outputs().take(output as usize).filter(|output| output.input == input).count();
        Self::of(flow, slot, input, earlier, why)
    }

    /// The `ordinal`th output of an input.
    pub(super) fn of(flow: &Flow, slot: usize, input: u32, ordinal: usize, why: Refused) -> Self {
        let found = flow.outputs_of(input).nth(ordinal);
        Self {
            slot,
            input,
            ordinal,
            topic: found.as_ref().map_or_else(String::new, |output| output.topic.to_owned()),
            is_grave: found.is_some_and(|output| output.death.is_some()),
            why,
            since: Instant::now(),
            tries: 0,
        }
    }
}

/// What a worker still has to resolve.
#[derive(Default)]
pub(super) struct Refusals {
    queue: VecDeque<Pending>,
    not_before: Option<Instant>,
    missing: HashMap<String, Instant>,
    /// Room for reports, used again.
    pub(super) reports: Vec<Report>,
}

impl Refusals {
    pub(super) fn push(&mut self, pending: Pending) {
        self.queue.push_back(pending);
    }

    /// The first of the queue, which is the one that is sent alone: its slot, input, and which of the input's outputs.
    pub(super) fn first(&self) -> Option<(usize, u32, usize)> {
        self.queue.front().map(|pending| (pending.slot, pending.input, pending.ordinal))
    }

    /// Leaves all of them to whoever sends them again.
    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.not_before = None;
    }
}

/// What to do with a refused message.
enum Step {
    Send,
    Bury(DeathKind),
    Stop(StopReason),
}

impl Line {
    /// Goes on with what was not delivered; true = not done yet, so read nothing.
    pub(super) fn go_on(&mut self) -> bool {
        self.send_again() || self.resolve_refused()
    }

    /// Goes on with what was refused; true = not done yet.
    fn resolve_refused(&mut self) -> bool {
        if self.refusals.queue.is_empty() {
            return false;
        }
        let early = self.refusals.not_before.is_some_and(|at| Instant::now() < at);
        if self.flights.waiting() > 0 || early || self.board.is_stopped() {
            return true;
        }
        let Some(pending) = self.refusals.queue.front() else { return false };
        match self.next_step(pending) {
            Step::Send => self.probe(),
            Step::Stop(reason) => {
                // Whoever resumes the pipeline wants it to be tried again.
                if let Some(pending) = self.refusals.queue.front_mut() {
                    pending.why.kind = Refusal::Again;
                }
                self.board.stop(reason);
            }
            Step::Bury(kind) => self.bury(kind),
        }
        true
    }

    fn next_step(&self, pending: &Pending) -> Step {
        let reason = pending.why.reason.clone();
        let bury = |kind| {
            if !pending.is_grave {
                return Step::Bury(kind);
            }
            let slot = &self.flights.slots[pending.slot];
            let offset = slot.flow.batch.inputs().get(pending.input as usize).map_or(-1, |input| input.offset);
            Step::Stop(StopReason::DeadLetterRefused {
                partition: slot.partition.clone(),
                offset,
                reason: reason.clone(),
            })
        };
        let missing = self.refusals.missing.get(&pending.topic).is_some_and(|since| since.elapsed() < MISSING);
        match pending.why.kind {
            Refusal::Authorization => Step::Stop(StopReason::NotAllowed { topic: pending.topic.clone(), reason }),
            Refusal::Fatal => Step::Stop(StopReason::Client(format!("the producer can send no more: {reason}"))),
            Refusal::Again => Step::Send,
            Refusal::Topic if !missing && pending.since.elapsed() < UNKNOWN => Step::Send,
            Refusal::Topic => bury(DeathKind::UnknownTopic),
            Refusal::Record | Refusal::Partition if pending.tries == 0 => Step::Send,
            Refusal::Record => bury(DeathKind::Produce),
            Refusal::Partition => bury(DeathKind::InvalidEdit),
        }
    }

    /// Sends the first of the queue alone.
    fn probe(&mut self) {
        let Some(pending) = self.refusals.queue.front_mut() else { return };
        pending.tries += 1;
        self.refusals.not_before = (pending.tries > 1).then(|| Instant::now() + PAUSE);
        let (at, slot) = (pending.slot, &self.flights.slots[pending.slot]);
        let Some(output) = slot.flow.outputs_of(pending.input).nth(pending.ordinal) else { return self.judge(None) };
        let tag = Tag { slot: at as u32, output: flight::PROBE, partition: slot.partition.number };
        match flight::send(&mut self.producer, &slot.flow, &output, tag) {
            Ok(zero) => {
                self.tally.zero(zero);
                self.one_more(at);
            }
            Err(why) => self.judge(Some(why)),
        }
    }

    /// The first of the queue was sent alone, and this came of it.
    pub(super) fn judge(&mut self, refused: Option<Refused>) {
        match refused {
            None => {
                let Some(pending) = self.refusals.queue.pop_front() else { return };
                self.refusals.not_before = None;
                self.flights.slots[pending.slot].refused -= 1;
                self.settle_if_done(pending.slot);
            }
            Some(why) => {
                if let Some(pending) = self.refusals.queue.front_mut() {
                    pending.why = why;
                }
            }
        }
    }

    /// Turns the input of the first of the queue into a dead letter, which is sent next.
    fn bury(&mut self, kind: DeathKind) {
        let Some(mut pending) = self.refusals.queue.pop_front() else { return };
        if kind == DeathKind::UnknownTopic {
            self.refusals.missing.insert(pending.topic.clone(), Instant::now());
        }
        let slot = &mut self.flights.slots[pending.slot];
        let death = Death { kind, interceptor: None, message: format!("`{}`: {}", pending.topic, pending.why.reason) };
        let blueprint = slot.blueprint.as_ref().unwrap_or(&self.blueprint);
        if let Err(stop) = slot.flow.dead_letter(blueprint.dead_letters(), pending.input, death) {
            self.board.stop(StopReason::Fault(stop.to_string()));
            self.refusals.queue.push_front(pending);
            return;
        }
        slot.renumbered = true;
        let before = self.refusals.queue.len();
        self.refusals.queue.retain(|other| (other.slot, other.input) != (pending.slot, pending.input));
        slot.refused -= (before - self.refusals.queue.len()) as u32;
        pending.why = Refused { kind: Refusal::Again, too_large: false, reason: "not sent yet".into() };
        (pending.ordinal, pending.tries, pending.is_grave, pending.since) = (0, 0, true, Instant::now());
        pending.topic = blueprint.dead_letters().topic().unwrap_or_default().to_owned();
        self.refusals.not_before = None;
        self.refusals.queue.push_front(pending);
    }
}
