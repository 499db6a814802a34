//! Sends in steps, by a sink that survives a refused request, until all is quiet.

use std::time::{Duration, Instant};

use super::{Dispatcher, Event, LONG_PAUSE, Mode, budget::RequestBudget, slot::OutputState};
use crate::{endpoint::Sink, pipeline::StopReason};

/// How long to wait at a time for what was sent in a step.
const FLUSH: Duration = Duration::from_millis(2);
/// How long nothing must have been refused before the worker's sink takes over: to break it and to make another one costs
/// more than steps do.
const QUIET: Duration = Duration::from_secs(3);
/// How long an isolating sink that broke may take to report what brokers have.
const ANSWERS: Duration = Duration::from_secs(2);

/// The sink of the steps, and how large they are.
pub(super) struct Isolation<K> {
    sink: K,
    /// Messages of a step.
    step: usize,
    /// Whether a step was sent and is not evaluated.
    is_under_way: bool,
    /// When a record was refused last.
    refused: Instant,
}

impl<K> Isolation<K> {
    pub(super) fn sink(&mut self) -> &mut K {
        &mut self.sink
    }
}

impl<K: Sink> Dispatcher<K> {
    /// From now on all goes in steps; nothing is on its way.
    pub(super) fn isolate(&mut self, now: Instant) {
        match self.sink.isolating() {
            Ok(sink) => {
                let step = if self.candidates > 0 { self.candidates / 2 } else { usize::MAX };
                (self.candidates, self.is_blamed) = (0, false);
                self.mode = Mode::Isolating(Isolation { sink, step: step.max(1), is_under_way: false, refused: now });
                self.topics.forget_question();
                self.step(now);
            }
            Err(error) => self.stop_for(&error),
        }
    }

    /// Goes on with the step under way, or makes the next one.
    pub(super) fn step(&mut self, now: Instant) {
        let Mode::Isolating(isolation) = &mut self.mode else { return };
        if isolation.sink.broken().is_some() {
            return self.replace_isolation(now);
        }
        if self.outstanding > 0 {
            isolation.sink.flush(FLUSH);
            return;
        }
        if std::mem::take(&mut self.is_blamed) {
            isolation.refused = now;
        }
        if std::mem::take(&mut isolation.is_under_way) {
            isolation.step = match std::mem::take(&mut self.candidates) {
                0 => isolation.step.saturating_mul(2),
                candidates => (candidates / 2).max(1),
            };
        }
        if !self.note_unblamed(now) || self.paused_until.is_some_and(|until| now < until) {
            return;
        }
        self.paused_until = None;
        let Mode::Isolating(isolation) = &mut self.mode else { return };
        if self.unsent.is_empty() {
            if now.saturating_duration_since(isolation.refused) >= QUIET
                && let Mode::Isolating(isolation) = std::mem::replace(&mut self.mode, Mode::Direct)
            {
                self.topics.forget_question();
                isolation.sink.discard();
            }
            return;
        }
        let budget = RequestBudget::new(self.sink.request_limits(), isolation.step);
        if self.send_step(budget, now)
            && let Mode::Isolating(isolation) = &mut self.mode
        {
            isolation.is_under_way = true;
            isolation.sink.flush(FLUSH);
        }
    }

    /// Counts a refusal that blamed no record; false = that was one too many.
    pub(super) fn note_unblamed(&mut self, now: Instant) -> bool {
        let Some(reason) = self.unblamed.take() else { return true };
        self.paused_until = Some(now + LONG_PAUSE);
        if !self.refusals.is_one_too_many(now) {
            tracing::warn!("a request was refused, and is sent again: {reason}");
            return true;
        }
        let reason = format!("the broker refuses what is sent, again and again: {reason}");
        self.events.push_back(Event::Stop(StopReason::Client(reason)));
        false
    }

    /// The isolating sink lost its sequence: another one takes over what it has not reported.
    fn replace_isolation(&mut self, now: Instant) {
        let until = Instant::now() + ANSWERS;
        loop {
            let is_over = Instant::now() >= until;
            self.active_sink().give_up(is_over);
            self.serve(Duration::from_millis(10));
            if is_over || self.active_sink().held() == 0 {
                break;
            }
        }
        let reason = self.active_sink().broken().map_or_else(String::new, |broken| broken.reason);
        if let Mode::Isolating(isolation) = std::mem::replace(&mut self.mode, Mode::Direct) {
            isolation.sink.discard();
        }
        self.requeue_unreported();
        self.note_broken(&reason, now);
        self.mode = Mode::Draining { isolate: true };
    }

    /// What the sink in use has not reported, and never will, is sent again.
    pub(super) fn requeue_unreported(&mut self) {
        self.outstanding = 0;
        for at in self.in_flight.dispatched() {
            for number in self.in_flight.slots[at].in_state(&[OutputState::Sent]) {
                self.queue(at, number);
            }
            for number in self.in_flight.slots[at].in_state(&[OutputState::Superseded]) {
                self.close(at, number, OutputState::Withdrawn);
            }
        }
    }
}
