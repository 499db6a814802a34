//! Strings of a JSON document.

use super::{super::chunk::Chunk, escape, length_guess::LengthGuess};

/// A valid string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// Where its closing quote stands.
    pub(super) end: usize,
    pub(super) holds: Holds,
}

/// Whether a scalar is a string, and what that holds besides ASCII that stands for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holds(u8);

impl Holds {
    /// A string that holds nothing else.
    pub(super) const PLAIN_ASCII: Self = Self(Self::STRING);

    const STRING: u8 = 1;
    const ESCAPES: u8 = 2;
    const BEYOND_ASCII: u8 = 4;

    /// Escapes.
    #[inline(always)]
    pub(super) fn escapes(self) -> bool {
        self.0 & Self::ESCAPES != 0
    }

    /// From where to where the characters stand of the string that `text[from..to]` is with its quotes; none where it is no
    /// string that is UTF-8 and stands for itself.
    #[inline(always)]
    pub(super) fn plain_text(self, text: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
        let is_plain = self == Self::PLAIN_ASCII
            || (self.0 == Self::STRING | Self::BEYOND_ASCII && text.get(from + 1..to - 1).is_some_and(is_utf8));
        is_plain.then_some((from + 1, to - 1))
    }
}

#[inline(never)]
fn is_utf8(string: &[u8]) -> bool {
    std::str::from_utf8(string).is_ok()
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
        let Some(quotes) = quotes(chunk) else { return uncommon(padded, at) };
        if quotes != 0 {
            return Some(Text { end: at + quotes.trailing_zeros() as usize, holds: Holds::PLAIN_ASCII });
        }
        at += Chunk::LEN;
    }
}

/// As [`text`], where there are other characters from `at` on than ASCII that stands for itself.
#[inline(never)]
fn uncommon(padded: &[u8], mut at: usize) -> Option<Text> {
    let mut holds = Holds::STRING;
    loop {
        let chunk = Chunk::within(padded, at)?;
        let stops = (chunk.is(b'"') | chunk.is(b'\\') | chunk.at_most(0x1F)).bits();
        let length = stops.trailing_zeros().min(Chunk::LEN as u32);
        if chunk.bits() & ((1 << length) - 1) != 0 {
            holds |= Holds::BEYOND_ASCII;
        }
        at += length as usize;
        if stops == 0 {
            continue;
        }
        match padded.get(at)? {
            b'"' => break,
            b'\\' => {
                holds |= Holds::ESCAPES;
                at += escape::length(padded.get(at..)?)?;
            }
            _ => return None,
        }
    }
    Some(Text { end: at, holds: Holds(holds) })
}
