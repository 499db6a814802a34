//! Questions of the admin protocol, asked over a consumer's own connections: rust-rdkafka has them for other clients only,
//! and none of them in a form that does not block.

mod rights;

use std::{
    collections::BTreeMap,
    ffi::{CStr, CString},
    ptr,
    sync::Arc,
    time::Duration,
};

use rdkafka::{
    bindings as sys,
    consumer::{BaseConsumer, ConsumerContext},
    types::RDKafkaErrorCode,
};

use rights::allowed;

use super::{
    super::consumer::Context,
    events::{Event, EventQueue, code},
    wait::whole_ms,
};
use crate::endpoint::{Allowed, Committed, Partition, TopicId, TopicState};

/// Where the answers to one kind of question arrive.
pub(in super::super) struct Admin<C: ConsumerContext = Context>(EventQueue<C>);

impl<C: ConsumerContext> Admin<C> {
    pub(in super::super) fn new(consumer: &Arc<BaseConsumer<C>>) -> Self {
        Self(EventQueue::new(consumer))
    }

    /// The broker that librdkafka believes to be the controller; none before it has heard of any.
    pub(in super::super) fn controller(&self) -> Option<i32> {
        // SAFETY: a live client.
        let id = unsafe { sys::rd_kafka_controllerid(self.0.client(), 0) };
        (id >= 0).then_some(id)
    }

    /// Asks `broker`, or the controller where none is given, which topics these names stand for, and `with_rights` also
    /// what weir may do with them; the answer comes out of [`Self::topics`].
    pub(in super::super) fn ask_topics(
        &self,
        names: &[Arc<str>],
        broker: Option<i32>,
        with_rights: bool,
        limit: Duration,
    ) {
        let names: Vec<CString> = names.iter().filter_map(|name| CString::new(&**name).ok()).collect();
        let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        let options = Options::new(&self.0, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, limit);
        if let Some(broker) = broker {
            // SAFETY: live options; no text of an error is asked for.
            unsafe { sys::rd_kafka_AdminOptions_set_broker(options.0, broker, ptr::null_mut(), 0) };
        }
        if with_rights {
            options.ask_for_rights();
        }
        // SAFETY: names that end with a NUL and live until the collection has copied them; a live client, collection and
        // queue; the request copies what it needs within the call.
        unsafe {
            let topics = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_DescribeTopics(self.0.client(), topics, options.0, self.0.as_ptr());
            sys::rd_kafka_TopicCollection_destroy(topics);
        }
    }

    /// The answer to the only question on its way, which was asked with `limit`. librdkafka answers in any case, a moment
    /// after that.
    pub(in super::super) fn await_topics(
        &self,
        limit: Duration,
    ) -> Result<BTreeMap<Arc<str>, TopicState>, RDKafkaErrorCode> {
        self.topics(limit + limit / 4).unwrap_or(Err(RDKafkaErrorCode::OperationTimedOut))
    }

    /// The answer to the oldest [`Self::ask_topics`], by name; `None` = not there within `wait`.
    pub(in super::super) fn topics(
        &self,
        wait: Duration,
    ) -> Option<Result<BTreeMap<Arc<str>, TopicState>, RDKafkaErrorCode>> {
        let event = self.0.poll(wait)?;
        if let Some(code) = event.error() {
            return Some(Err(code));
        }
        let mut topics = BTreeMap::new();
        // SAFETY: a live event; the descriptions and their names are the event's, and names end with a NUL.
        unsafe {
            let result = sys::rd_kafka_event_DescribeTopics_result(event.as_ptr());
            if result.is_null() {
                return Some(Ok(topics));
            }
            let mut count = 0;
            let all = sys::rd_kafka_DescribeTopics_result_topics(result, &mut count);
            for at in 0..count {
                let topic = *all.add(at);
                let name = CStr::from_ptr(sys::rd_kafka_TopicDescription_name(topic)).to_string_lossy();
                let state = match code(sys::rd_kafka_error_code(sys::rd_kafka_TopicDescription_error(topic))) {
                    None => {
                        let mut count = 0;
                        let operations = sys::rd_kafka_TopicDescription_authorized_operations(topic, &mut count);
                        let id = topic_id(sys::rd_kafka_TopicDescription_topic_id(topic));
                        TopicState::There { id, allowed: allowed(operations, count) }
                    }
                    Some(RDKafkaErrorCode::UnknownTopicOrPartition) => TopicState::Missing,
                    Some(RDKafkaErrorCode::TopicAuthorizationFailed) => {
                        TopicState::There { id: None, allowed: Some(Allowed::default()) }
                    }
                    Some(code) => TopicState::Unclear(code.to_string()),
                };
                topics.insert(Arc::from(&*name), state);
            }
        }
        Some(Ok(topics))
    }

    /// The offset after the newest record of a partition, be it readable yet or not.
    pub(in super::super) fn end(&self, partition: &Partition, limit: Duration) -> Result<i64, RDKafkaErrorCode> {
        let latest = sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_LATEST;
        let options = Options::new(&self.0, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTOFFSETS, limit);
        let uncommitted = sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED;
        let topic = CString::new(&*partition.topic).map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
        // SAFETY: live options, client and queue; a list of ours, copied within the call and destroyed once.
        unsafe {
            destroy_error(sys::rd_kafka_AdminOptions_set_isolation_level(options.0, uncommitted));
            let list = sys::rd_kafka_topic_partition_list_new(1);
            let element = sys::rd_kafka_topic_partition_list_add(list, topic.as_ptr(), partition.number);
            (*element).offset = latest as i64;
            sys::rd_kafka_ListOffsets(self.0.client(), list, options.0, self.0.as_ptr());
            sys::rd_kafka_topic_partition_list_destroy(list);
        }
        let event = self.answer(limit)?;
        // SAFETY: a live event, whose result and elements are its own.
        unsafe {
            let result = sys::rd_kafka_event_ListOffsets_result(event.as_ptr());
            let mut count = 0;
            let all = sys::rd_kafka_ListOffsets_result_infos(result, &mut count);
            if result.is_null() || count == 0 {
                return Err(RDKafkaErrorCode::NoOffset);
            }
            let found = &*sys::rd_kafka_ListOffsetsResultInfo_topic_partition(*all);
            code(found.err).map_or(Ok(found.offset), Err)
        }
    }

    /// Everything that a group has committed.
    pub(in super::super) fn group_commits(
        &self,
        group: &str,
        limit: Duration,
    ) -> Result<Vec<Committed>, RDKafkaErrorCode> {
        let group = CString::new(group).map_err(|_| RDKafkaErrorCode::InvalidGroupId)?;
        let options =
            Options::new(&self.0, sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, limit);
        // SAFETY: a name that ends with a NUL; no list means all partitions; a live client, request and queue; the request
        // is copied within the call and destroyed once.
        unsafe {
            let mut request = sys::rd_kafka_ListConsumerGroupOffsets_new(group.as_ptr(), ptr::null());
            sys::rd_kafka_ListConsumerGroupOffsets(self.0.client(), &mut request, 1, options.0, self.0.as_ptr());
            sys::rd_kafka_ListConsumerGroupOffsets_destroy(request);
        }
        let event = self.answer(limit)?;
        let mut commits = Vec::new();
        // SAFETY: a live event, whose result, groups and list are its own; the list has `cnt` elements, whose topics end with
        // a NUL and whose metadata have the length that is told.
        unsafe {
            let result = sys::rd_kafka_event_ListConsumerGroupOffsets_result(event.as_ptr());
            let mut count = 0;
            let groups = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &mut count);
            for at in 0..count {
                let group = *groups.add(at);
                let error = sys::rd_kafka_group_result_error(group);
                if let Some(code) = (!error.is_null()).then(|| code(sys::rd_kafka_error_code(error))).flatten() {
                    return Err(code);
                }
                let list = sys::rd_kafka_group_result_partitions(group);
                let count = if list.is_null() { 0 } else { usize::try_from((*list).cnt).unwrap_or(0) };
                commits.extend((0..count).filter_map(|at| committed(&*(*list).elems.add(at))));
            }
        }
        Ok(commits)
    }

    pub(super) fn queue(&self) -> &EventQueue<C> {
        &self.0
    }

    pub(super) fn answer(&self, limit: Duration) -> Result<Event, RDKafkaErrorCode> {
        // librdkafka answers in any case, a moment after the limit.
        let event = self.0.poll(limit + limit / 4).ok_or(RDKafkaErrorCode::OperationTimedOut)?;
        event.error().map_or(Ok(event), Err)
    }
}

/// # Safety
/// An element of a live list: its topic ends with a NUL, its metadata has the length that it tells.
unsafe fn committed(element: &sys::rd_kafka_topic_partition_t) -> Option<Committed> {
    if element.offset < 0 || code(element.err).is_some() {
        return None;
    }
    // SAFETY: as the caller promises.
    let (topic, metadata) = unsafe {
        let metadata = match element.metadata.is_null() {
            true => &[][..],
            false => std::slice::from_raw_parts(element.metadata.cast::<u8>(), element.metadata_size),
        };
        (CStr::from_ptr(element.topic).to_string_lossy(), String::from_utf8_lossy(metadata).into_owned())
    };
    let partition = Partition { topic: Arc::from(&*topic), number: element.partition };
    Some(Committed { partition, offset: element.offset, metadata })
}

/// # Safety
/// Null or a live id.
unsafe fn topic_id(id: *const sys::rd_kafka_Uuid_t) -> Option<TopicId> {
    if id.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    let (most, least) =
        unsafe { (sys::rd_kafka_Uuid_most_significant_bits(id), sys::rd_kafka_Uuid_least_significant_bits(id)) };
    TopicId::new(most.cast_unsigned(), least.cast_unsigned())
}

/// # Safety
/// Null or an error that is ours.
pub(super) unsafe fn destroy_error(error: *mut sys::rd_kafka_error_t) {
    if !error.is_null() {
        // SAFETY: as the caller promises.
        unsafe { sys::rd_kafka_error_destroy(error) };
    }
}

pub(super) struct Options(*mut sys::rd_kafka_AdminOptions_t);

impl Options {
    pub(super) fn new<C: ConsumerContext>(
        queue: &EventQueue<C>,
        operation: sys::rd_kafka_admin_op_t,
        limit: Duration,
    ) -> Self {
        let limit = whole_ms(limit).max(1);
        // SAFETY: a live client; options of ours; no text of an error is asked for.
        unsafe {
            let options = sys::rd_kafka_AdminOptions_new(queue.client(), operation);
            sys::rd_kafka_AdminOptions_set_request_timeout(options, limit, ptr::null_mut(), 0);
            Self(options)
        }
    }

    /// Has the answer tell what weir may do with each thing that it names.
    pub(super) fn ask_for_rights(&self) {
        // SAFETY: live options; the error, if any, is ours.
        unsafe { destroy_error(sys::rd_kafka_AdminOptions_set_include_authorized_operations(self.0, 1)) };
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_AdminOptions_t {
        self.0
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once; requests have copied them.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.0) };
    }
}
