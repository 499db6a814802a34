//! The queue that a producer's reports come out of.

use std::time::Duration;

use rdkafka::bindings as sys;

use super::{
    client::ProducerClient,
    events::{Event, poll},
};

/// The queue of a producer's reports and troubles; it keeps the client alive.
pub(in super::super) struct Reports {
    queue: *mut sys::rd_kafka_queue_t,
    _client: ProducerClient,
}

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for Reports {}
// SAFETY: taking events out is thread-safe in librdkafka.
unsafe impl Sync for Reports {}

impl Reports {
    pub(in super::super) fn of(client: ProducerClient) -> Self {
        // SAFETY: a live client, which this value keeps alive; the reference is given back in drop.
        let queue = unsafe { sys::rd_kafka_queue_get_main(client.native()) };
        Self { queue, _client: client }
    }

    /// The next event, if it is there within `wait`.
    pub(in super::super) fn poll(&self, wait: Duration) -> Option<Event> {
        // SAFETY: our queue.
        unsafe { poll(self.queue, wait) }
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        // SAFETY: our reference to the queue, given back once, before the client goes.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}
