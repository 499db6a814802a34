//! Which partition a record goes to: as the Java client chooses, and without a key by the source partition.

use std::ffi::c_void;

use rdkafka::bindings as sys;
use weir_rules::positive_murmur2;

/// The topic's opaque that says: every record by its source partition.
pub(super) const BY_SOURCE: *mut c_void = std::ptr::without_provenance_mut(1);

/// Called by librdkafka where a message names no partition.
///
/// # Safety
/// librdkafka calls it with `key_len` readable bytes at `key` unless that is null; the opaques are plain numbers.
pub(super) unsafe extern "C" fn choose(
    _topic: *const sys::rd_kafka_topic_t,
    key: *const c_void,
    key_len: usize,
    partitions: i32,
    by_source: *mut c_void,
    tag: *mut c_void,
) -> i32 {
    let source = super::tag::tag_of(tag).1.partition;
    if key.is_null() || by_source == BY_SOURCE {
        return source.checked_rem(partitions).unwrap_or(0);
    }
    // SAFETY: librdkafka's promise above.
    let key = unsafe { std::slice::from_raw_parts(key.cast::<u8>(), key_len) };
    positive_murmur2(key).cast_signed().checked_rem(partitions).unwrap_or(0)
}
