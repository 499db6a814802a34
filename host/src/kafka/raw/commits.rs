//! Commits whose outcome is told: rust-rdkafka's asynchronous commit tells none, its synchronous one has no limit.

use std::{
    ffi::{CStr, c_void},
    ptr,
    sync::Arc,
    time::Duration,
};

use rdkafka::{
    bindings as sys, consumer::BaseConsumer, topic_partition_list::TopicPartitionList, types::RDKafkaErrorCode,
};

use super::{
    super::consumer::Context,
    events::{EventQueue, code},
};
use crate::endpoint::Partition;

/// Where the outcomes of one consumer's commits arrive; used by one thread.
pub(in super::super) struct Commits(EventQueue);

impl Commits {
    pub(in super::super) fn new(consumer: &Arc<BaseConsumer<Context>>) -> Self {
        Self(EventQueue::new(consumer))
    }

    /// Sends a commit; its outcome comes out of [`Self::outcome`], in the order of sending.
    pub(in super::super) fn send(&self, offsets: &TopicPartitionList) -> Result<(), RDKafkaErrorCode> {
        let no_opaque: *mut c_void = ptr::null_mut();
        // SAFETY: a live client, list and queue; the list is copied within the call; there is no callback.
        let error =
            unsafe { sys::rd_kafka_commit_queue(self.0.client(), offsets.ptr(), self.0.as_ptr(), None, no_opaque) };
        code(error).map_or(Ok(()), Err)
    }

    /// The outcome of the oldest commit, waiting no longer than `wait`; `None` = not there yet.
    pub(in super::super) fn outcome(&self, wait: Duration) -> Option<Outcome> {
        let event = self.0.poll(wait)?;
        let mut outcome = Outcome { whole: event.error(), failed: Vec::new() };
        // SAFETY: a live event, which lends the list; the list has `cnt` elements, and their topics end with a NUL.
        unsafe {
            let list = sys::rd_kafka_event_topic_partition_list(event.as_ptr());
            let count = if list.is_null() { 0 } else { usize::try_from((*list).cnt).unwrap_or(0) };
            for at in 0..count {
                let element = &*(*list).elems.add(at);
                if let Some(code) = code(element.err) {
                    let topic = CStr::from_ptr(element.topic).to_string_lossy().as_ref().into();
                    outcome.failed.push((Partition { topic, number: element.partition }, code));
                }
            }
        }
        Some(outcome)
    }
}

/// What became of a commit.
#[derive(Debug)]
pub(in super::super) struct Outcome {
    whole: Option<RDKafkaErrorCode>,
    failed: Vec<(Partition, RDKafkaErrorCode)>,
}

impl Outcome {
    /// The partitions that were refused while the others stand.
    ///
    /// # Errors
    /// Nothing stands.
    pub(in super::super) fn refused(self) -> Result<Vec<(Partition, RDKafkaErrorCode)>, RDKafkaErrorCode> {
        match self.whole {
            // Where a partition is refused, librdkafka repeats that as the whole's error; the request has arrived.
            Some(code) if self.failed.is_empty() => Err(code),
            _ => Ok(self.failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refused_partition_leaves_the_others_committed() {
        let bad = (Partition { topic: "t".into(), number: 1 }, RDKafkaErrorCode::UnknownTopicOrPartition);
        let outcome = Outcome { whole: Some(bad.1), failed: vec![bad.clone()] };
        assert_eq!(outcome.refused(), Ok(vec![bad]));
    }

    #[test]
    fn a_request_that_did_not_arrive_leaves_nothing_committed() {
        let code = RDKafkaErrorCode::BrokerTransportFailure;
        assert_eq!(Outcome { whole: Some(code), failed: vec![] }.refused(), Err(code));
        assert_eq!(Outcome { whole: None, failed: vec![] }.refused(), Ok(vec![]));
    }
}
