//! What the brokers say that weir may do (KIP-430).

use std::{ffi::CString, time::Duration};

use rdkafka::{bindings as sys, consumer::ConsumerContext, types::RDKafkaErrorCode};

use super::{super::events::code, Admin, Options};
use crate::endpoint::Allowed;

impl<C: ConsumerContext> Admin<C> {
    /// What weir may do with a group, be it there or not; none where the brokers do not tell.
    pub(in super::super::super) fn group_allowed(
        &self,
        group: &str,
        limit: Duration,
    ) -> Result<Option<Allowed>, RDKafkaErrorCode> {
        let group = CString::new(group).map_err(|_| RDKafkaErrorCode::InvalidGroupId)?;
        let operation = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS;
        let options = Options::new(self.queue(), operation, limit);
        options.ask_for_rights();
        let mut names = [group.as_ptr()];
        // SAFETY: a name that ends with a NUL and is copied within the call; a live client, options and queue.
        unsafe {
            let (client, queue) = (self.queue().client(), self.queue().as_ptr());
            sys::rd_kafka_DescribeConsumerGroups(client, names.as_mut_ptr(), names.len(), options.as_ptr(), queue);
        }
        let event = self.answer(limit)?;
        // SAFETY: a live event; the descriptions, their errors and operations are its own.
        unsafe {
            let result = sys::rd_kafka_event_DescribeConsumerGroups_result(event.as_ptr());
            if result.is_null() {
                return Ok(None);
            }
            let mut count = 0;
            let groups = sys::rd_kafka_DescribeConsumerGroups_result_groups(result, &mut count);
            if count == 0 {
                return Ok(None);
            }
            let error = sys::rd_kafka_ConsumerGroupDescription_error(*groups);
            match (!error.is_null()).then(|| code(sys::rd_kafka_error_code(error))).flatten() {
                None => {}
                Some(RDKafkaErrorCode::GroupAuthorizationFailed) => return Ok(Some(Allowed::default())),
                Some(code) => return Err(code),
            }
            let mut count = 0;
            let operations = sys::rd_kafka_ConsumerGroupDescription_authorized_operations(*groups, &mut count);
            Ok(allowed(operations, count))
        }
    }
}

/// None where nobody asked, or the brokers do not know that question.
///
/// # Safety
/// Null, or so many operations.
pub(super) unsafe fn allowed(operations: *const sys::rd_kafka_AclOperation_t, count: usize) -> Option<Allowed> {
    use sys::rd_kafka_AclOperation_t as Operation;
    if operations.is_null() {
        return None;
    }
    // SAFETY: as the caller promises; librdkafka names operations that it knows, and no others.
    let operations = unsafe { std::slice::from_raw_parts(operations, count) };
    let has = |wanted| operations.contains(&wanted);
    Some(Allowed {
        read: has(Operation::RD_KAFKA_ACL_OPERATION_READ),
        write: has(Operation::RD_KAFKA_ACL_OPERATION_WRITE),
    })
}
