//! A worker's queue: partitions are forwarded to it, messages are taken from it many at a time.

use std::{
    ffi::{CStr, CString},
    sync::Arc,
    time::Duration,
};

use rdkafka::{
    bindings as sys,
    consumer::{BaseConsumer, Consumer as _},
    types::RDKafkaErrorCode,
};

use super::{super::consumer::Context, headers::Headers};
use crate::{
    batch::{Batch, Full},
    endpoint::{Error, Incoming, Partition, Source, Trouble},
    record::Timestamp,
};

/// The native queue, which its doors keep alive as well.
struct Handle {
    queue: *mut sys::rd_kafka_queue_t,
    consumer: Arc<BaseConsumer<Context>>,
}

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for Handle {}
// SAFETY: forwarding and taking are thread-safe in librdkafka.
unsafe impl Sync for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: our own reference, given back once; the consumer is still alive.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}

/// A queue that partitions of one consumer are forwarded to; used by one thread at a time.
pub struct Queue {
    handle: Arc<Handle>,
    messages: Messages,
}

/// Messages taken and not yet handed out.
struct Messages(Vec<*mut sys::rd_kafka_message_t>);

// SAFETY: a consumed message belongs to whoever took it, whatever the thread.
unsafe impl Send for Messages {}

/// What stood in the queue: a record, or what went wrong with a partition.
pub struct Fetched<'a> {
    message: &'a mut sys::rd_kafka_message_t,
}

impl Queue {
    pub(in super::super) fn new(consumer: &Arc<BaseConsumer<Context>>) -> Self {
        // SAFETY: a live client, which this value keeps alive.
        let queue = unsafe { sys::rd_kafka_queue_new(consumer.client().native_ptr()) };
        Self { handle: Arc::new(Handle { queue, consumer: Arc::clone(consumer) }), messages: Messages(Vec::new()) }
    }

    /// Another handle to the same queue, for forwarding partitions from the consumer's thread.
    pub(in super::super) fn door(&self) -> Door {
        Door { handle: Arc::clone(&self.handle) }
    }
}

impl Source for Queue {
    type Headers = Headers;
    type Record<'a> = Fetched<'a>;

    fn held(&self) -> usize {
        self.messages.0.len()
    }

    fn fill(&mut self, most: usize, wait: Duration) -> usize {
        let messages = &mut self.messages.0;
        let held = messages.len();
        let room = most.saturating_sub(held);
        messages.reserve(room);
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: our queue, and room reserved for that many pointers behind those that are held; so many as it answers (-1:
        // none) are written, one after the other, and are ours to destroy.
        unsafe {
            let count =
                sys::rd_kafka_consume_batch_queue(self.handle.queue, wait, messages.as_mut_ptr().add(held), room);
            messages.set_len(held + usize::try_from(count).unwrap_or(0));
        }
        messages.len()
    }

    fn drain(&mut self, mut each: impl FnMut(Fetched<'_>)) {
        for message in self.messages.0.drain(..) {
            // SAFETY: a live message until destroyed below, once; `each` cannot keep it.
            unsafe {
                each(Fetched { message: &mut *message });
                sys::rd_kafka_message_destroy(message);
            }
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.drain(|_| {});
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queue")
    }
}

/// Where partitions are forwarded to a worker's queue.
pub(in super::super) struct Door {
    handle: Arc<Handle>,
}

impl Door {
    /// Messages of `partition` go to the worker's queue from now on. Done before the partition is assigned, nothing of
    /// it ever stands anywhere else.
    pub(in super::super) fn forward(&self, partition: &Partition) -> Result<(), Error> {
        let doing = "forward a partition";
        let topic = CString::new(&*partition.topic).map_err(|error| Error::new(doing, error))?;
        // SAFETY: a live client, a NUL-ended name; the reference to the partition's queue is given back at once,
        // the forwarding stays.
        unsafe {
            let client = self.handle.consumer.client().native_ptr();
            let queue = sys::rd_kafka_queue_get_partition(client, topic.as_ptr(), partition.number);
            if queue.is_null() {
                return Err(Error::new(doing, format_args!("librdkafka knows no {partition}")));
            }
            sys::rd_kafka_queue_forward(queue, self.handle.queue);
            sys::rd_kafka_queue_destroy(queue);
        }
        Ok(())
    }
}

impl Fetched<'_> {
    /// Null differs from empty.
    fn key(&self) -> Option<&[u8]> {
        // SAFETY: librdkafka's key of a live message, which is borrowed.
        unsafe { bytes(self.message.key.cast(), self.message.key_len) }
    }

    /// Null differs from empty.
    fn value(&self) -> Option<&[u8]> {
        // SAFETY: librdkafka's value of a live message, which is borrowed.
        unsafe { bytes(self.message.payload.cast(), self.message.len) }
    }
}

impl Incoming for Fetched<'_> {
    type Headers = Headers;

    fn topic_id(&self) -> usize {
        self.message.rkt.addr()
    }

    fn topic(&self) -> &str {
        if self.message.rkt.is_null() {
            return "";
        }
        // SAFETY: the message holds a reference to its topic; the name ends with a NUL and lives as long.
        let name = unsafe { CStr::from_ptr(sys::rd_kafka_topic_name(self.message.rkt)) };
        name.to_str().unwrap_or_default()
    }

    fn partition(&self) -> i32 {
        self.message.partition
    }

    fn offset(&self) -> i64 {
        self.message.offset
    }

    fn trouble(&self) -> Option<Trouble> {
        if self.message.err == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let code = RDKafkaErrorCode::from(self.message.err);
        Some(match code {
            RDKafkaErrorCode::PartitionEOF => Trouble::End,
            RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange => Trouble::Gap,
            _ => {
                // SAFETY: the text is the message's, or a constant; it ends with a NUL.
                let words = unsafe { CStr::from_ptr(sys::rd_kafka_message_errstr(self.message)) };
                let words = words.to_string_lossy().into_owned();
                match code {
                    RDKafkaErrorCode::BadMessage
                    | RDKafkaErrorCode::BadCompression
                    | RDKafkaErrorCode::NotImplemented => Trouble::Unreadable(words),
                    _ => Trouble::Other(words),
                }
            }
        })
    }

    fn size(&self) -> usize {
        self.message.len + self.message.key_len
    }

    fn timestamp(&self) -> Timestamp {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: a live message and an out value of ours.
        let ms = unsafe { sys::rd_kafka_message_timestamp(self.message, &mut kind) };
        match kind {
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_CREATE_TIME => Timestamp::Create(ms),
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => Timestamp::LogAppend(ms),
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => Timestamp::None,
        }
    }

    fn copy_to(self, batch: &mut Batch, received: i64) -> Result<Headers, Full> {
        // SAFETY: a live message that only we have.
        let headers = unsafe { Headers::detach(self.message) };
        batch.push(self.offset(), self.timestamp(), received, self.key(), self.value(), headers.iter())?;
        Ok(headers)
    }
}

impl std::fmt::Debug for Fetched<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]@{}", self.topic(), self.partition(), self.offset())
    }
}

/// # Safety
/// Null, or `size` bytes that live for `'a`.
unsafe fn bytes<'a>(at: *const u8, size: usize) -> Option<&'a [u8]> {
    // SAFETY: the caller's promise.
    (!at.is_null()).then(|| unsafe { std::slice::from_raw_parts(at, size) })
}
