//! Numbers of a JSON document.

use super::super::chunk::Chunk;

/// Where the number that begins at `start` ends; none: it is not valid.
#[inline(always)]
pub(super) fn number(document: &[u8], padded: &[u8], start: usize) -> Option<usize> {
    let first = start + usize::from(document.get(start) == Some(&b'-'));
    let end = first + run(Chunk::within(padded, first)?);
    let Some(behind) = document.get(end) else { return last(document, first) };
    // A lone zero, or digits of which the first is no zero.
    if end == first || (end > first + 1 && document.get(first) == Some(&b'0')) {
        return None;
    }
    match behind {
        b'.' | b'e' | b'E' | b'0'..=b'9' => fraction(document, end),
        _ => Some(end),
    }
}

/// As [`number`], of digits that end with the document; those that follow it are not its own.
#[cold]
fn last(document: &[u8], first: usize) -> Option<usize> {
    let digits = document.get(first..)?;
    (!digits.is_empty() && (digits.len() == 1 || digits.first() != Some(&b'0'))).then_some(document.len())
}

/// How many digits it begins with.
#[inline(always)]
fn run(chunk: Chunk) -> usize {
    (!chunk.less(b'0').at_most(9).bits()).trailing_zeros() as usize
}

fn digits(document: &[u8], mut at: usize) -> usize {
    while document.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// What follows a number's first digits, which may go on.
#[inline(never)]
fn fraction(document: &[u8], at: usize) -> Option<usize> {
    let mut at = digits(document, at);
    if document.get(at) == Some(&b'.') {
        let end = digits(document, at + 1);
        if end == at + 1 {
            return None;
        }
        at = end;
    }
    if let Some(b'e' | b'E') = document.get(at) {
        let first = at + 1 + usize::from(matches!(document.get(at + 1), Some(b'+' | b'-')));
        at = digits(document, first);
        if at == first {
            return None;
        }
    }
    Some(at)
}

/// What digits say that are nothing else, and too few to overflow: nearly all integers.
#[inline]
pub(super) fn natural(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let (first, eights) = digits.as_rchunks();
    let mut int = 0;
    for byte in first {
        int = int * 10 + i64::from(digit(*byte)?);
    }
    for eight in eights {
        int = int * 100_000_000 + i64::from(eight_digits(*eight)?);
    }
    Some(int)
}

fn digit(byte: u8) -> Option<u8> {
    Some(byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9)
}

/// Neighbours are joined to numbers of two digits, those to numbers of four, and those to one: D. Lemire, "Quickly parsing
/// eight digits", 2018.
fn eight_digits(digits: [u8; 8]) -> Option<u32> {
    let bytes = u64::from_le_bytes(digits);
    let is_all = (bytes & bytes.wrapping_add(0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) == 0x3030_3030_3030_3030;
    let ones = bytes & 0x0F0F_0F0F_0F0F_0F0F;
    let twos = (ones.wrapping_mul(10) + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos.wrapping_mul(100) + (twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    is_all.then(|| (fours.wrapping_mul(10_000) + (fours >> 32)) as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::natural;

    proptest! {
        #[test]
        fn digits_say_what_they_say_to_the_standard_library(text in "[0-9]{1,18}|[0-9/:.\\-+ ]{0,20}") {
            let digits = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
            let theirs = if digits { text.parse().ok() } else { None };
            prop_assert_eq!(natural(text.as_bytes()), theirs, "{}", text);
        }
    }
}
