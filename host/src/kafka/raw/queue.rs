//! A worker's queue: partitions are forwarded to it, messages are taken from it many at a time.

use std::{
    ffi::{CStr, CString},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rdkafka::{
    bindings as sys,
    consumer::{BaseConsumer, Consumer as _},
    types::RDKafkaErrorCode,
};

use super::{super::consumer::Context, headers::Headers, wait::whole_ms};
use crate::{
    batch::{Batch, Full},
    endpoint::{Error, Incoming, Partition, Source, Trouble},
    record::Timestamp,
};

/// A native queue, which keeps its client alive.
struct Native {
    queue: *mut sys::rd_kafka_queue_t,
    consumer: Arc<BaseConsumer<Context>>,
}

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for Native {}
// SAFETY: forwarding and taking are thread-safe in librdkafka.
unsafe impl Sync for Native {}

impl Native {
    fn new(consumer: &Arc<BaseConsumer<Context>>) -> Arc<Self> {
        // SAFETY: a live client, which this value keeps alive.
        let queue = unsafe { sys::rd_kafka_queue_new(consumer.client().native_ptr()) };
        Arc::new(Self { queue, consumer: Arc::clone(consumer) })
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        // SAFETY: our own reference, given back once; the consumer is still alive.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}

/// Where the control thread puts the queue that a worker is to use, when its client is replaced.
struct Exchange {
    native: Mutex<Arc<Native>>,
    /// How often it was replaced.
    replaced: AtomicU64,
}

/// A queue that partitions of one consumer are forwarded to; used by one thread at a time.
pub struct Queue {
    native: Arc<Native>,
    exchange: Arc<Exchange>,
    /// How often `native` was replaced.
    replaced: u64,
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
        let native = Native::new(consumer);
        let exchange = Arc::new(Exchange { native: Mutex::new(Arc::clone(&native)), replaced: AtomicU64::new(0) });
        Self { native, exchange, replaced: 0, messages: Messages(Vec::new()) }
    }

    /// Another handle to the same queue, for the consumer's thread.
    pub(in super::super) fn handle(&self) -> QueueHandle {
        QueueHandle { exchange: Arc::clone(&self.exchange) }
    }

    /// Uses the queue that the consumer's thread has put in place of this one.
    fn follow(&mut self) {
        let replaced = self.exchange.replaced.load(Ordering::Acquire);
        if replaced != self.replaced {
            self.drain(|_| {});
            self.native = self.exchange.current();
            self.replaced = replaced;
        }
    }
}

impl Exchange {
    fn current(&self) -> Arc<Native> {
        Arc::clone(&self.native.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Source for Queue {
    type Headers = Headers;
    type Record<'a> = Fetched<'a>;

    fn held(&self) -> usize {
        self.messages.0.len()
    }

    fn fill(&mut self, most: usize, wait: Duration) -> usize {
        self.follow();
        let messages = &mut self.messages.0;
        let held = messages.len();
        let room = most.saturating_sub(held);
        messages.reserve(room);
        let wait = whole_ms(wait);
        // SAFETY: our queue, and room reserved for that many pointers behind those that are held; so many as it answers (-1:
        // none) are written, one after the other, and are ours to destroy.
        unsafe {
            let count =
                sys::rd_kafka_consume_batch_queue(self.native.queue, wait, messages.as_mut_ptr().add(held), room);
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
pub(in super::super) struct QueueHandle {
    exchange: Arc<Exchange>,
}

impl QueueHandle {
    /// From its next look on the worker uses a queue of this client; what it has of the old one is dropped.
    pub(in super::super) fn replace(&self, consumer: &Arc<BaseConsumer<Context>>) {
        *self.exchange.native.lock().unwrap_or_else(PoisonError::into_inner) = Native::new(consumer);
        self.exchange.replaced.fetch_add(1, Ordering::Release);
    }

    /// Messages of `partition` go to the worker's queue from now on. Done before the partition is assigned, nothing of
    /// it ever stands anywhere else.
    pub(in super::super) fn forward(&self, partition: &Partition) -> Result<(), Error> {
        let doing = "forward a partition";
        let topic = CString::new(&*partition.topic).map_err(|error| Error::new(doing, error))?;
        let native = self.exchange.current();
        // SAFETY: a live client, a NUL-ended name; the reference to the partition's queue is given back at once,
        // the forwarding stays.
        unsafe {
            let client = native.consumer.client().native_ptr();
            let queue = sys::rd_kafka_queue_get_partition(client, topic.as_ptr(), partition.number);
            if queue.is_null() {
                return Err(Error::new(doing, format_args!("librdkafka knows no {partition}")));
            }
            sys::rd_kafka_queue_forward(queue, native.queue);
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
                    RDKafkaErrorCode::TopicAuthorizationFailed => Trouble::Denied(words),
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
