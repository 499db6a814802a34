//! One worker's output.

use std::{sync::Arc, time::Duration};

use super::{Broken, Error, Outgoing, Refused, Report, TopicsTold};

/// Takes messages and reports what became of each; used by one thread at a time.
pub trait Sink: Send + Sized {
    /// Headers in the form in which they came from the source of the same kind; the default is none.
    type Headers: Default + Send;

    /// Queues a message; never blocks. `headers` come first, `more` behind them; `headers` are gone also where the
    /// message was not taken. A value that stands in `memory` is not copied: the memory is kept until the message has
    /// its report. A message that was taken gets exactly one report.
    ///
    /// # Errors
    /// Not taken, and no report will come: [`super::Refusal::Retriable`] where the queue is full.
    fn send<'a>(
        &mut self,
        message: &Outgoing<'_>,
        headers: Self::Headers,
        more: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        memory: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), Refused>;
    /// Hands the reports that are there to `each`; waits up to `wait` for the first.
    fn serve(&mut self, wait: Duration, each: impl FnMut(Report));
    /// Sends what is queued now, however long it might linger; waits for the reports up to `limit`.
    fn flush(&mut self, limit: Duration);
    /// Why it can send no more, once that is so. It is known before the reports of what it did not deliver are served.
    fn broken(&self) -> Option<Broken>;
    /// Messages without a served report.
    fn held(&self) -> usize;
    /// Gives up what a broken sink still has to send, and with `all` what brokers have yet to answer, too: each message
    /// gets its report. An answer may put messages back, so that this is called until nothing is held.
    fn give_up(&mut self, all: bool);
    /// Asks one broker which of these topics exist, without waiting; the answer comes out of [`Self::topics_told`].
    fn ask_topics(&mut self, topics: &[&str]);
    /// The answer to the oldest [`Self::ask_topics`], once it is there. What is sent to a topic that is present reaches it
    /// from now on, also where the sink took it for missing before.
    fn topics_told(&mut self) -> Option<Result<TopicsTold, Error>>;
    /// Ends it without waiting. Nothing is reported any more.
    fn discard(self);
    /// Another one with the same settings.
    ///
    /// # Errors
    /// The client library's.
    fn renew(&self) -> Result<Self, Error>;
    /// Another one for the same destinations that survives a refused request. What is sent before [`Self::flush`] goes
    /// as one request per partition, as far as a request holds, one at a time.
    ///
    /// # Errors
    /// The client library's.
    fn isolating(&self) -> Result<Self, Error>;
    /// How many messages for a partition, and how many bytes of them, go as one request at most.
    fn request_limits(&self) -> (usize, usize);
    /// How long a message waits for others that go with it.
    fn linger(&self) -> Duration;
    /// Whether messages are compressed on their way, so that one may fit which seems too large.
    fn compresses(&self) -> bool;
}
