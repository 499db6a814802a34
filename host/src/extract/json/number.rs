//! Numbers of a JSON document.

use super::super::chunk::Chunk;

/// Where the number that begins at `start` ends; none: it is not valid.
#[inline(always)]
pub(super) fn number(document: &[u8], start: usize) -> Option<usize> {
    let first = start + usize::from(document.get(start) == Some(&b'-'));
    let run = run(document, first);
    let end = first + run;
    // A lone zero, or digits of which the first is no zero.
    if run == 0 || (run > 1 && document.get(first) == Some(&b'0')) {
        return None;
    }
    match document.get(end) {
        Some(b'.' | b'e' | b'E' | b'0'..=b'9') => fraction(document, end),
        _ => Some(end),
    }
}

/// How many digits stand at `at`, or as many as a chunk has bytes.
#[inline(always)]
fn run(document: &[u8], at: usize) -> usize {
    (!Chunk::at(document, at).less(b'0').at_most(9).bits()).trailing_zeros() as usize
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
