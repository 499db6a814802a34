//! What one worker sends by a producer that it shares.

use std::{sync::Arc, time::Duration};

use rdkafka::types::RDKafkaErrorCode;

use super::{
    super::raw::{headers::Headers, producer::Event, topic_question::TopicQuestion},
    channel::{Channel, Inbox, lock},
};
use crate::endpoint::{Broken, BrokenBy, Outgoing, Refused, TopicsTold};

/// One of the lanes of a [`Channel`]; used by one thread at a time.
pub(super) struct Lane {
    /// Each lane has its own: an answer is for whoever asked.
    question: TopicQuestion,
    number: usize,
    inbox: Arc<Inbox>,
    channel: Arc<Channel>,
    /// Messages without a served report.
    held: usize,
    /// Whether a broker refused a message of this lane.
    is_blamed: bool,
}

impl Lane {
    pub(super) fn new(channel: Arc<Channel>, number: usize, inbox: Arc<Inbox>) -> Self {
        let question = TopicQuestion::new(channel.client.clone());
        Self { question, number, inbox, channel, held: 0, is_blamed: false }
    }

    /// As [`super::super::raw::producer::RawProducer::send`].
    pub(super) fn send(
        &mut self,
        out: &Outgoing<'_>,
        headers: Headers,
        memory: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), rdkafka::bindings::rd_kafka_resp_err_t> {
        self.inbox.expect();
        let sent = lock(&self.channel.raw).send(self.number, out, headers, memory);
        match sent {
            Ok(()) => self.held += 1,
            Err(_) => self.inbox.expect_no_more(),
        }
        sent
    }

    /// Hands the reports that are there to `each`; waits up to `wait` for the first.
    pub(super) fn serve(&mut self, wait: Duration, mut each: impl FnMut(Event)) {
        for event in self.inbox.take(wait) {
            self.held = self.held.saturating_sub(1);
            each(event);
        }
    }

    /// A broker refused a message of this lane, which is to blame, or may be.
    pub(super) fn blame(&mut self) {
        self.is_blamed = true;
    }

    pub(super) fn is_blamed(&self) -> bool {
        self.is_blamed
    }

    pub(super) fn broken(&self) -> Option<Broken> {
        let (code, reason) = self.channel.broken()?;
        let cause = match code {
            Some(RDKafkaErrorCode::GaplessGuarantee) if self.is_blamed => BrokenBy::Refusal,
            Some(RDKafkaErrorCode::GaplessGuarantee) | None => BrokenBy::Neighbour,
            Some(_) => BrokenBy::Client,
        };
        Some(Broken { reason, cause })
    }

    pub(super) fn push(&self, limit: Duration) {
        self.channel.client.push(limit);
    }

    pub(super) fn purge(&self, all: bool) {
        self.channel.client.purge(all);
    }

    pub(super) fn held(&self) -> usize {
        self.held
    }

    #[cfg(test)]
    pub(super) fn client(&self) -> usize {
        Arc::as_ptr(&self.channel).addr()
    }

    pub(super) fn ask_topics(&self, topics: &[&str]) {
        self.question.ask(topics);
    }

    pub(super) fn topics_told(&self) -> Option<Result<TopicsTold, RDKafkaErrorCode>> {
        let told = self.question.answer()?;
        if let Ok(told) = &told {
            lock(&self.channel.raw).renew_topics(told);
        }
        Some(told)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.channel.leave(self.number);
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane").field("number", &self.number).field("held", &self.held).finish_non_exhaustive()
    }
}

/// Whether a lane whose message was refused so may be the one to blame.
pub(super) fn blames(refused: &Refused) -> bool {
    use crate::endpoint::Refusal as R;
    matches!(refused.kind, R::Record | R::Candidate | R::Request | R::Authorization)
}
