//! Finds where texts and numbers end, eight bytes at a time.
//!
//! By numbers and not by vectors: the compiler joins a vector's comparisons to one answer by shuffles, several of which
//! take more than the few bytes that most texts have, and a plugin that is built without vectors gets the same.

/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
const MARKS: u64 = 0x80 * ONES;

/// Returns where from `at` on the first byte stands that does not stand for itself in a text; the end where none does.
#[inline]
pub(super) fn plain_end(bytes: &[u8], at: usize) -> usize {
    // Subtracting sets the mark of a byte below the number, and maybe those of bytes above it, of which none is asked for.
    let below = |word: u64, number: u8| word.wrapping_sub(ONES * u64::from(number)) & !word;
    let marks = |word: u64| {
        let same = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        same(b'"') | same(b'\\') | below(word, 0x20)
    };
    first(bytes, at, marks, |byte| byte == b'"' || byte == b'\\' || byte < 0x20)
}

/// Returns where from `at` on the first byte stands that is no digit; the end where there are digits only.
#[inline]
pub(super) fn digits_end(bytes: &[u8], at: usize) -> usize {
    // Without the bits of a zero a digit is below ten; to ten and more, 118 added sets the mark, as far as it is not set.
    let marks = |word: u64| {
        let number = word ^ (ONES * u64::from(b'0'));
        ((number & !MARKS) + ONES * (0x80 - 10)) | number
    };
    first(bytes, at, marks, |byte| !byte.is_ascii_digit())
}

/// Returns where the first byte stands that is `wanted`. Of a word's marks the lowest has to be that of its first such byte.
#[inline(always)]
fn first(bytes: &[u8], mut at: usize, marks: impl Fn(u64) -> u64, wanted: impl Fn(u8) -> bool) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let marks = marks(u64::from_le_bytes(*word)) & MARKS;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| wanted(byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_at_every_place_and_beside_every_other() {
        for special in 0..=255 {
            for neighbour in
                [b'a', b'5', b'"', b'\\', 0, 0x1f, 0x20, 0x21, b'#', b'[', b']', b'/', b':', 0x7f, 0x80, 0xff]
            {
                for at in 0..20 {
                    let mut bytes = [b'7'; 20];
                    bytes[at] = special;
                    bytes[(at + 1) % 20] = neighbour;
                    let is_plain = |byte: &u8| *byte != b'"' && *byte != b'\\' && *byte >= 0x20;
                    let plain = bytes.iter().take_while(|byte| is_plain(byte)).count();
                    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    assert_eq!((plain_end(&bytes, 0), digits_end(&bytes, 0)), (plain, digits), "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn it_begins_where_it_is_told_and_stays_within_the_bytes() {
        assert_eq!(plain_end(b"\"\"0123456789\"", 2), 12);
        assert_eq!(digits_end(b"a0123456789", 1), 11);
        assert_eq!((plain_end(b"abc", 3), digits_end(b"12", 2)), (3, 2));
    }
}
