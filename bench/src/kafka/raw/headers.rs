//! A message's headers: taken off a consumed message, changed, given to one to send.

use std::{
    ffi::{CStr, c_char, c_void},
    ptr,
};

use rdkafka::bindings as sys;

/// A list of headers that no message owns.
pub(crate) struct Headers(*mut sys::rd_kafka_headers_t);

impl Headers {
    /// An empty list with room for `room`.
    pub(crate) fn new(room: usize) -> Self {
        // SAFETY: allocates; never null (librdkafka aborts where memory ends).
        Self(unsafe { sys::rd_kafka_headers_new(room) })
    }

    /// # Safety
    /// `list` is null or a list that nobody else owns.
    pub(super) unsafe fn from_raw(list: *mut sys::rd_kafka_headers_t) -> Option<Self> {
        (!list.is_null()).then_some(Self(list))
    }

    /// For a call that takes the list over; [`Self::forget`] when it has.
    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_headers_t {
        self.0
    }

    /// A message owns the list now.
    pub(super) fn forget(mut self) {
        self.0 = ptr::null_mut();
    }

    /// The header at this place; a value may be null.
    pub(crate) fn get(&self, at: usize) -> Option<(&[u8], Option<&[u8]>)> {
        let (mut name, mut value, mut size) = (ptr::null::<c_char>(), ptr::null::<c_void>(), 0_usize);
        // SAFETY: our list; past its end the call answers an error.
        let error = unsafe { sys::rd_kafka_header_get_all(self.0, at, &mut name, &mut value, &mut size) };
        if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || name.is_null() {
            return None;
        }
        // SAFETY: librdkafka ends names with a NUL and keeps name and value as long as the list.
        unsafe {
            let value = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size));
            Some((CStr::from_ptr(name).to_bytes(), value))
        }
    }

    /// Copies a header to the end.
    pub(crate) fn add(&mut self, name: &[u8], value: Option<&[u8]>) {
        let (bytes, size) = value.map_or((ptr::null(), 0), |value| (value.as_ptr(), value.len()));
        // SAFETY: name and value are copied within the call, with their sizes given; a null value is a null header.
        unsafe {
            sys::rd_kafka_header_add(self.0, name.as_ptr().cast(), name.len() as isize, bytes.cast(), size as isize);
        }
    }

    /// Removes every header of this name.
    pub(crate) fn remove(&mut self, name: &CStr) {
        // SAFETY: our list and a name that ends with a NUL.
        unsafe { sys::rd_kafka_header_remove(self.0, name.as_ptr()) };
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
