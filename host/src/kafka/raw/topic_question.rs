//! Which topics exist, asked over a producer's own connections without waiting.

use std::{
    ffi::{CStr, CString},
    ptr,
    time::Duration,
};

use rdkafka::{bindings as sys, types::RDKafkaErrorCode};

use super::{client::ProducerClient, events::poll};
use crate::endpoint::TopicsTold;

/// How long a broker may take to answer.
const LIMIT_MS: i32 = 5000;

/// Where the answers arrive; it keeps the client alive.
pub(in super::super) struct TopicQuestion {
    queue: *mut sys::rd_kafka_queue_t,
    client: ProducerClient,
}

// SAFETY: librdkafka's queues may be used from any thread.
unsafe impl Send for TopicQuestion {}

impl TopicQuestion {
    pub(in super::super) fn new(client: ProducerClient) -> Self {
        // SAFETY: a live client, which this value keeps alive; the reference is given back in drop.
        let queue = unsafe { sys::rd_kafka_queue_new(client.native()) };
        Self { queue, client }
    }

    /// Asks one broker; the answer comes out of [`Self::answer`]. A name that is none is left out.
    pub(in super::super) fn ask(&self, topics: &[&str]) {
        let client = self.client.native();
        let names: Vec<CString> = topics.iter().filter_map(|name| CString::new(*name).ok()).collect();
        let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        // SAFETY: a live client; names that end with a NUL and live until the collection has copied them; options and
        // collection are ours, copied within the call and destroyed once.
        unsafe {
            let options =
                sys::rd_kafka_AdminOptions_new(client, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
            sys::rd_kafka_AdminOptions_set_request_timeout(options, LIMIT_MS, ptr::null_mut(), 0);
            let topics = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_DescribeTopics(client, topics, options, self.queue);
            sys::rd_kafka_TopicCollection_destroy(topics);
            sys::rd_kafka_AdminOptions_destroy(options);
        }
    }

    /// The oldest answer that is there.
    pub(in super::super) fn answer(&self) -> Option<Result<TopicsTold, RDKafkaErrorCode>> {
        // SAFETY: our queue; the event is alive while what it holds is read.
        unsafe {
            let event = poll(self.queue, Duration::ZERO)?;
            Some(event.error().map_or_else(|| Ok(read(event.as_ptr())), Err))
        }
    }
}

/// # Safety
/// `event` is alive.
unsafe fn read(event: *mut sys::rd_kafka_event_t) -> TopicsTold {
    use sys::rd_kafka_resp_err_t as E;
    let mut told = TopicsTold::default();
    // SAFETY: the descriptions and their names are the event's; names end with a NUL. Another kind of event has none.
    unsafe {
        let result = sys::rd_kafka_event_DescribeTopics_result(event);
        if result.is_null() {
            return told;
        }
        let mut count = 0;
        let all = sys::rd_kafka_DescribeTopics_result_topics(result, &mut count);
        for at in 0..count {
            let topic = *all.add(at);
            let name = CStr::from_ptr(sys::rd_kafka_TopicDescription_name(topic)).to_string_lossy().into_owned();
            match sys::rd_kafka_error_code(sys::rd_kafka_TopicDescription_error(topic)) {
                E::RD_KAFKA_RESP_ERR_NO_ERROR => {
                    let mut partitions = 0;
                    sys::rd_kafka_TopicDescription_partitions(topic, &mut partitions);
                    told.present.push((name, i32::try_from(partitions).unwrap_or(i32::MAX)));
                }
                // No topic can have such a name.
                E::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART | E::RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION => {
                    told.absent.push(name);
                }
                // It is there, and what weir may not do is told by the message's own report.
                E::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED => told.present.push((name, i32::MAX)),
                // A leader that is being elected: nothing is certain yet.
                _ => {}
            }
        }
    }
    told
}

impl Drop for TopicQuestion {
    fn drop(&mut self) {
        // SAFETY: our own reference, given back once; the client is still alive.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}
