//! Kafka's own variant of MurmurHash2, which its partitioner uses: `Utils.murmur2` of its clients.

const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;
const R: u32 = 24;

/// Returns the hash without its sign bit, as Kafka's `Utils.toPositive` makes it.
#[inline]
pub fn positive_murmur2(bytes: &[u8]) -> u32 {
    murmur2(bytes) & 0x7fff_ffff
}

/// Returns the hash of Java's `Utils.murmur2`, as unsigned.
#[inline]
pub fn murmur2(bytes: &[u8]) -> u32 {
    // Kafka's length is a Java int: the lower 32 bits.
    let mut hash = SEED ^ bytes.len() as u32;
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (at, &byte) in rest.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * at);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of Kafka's own `UtilsTest.testMurmur2`.
    #[test]
    fn hashes_are_those_of_kafka() {
        let vectors: [(&str, i32); 6] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (text, hash) in vectors {
            assert_eq!(murmur2(text.as_bytes()) as i32, hash, "{text}");
            assert_eq!(positive_murmur2(text.as_bytes()), hash as u32 & 0x7fff_ffff, "{text}");
        }
    }
}
