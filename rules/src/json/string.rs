//! Escapes in JSON strings.

use std::borrow::Cow;

/// Returns a valid string's characters; `string` is what stands between its quotes.
pub fn unescape(string: &[u8]) -> Cow<'_, [u8]> {
    if !string.contains(&b'\\') {
        return Cow::Borrowed(string);
    }
    let mut characters = Vec::with_capacity(string.len());
    let mut rest = string;
    while let Some((&byte, after)) = rest.split_first() {
        let (escaped, length) = match (byte, after.first()) {
            (b'\\', Some(b'b')) => (8, 2),
            (b'\\', Some(b'f')) => (12, 2),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(b'u')) => {
                let (character, length) = character(rest);
                characters.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(length..).unwrap_or_default();
                continue;
            }
            (b'\\', Some(other)) => (*other, 2),
            _ => (byte, 1),
        };
        characters.push(escaped);
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(characters)
}

/// The character of the `\uXXXX`, or of the two that are a surrogate pair, that `escapes` begin with, and its length in bytes.
fn character(escapes: &[u8]) -> (char, usize) {
    let Some(high) = unit(escapes) else { return (char::REPLACEMENT_CHARACTER, 6) };
    let low = escapes.get(6..).and_then(unit).unwrap_or(0);
    if (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low) {
        let character = char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00));
        return (character.unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// The number of the `\uXXXX` that `escapes` begin with.
fn unit(escapes: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = escapes.get(..6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}
