//! Which partition a record goes to: as the Java client chooses, and without a key by the source partition.

use std::ffi::c_void;

use rdkafka::bindings as sys;

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
    let source = super::tag::tag_of(tag).partition;
    if key.is_null() || by_source == BY_SOURCE {
        return source.checked_rem(partitions).unwrap_or(0);
    }
    // SAFETY: librdkafka's promise above.
    let key = unsafe { std::slice::from_raw_parts(key.cast::<u8>(), key_len) };
    ((murmur2(key) & 0x7fff_ffff) as i32).checked_rem(partitions).unwrap_or(0)
}

/// The Java client's `Utils.murmur2`.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ data.len() as u32;
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        let mut word = u32::from_le_bytes(*word).wrapping_mul(M);
        word = (word ^ (word >> 24)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ word;
    }
    if !tail.is_empty() {
        for (at, &byte) in tail.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_the_java_client_does() {
        // The values of Kafka's own UtilsTest.testMurmur2.
        for (text, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ] {
            assert_eq!(murmur2(text.as_bytes()) as i32, hash, "{text}");
        }
        assert_eq!(murmur2(b"abc") as i32, 479_470_107);
    }
}
