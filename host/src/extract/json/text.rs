//! Strings of a JSON document.

use super::{super::chunk::Chunk, escape, length_guess::LengthGuess};

/// A valid string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// Where its closing quote stands.
    pub(super) end: usize,
    /// Whether it holds escapes.
    pub(super) escaped: bool,
}

/// How many characters the string has that `value` begins with, if they are few, and nothing but ASCII that stands for
/// itself.
#[inline(always)]
pub(super) fn short_text(value: &[u8], length_guess: &mut LengthGuess) -> Option<usize> {
    let chunk = Chunk::within(value, 1)?;
    let quotes = quotes(chunk).filter(|quotes| *quotes != 0)?;
    length_guess.first(quotes).or_else(|| {
        let length = quotes.trailing_zeros() as usize;
        length_guess.learn(length);
        Some(length)
    })
}

/// Where quotes stand; none where something that needs a closer look stands before the first, or anywhere if there is none.
#[inline(always)]
fn quotes(chunk: Chunk) -> Option<u32> {
    let quotes = chunk.is(b'"').bits();
    let odd = (chunk.is(b'\\') | chunk.at_most(0x1F) | chunk).bits();
    // Of all places those up to the first quote.
    (odd & (quotes ^ quotes.wrapping_sub(1)) == 0).then_some(quotes)
}

/// The string whose characters begin at `start`, after its opening quote; none: it is not valid. It may end behind the
/// document: see [`super::scan::Document`].
#[inline(never)]
pub(super) fn text(padded: &[u8], start: usize) -> Option<Text> {
    let mut at = start;
    loop {
        let chunk = Chunk::within(padded, at)?;
        let Some(quotes) = quotes(chunk) else { return uncommon(padded, start, at) };
        if quotes != 0 {
            return Some(Text { end: at + quotes.trailing_zeros() as usize, escaped: false });
        }
        at += Chunk::LEN;
    }
}

/// As [`text`], where there are other characters from `at` on than ASCII that stands for itself.
#[inline(never)]
fn uncommon(padded: &[u8], start: usize, mut at: usize) -> Option<Text> {
    let (mut escaped, mut beyond_ascii) = (false, false);
    loop {
        let chunk = Chunk::within(padded, at)?;
        let stops = (chunk.is(b'"') | chunk.is(b'\\') | chunk.at_most(0x1F)).bits();
        let length = stops.trailing_zeros().min(Chunk::LEN as u32);
        beyond_ascii |= chunk.bits() & ((1 << length) - 1) != 0;
        at += length as usize;
        if stops == 0 {
            continue;
        }
        match padded.get(at)? {
            b'"' => break,
            b'\\' => {
                escaped = true;
                at += escape::length(padded.get(at..)?)?;
            }
            _ => return None,
        }
    }
    if beyond_ascii {
        std::str::from_utf8(padded.get(start..at)?).ok()?;
    }
    Some(Text { end: at, escaped })
}
