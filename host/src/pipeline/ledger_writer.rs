//! Writes ranges of records into the ledger topic, each before it is committed.
//!
//! What cannot be written now is kept and written later, in the order of its partition: only commits wait for it, records go
//! on. Where the brokers refuse it for good, the pipeline stops. Nothing is given up but what a partition leaves behind that
//! went to somebody else, who records it anew.
//!
//! ```text
//! Sending --(the topic is missing)--> Missing --(it is there)--> Sending
//!    \------(the sink broke)--> WindingUp --(another sink)--> Sending
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{StopReason, failures::Failures};
use crate::{
    delivery::{Assignment, Range},
    endpoint::{BrokenBy, Outgoing, Partition, Refusal, Refused, Report, Right, Sink, Tag},
    metrics::{Metrics, Name},
};

/// Before the next try, where a broker said "not now".
const PAUSE: Duration = Duration::from_millis(250);
/// The same where it refused a request, and between two questions for a topic that is missing.
const LONG_PAUSE: Duration = Duration::from_secs(1);
/// The same where what was refused stopped the pipeline: what it has settled may still be recorded and committed.
const STOPPED: Duration = Duration::from_secs(30);
/// How long the brokers may take to answer what is on its way when a sink breaks.
const ANSWERS: Duration = Duration::from_secs(10);
/// How long they may take before it is said.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two words about the same trouble.
const AGAIN: Duration = Duration::from_secs(30);
/// More broken sinks than this within a minute stop the pipeline.
const MAX_BROKEN: usize = 5;
/// The same of refusals that blame no record.
const MAX_REFUSALS: usize = 10;

/// What the writer tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A range stands in the ledger topic.
    Recorded { partition: Partition, assignment: Assignment, to: i64 },
    /// The pipeline is to stop.
    Stop(StopReason),
}

/// A range that is not in the ledger topic yet.
#[derive(Debug)]
struct Entry {
    partition: Partition,
    assignment: Assignment,
    to: i64,
    key: String,
    value: Vec<u8>,
    since: Instant,
    /// A broker refused it at least once.
    was_refused: bool,
    state: EntryState,
}

impl Entry {
    /// Whether it is a reason to speak of.
    fn is_overdue(&self, now: Instant) -> bool {
        self.was_refused || now.saturating_duration_since(self.since) >= PATIENCE
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EntryState {
    /// To be sent.
    Waiting,
    /// The sink has it.
    Sent,
    /// The sink has it, and nobody asks what becomes of it.
    Forgotten,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Sending,
    /// The topic is missing, and asked for again at this time.
    Missing(Instant),
    /// The sink broke; it is replaced once all is reported, or at this time.
    WindingUp(Instant),
}

pub(super) struct LedgerWriter<K: Sink> {
    sink: K,
    topic: String,
    pipeline: String,
    metrics: Arc<Metrics>,
    mode: Mode,
    /// Nothing is sent before then.
    not_before: Instant,
    /// By the number that their reports name; of a partition the one on its way and the next.
    entries: BTreeMap<u32, Entry>,
    next: u32,
    broken: Failures,
    refusals: Failures,
    /// What a broker said of a request without blaming a record of it, since that was last looked at.
    unblamed: Option<String>,
    /// When to speak of what is wrong next; none: nothing is.
    next_word: Option<Instant>,
    told: Vec<Told>,
}

impl<K: Sink> LedgerWriter<K> {
    pub(super) fn new(sink: K, topic: &str, pipeline: &str, metrics: &Arc<Metrics>) -> Self {
        Self {
            sink,
            topic: topic.to_owned(),
            pipeline: pipeline.to_owned(),
            metrics: Arc::clone(metrics),
            mode: Mode::Sending,
            not_before: Instant::now(),
            entries: BTreeMap::new(),
            next: 0,
            broken: Failures::new(MAX_BROKEN),
            refusals: Failures::new(MAX_REFUSALS),
            unblamed: None,
            next_word: None,
            told: Vec::new(),
        }
    }

    /// Takes a range in, to be written as `key` and `value`. What waits of its partition is of an earlier assignment.
    pub(super) fn write(&mut self, now: Instant, range: &Range<Partition>, key: String, value: Vec<u8>) {
        let Range { partition, assignment, to, .. } = range;
        self.forget(std::slice::from_ref(partition));
        let entry = Entry {
            partition: partition.clone(),
            assignment: *assignment,
            to: *to,
            key,
            value,
            since: now,
            was_refused: false,
            state: EntryState::Waiting,
        };
        self.entries.insert(self.next, entry);
        self.next = (self.next + 1) % Tag::OUTPUTS;
    }

    /// These partitions are nobody's here any more: what is not sent of them is not written.
    pub(super) fn forget(&mut self, partitions: &[Partition]) {
        self.entries.retain(|_, entry| {
            let is_one = partitions.contains(&entry.partition);
            if is_one && entry.state == EntryState::Sent {
                entry.state = EntryState::Forgotten;
            }
            !is_one || entry.state != EntryState::Waiting
        });
    }

    /// Takes reports in, waits up to `wait` for the first where one is to come, and goes on with what is to be written.
    /// Returns what is to be told.
    pub(super) fn serve(&mut self, now: Instant, wait: Duration) -> Vec<Told> {
        let is_awaited = self.entries.values().any(|entry| entry.state == EntryState::Sent);
        let mut reports = Vec::new();
        self.sink.serve(if is_awaited { wait } else { Duration::ZERO }, |report| reports.push(report));
        for Report { tag, refused } in reports {
            match refused {
                None => self.note_written(now, tag.output),
                Some(refused) => self.note_refused(now, tag.output, refused),
            }
        }
        self.advance(now);
        std::mem::take(&mut self.told)
    }

    fn note_written(&mut self, now: Instant, number: u32) {
        let Some(Entry { partition, assignment, to, state, .. }) = self.entries.remove(&number) else { return };
        self.count("written");
        let is_well = !self.entries.values().any(|entry| entry.is_overdue(now));
        if is_well && self.next_word.take().is_some() {
            tracing::info!(pipeline = self.pipeline, topic = self.topic, "the ledger topic takes records again");
        }
        if state == EntryState::Sent {
            self.told.push(Told::Recorded { partition, assignment, to });
        }
    }

    /// The entry is written later.
    fn note_refused(&mut self, now: Instant, number: u32, refused: Refused) {
        match self.entries.get_mut(&number) {
            Some(entry) if entry.state != EntryState::Forgotten => {
                entry.state = EntryState::Waiting;
                entry.was_refused |= refused.kind != Refusal::Fatal;
            }
            _ => drop(self.entries.remove(&number)),
        }
        let Refused { kind, reason, .. } = refused;
        if kind != Refusal::Fatal {
            self.count("refused");
            self.say(now, &reason);
        }
        match kind {
            // What a broken sink gives up is sent by the next one.
            Refusal::Fatal | Refusal::Unaffected => {}
            Refusal::Retriable => self.not_before = now + PAUSE,
            Refusal::Topic | Refusal::Partition => {
                if matches!(self.mode, Mode::Sending) {
                    self.mode = Mode::Missing(now);
                }
            }
            Refusal::Authorization => {
                let right = Right::WriteTopic(self.topic.clone());
                self.stop(now, StopReason::NotAllowed { right, reason });
            }
            Refusal::Record => self.stop(now, StopReason::LedgerRefused { topic: self.topic.clone(), reason }),
            Refusal::Candidate | Refusal::Request => {
                self.not_before = now + LONG_PAUSE;
                self.unblamed = Some(reason);
            }
        }
    }

    fn stop(&mut self, now: Instant, reason: StopReason) {
        self.not_before = now + STOPPED;
        self.told.push(Told::Stop(reason));
    }

    /// Tries what is put off at once: there is not much time left.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.not_before = now;
        if let Mode::Missing(next) = &mut self.mode {
            *next = now;
        }
    }

    /// Sends what waits, where that can be done now.
    pub(super) fn advance(&mut self, now: Instant) {
        if self.sink.broken().is_some() && !matches!(self.mode, Mode::WindingUp(_)) {
            self.mode = Mode::WindingUp(now + ANSWERS);
        }
        match self.mode {
            Mode::Sending if now >= self.not_before => self.send(now),
            Mode::Sending => {}
            Mode::Missing(next) => self.look_for_topic(now, next),
            Mode::WindingUp(until) => self.wind_up(now, until),
        }
        if let Some(reason) = self.unblamed.take()
            && self.refusals.is_one_too_many(now)
        {
            self.stop(now, StopReason::LedgerRefused { topic: self.topic.clone(), reason });
        }
        let oldest = self.entries.values().map(|entry| entry.since).min();
        let waited = oldest.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        self.metrics.ledger_waiting(&self.pipeline, Some(waited));
        if waited >= PATIENCE {
            let reason = match self.mode {
                Mode::Missing(_) => "it is missing",
                Mode::Sending | Mode::WindingUp(_) => "no answer",
            };
            self.say(now, &format!("{reason} for {} s", waited.as_secs()));
        }
    }

    fn send(&mut self, now: Instant) {
        // Of a partition one at a time, so that none overtakes another where the brokers refuse one.
        let sent = self.entries.values().filter(|entry| entry.state != EntryState::Waiting);
        let busy: BTreeSet<Partition> = sent.map(|entry| entry.partition.clone()).collect();
        for (number, entry) in &mut self.entries {
            if entry.state != EntryState::Waiting || busy.contains(&entry.partition) {
                continue;
            }
            let message = Outgoing {
                topic: &self.topic,
                partition: None,
                key: Some(entry.key.as_bytes()),
                value: Some(&entry.value),
                timestamp: None,
                tag: Tag { slot: 0, output: *number, partition: entry.partition.number },
            };
            match self.sink.send(&message, K::Headers::default(), std::iter::empty(), None) {
                Ok(()) => entry.state = EntryState::Sent,
                // No report will come; the rest would be refused as well.
                Err(refused) => {
                    let number = *number;
                    return self.note_refused(now, number, refused);
                }
            }
        }
    }

    /// What the sink sends to a topic reaches it only after an answer that knows it.
    fn look_for_topic(&mut self, now: Instant, next: Instant) {
        if let Some(Ok(told)) = self.sink.topics_told()
            && !told.present.is_empty()
        {
            self.mode = Mode::Sending;
            return;
        }
        if now >= next {
            self.mode = Mode::Missing(now + LONG_PAUSE);
            self.sink.ask_topics(&[&self.topic]);
        }
    }

    /// Gives up what no broker has, waits a while for what they have yet to answer, and replaces the sink.
    fn wind_up(&mut self, now: Instant, until: Instant) {
        // Each time: an answer may put messages back into the queue, where a broken sink leaves them.
        self.sink.give_up(now >= until);
        if self.sink.held() > 0 && now < until {
            return;
        }
        let broken = self.sink.broken();
        match self.sink.renew() {
            Ok(fresh) => std::mem::replace(&mut self.sink, fresh).discard(),
            Err(error) => return self.stop(now, StopReason::Client(error.to_string())),
        }
        self.mode = Mode::Sending;
        // Of what it did not report it is not known whether it was written: it is written once more.
        self.entries.retain(|_, entry| entry.state != EntryState::Forgotten);
        self.entries.values_mut().for_each(|entry| entry.state = EntryState::Waiting);
        let Some(broken) = broken else { return };
        match broken.cause {
            BrokenBy::Denied => {
                self.stop(now, StopReason::NotAllowed { right: Right::Produce, reason: broken.reason });
            }
            BrokenBy::Client if self.broken.is_one_too_many(now) => {
                let reason = format!("more than {MAX_BROKEN} producers broke down within a minute: {}", broken.reason);
                self.stop(now, StopReason::Client(reason));
            }
            // What a broker refused was told by its report.
            BrokenBy::Client | BrokenBy::Refusal | BrokenBy::Neighbour => {
                tracing::debug!(pipeline = self.pipeline, "the ledger's producer is replaced: {}", broken.reason);
            }
        }
    }

    /// Says why commits wait, now and then.
    fn say(&mut self, now: Instant, reason: &str) {
        if self.next_word.is_none_or(|next| now >= next) {
            self.next_word = Some(now + AGAIN);
            let (pipeline, topic) = (&self.pipeline, &self.topic);
            tracing::warn!(pipeline, topic, "the ledger topic takes no records, and commits wait for it: {reason}");
        }
    }

    fn count(&self, outcome: &str) {
        let labels = vec![("pipeline", self.pipeline.clone()), ("outcome", outcome.to_owned())];
        self.metrics.add(Name::LedgerRecords, labels, 1);
    }

    /// Ends it without waiting.
    pub(super) fn discard(self) {
        self.metrics.ledger_waiting(&self.pipeline, None);
        self.sink.discard();
    }
}

#[cfg(test)]
mod tests;
