//! Asks for topics that may be missing, and goes on with what waits for the answer.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{Dispatcher, dispatch::unknown, missing::Verdict};
use crate::{chain::DeathKind, endpoint::Sink};

/// Between two looks for what nobody sends to any more.
const PRUNE: Duration = Duration::from_secs(10);

impl<K: Sink> Dispatcher<K> {
    /// The output's topic, or the partition of it that an edit names, is missing as far as the sink knows.
    pub(super) fn hold_for_topic(&mut self, at: usize, number: u32, now: Instant) {
        let topic = self.topic_of(at, number);
        self.topics.note_absent(&topic, now);
        self.hold(at, number);
    }

    /// Asks for topics that messages wait for, and takes the answer in.
    pub(super) fn look_for_topics(&mut self, now: Instant) {
        if self.topics.is_empty() {
            return;
        }
        if let Some(told) = self.active_sink().topics_told() {
            let told = told.inspect_err(|error| tracing::debug!("{error}")).ok();
            let present = self.topics.answer(told, now).into_iter().collect();
            self.release_held(&present, now);
        }
        if now >= self.next_prune && self.held.is_empty() {
            self.next_prune = now + PRUNE;
            self.topics.prune(now);
        }
        let Self { topics, sink, mode, .. } = self;
        if let Some(question) = topics.question(now) {
            let sink = match mode {
                super::Mode::Isolating(isolation) => isolation.sink(),
                _ => sink,
            };
            sink.ask_topics(&question);
        }
    }

    /// Goes on with those held outputs of whose topics enough is known. Dead letters stay behind those that wait still, so
    /// that they keep their order.
    pub(super) fn release_held(&mut self, present: &HashMap<String, i32>, now: Instant) {
        let mut waits = false;
        for key in std::mem::take(&mut self.held) {
            let (at, number) = (key.slot as usize, key.number);
            let Some(output) = self.in_flight.slots[at].output(number) else {
                self.close(at, number, super::OutputState::Withdrawn);
                continue;
            };
            let missing_partition = match (output.partition, present.get(output.topic)) {
                (Some(partition), Some(&count)) if partition >= count => Some(format!(
                    "`{}` has {count} partitions, and an interceptor chose partition {partition}",
                    output.topic
                )),
                _ => None,
            };
            match self.topics.verdict(output.topic, now) {
                Verdict::Send if output.death.is_some() && waits => {
                    self.held.insert(key);
                }
                Verdict::Send => match missing_partition {
                    Some(reason) => self.reject_as(at, number, DeathKind::InvalidEdit, reason),
                    None => {
                        self.unsent.insert(key);
                    }
                },
                Verdict::Missing => {
                    let reason = unknown(output.topic);
                    self.reject_as(at, number, DeathKind::UnknownTopic, reason);
                }
                Verdict::Ask => {
                    waits = true;
                    self.held.insert(key);
                }
            }
        }
    }
}
