//! Sends batches and follows their messages until each is delivered or its record must become a dead letter.
//!
//! In `Direct` mode everything goes to the sink, several requests on their way. The sink runs without gaps: behind a request
//! that the broker refuses nothing reaches that partition, so nothing overtakes the unaffected records of it (but for a new
//! sink's first request: a broker that does not know it yet takes what stands behind it). The refusal breaks the sink. It is
//! wound up and replaced, and what it did not deliver is sent again in the order of dispatch.
//!
//! After a refusal that is done in isolation: by a sink of its own that survives refusals, one request for a partition at a
//! time. A broker that says which records of a request it refuses for ends the search at once. Where it does not, each step
//! sends half of what was refused, until one record is left. Steps grow again while nothing is refused, and what is
//! dispatched meanwhile goes through the same steps, so that the other partitions go on; once all is quiet the sink takes
//! over again. A record that is too large for its topic by what is known goes in isolation from the start.
//!
//! A message for a topic that is missing holds nobody up: it waits aside until that is certain (see [`missing`]).
//!
//! The worker asks for [`Event`]s and acts on them; this module knows no ledger and writes no dead letter.

mod budget;
mod dispatch;
mod in_flight;
mod isolation;
mod message;
mod missing;
mod pump;
mod refusals;
mod slot;
mod topics;
mod wind_up;
mod window;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    time::{Duration, Instant},
};

use in_flight::InFlight;
pub(super) use in_flight::MAX_FETCHED;
use isolation::Isolation;
use missing::MissingTopics;
pub(super) use slot::Slot;
use slot::{Key, OutputState};
use window::Window;

use super::{StopReason, failures::Failures};
use crate::{
    batch::Full,
    chain::{DeathKind, Flow},
    endpoint::{Broken, Error, Incoming, Partition, Report, Sink},
};

/// More broken sinks than this within a minute stop the pipeline.
const MAX_BROKEN: usize = 5;
/// More refusals than this within a minute that blame no record stop the pipeline.
const MAX_REFUSALS: usize = 10;
/// Before the next try, where a broker said "not now".
const PAUSE: Duration = Duration::from_millis(250);
/// Before the next try, where a broker refused a request and blamed no record.
const LONG_PAUSE: Duration = Duration::from_secs(1);

/// What the worker is to do.
#[derive(Debug)]
pub(super) enum Event {
    /// Nothing of the batch is open any more: settle it, then release the slot.
    Settled(usize),
    /// This output cannot be delivered: write a dead letter, then [`Dispatcher::send_dead_letter`] or
    /// [`Dispatcher::put_back`].
    Rejected(Rejection),
    /// A sink lost its sequence and was replaced.
    Replaced,
    /// Nothing can be sent any more.
    Stop(StopReason),
}

/// An output that cannot be delivered.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) slot: usize,
    /// The output's number.
    pub(super) number: u32,
    /// The record that it comes from.
    pub(super) input: u32,
    pub(super) kind: DeathKind,
    pub(super) message: String,
}

/// How messages go out.
enum Mode<K> {
    /// To the sink, as they come.
    Direct,
    /// What is on its way is awaited, and nothing sent; then all is sent in order, in isolation or not.
    Draining { isolate: bool },
    /// The sink can send no more; its reports are awaited until then.
    WindingUp { broken: Broken, until: Instant },
    /// In steps, by a sink that survives refusals.
    Isolating(Isolation<K>),
}

/// What is in flight of one worker.
pub(super) struct Dispatcher<K: Sink> {
    sink: K,
    mode: Mode<K>,
    in_flight: InFlight<K::Headers>,
    /// Messages that the sink in use has and has not reported.
    outstanding: usize,
    window: Window,
    /// What waits to be sent, all of it before what is dispatched next.
    unsent: BTreeSet<Key>,
    /// What waits for certainty about its topic, and dead letters behind it.
    held: BTreeSet<Key>,
    topics: MissingTopics,
    next_prune: Instant,
    /// By topic: bytes of a record that are too many, as far as known.
    limits: HashMap<String, usize>,
    broken: Failures,
    refusals: Failures,
    /// What the broker said of a request without blaming a record of it, since that was last looked at.
    unblamed: Option<String>,
    /// Whether it blamed a record meanwhile, and how many messages may be the one to blame.
    is_blamed: bool,
    candidates: usize,
    /// Nothing is sent again before then.
    paused_until: Option<Instant>,
    events: VecDeque<Event>,
    /// Messages whose timestamp of 0 was sent as 1, since that was last asked.
    zeros: u64,
    /// Room for reports, used again.
    reports: Vec<Report>,
}

impl<K: Sink> Dispatcher<K> {
    /// `limits`: by topic, how many bytes of a record are too many. `own`: the pipeline's own topics, which a broker knows
    /// unless it has just come back.
    pub(super) fn new(sink: K, limits: HashMap<String, usize>, own: Vec<String>) -> Self {
        Self {
            sink,
            mode: Mode::Direct,
            in_flight: InFlight::default(),
            outstanding: 0,
            window: Window::default(),
            unsent: BTreeSet::new(),
            held: BTreeSet::new(),
            topics: MissingTopics::new(own),
            next_prune: Instant::now(),
            limits,
            broken: Failures::new(MAX_BROKEN),
            refusals: Failures::new(MAX_REFUSALS),
            unblamed: None,
            is_blamed: false,
            candidates: 0,
            paused_until: None,
            events: VecDeque::new(),
            zeros: 0,
            reports: Vec::new(),
        }
    }

    /// A slot with an empty batch for records of `partition`.
    pub(super) fn start(&mut self, partition: &Partition) -> usize {
        self.in_flight.start(partition)
    }

    /// The batch of a slot that is not dispatched.
    pub(super) fn flow(&mut self, slot: usize) -> &mut Flow {
        self.in_flight.flow(slot)
    }

    /// Adds a record to the batch of a slot.
    ///
    /// # Errors
    /// [`Full`]; it was not added.
    pub(super) fn add<I>(&mut self, slot: usize, record: I, received: i64) -> Result<(), Full>
    where
        I: Incoming<Headers = K::Headers>,
    {
        self.in_flight.add(slot, record, received)
    }

    /// The slot may be used again: its batch is settled, or never went out.
    pub(super) fn release(&mut self, slot: usize) {
        self.in_flight.release(slot);
    }

    /// The batch of a slot, and what to count of it.
    pub(super) fn slot(&mut self, slot: usize) -> &mut Slot<K::Headers> {
        &mut self.in_flight.slots[slot]
    }

    /// Records of the batches that are on their way.
    pub(super) fn records_in_flight(&self) -> usize {
        self.in_flight.records()
    }

    /// Whether no more should be read for now.
    pub(super) fn is_full(&self) -> bool {
        self.in_flight.is_full() || !self.window.has_room(self.outstanding)
    }

    /// Lets more or fewer messages be on their way where as many are as may be: see [`Window::adapt`].
    pub(super) fn adapt_window(&mut self, waited: Duration, is_late: bool, now: Instant) {
        self.window.adapt(waited, is_late, now);
    }

    /// Messages that a sink has and has not reported.
    pub(super) fn outstanding(&self) -> usize {
        self.outstanding
    }

    /// Whether reports are to come also where nothing more is sent.
    pub(super) fn expects_reports(&mut self) -> bool {
        self.outstanding > 0 && self.active_sink().broken().is_none()
    }

    /// Whether something is to be done before long though no record arrives.
    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.mode, Mode::Direct) && (self.outstanding > 0 || !self.unsent.is_empty())
            || matches!(self.mode, Mode::WindingUp { .. })
            || !self.held.is_empty()
    }

    /// How long a message waits for others that go with it.
    pub(super) fn linger(&self) -> Duration {
        self.sink.linger()
    }

    /// Sends what the sink has, however long it might linger; waits for the reports up to `limit`.
    pub(super) fn flush(&mut self, limit: Duration) {
        self.active_sink().flush(limit);
    }

    /// How many timestamps of 0 were sent as 1 since this was last asked.
    pub(super) fn take_zeros(&mut self) -> u64 {
        std::mem::take(&mut self.zeros)
    }

    /// What the worker is to do next.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The sink that has what is on its way.
    fn active_sink(&mut self) -> &mut K {
        match &mut self.mode {
            Mode::Isolating(isolation) => isolation.sink(),
            _ => &mut self.sink,
        }
    }

    /// Goes on with whatever is not delivered yet.
    pub(super) fn advance(&mut self, now: Instant) {
        match &self.mode {
            Mode::Direct | Mode::Draining { .. } if self.sink.broken().is_some() => self.begin_to_wind_up(now),
            Mode::Direct => self.pump(now),
            Mode::Draining { isolate } if self.outstanding == 0 => {
                let isolate = *isolate;
                if isolate {
                    self.isolate(now);
                } else {
                    self.mode = Mode::Direct;
                    self.pump(now);
                }
            }
            Mode::Draining { .. } => {}
            Mode::WindingUp { .. } => self.wind_up(now),
            Mode::Isolating(_) => self.step(now),
        }
        self.look_for_topics(now);
    }

    /// Takes the reports in that are there; waits up to `wait` for the first.
    pub(super) fn serve(&mut self, wait: Duration) {
        let before = self.outstanding;
        let mut reports = std::mem::take(&mut self.reports);
        // Nearly all: of the messages of a batch, sent as they are numbered, each was delivered.
        let Self { sink, mode, in_flight, outstanding, events, .. } = self;
        let mut each = |report: Report| {
            *outstanding = outstanding.saturating_sub(1);
            if report.refused.is_some() {
                return reports.push(report);
            }
            let at = report.tag.slot as usize;
            let Some(slot) = in_flight.slots.get_mut(at) else { return };
            slot.deliver(report.tag.output);
            if slot.is_done() {
                events.push_back(Event::Settled(at));
            }
        };
        if let Mode::Isolating(isolation) = mode {
            isolation.sink().serve(wait, &mut each);
            // It carries nothing, but what it says of itself would pile up in its queue.
            sink.serve(Duration::ZERO, |_| {});
        } else {
            sink.serve(wait, each);
        }
        self.window.count_reports(before - self.outstanding);
        let now = Instant::now();
        for Report { tag, refused } in reports.drain(..) {
            if let Some(refused) = refused {
                self.on_refused(tag.slot as usize, tag.output, refused, now);
            }
        }
        self.reports = reports;
    }

    /// Whether the dead letter that was asked for is still wanted: the partition may have been revoked meanwhile, or another
    /// output of the record rejected before.
    pub(super) fn is_rejected(&self, rejection: &Rejection) -> bool {
        let slot = &self.in_flight.slots[rejection.slot];
        slot.state(rejection.number) == Some(OutputState::Rejected)
    }

    /// A dead letter stands for the input by now: it is sent, and nothing else of the input any more.
    pub(super) fn send_dead_letter(&mut self, at: usize, input: u32) {
        for number in self.in_flight.slots[at].outputs_of(input) {
            self.withdraw(at, number);
        }
        let slot = &mut self.in_flight.slots[at];
        let number = slot.add_dead_letter(input);
        let key = slot.key(at, number);
        if self.held.first().is_some_and(|first| *first < key) {
            self.held.insert(key);
        } else {
            self.unsent.insert(key);
        }
    }

    /// No dead letter could be written: the output is sent again when the pipeline is resumed.
    pub(super) fn put_back(&mut self, at: usize, number: u32) {
        self.queue(at, number);
    }

    /// These partitions are the worker's no more: what is not sent of them is not sent at all, for whoever has them now
    /// sends it.
    pub(super) fn revoke(&mut self, partitions: &[Partition]) {
        for at in self.in_flight.dispatched() {
            let slot = &mut self.in_flight.slots[at];
            if slot.is_done() || !partitions.contains(&slot.partition) {
                continue;
            }
            slot.is_revoked = true;
            use OutputState::{Rejected, Sent, Waiting};
            for number in slot.in_state(&[Waiting, Rejected, Sent]) {
                self.withdraw(at, number);
            }
            if self.in_flight.slots[at].is_done() {
                self.events.push_back(Event::Settled(at));
            }
        }
        // Dead letters may have waited behind what was held of these.
        self.release_held(&HashMap::new(), Instant::now());
    }

    /// The output is not sent, or not again.
    fn withdraw(&mut self, at: usize, number: u32) {
        let slot = &mut self.in_flight.slots[at];
        match slot.state(number) {
            Some(OutputState::Sent) => slot.set_state(number, OutputState::Superseded),
            Some(OutputState::Waiting | OutputState::Rejected) => {
                let key = slot.key(at, number);
                slot.set_state(number, OutputState::Withdrawn);
                self.unsent.remove(&key);
                self.held.remove(&key);
            }
            _ => {}
        }
    }

    /// Nothing more is to come of the output.
    fn close(&mut self, at: usize, number: u32, state: OutputState) {
        let slot = &mut self.in_flight.slots[at];
        let was_done = slot.is_done();
        slot.set_state(number, state);
        if slot.is_done() && !was_done {
            self.events.push_back(Event::Settled(at));
        }
    }

    /// The client's own trouble, which no retry cures.
    fn stop_for(&mut self, error: &Error) {
        self.events.push_back(Event::Stop(StopReason::Client(error.to_string())));
    }
}

#[cfg(test)]
mod tests;
