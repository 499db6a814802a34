//! A worker's queue, which partitions are forwarded to.

use std::{ffi::CString, ptr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use rdkafka::{
    bindings as sys,
    consumer::{BaseConsumer, Consumer as _},
};

use super::Message;

/// A queue of one worker.
pub(crate) struct Queue {
    queue: *mut sys::rd_kafka_queue_t,
    taken: Vec<*mut sys::rd_kafka_message_t>,
    consumer: Arc<BaseConsumer>,
}

// SAFETY: librdkafka's queues may be used from any thread, and a consumed message belongs to whoever took it.
unsafe impl Send for Queue {}

impl Queue {
    pub(crate) fn new(consumer: &Arc<BaseConsumer>) -> Self {
        // SAFETY: a live client, which this value keeps alive.
        let queue = unsafe { sys::rd_kafka_queue_new(consumer.client().native_ptr()) };
        Self { queue, taken: Vec::new(), consumer: Arc::clone(consumer) }
    }

    /// Messages of this partition come here; to be called before the partition is assigned.
    pub(crate) fn forward(&self, topic: &str, partition: i32) -> Result<()> {
        let name = CString::new(topic).context("a topic's name")?;
        // SAFETY: a live client, a NUL-ended name; the reference to the partition's queue is given back at once, the
        // forwarding stays.
        unsafe {
            let queue =
                sys::rd_kafka_queue_get_partition(self.consumer.client().native_ptr(), name.as_ptr(), partition);
            ensure!(!queue.is_null(), "librdkafka knows no {topic}[{partition}]");
            sys::rd_kafka_queue_forward(queue, self.queue);
            sys::rd_kafka_queue_destroy(queue);
        }
        Ok(())
    }

    /// Hands up to `most` messages to `each`, waiting no longer than `wait` for them.
    pub(crate) fn take(&mut self, most: usize, wait: Duration, mut each: impl FnMut(Message)) {
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        self.taken.resize(most, ptr::null_mut());
        // SAFETY: our queue, and room for that many pointers.
        let count = unsafe { sys::rd_kafka_consume_batch_queue(self.queue, wait, self.taken.as_mut_ptr(), most) };
        self.taken.truncate(usize::try_from(count).unwrap_or(0));
        for message in self.taken.drain(..) {
            // SAFETY: what was answered is ours, once.
            if let Some(message) = unsafe { Message::from_raw(message) } {
                each(message);
            }
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: our own reference, given back once; the consumer is still alive.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}
