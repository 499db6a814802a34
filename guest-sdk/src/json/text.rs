//! What stands between the quotes of a text, and what it means.

use std::{borrow::Cow, ops::Range};

/// Returns what a valid text means; `raw` is what stands between its quotes. Half of a surrogate pair is U+FFFD.
pub fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let (meant, length) = match from.get(1) {
            Some(b'b') => (8, 2),
            Some(b'f') => (12, 2),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(b'u') => {
                let (character, length) = unicode(from);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = from.get(length..).unwrap_or_default();
                continue;
            }
            Some(other) => (*other, 2),
            None => (b'\\', 1),
        };
        out.push(meant);
        rest = from.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// The character of the `\uXXXX` that `bytes` begin with, or of two that are a pair, and how many bytes that is.
fn unicode(bytes: &[u8]) -> (char, usize) {
    let high = unit(bytes).unwrap_or_default();
    if let Some(character) = char::from_u32(high) {
        return (character, 6);
    }
    let low = bytes.get(6..).and_then(unit).filter(|low| (0xDC00..0xE000).contains(low));
    let pair = low.filter(|_| high < 0xDC00).map(|low| 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    pair.and_then(char::from_u32).map_or((char::REPLACEMENT_CHARACTER, 6), |character| (character, 12))
}

fn unit(bytes: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(..6)? else { return None };
    digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
}

/// Returns what a `json` input gives for the value at `at` of a valid document: a text unescaped, all else as it stands;
/// none for null.
pub fn text_of(document: &[u8], at: Range<usize>) -> Option<Cow<'_, [u8]>> {
    match document.get(at)? {
        b"null" => None,
        [b'"', raw @ .., b'"'] if raw.contains(&b'\\') => Some(Cow::Owned(unescape(raw))),
        [b'"', raw @ .., b'"'] => Some(Cow::Borrowed(raw)),
        other => Some(Cow::Borrowed(other)),
    }
}

/// Writes bytes as a JSON text, quotes included; bytes that are no UTF-8 stay as they are.
pub fn quote(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in text {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            8 => b'b',
            12 => b'f',
            0..0x20 => {
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&digits);
                continue;
            }
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
    out.push(b'"');
}
