//! The queue that a producer's reports come out of.

use std::time::Duration;

use rdkafka::bindings as sys;

use super::client::ProducerClient;

/// The queue of a producer's reports and troubles; it keeps the client alive.
pub(in super::super) struct Reports {
    queue: *mut sys::rd_kafka_queue_t,
    _client: ProducerClient,
}

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for Reports {}
// SAFETY: taking events out is thread-safe in librdkafka.
unsafe impl Sync for Reports {}

/// What came out of the queue.
pub(in super::super) struct ReportEvent(*mut sys::rd_kafka_event_t);

impl Reports {
    pub(in super::super) fn of(client: ProducerClient) -> Self {
        // SAFETY: a live client, which this value keeps alive; the reference is given back in drop.
        let queue = unsafe { sys::rd_kafka_queue_get_main(client.native()) };
        Self { queue, _client: client }
    }

    /// The next event, if it is there within `wait`.
    pub(in super::super) fn poll(&self, wait: Duration) -> Option<ReportEvent> {
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: our queue; the event is ours to destroy.
        let event = unsafe { sys::rd_kafka_queue_poll(self.queue, wait) };
        (!event.is_null()).then_some(ReportEvent(event))
    }
}

impl ReportEvent {
    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_event_t {
        self.0
    }
}

impl Drop for ReportEvent {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once after the last use of what it holds.
        unsafe { sys::rd_kafka_event_destroy(self.0) };
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        // SAFETY: our reference to the queue, given back once, before the client goes.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}
