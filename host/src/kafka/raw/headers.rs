//! A message's headers, read in place and built for a message to send.

use std::{
    ffi::{CStr, c_char, c_void},
    marker::PhantomData,
    ptr,
};

use rdkafka::bindings as sys;

/// The headers of a consumed message, in their order.
pub(super) struct Headers<'a> {
    list: *mut sys::rd_kafka_headers_t,
    next: usize,
    message: PhantomData<&'a ()>,
}

impl<'a> Headers<'a> {
    /// The headers of `message`, none if it has none.
    ///
    /// # Safety
    /// `message` is a live message that stays alive for `'a`, with nobody else parsing its headers meanwhile.
    pub(super) unsafe fn of(message: *const sys::rd_kafka_message_t) -> Self {
        let mut list = ptr::null_mut();
        // SAFETY: the caller keeps the message alive; the out pointer is ours. Without headers it stays null.
        let error = unsafe { sys::rd_kafka_message_headers(message, &mut list) };
        if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            list = ptr::null_mut();
        }
        Self { list, next: 0, message: PhantomData }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.list.is_null() {
            return None;
        }
        let (mut name, mut value, mut size) = (ptr::null::<c_char>(), ptr::null::<c_void>(), 0usize);
        // SAFETY: the list belongs to the message, which lives for 'a; past the end the call answers an error.
        let error = unsafe { sys::rd_kafka_header_get_all(self.list, self.next, &mut name, &mut value, &mut size) };
        if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || name.is_null() {
            return None;
        }
        self.next += 1;
        // SAFETY: librdkafka ends names with a NUL and keeps them as long as the message.
        let name = unsafe { CStr::from_ptr(name) }.to_bytes();
        let value = if value.is_null() {
            None
        } else {
            // SAFETY: `size` bytes at `value`, as long as the message lives.
            Some(unsafe { std::slice::from_raw_parts(value.cast::<u8>(), size) })
        };
        Some((name, value))
    }
}

/// Headers to send; freed unless a message took them.
pub(super) struct NewHeaders(*mut sys::rd_kafka_headers_t);

impl NewHeaders {
    /// Copies the headers; `room` is how many are expected.
    pub(super) fn build<'a>(room: usize, headers: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>) -> Self {
        // SAFETY: allocates; never null (librdkafka aborts where memory ends).
        let list = unsafe { sys::rd_kafka_headers_new(room) };
        for (name, value) in headers {
            let (bytes, size) = value.map_or((ptr::null(), 0), |value| (value.as_ptr(), value.len()));
            // SAFETY: name and value are copied within the call, with their sizes given; a null value is a null header.
            unsafe {
                sys::rd_kafka_header_add(list, name.as_ptr().cast(), name.len() as isize, bytes.cast(), size as isize);
            }
        }
        Self(list)
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_headers_t {
        self.0
    }

    /// A message owns them now.
    pub(super) fn taken(mut self) {
        self.0 = ptr::null_mut();
    }
}

impl Drop for NewHeaders {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: made by us and taken by no message.
            unsafe { sys::rd_kafka_headers_destroy(self.0) };
        }
    }
}
