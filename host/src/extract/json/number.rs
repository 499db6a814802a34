//! Numbers of a JSON document.

use super::{super::chunk::Chunk, length_guess::LengthGuess, scan::Document};

/// How long the number is that `value` begins with, bytes of a document and its padding, if it has nothing but digits, as
/// many as length_guess.
#[inline(always)]
pub(super) fn usual_number(value: &[u8], length_guess: LengthGuess) -> Option<usize> {
    // None where a string was empty the last time.
    let length = length_guess.first(others(Chunk::within(value, 0)?)).filter(|length| *length > 0)?;
    let behind = value.get(length).filter(|_| value.len() > length + Document::PADDING)?;
    let is_natural = length == 1 || *value.first()? != b'0';
    (is_natural && !matches!(behind, b'.' | b'e' | b'E')).then_some(length)
}

/// How long any number is that `value` begins with; none: it is not valid.
#[inline(never)]
pub(super) fn other_number(value: &[u8], length_guess: &mut LengthGuess) -> Option<usize> {
    let document = value.get(..value.len().checked_sub(Document::PADDING)?)?;
    let length = number(document, value)?;
    length_guess.learn(length);
    Some(length)
}

fn number(document: &[u8], padded: &[u8]) -> Option<usize> {
    let first = usize::from(document.first() == Some(&b'-'));
    let end = first + others(Chunk::within(padded, first)?).trailing_zeros() as usize;
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

/// As [`other_number`], of digits that end with the document; those that follow it are not its own.
#[cold]
fn last(document: &[u8], first: usize) -> Option<usize> {
    let digits = document.get(first..)?;
    (!digits.is_empty() && (digits.len() == 1 || digits.first() != Some(&b'0'))).then_some(document.len())
}

/// Where other bytes than digits stand; behind the chunk they are thought to.
#[inline(always)]
fn others(chunk: Chunk) -> u32 {
    !chunk.less(b'0').at_most(9).bits()
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

/// The integer that `text[from..to]` is, digits with or without a sign, where it fits.
#[inline]
pub(super) fn int(text: &[u8], from: usize, to: usize) -> Option<i64> {
    if let Some(int) = natural(text, from, to) {
        return Some(int);
    }
    // Of all JSON texts and strings, Rust's parser takes exactly those with digits and at most one sign.
    std::str::from_utf8(text.get(from..to)?).ok()?.parse().ok()
}

/// The same of up to sixteen digits that are nothing else and have as many bytes before them: nearly all integers.
#[inline]
fn natural(text: &[u8], from: usize, to: usize) -> Option<i64> {
    let length = to.checked_sub(from).filter(|length| (1..=16).contains(length))?;
    let (rest, low) = text.get(..to)?.split_last_chunk()?;
    let low = eight_digits(*low, length.min(8))?;
    if length <= 8 {
        return Some(i64::from(low));
    }
    let high = eight_digits(*rest.last_chunk()?, length - 8)?;
    Some(i64::from(high) * 100_000_000 + i64::from(low))
}

/// What the last of eight bytes say, so many of them, one at least, if they are digits.
///
/// Neighbours are joined to numbers of two digits, those to numbers of four, and those to one: D. Lemire, "Quickly parsing
/// eight digits", 2018.
#[inline]
fn eight_digits(bytes: [u8; 8], count: usize) -> Option<u32> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let others = u64::MAX.checked_shr(8 * count as u32).unwrap_or(0);
    let bytes = (u64::from_le_bytes(bytes) & !others) | (ZEROS & others);
    let is_all = (bytes & bytes.wrapping_add(0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) == ZEROS;
    let ones = bytes & 0x0F0F_0F0F_0F0F_0F0F;
    let twos = (ones.wrapping_mul(10) + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos.wrapping_mul(100) + (twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    is_all.then(|| (fours.wrapping_mul(10_000) + (fours >> 32)) as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::int;

    proptest! {
        #[test]
        fn an_integer_is_what_the_standard_library_says(before in "[0-9a]{0,20}", text in "[0-9]{0,20}|[0-9/:.\\-+ ]{0,20}") {
            let document = format!("{before}{text}");
            let theirs = text.parse::<i64>().ok();
            prop_assert_eq!(int(document.as_bytes(), before.len(), document.len()), theirs, "{} {}", before, text);
        }
    }
}
