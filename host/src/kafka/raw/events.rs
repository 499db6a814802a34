//! What comes out of librdkafka's queues and is no record; and a queue of a consumer's where answers arrive.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    bindings as sys,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
    types::RDKafkaErrorCode,
};

use super::{super::consumer::Context, wait::whole_ms};

/// How many events wait for the consumer's next poll.
pub(in super::super) fn waiting(consumer: &BaseConsumer<Context>) -> usize {
    // SAFETY: a live client; the reference to its queue is given back. A consumer with a group has that queue.
    unsafe {
        let queue = sys::rd_kafka_queue_get_consumer(consumer.client().native_ptr());
        let length = sys::rd_kafka_queue_length(queue);
        sys::rd_kafka_queue_destroy(queue);
        length
    }
}

/// The queue, which keeps its consumer alive.
pub(super) struct EventQueue<C: ConsumerContext = Context> {
    queue: *mut sys::rd_kafka_queue_t,
    consumer: Arc<BaseConsumer<C>>,
}

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl<C: ConsumerContext> Send for EventQueue<C> {}

impl<C: ConsumerContext> EventQueue<C> {
    pub(super) fn new(consumer: &Arc<BaseConsumer<C>>) -> Self {
        // SAFETY: a live client, which this value keeps alive.
        let queue = unsafe { sys::rd_kafka_queue_new(consumer.client().native_ptr()) };
        Self { queue, consumer: Arc::clone(consumer) }
    }

    pub(super) fn client(&self) -> *mut sys::rd_kafka_t {
        self.consumer.client().native_ptr()
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_queue_t {
        self.queue
    }

    /// The oldest event, waiting no longer than `wait` for it.
    pub(super) fn poll(&self, wait: Duration) -> Option<Event> {
        // SAFETY: our queue.
        unsafe { poll(self.queue, wait) }
    }
}

impl<C: ConsumerContext> Drop for EventQueue<C> {
    fn drop(&mut self) {
        // SAFETY: our own reference, given back once; the consumer is still alive.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}

/// The oldest event, waiting no longer than `wait` for it.
///
/// # Safety
/// `queue` is alive.
pub(super) unsafe fn poll(queue: *mut sys::rd_kafka_queue_t, wait: Duration) -> Option<Event> {
    let wait = whole_ms(wait);
    // SAFETY: the caller's promise; the event is ours.
    let event = unsafe { sys::rd_kafka_queue_poll(queue, wait) };
    (!event.is_null()).then_some(Event(event))
}

/// An event that is ours; what it lends lives no longer.
pub(in super::super) struct Event(*mut sys::rd_kafka_event_t);

impl Event {
    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_event_t {
        self.0
    }

    /// Why it speaks of nothing else.
    pub(super) fn error(&self) -> Option<RDKafkaErrorCode> {
        // SAFETY: a live event.
        code(unsafe { sys::rd_kafka_event_error(self.0) })
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once, after the last look at what it lends.
        unsafe { sys::rd_kafka_event_destroy(self.0) };
    }
}

/// None where librdkafka says that nothing is wrong.
pub(super) fn code(error: sys::rd_kafka_resp_err_t) -> Option<RDKafkaErrorCode> {
    (error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR).then(|| error.into())
}
