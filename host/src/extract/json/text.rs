//! Strings of a JSON document.

use super::{super::chunk::Chunk, escape};

/// A valid string.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// Where its closing quote stands.
    pub(super) end: usize,
    /// Whether it holds escapes.
    pub(super) escaped: bool,
}

/// The string whose characters begin at `start`, after its opening quote; none: it is not valid.
#[inline(always)]
pub(super) fn text(document: &[u8], start: usize) -> Option<Text> {
    let mut at = start;
    loop {
        let chunk = Chunk::at(document, at);
        let (stops, beyond_ascii) = (stops(chunk), chunk.bits());
        if stops != 0 {
            let stop = stops.trailing_zeros();
            let end = at + stop as usize;
            if document.get(end) == Some(&b'"') && beyond_ascii & ((1 << stop) - 1) == 0 {
                return Some(Text { end, escaped: false });
            }
        } else if beyond_ascii == 0 {
            at += Chunk::LEN;
            continue;
        }
        return uncommon(document, start, at);
    }
}

/// Where a quote, a backslash or a control character stands.
#[inline(always)]
fn stops(chunk: Chunk) -> u32 {
    (chunk.is(b'"') | chunk.is(b'\\') | chunk.at_most(0x1F)).bits()
}

/// As [`text`], where there are other characters from `at` on than ASCII that stands for itself.
#[inline(never)]
fn uncommon(document: &[u8], start: usize, mut at: usize) -> Option<Text> {
    let (mut escaped, mut beyond_ascii) = (false, 0);
    loop {
        let chunk = Chunk::at(document, at);
        let stops = stops(chunk);
        if stops == 0 {
            beyond_ascii |= chunk.bits();
            at += Chunk::LEN;
            continue;
        }
        let stop = stops.trailing_zeros();
        beyond_ascii |= chunk.bits() & ((1 << stop) - 1);
        at += stop as usize;
        match document.get(at)? {
            b'"' => break,
            b'\\' => {
                escaped = true;
                at += escape::length(document.get(at..)?)?;
            }
            _ => return None,
        }
    }
    if beyond_ascii != 0 {
        std::str::from_utf8(document.get(start..at)?).ok()?;
    }
    Some(Text { end: at, escaped })
}
