//! Replaces a sink that can send no more, once it has reported what became of what it has.

use std::time::{Duration, Instant};

use super::{Dispatcher, Event, MAX_BROKEN, Mode};
use crate::{
    endpoint::{BrokenBy, Right, Sink},
    pipeline::StopReason,
};

/// How long the brokers may take to answer what is on its way when a sink breaks.
const ANSWERS: Duration = Duration::from_secs(10);
/// How long reports of what was given up may take.
const GIVEN_UP: Duration = Duration::from_millis(500);

impl<K: Sink> Dispatcher<K> {
    pub(super) fn begin_to_wind_up(&mut self, now: Instant) {
        let Some(broken) = self.sink.broken() else { return };
        self.mode = Mode::WindingUp { broken, until: now + ANSWERS };
        self.wind_up(now);
    }

    /// Gives up what no broker has, waits a while for what they have yet to answer, and replaces the sink.
    pub(super) fn wind_up(&mut self, now: Instant) {
        let Mode::WindingUp { until, .. } = &self.mode else { return };
        let until = *until;
        // Each time: an answer may put messages back into the queue, where a broken sink leaves them.
        self.sink.give_up(now >= until);
        self.serve(Duration::ZERO);
        if self.sink.held() > 0 && now < until + GIVEN_UP {
            return;
        }
        // Who of those that share the client was refused is known once all is reported.
        let broken = self.sink.broken();
        match self.sink.renew() {
            Ok(fresh) => std::mem::replace(&mut self.sink, fresh).discard(),
            Err(error) => return self.stop_for(&error),
        }
        let Mode::WindingUp { broken: first, .. } = std::mem::replace(&mut self.mode, Mode::Direct) else { return };
        let broken = broken.unwrap_or(first);
        self.topics.forget_question();
        self.requeue_unreported();
        match broken.cause {
            BrokenBy::Client => self.note_broken(&broken.reason, now),
            BrokenBy::Denied => {
                let reason = StopReason::NotAllowed { right: Right::Produce, reason: broken.reason };
                self.events.push_back(Event::Stop(reason));
            }
            BrokenBy::Refusal => {
                tracing::info!("a request was refused; its records are sent again: {}", broken.reason);
                if !self.is_blamed && self.unblamed.is_none() {
                    self.unblamed = Some(broken.reason);
                }
                self.mode = Mode::Draining { isolate: true };
            }
            BrokenBy::Neighbour => {
                tracing::debug!("the producer was given up by a pipeline that shares it: {}", broken.reason);
                // What was to blame is somebody else's.
                (self.is_blamed, self.candidates, self.unblamed) = (false, 0, None);
                self.events.push_back(Event::Replaced);
            }
        }
    }

    /// Counts a sink that lost its sequence.
    pub(super) fn note_broken(&mut self, reason: &str, now: Instant) {
        if self.broken.is_one_too_many(now) {
            let reason = format!("more than {MAX_BROKEN} producers broke down within a minute: {reason}");
            return self.events.push_back(Event::Stop(StopReason::Client(reason)));
        }
        tracing::warn!("the producer broke down and is replaced; what it did not deliver is sent again: {reason}");
        self.events.push_back(Event::Replaced);
    }
}
