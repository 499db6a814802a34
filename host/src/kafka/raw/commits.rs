//! Commits whose outcome is told: rust-rdkafka's asynchronous commit tells none, its synchronous one has no limit.

use std::{ffi::c_void, ptr, sync::Arc, time::Duration};

use rdkafka::{
    bindings as sys,
    consumer::{BaseConsumer, Consumer as _},
    topic_partition_list::TopicPartitionList,
    types::RDKafkaErrorCode,
};

use super::super::consumer::Context;

/// Where the outcomes of one consumer's commits arrive; used by one thread.
pub(in super::super) struct Commits {
    queue: *mut sys::rd_kafka_queue_t,
    consumer: Arc<BaseConsumer<Context>>,
}

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for Commits {}

impl Commits {
    pub(in super::super) fn new(consumer: &Arc<BaseConsumer<Context>>) -> Self {
        // SAFETY: a live client, which this value keeps alive.
        let queue = unsafe { sys::rd_kafka_queue_new(consumer.client().native_ptr()) };
        Self { queue, consumer: Arc::clone(consumer) }
    }

    /// Sends a commit; its outcome comes out of [`Self::outcome`], in the order of sending.
    pub(in super::super) fn send(&self, offsets: &TopicPartitionList) -> Result<(), RDKafkaErrorCode> {
        let no_opaque: *mut c_void = ptr::null_mut();
        // SAFETY: a live client, list and queue; the list is copied within the call; there is no callback.
        let error = unsafe {
            let client = self.consumer.client().native_ptr();
            sys::rd_kafka_commit_queue(client, offsets.ptr(), self.queue, None, no_opaque)
        };
        if error == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR { Ok(()) } else { Err(error.into()) }
    }

    /// The outcome of the oldest commit, waiting no longer than `wait`; `None` = not there yet.
    pub(in super::super) fn outcome(&self, wait: Duration) -> Option<Result<(), RDKafkaErrorCode>> {
        let wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: our queue; the event is ours, destroyed once, after the last look at what it lends.
        unsafe {
            let event = sys::rd_kafka_queue_poll(self.queue, wait);
            if event.is_null() {
                return None;
            }
            let mut outcome = sys::rd_kafka_event_error(event);
            let list = sys::rd_kafka_event_topic_partition_list(event);
            if outcome == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR && !list.is_null() {
                for at in 0..usize::try_from((*list).cnt).unwrap_or(0) {
                    let error = (*(*list).elems.add(at)).err;
                    if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                        outcome = error;
                    }
                }
            }
            sys::rd_kafka_event_destroy(event);
            Some(if outcome == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                Ok(())
            } else {
                Err(outcome.into())
            })
        }
    }
}

impl Drop for Commits {
    fn drop(&mut self) {
        // SAFETY: our own reference, given back once; the consumer is still alive.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}
