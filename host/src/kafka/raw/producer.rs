//! A producer without callbacks: messages go in with headers and timestamp, reports come out of a queue.

use std::{
    ffi::{CStr, CString, c_void},
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
    headers::Headers,
    lent::{Lent, stands_in},
    partitioner,
    topics::Topics,
};
use crate::endpoint::{Error, Outgoing, Tag};

/// librdkafka's mark for "ask the partitioner".
const UNASSIGNED: i32 = -1;

const SLOT_BITS: u32 = 14;
const OUTPUT_BITS: u32 = 26;
const PARTITION_BITS: u32 = 24;

/// The number that travels with a message.
fn opaque_of(tag: Tag) -> *mut c_void {
    let low = u64::from(tag.slot) & ((1 << SLOT_BITS) - 1);
    let middle = u64::from(tag.output) & ((1 << OUTPUT_BITS) - 1);
    let high = u64::from(tag.partition.unsigned_abs()) & ((1 << PARTITION_BITS) - 1);
    ptr::without_provenance_mut((low | middle << SLOT_BITS | high << (SLOT_BITS + OUTPUT_BITS)) as usize)
}

/// The tag that a message's number stands for.
pub(super) fn tag_of(opaque: *mut c_void) -> Tag {
    let bits = opaque.addr() as u64;
    Tag {
        slot: (bits & ((1 << SLOT_BITS) - 1)) as u32,
        output: (bits >> SLOT_BITS & ((1 << OUTPUT_BITS) - 1)) as u32,
        partition: (bits >> (SLOT_BITS + OUTPUT_BITS)) as i32,
    }
}

/// What came out of the producer's queue.
pub(in super::super) enum Event {
    /// A message's fate; `None` = delivered to every replica that `acks` asks for.
    Report(Tag, Option<RDKafkaErrorCode>),
    /// The client's own trouble; it goes on by itself, unless [`RawProducer::fatal`] says otherwise.
    Trouble {
        /// librdkafka's code.
        code: RDKafkaErrorCode,
        /// librdkafka's words.
        reason: String,
    },
}

/// The raw producer; used by one thread at a time.
pub(in super::super) struct RawProducer {
    topics: Topics,
    queue: *mut sys::rd_kafka_queue_t,
    /// What a message is described by; filled anew for each.
    parts: [sys::rd_kafka_vu_t; 8],
    by_source: bool,
    logs: Logs,
    client: Client<Logs>,
    /// What messages are sent from. Behind the client: while that is there, messages may be.
    lent: Lent,
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
        // SAFETY: a live client; the reference to its queue is given back in drop.
        let queue = unsafe { sys::rd_kafka_queue_get_main(client.native_ptr()) };
        Ok(Self { topics: Topics::default(), queue, parts: parts(), by_source, logs, client, lent: Lent::default() })
    }

    fn topic(&mut self, name: &str) -> Result<*mut sys::rd_kafka_topic_t, RDKafkaErrorCode> {
        if let Some(topic) = self.topics.find(name) {
            return Ok(topic);
        }
        let c_name = CString::new(name).map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
        let client = self.client.native_ptr();
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
            return Err(RDKafkaErrorCode::InvalidTopic);
        }
        self.topics.add(name, topic);
        Ok(topic)
    }

    /// Puts the message into the producer's queue: its headers, which are gone also where it was not taken; its value,
    /// copied unless it stands in `memory`; and all else copied. Never blocks.
    pub(in super::super) fn send(
        &mut self,
        out: &Outgoing<'_>,
        headers: Headers,
        memory: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), RDKafkaErrorCode> {
        let topic = self.topic(out.topic)?;
        let opaque = opaque_of(out.tag);
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
        // message (`Lent`), or, where none comes, until the client is gone (it stands before `lent` among the fields); the
        // topic handle is ours, the headers pass to the message only where the call succeeds.
        let error = unsafe { sys::rd_kafka_produceva(self.client.native_ptr(), parts.as_ptr(), count) };
        if error.is_null() {
            headers.taken();
            // The slot as its report will name it.
            self.lent.taken(tag_of(opaque).slot, memory);
            return Ok(());
        }
        // SAFETY: the error is ours to read and to destroy, once.
        let code = unsafe {
            let code = sys::rd_kafka_error_code(error);
            sys::rd_kafka_error_destroy(error);
            code
        };
        Err(code.into())
    }

    /// Hands what the queue holds to `each`; waits up to `wait` for the first.
    pub(in super::super) fn serve(&mut self, wait: Duration, mut each: impl FnMut(Event)) {
        let mut wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        loop {
            // SAFETY: our queue; the event is ours to destroy.
            let event = unsafe { sys::rd_kafka_queue_poll(self.queue, wait) };
            if event.is_null() {
                return;
            }
            wait = 0;
            // SAFETY: a live event, destroyed once after the last use of what it holds.
            unsafe {
                self.read(event, &mut each);
                sys::rd_kafka_event_destroy(event);
            }
        }
    }

    /// # Safety
    /// `event` is alive.
    unsafe fn read(&mut self, event: *mut sys::rd_kafka_event_t, each: &mut impl FnMut(Event)) {
        // SAFETY: the event is alive for the whole of this function, and so is what it lends, but for the values of
        // messages whose report was told: nobody reads these any more.
        unsafe {
            match sys::rd_kafka_event_type(event) {
                sys::RD_KAFKA_EVENT_DR => {
                    // Messages of a slot are sent one after the other, and reported so.
                    let (mut slot, mut count) = (0, 0);
                    loop {
                        let message = sys::rd_kafka_event_message_next(event);
                        if message.is_null() {
                            break;
                        }
                        let code = code_of((*message).err, (*message).offset);
                        let tag = tag_of((*message)._private);
                        if tag.slot != slot {
                            self.lent.reported(slot, std::mem::take(&mut count));
                            slot = tag.slot;
                        }
                        count += 1;
                        each(Event::Report(tag, code));
                    }
                    self.lent.reported(slot, count);
                }
                sys::RD_KAFKA_EVENT_ERROR => {
                    let reason = text(sys::rd_kafka_event_error_string(event));
                    let is_fatal = sys::rd_kafka_event_error_is_fatal(event) != 0;
                    let code = sys::rd_kafka_event_error(event).into();
                    each(Event::Trouble { code: if is_fatal { RDKafkaErrorCode::Fatal } else { code }, reason });
                }
                sys::RD_KAFKA_EVENT_LOG => {
                    let (mut facility, mut line, mut level) = (ptr::null(), ptr::null(), 0);
                    if sys::rd_kafka_event_log(event, &mut facility, &mut line, &mut level) == 0 {
                        self.logs.log(level_of(level), &text(facility), &text(line));
                    }
                }
                sys::RD_KAFKA_EVENT_STATS => {
                    self.logs.stats_raw(CStr::from_ptr(sys::rd_kafka_event_stats(event)).to_bytes());
                }
                _ => {}
            }
        }
    }

    /// Why it can send no more, where that is so: librdkafka's code and words.
    pub(in super::super) fn fatal(&self) -> Option<(RDKafkaErrorCode, String)> {
        let mut words = [0; 512];
        // SAFETY: a live client and room of the size that is told; librdkafka ends the text with a NUL.
        let code = unsafe { sys::rd_kafka_fatal_error(self.client.native_ptr(), words.as_mut_ptr(), words.len()) };
        if code == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        // SAFETY: as above.
        Some((code.into(), unsafe { text(words.as_ptr()) }))
    }

    /// Sends what is queued now, however long it might linger; waits for that up to `limit`.
    pub(in super::super) fn push(&mut self, limit: Duration) {
        let limit = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: a live client. Its only error is that the time was too short, which the reports tell better.
        unsafe { sys::rd_kafka_flush(self.client.native_ptr(), limit) };
    }

    /// Gives up what waits to be sent, and with `all` what brokers have yet to answer, too; each message gets its report.
    pub(in super::super) fn purge(&mut self, all: bool) {
        let in_flight = if all { sys::RD_KAFKA_PURGE_F_INFLIGHT } else { 0 };
        let flags = sys::RD_KAFKA_PURGE_F_QUEUE | in_flight | sys::RD_KAFKA_PURGE_F_NON_BLOCKING;
        // SAFETY: a live client. Its only error is flags that it does not know.
        unsafe { sys::rd_kafka_purge(self.client.native_ptr(), flags) };
    }

    /// Messages and requests that librdkafka still holds, reports not yet served included.
    pub(in super::super) fn held(&self) -> usize {
        // SAFETY: a live client.
        usize::try_from(unsafe { sys::rd_kafka_outq_len(self.client.native_ptr()) }).unwrap_or(0)
    }
}

impl Drop for RawProducer {
    fn drop(&mut self) {
        for topic in self.topics.all() {
            // SAFETY: made by us; messages keep their own reference.
            unsafe { sys::rd_kafka_topic_destroy(topic) };
        }
        // SAFETY: our reference to the queue, given back once, before the client goes.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
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
fn code_of(error: sys::rd_kafka_resp_err_t, offset: i64) -> Option<RDKafkaErrorCode> {
    if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
        return Some(error.into());
    }
    (offset == i64::from(sys::RD_KAFKA_OFFSET_INVALID)).then_some(RDKafkaErrorCode::Retry)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_comes_back_as_it_went() {
        for tag in [
            Tag { slot: 0, output: 0, partition: 0 },
            Tag { slot: 16_383, output: (1 << 26) - 1, partition: (1 << 24) - 1 },
            Tag { slot: 5, output: 1023, partition: 77 },
        ] {
            assert_eq!(tag_of(opaque_of(tag)), tag);
        }
    }
}
