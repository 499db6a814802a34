//! What a producer that broke down did not deliver is sent again by the next one, in the order of its launch.
//!
//! A producer breaks down where the broker lost track of its sequence, and also (`enable.gapless.guarantee`) where the
//! broker refuses a request: then nothing that stands behind that request reaches the partition, so nothing overtakes
//! the innocent records of it (but for a new producer's first request: a broker that does not know the producer yet
//! takes what stands behind it). A broker refuses a whole request where one record of it is bad: the records of it are
//! suspects, of which every step sends half, until one is left. Suspects go by a second, careful producer, which
//! sends a step as one request and survives its refusal. So does a record that is too large for its topic by what is
//! known: it waits until all before it is delivered, and all after it waits for it.

mod blame;
mod carrier;
mod room;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::{Duration, Instant},
};

use room::Room;

use super::{
    StopReason,
    flight::{self, PROBE, Slot},
    refused::Pending,
    worker::Line,
};
use crate::{
    chain::{Flow, Output},
    endpoint::{Broken, Refusal, Refused, Sink as _, Tag},
    kafka::Producer,
};

/// How long the brokers may take to answer what is on its way when a producer breaks down.
const ANSWERS: Duration = Duration::from_secs(10);
/// This many broken producers ...
const OFTEN: usize = 5;
/// ... within this time stop the pipeline.
const WINDOW: Duration = Duration::from_secs(60);
/// How long to wait at a time for what was sent with care.
const PUSH: Duration = Duration::from_millis(2);
/// Before the next try, where the broker said nothing against any record.
const PAUSE: Duration = Duration::from_millis(250);

/// An output that is to be sent again.
#[derive(Clone, Copy, Debug)]
struct Item {
    slot: usize,
    input: u32,
    /// Which of the input's outputs.
    ordinal: usize,
    /// Whether it stood in the request that was refused last.
    suspect: bool,
    /// Whether it is to be sent alone in any case.
    alone: bool,
}

/// What a worker still has to send again.
#[derive(Default)]
pub(super) struct Again {
    active: bool,
    /// Whether anything of `todo` was sent; before that, reports speak of outputs by their number.
    stepped: bool,
    /// Survives refusals; made when it is needed first, and gone when all is sent.
    careful: Option<Producer>,
    /// Whether what is on its way went by that.
    by_careful: bool,
    /// Bytes of a record that is too large for its topic, as far as known.
    limits: HashMap<String, usize>,
    /// In the order of launch.
    todo: VecDeque<Item>,
    /// What was sent last, before `todo`; none = done. A message's tag counts these.
    sent: Vec<Option<Item>>,
    /// Slot and output of the messages that the broker blamed.
    suspects: HashSet<(u32, u32)>,
    /// What it said, and of which topic.
    said: Option<(Refused, String)>,
    not_before: Option<Instant>,
    /// When producers broke down.
    broken: VecDeque<Instant>,
}

impl Again {
    /// Whether what was launched before is still being sent.
    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// Whether reports speak of what was sent again.
    pub(super) fn has_stepped(&self) -> bool {
        self.stepped
    }

    /// How many bytes of a record the broker will probably refuse as too many for the topic.
    pub(super) fn limit(&self, topic: &str) -> usize {
        self.limits.get(topic).copied().unwrap_or(usize::MAX)
    }

    fn is_too_large(&self, flow: &Flow, output: &Output<'_>) -> bool {
        flight::length(flow, output) >= self.limit(output.topic)
    }

    /// A message that the broker or a broken producer did not deliver.
    fn note(&mut self, tag: Tag, why: Refused, topic: String) {
        match why.kind {
            Refusal::Record => {
                self.suspects.insert((tag.slot, tag.output));
            }
            Refusal::Authorization => {}
            _ => return,
        }
        self.said = Some((why, topic));
    }

    /// Whether another broken producer is one too many.
    fn is_too_often(&mut self, now: Instant) -> bool {
        while self.broken.pop_front_if(|at| now.duration_since(*at) > WINDOW).is_some() {}
        self.broken.push_back(now);
        let often = self.broken.len() > OFTEN;
        if often {
            // Whoever resumes the pipeline lets it try as often again.
            self.broken.clear();
        }
        often
    }

    /// How many of `todo` to send in one go, and whether with care: what stands before the suspects, or half of the
    /// suspects, or all.
    fn step(&self) -> (usize, bool) {
        let apart = |item: &Item| item.suspect || item.alone;
        match (self.todo.front(), self.todo.iter().position(apart)) {
            (_, None) => (self.todo.len(), false),
            (Some(first), Some(0)) if first.alone => (1, true),
            (_, Some(0)) => {
                let half = self.todo.iter().filter(|item| item.suspect).count().div_ceil(2);
                let mut suspects = self.todo.iter().enumerate().filter(|(_, item)| item.suspect).map(|(at, _)| at + 1);
                let alone = self.todo.iter().position(|item| item.alone).unwrap_or(usize::MAX);
                (suspects.nth(half - 1).unwrap_or(1).min(alone), true)
            }
            (_, Some(innocent)) => (innocent, false),
        }
    }
}

impl Line {
    /// Goes on with what was not delivered by a producer, or is to be sent alone; true = not done yet.
    pub(super) fn send_again(&mut self) -> bool {
        let broken = self.carrier().broken();
        if broken.is_none() && !self.again.active {
            return false;
        }
        if self.board.is_stopped() {
            return true;
        }
        match broken {
            Some(broken) => self.replace_producer(&broken),
            None if self.flights.waiting() > 0 && self.again.by_careful => self.carrier().flush(PUSH),
            None if self.flights.waiting() > 0 => {}
            None if self.again.not_before.is_some_and(|at| Instant::now() < at) => {}
            None => return self.take_step(),
        }
        true
    }

    /// What is launched while others are sent again comes after them; so do the outputs from the `from`th on of a
    /// batch of which that one must be sent alone.
    pub(super) fn queue_again(&mut self, at: usize, from: usize) {
        self.again.active = true;
        let slot = &self.flights.slots[at];
        for (item, output) in items(at, slot).skip(from) {
            let alone = self.again.is_too_large(&slot.flow, &output);
            self.again.todo.push_back(Item { alone, ..item });
        }
        self.settle_if_done(at);
    }

    /// The report of a message that was sent again.
    pub(super) fn take_in_again(&mut self, tag: Tag, refused: Option<Refused>) {
        if let Some(why) = &refused
            && matches!(why.kind, Refusal::Record | Refusal::Again)
        {
            // It keeps its place, and the next step looks after it.
            return self.again.note(tag, why.clone(), String::new());
        }
        let Some(item) = self.again.sent.get_mut(tag.output as usize).and_then(Option::take) else { return };
        self.resolved(item, refused);
    }

    /// Nobody sends it again: it is delivered, or it is among the refusals.
    fn resolved(&mut self, item: Item, refused: Option<Refused>) {
        let slot = &mut self.flights.slots[item.slot];
        slot.waiting -= 1;
        if let Some(why) = refused {
            slot.refused += 1;
            self.refusals.push(Pending::of(&slot.flow, item.slot, item.input, item.ordinal, why));
        }
        self.settle_if_done(item.slot);
    }

    /// A message that a broken producer did not deliver: the next one sends it again.
    pub(super) fn note_broken(&mut self, tag: Tag, why: Refused) {
        let place = if self.again.stepped {
            self.again
                .sent
                .get(tag.output as usize)
                .copied()
                .flatten()
                .map(|item| (item.slot, item.input, item.ordinal))
        } else {
            None
        };
        let topic = match (place, self.flights.slots.get(tag.slot as usize)) {
            _ if !matches!(why.kind, Refusal::Authorization) => None,
            (Some((at, input, ordinal)), _) => self.flights.slots[at].flow.outputs_of(input).nth(ordinal),
            (None, slot) => slot.and_then(|slot| slot.flow.outputs().nth(tag.output as usize)),
        };
        let topic = topic.map_or_else(String::new, |output| output.topic.to_owned());
        self.again.note(tag, why, topic);
    }

    fn replace_producer(&mut self, broken: &Broken) {
        let mut reports = Vec::new();
        self.carrier().wind_up(ANSWERS, |report| reports.push(report));
        for report in reports {
            self.take_in(report.tag, report.refused);
        }
        if !broken.by_refusal {
            if self.again.is_too_often(Instant::now()) {
                let reason = format!("more than {OFTEN} producers broke down within a minute: {}", broken.reason);
                return self.board.stop(StopReason::Client(reason));
            }
            tracing::warn!(
                pipeline = self.board.config.name,
                worker = self.index,
                "the producer broke down and is replaced; what it did not deliver is sent again: {}",
                broken.reason
            );
            self.tally.replaced();
        } else {
            let (pipeline, worker) = (&self.board.config.name, self.index);
            tracing::info!(pipeline, worker, "a request was refused; its records are sent again: {}", broken.reason);
        }
        if self.again.by_careful {
            if let Some(careful) = self.again.careful.take() {
                careful.discard();
            }
        } else {
            match self.producer.renew() {
                Ok(fresh) => std::mem::replace(&mut self.producer, fresh).discard(),
                Err(error) => return self.board.stop(StopReason::Client(error.to_string())),
            }
        }
        self.flights.waiting = 0;
        self.list_and_judge();
    }

    /// Lists what is to be sent again; answers how many messages the broker blamed.
    fn list_again(&mut self) -> usize {
        let suspects = std::mem::take(&mut self.again.suspects);
        if self.again.stepped {
            for item in &mut self.again.todo {
                item.suspect = false;
            }
            let sent = std::mem::take(&mut self.again.sent);
            for (number, item) in sent.into_iter().enumerate().rev() {
                let Some(item) = item else { continue };
                let suspect = suspects.contains(&(item.slot as u32, number as u32));
                self.again.todo.push_front(Item { suspect, ..item });
            }
            return suspects.len();
        }
        self.again.active = true;
        self.again.todo.clear();
        let probed = self.refusals.first().filter(|(slot, ..)| suspects.contains(&(*slot as u32, PROBE)));
        self.refusals.clear();
        for at in self.flights.in_order() {
            let slot = &self.flights.slots[at];
            let ours = slot.ticket.is_some_and(|ticket| self.board.ledger(self.index).is_open(&slot.partition, ticket));
            if !ours {
                // Somebody else has the partition by now, and sends these itself.
                self.flights.release(at);
                continue;
            }
            let mut waiting = 0;
            for (number, (item, output)) in items(at, slot).enumerate() {
                if !slot.renumbered && slot.delivered.get(number).is_some_and(|delivered| *delivered) {
                    continue;
                }
                waiting += 1;
                let by_number = !slot.renumbered && suspects.contains(&(at as u32, number as u32));
                let suspect = by_number || probed == Some((at, item.input, item.ordinal));
                let alone = self.again.is_too_large(&slot.flow, &output);
                self.again.todo.push_back(Item { suspect, alone, ..item });
            }
            let slot = &mut self.flights.slots[at];
            (slot.waiting, slot.refused) = (waiting, 0);
            self.settle_if_done(at);
        }
        suspects.len()
    }

    /// Sends what comes next; false = everything is sent and reported.
    fn take_step(&mut self) -> bool {
        self.again.not_before = None;
        if self.again.sent.iter().any(Option::is_some) {
            // All is reported, and these were not delivered.
            self.list_and_judge();
            return true;
        }
        self.again.sent.clear();
        self.leave_out_strangers();
        let (step, with_care) = self.again.step();
        self.again.by_careful = false;
        if step == 0 {
            self.end_again();
            return false;
        }
        if with_care && self.again.careful.is_none() {
            match self.producer.isolating() {
                Ok(careful) => self.again.careful = Some(careful),
                Err(error) => {
                    self.board.stop(StopReason::Client(error.to_string()));
                    return true;
                }
            }
        }
        (self.again.stepped, self.again.by_careful) = (true, with_care);
        let mut room = with_care.then(|| Room::of(self.producer.request_limits()));
        for _ in 0..step {
            let Some(item) = self.again.todo.pop_front() else { break };
            let number = self.again.sent.len() as u32;
            let slot = &self.flights.slots[item.slot];
            let Some(output) = slot.flow.outputs_of(item.input).nth(item.ordinal) else {
                self.resolved(item, None);
                continue;
            };
            if room.as_mut().is_some_and(|room| !room.takes(flight::cost(&slot.flow, &output))) {
                self.again.todo.push_front(item);
                break;
            }
            let tag = Tag { slot: item.slot as u32, output: number, partition: slot.partition.number };
            let carrier = match &mut self.again.careful {
                Some(careful) if with_care => careful,
                _ => &mut self.producer,
            };
            match flight::send(carrier, &slot.flow, &output, tag) {
                Ok(zero) => {
                    self.tally.zero(zero);
                    self.flights.waiting += 1;
                    self.flights.slots[item.slot].renumbered = true;
                    self.again.sent.push(Some(item));
                }
                Err(Refused { kind: Refusal::Again | Refusal::Fatal, .. }) => {
                    // No room, or broken down already: the next step begins with it.
                    self.again.todo.push_front(item);
                    break;
                }
                Err(why) => self.resolved(item, Some(why)),
            }
        }
        true
    }

    /// Leaves out what belongs to nobody here any more: who has the partition by now sends it itself.
    fn leave_out_strangers(&mut self) {
        let ledger = self.board.ledger(self.index);
        let slots = &mut self.flights.slots;
        let (mut seen, mut strangers) = ((usize::MAX, true), HashSet::new());
        self.again.todo.retain(|item| {
            if seen.0 != item.slot {
                let slot = &slots[item.slot];
                seen = (item.slot, slot.ticket.is_some_and(|ticket| ledger.is_open(&slot.partition, ticket)));
            }
            if !seen.1 {
                slots[item.slot].waiting -= 1;
                strangers.insert(item.slot);
            }
            seen.1
        });
        drop(ledger);
        for at in strangers {
            self.settle_if_done(at);
        }
    }
}

/// The outputs of a batch as they are numbered now.
fn items(at: usize, slot: &Slot) -> impl Iterator<Item = (Item, Output<'_>)> {
    let mut last = (u32::MAX, 0);
    slot.flow.outputs().map(move |output| {
        last = (output.input, if last.0 == output.input { last.1 + 1 } else { 0 });
        (Item { slot: at, input: last.0, ordinal: last.1, suspect: false, alone: false }, output)
    })
}
