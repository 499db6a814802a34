//! A message's headers as librdkafka has them: read in place, added to, handed on.

use std::{
    ffi::{CStr, c_char, c_void},
    ptr,
};

use rdkafka::bindings as sys;

/// A message's headers, in their order; freed unless a message takes them.
#[derive(Debug)]
pub struct Headers(*mut sys::rd_kafka_headers_t);

// SAFETY: a list that is ours belongs to no message, and librdkafka keeps nothing of it by thread.
unsafe impl Send for Headers {}

impl Default for Headers {
    fn default() -> Self {
        Self::NONE
    }
}

impl Headers {
    /// No headers.
    pub const NONE: Self = Self(ptr::null_mut());

    /// Takes the headers off a message, none if it has none.
    ///
    /// # Safety
    /// `message` is a live message that nobody else uses meanwhile.
    pub(super) unsafe fn detach(message: *mut sys::rd_kafka_message_t) -> Self {
        let mut list = ptr::null_mut();
        // SAFETY: the caller keeps the message alive; the list that is answered is ours. Without headers, or where they
        // cannot be parsed, it stays null.
        let error = unsafe { sys::rd_kafka_message_detach_headers(message, &mut list) };
        if error == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR { Self(list) } else { Self::NONE }
    }

    /// Names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        (0..self.len()).map_while(|at| self.get(at))
    }

    fn len(&self) -> usize {
        // SAFETY: the list is alive.
        if self.0.is_null() { 0 } else { unsafe { sys::rd_kafka_header_cnt(self.0) } }
    }

    fn get(&self, at: usize) -> Option<(&[u8], Option<&[u8]>)> {
        if self.0.is_null() {
            return None;
        }
        let (mut name, mut value, mut size) = (ptr::null::<c_char>(), ptr::null::<c_void>(), 0usize);
        // SAFETY: the list is alive; past its end the call answers an error.
        let error = unsafe { sys::rd_kafka_header_get_all(self.0, at, &mut name, &mut value, &mut size) };
        if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || name.is_null() {
            return None;
        }
        // SAFETY: librdkafka ends names with a NUL; name, and `size` bytes of a value that is there, live as long as the
        // list, which is borrowed and cannot change meanwhile.
        unsafe {
            let value = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size));
            Some((CStr::from_ptr(name).to_bytes(), value))
        }
    }

    /// Copies more headers to the end.
    pub(in super::super) fn extend<'a>(&mut self, more: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>) {
        if more.len() > 0 && self.0.is_null() {
            // SAFETY: allocates; never null (librdkafka aborts where memory ends).
            self.0 = unsafe { sys::rd_kafka_headers_new(more.len()) };
        }
        for (name, value) in more {
            let (bytes, size) = value.map_or((ptr::null(), 0), |value| (value.as_ptr(), value.len()));
            // SAFETY: our list, not null; name and value are copied within the call, with their sizes given; a null value
            // is a null header.
            unsafe {
                sys::rd_kafka_header_add(
                    self.0,
                    name.as_ptr().cast(),
                    name.len() as isize,
                    bytes.cast(),
                    size as isize,
                );
            }
        }
    }

    /// The native list, null where there are none.
    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_headers_t {
        self.0
    }

    /// A message owns them now.
    pub(super) fn taken(mut self) {
        self.0 = ptr::null_mut();
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: ours, and taken by no message.
            unsafe { sys::rd_kafka_headers_destroy(self.0) };
        }
    }
}
