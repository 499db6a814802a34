//! What one worker sends by a producer that it shares.

use std::{sync::Arc, time::Duration};

use rdkafka::{bindings::rd_kafka_resp_err_t as E, types::RDKafkaErrorCode};

use super::{
    super::{
        raw::{client::ProducerClient, headers::Headers, producer::Event, topic_question::TopicQuestion},
        refusal::refused,
    },
    channel::{Channel, Inbox},
};
use crate::{
    endpoint::{Broken, BrokenBy, Outgoing, Refusal, TopicsTold},
    threads::lock,
};

/// What of a lane broke its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blame {
    Nothing,
    /// A broker refused a message of it.
    Refused,
    /// The place in the sequence of one of its partitions is lost.
    Lost,
}

/// One of the lanes of a [`Channel`]; used by one thread at a time.
pub(super) struct Lane {
    /// Each lane has its own: an answer is for whoever asked.
    question: TopicQuestion,
    number: usize,
    inbox: Arc<Inbox>,
    channel: Arc<Channel>,
    /// Messages without a served report.
    held: usize,
    /// What of this lane broke the client, as far as that is known.
    blame: Blame,
}

impl Lane {
    pub(super) fn new(channel: Arc<Channel>, number: usize, inbox: Arc<Inbox>) -> Self {
        let question = TopicQuestion::new(channel.client.clone());
        Self { question, number, inbox, channel, held: 0, blame: Blame::Nothing }
    }

    /// As [`super::super::raw::producer::RawProducer::send`].
    pub(super) fn send(
        &mut self,
        out: &Outgoing<'_>,
        headers: Headers,
        memory: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), E> {
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
            if let Event::Failed { code, .. } = event {
                self.note_failure(code);
            }
            each(event);
        }
    }

    /// A client that broke down is known to have before the reports of what it did not deliver come.
    fn note_failure(&mut self, code: E) {
        let is_of_sequence = refused(code, true).kind == Refusal::Fatal;
        // librdkafka's own codes are negative: what it gave up because of others.
        let is_of_broker = code as i32 > 0;
        if is_of_broker && self.blame != Blame::Refused && self.channel.client.fatal().is_some() {
            self.blame = if is_of_sequence { Blame::Lost } else { Blame::Refused };
        }
    }

    /// Whether a broker refused a message of this lane, and the client broke by it.
    pub(super) fn is_refused(&self) -> bool {
        self.blame == Blame::Refused
    }

    pub(super) fn broken(&self) -> Option<Broken> {
        use RDKafkaErrorCode as C;
        let (code, reason) = self.channel.client.fatal()?;
        let cause = match (code, self.blame) {
            (C::GaplessGuarantee, Blame::Refused) => BrokenBy::Refusal,
            (C::GaplessGuarantee, _) | (C::PurgeQueue, _) => BrokenBy::Neighbour,
            (C::OutOfOrderSequenceNumber | C::UnknownProducerId, Blame::Nothing) => BrokenBy::Neighbour,
            (C::ClusterAuthorizationFailed, _) => BrokenBy::Denied,
            _ => BrokenBy::Client,
        };
        Some(Broken { reason, cause })
    }

    pub(super) fn client(&self) -> &ProducerClient {
        &self.channel.client
    }

    pub(super) fn held(&self) -> usize {
        self.held
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
