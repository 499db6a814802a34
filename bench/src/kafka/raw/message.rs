//! A consumed message.

use std::{ffi::c_void, mem, ptr, ptr::NonNull};

use rdkafka::{bindings as sys, types::RDKafkaErrorCode};

use super::Headers;

/// A consumed message, destroyed when dropped.
pub(crate) struct Message(NonNull<sys::rd_kafka_message_t>);

impl Message {
    /// # Safety
    /// `message` is null or a consumed message that nobody else destroys.
    pub(super) unsafe fn from_raw(message: *mut sys::rd_kafka_message_t) -> Option<Self> {
        NonNull::new(message).map(Self)
    }

    /// For librdkafka to hold while it sends what the message lends; [`Self::from_raw`] gets it back.
    pub(super) fn into_raw(self) -> *mut sys::rd_kafka_message_t {
        let raw = self.0.as_ptr();
        mem::forget(self);
        raw
    }

    fn inner(&self) -> &sys::rd_kafka_message_t {
        // SAFETY: alive until we are dropped.
        unsafe { self.0.as_ref() }
    }

    /// Why this is no record, where that is so.
    pub(crate) fn trouble(&self) -> Option<RDKafkaErrorCode> {
        let error = self.inner().err;
        (error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR).then(|| error.into())
    }

    pub(crate) fn partition(&self) -> i32 {
        self.inner().partition
    }

    pub(crate) fn offset(&self) -> i64 {
        self.inner().offset
    }

    pub(crate) fn key(&self) -> Option<&[u8]> {
        self.bytes(self.inner().key, self.inner().key_len)
    }

    pub(crate) fn value(&self) -> Option<&[u8]> {
        self.bytes(self.inner().payload, self.inner().len)
    }

    fn bytes(&self, at: *mut c_void, size: usize) -> Option<&[u8]> {
        // SAFETY: key or value of a live message: `size` bytes, which the borrow of the message keeps alive.
        (!at.is_null()).then(|| unsafe { std::slice::from_raw_parts(at.cast::<u8>(), size) })
    }

    /// Milliseconds since the epoch, -1 where there is none.
    pub(crate) fn timestamp(&self) -> i64 {
        // SAFETY: a live message; the kind is not asked for.
        unsafe { sys::rd_kafka_message_timestamp(self.inner(), ptr::null_mut()) }
    }

    /// Takes the headers off the message; none where it has none.
    pub(crate) fn detach_headers(&mut self) -> Option<Headers> {
        let mut list = ptr::null_mut();
        // SAFETY: a live message that only we have; the list that is answered is ours.
        unsafe {
            sys::rd_kafka_message_detach_headers(self.0.as_ptr(), &mut list);
            Headers::from_raw(list)
        }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once.
        unsafe { sys::rd_kafka_message_destroy(self.0.as_ptr()) };
    }
}
