//! A producer without callbacks: messages go in with headers and timestamp, reports come out of a queue.

use std::{
    ffi::{CStr, CString},
    ptr,
    sync::Arc,
    time::Duration,
};

use rdkafka::{
    bindings as sys,
    client::{Client, ClientContext},
    config::{ClientConfig, RDKafkaLogLevel},
    types::{RDKafkaErrorCode, RDKafkaType},
};

use super::{
    super::log::Logs,
    client::ProducerClient,
    events,
    headers::Headers,
    partitioner,
    pinned::{PinnedBuffers, stands_in},
    reports::Reports,
    tag::{LANES, opaque_of, tag_of},
    topic_question::TopicQuestion,
    topics::Topics,
};
use crate::endpoint::{Error, Outgoing, Tag, TopicsTold};

/// librdkafka's mark for "ask the partitioner".
const UNASSIGNED: i32 = -1;

/// How many fields of [`RawProducer`] keep its client alive.
const OWN: usize = 3;

/// What came out of the producer's queue.
pub(in super::super) enum Event {
    /// A message is delivered to every replica that `acks` asks for.
    Delivered {
        /// The message's lane.
        lane: usize,
        /// The message's tag.
        tag: Tag,
    },
    /// A message was not delivered.
    Failed {
        /// The message's lane.
        lane: usize,
        /// The message's tag.
        tag: Tag,
        /// Why not.
        code: sys::rd_kafka_resp_err_t,
        /// Whether the broker named the records that it refused the request for, or it was the only one of its request.
        is_singled_out: bool,
    },
}

/// The raw producer; used by one thread at a time.
pub(in super::super) struct RawProducer {
    topics: Topics,
    question: TopicQuestion,
    reports: Reports,
    /// What a message is described by; filled anew for each.
    parts: [sys::rd_kafka_vu_t; 8],
    by_source: bool,
    logs: Logs,
    client: ProducerClient,
    /// What messages of each lane are sent from. Behind the client: while that is there, messages may be.
    pinned: [PinnedBuffers; LANES],
}

// SAFETY: librdkafka's handles may be used from any thread; we only ever use them through &mut self.
unsafe impl Send for RawProducer {}

impl RawProducer {
    pub(in super::super) fn new(config: &ClientConfig, by_source: bool, logs: Logs) -> Result<Self, Error> {
        let failed = |reason: rdkafka::error::KafkaError| Error::new("make a producer", reason);
        let native = config.create_native_config().map_err(failed)?;
        // SAFETY: the configuration is ours until the client takes it.
        unsafe { sys::rd_kafka_conf_set_events(native.ptr(), sys::RD_KAFKA_EVENT_DR | sys::RD_KAFKA_EVENT_ERROR) };
        let client = Client::new(config, native, RDKafkaType::RD_KAFKA_PRODUCER, logs.clone()).map_err(failed)?;
        let client = ProducerClient::new(client);
        let (question, reports) = (TopicQuestion::new(client.clone()), Reports::of(client.clone()));
        Ok(Self {
            topics: Topics::default(),
            question,
            reports,
            parts: parts(),
            by_source,
            logs,
            client,
            pinned: <[PinnedBuffers; LANES]>::default(),
        })
    }

    fn topic(&mut self, name: &str) -> Result<*mut sys::rd_kafka_topic_t, sys::rd_kafka_resp_err_t> {
        if let Some(topic) = self.topics.find(name) {
            return Ok(topic);
        }
        let c_name = CString::new(name).map_err(|_| sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)?;
        let client = self.client.native();
        // SAFETY: the copy of the client's topic defaults is owned by rd_kafka_topic_new, also where that fails; the
        // partitioner and its opaque live for ever.
        let topic = unsafe {
            let conf = sys::rd_kafka_default_topic_conf_dup(client);
            sys::rd_kafka_topic_conf_set_partitioner_cb(conf, Some(partitioner::choose));
            if self.by_source {
                sys::rd_kafka_topic_conf_set_opaque(conf, partitioner::BY_SOURCE);
            }
            sys::rd_kafka_topic_new(client, c_name.as_ptr(), conf)
        };
        if topic.is_null() {
            return Err(sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
        }
        for old in self.topics.add(name, topic) {
            // SAFETY: made by us and used by nobody else; messages keep their own reference.
            unsafe { sys::rd_kafka_topic_destroy(old) };
        }
        Ok(topic)
    }

    /// What any thread may do with the client.
    pub(in super::super) fn client(&self) -> &ProducerClient {
        &self.client
    }

    /// Asks one broker which of these topics exist; the answer comes out of [`Self::topics_told`].
    pub(in super::super) fn ask_topics(&self, topics: &[&str]) {
        self.question.ask(topics);
    }

    /// The oldest answer that is there. What is sent from now on to a topic that is present reaches it, also where
    /// librdkafka took it for missing.
    pub(in super::super) fn topics_told(&mut self) -> Option<Result<TopicsTold, RDKafkaErrorCode>> {
        let told = self.question.answer()?;
        if let Ok(told) = &told {
            self.renew_topics(told);
        }
        Some(told)
    }

    /// What is sent from now on to a topic that is present reaches it, also where librdkafka took it for missing.
    pub(in super::super) fn renew_topics(&mut self, told: &TopicsTold) {
        for (name, _) in &told.present {
            let Some(topic) = self.topics.remove(name) else { continue };
            let mut metadata = ptr::null();
            // SAFETY: a live client and a handle of ours, which is destroyed once; nobody waits for the metadata, and where
            // they come at once they are destroyed. A handle that is made anew asks for its topic; one that messages keep
            // is told by this question.
            unsafe {
                sys::rd_kafka_metadata(self.client.native(), 0, topic, &mut metadata, 0);
                if !metadata.is_null() {
                    sys::rd_kafka_metadata_destroy(metadata);
                }
                sys::rd_kafka_topic_destroy(topic);
            }
        }
    }

    /// Puts the message into the producer's queue as one of `lane`, below [`LANES`]: its headers, which are gone also where it was not taken; its value,
    /// copied unless it stands in `memory`; and all else copied. Never blocks.
    pub(in super::super) fn send(
        &mut self,
        lane: usize,
        out: &Outgoing<'_>,
        headers: Headers,
        memory: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), sys::rd_kafka_resp_err_t> {
        let topic = self.topic(out.topic)?;
        let opaque = opaque_of(lane, out.tag);
        let memory = memory.filter(|memory| out.value.is_some_and(|value| stands_in(value, memory)));
        let parts = &mut self.parts;
        parts[0].u.rkt = topic;
        parts[1].u.i32_ = out.partition.unwrap_or(UNASSIGNED);
        parts[2].u.i = if memory.is_some() { 0 } else { sys::RD_KAFKA_MSG_F_COPY };
        parts[3].u.mem = region(out.value);
        parts[4].u.mem = region(out.key);
        parts[5].u.i64_ = out.timestamp.unwrap_or(0);
        parts[6].u.ptr = opaque;
        parts[7].u.headers = headers.as_ptr();
        let count = if headers.as_ptr().is_null() { 7 } else { 8 };
        // SAFETY: `count` parts, each with the member its type names; the key is always copied within the call, and so is
        // the value (F_COPY) unless it stands in memory that nobody writes to and that is kept until the report of the
        // message (`PinnedBuffers`), or, where none comes, until the client is gone (it stands before `pinned` among the fields); the
        // topic handle is ours, the headers pass to the message only where the call succeeds.
        let error = unsafe { sys::rd_kafka_produceva(self.client.native(), parts.as_ptr(), count) };
        if error.is_null() {
            headers.taken();
            // The slot as its report will name it.
            let (lane, tag) = tag_of(opaque);
            self.pinned[lane].taken(tag.slot, memory);
            return Ok(());
        }
        // SAFETY: the error is ours to read and to destroy, once.
        let code = unsafe {
            let code = sys::rd_kafka_error_code(error);
            sys::rd_kafka_error_destroy(error);
            code
        };
        Err(code)
    }

    /// Hands what the queue holds to `each`; waits up to `wait` for the first.
    pub(in super::super) fn serve(&mut self, mut wait: Duration, mut each: impl FnMut(Event)) {
        while let Some(event) = self.reports.poll(wait) {
            wait = Duration::ZERO;
            self.read(event, &mut each);
        }
    }

    /// Hands what the event tells of messages to `each`, and answers for all else. Returns the event, of which nothing is left
    /// to tell: to drop it takes its time.
    pub(in super::super) fn read(&mut self, owned: events::Event, each: &mut impl FnMut(Event)) -> events::Event {
        let event = owned.as_ptr();
        // SAFETY: the event is alive for the whole of this function, and so is what it lends, but for the values of
        // messages whose report was told: nobody reads these any more.
        unsafe {
            match sys::rd_kafka_event_type(event) {
                sys::RD_KAFKA_EVENT_DR => {
                    // An event tells of the messages of one request, or of several that were given up.
                    let is_lone = sys::rd_kafka_event_message_count(event) == 1;
                    let mut failed = Vec::new();
                    // Messages of a slot are sent one after the other, and reported so.
                    let (mut last, mut count) = ((0, 0), 0);
                    loop {
                        let message = sys::rd_kafka_event_message_next(event);
                        if message.is_null() {
                            break;
                        }
                        let (lane, tag) = tag_of((*message)._private);
                        if (lane, tag.slot) != last {
                            self.pinned[last.0].reported(last.1, std::mem::take(&mut count));
                            last = (lane, tag.slot);
                        }
                        count += 1;
                        match code_of((*message).err, (*message).offset) {
                            None => each(Event::Delivered { lane, tag }),
                            Some(code) => failed.push((lane, tag, code)),
                        }
                    }
                    self.pinned[last.0].reported(last.1, count);
                    let others = sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD;
                    let is_singled_out = is_lone || failed.iter().any(|(.., code)| *code == others);
                    for (lane, tag, code) in failed {
                        each(Event::Failed { lane, tag, code, is_singled_out });
                    }
                }
                sys::RD_KAFKA_EVENT_ERROR => {
                    let reason = text(sys::rd_kafka_event_error_string(event));
                    let is_fatal = sys::rd_kafka_event_error_is_fatal(event) != 0;
                    match sys::rd_kafka_event_error(event).into() {
                        // That it broke down is asked for, and said by whoever asks.
                        code if is_fatal || code == RDKafkaErrorCode::Fatal => {
                            tracing::debug!(target: "librdkafka", "{reason}");
                        }
                        code => self.logs.trouble(code, &reason),
                    }
                }
                sys::RD_KAFKA_EVENT_LOG => {
                    let (mut facility, mut line, mut level) = (ptr::null(), ptr::null(), 0);
                    if sys::rd_kafka_event_log(event, &mut facility, &mut line, &mut level) == 0 {
                        self.logs.log(level_of(level), &text(facility), &text(line));
                    }
                }
                sys::RD_KAFKA_EVENT_STATS => {
                    self.logs.stats_raw(CStr::from_ptr(sys::rd_kafka_event_stats(event)).to_bytes());
                    if self.logs.take_lost() {
                        self.client.begin_anew();
                    }
                }
                _ => {}
            }
        }
        owned
    }
}

impl Drop for RawProducer {
    fn drop(&mut self) {
        for topic in self.topics.all() {
            // SAFETY: made by us; messages keep their own reference.
            unsafe { sys::rd_kafka_topic_destroy(topic) };
        }
        if self.client.handles() > OWN {
            // Whoever has the client still sends what it holds: the memory has to stay.
            std::mem::forget(std::mem::take(&mut self.pinned));
        }
    }
}

impl std::fmt::Debug for RawProducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawProducer").field("topics", &self.topics.all().count()).finish_non_exhaustive()
    }
}

/// Why a message of this report was not delivered; `None` = the broker took it.
///
/// Where the broker takes a younger request of a partition, librdkafka reports what stood before it and is still to be sent
/// again as delivered, too. A broker that knows nothing of the producer takes a younger request also where it has refused
/// the one before: that one would be lost. No broker has said at which offset it stands, and by that it is told.
fn code_of(error: sys::rd_kafka_resp_err_t, offset: i64) -> Option<sys::rd_kafka_resp_err_t> {
    if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
        return Some(error);
    }
    let is_unknown = offset == i64::from(sys::RD_KAFKA_OFFSET_INVALID);
    is_unknown.then_some(sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__RETRY)
}

/// A message's parts, empty.
fn parts() -> [sys::rd_kafka_vu_t; 8] {
    use sys::rd_kafka_vtype_t as Type;
    [
        Type::RD_KAFKA_VTYPE_RKT,
        Type::RD_KAFKA_VTYPE_PARTITION,
        Type::RD_KAFKA_VTYPE_MSGFLAGS,
        Type::RD_KAFKA_VTYPE_VALUE,
        Type::RD_KAFKA_VTYPE_KEY,
        Type::RD_KAFKA_VTYPE_TIMESTAMP,
        Type::RD_KAFKA_VTYPE_OPAQUE,
        Type::RD_KAFKA_VTYPE_HEADERS,
    ]
    .map(part)
}

const fn part(vtype: sys::rd_kafka_vtype_t) -> sys::rd_kafka_vu_t {
    sys::rd_kafka_vu_t { vtype, u: sys::rd_kafka_vu_s__bindgen_ty_1 { _pad: [0; 64] } }
}

fn region(bytes: Option<&[u8]>) -> sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
    let (at, size) = bytes.map_or((ptr::null(), 0), |bytes| (bytes.as_ptr(), bytes.len()));
    sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 { ptr: at.cast_mut().cast(), size }
}

/// A syslog level, as librdkafka gives it.
fn level_of(level: i32) -> RDKafkaLogLevel {
    match level {
        ..=3 => RDKafkaLogLevel::Error,
        4 => RDKafkaLogLevel::Warning,
        5 => RDKafkaLogLevel::Notice,
        6 => RDKafkaLogLevel::Info,
        _ => RDKafkaLogLevel::Debug,
    }
}

/// # Safety
/// `line` is null or ends with a NUL.
unsafe fn text(line: *const std::ffi::c_char) -> String {
    if line.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(line) }.to_string_lossy().trim().to_owned()
}
