//! Escapes in JSON strings.

/// Writes a valid string's characters (what stands between its quotes) into `out`, which is emptied first.
pub(super) fn unescape(mut string: &[u8], out: &mut Vec<u8>) {
    out.clear();
    while let Some(at) = memchr::memchr(b'\\', string) {
        out.extend_from_slice(&string[..at]);
        let (plain, length) = match string.get(at + 1) {
            Some(b'b') => (8, 2),
            Some(b'f') => (12, 2),
            Some(b'n') => (b'\n', 2),
            Some(b'r') => (b'\r', 2),
            Some(b't') => (b'\t', 2),
            Some(b'u') => {
                let (character, length) = unicode(&string[at..]).unwrap_or((char::REPLACEMENT_CHARACTER, 6));
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                string = string.get(at + length..).unwrap_or_default();
                continue;
            }
            Some(other) => (*other, 2),
            None => (b'\\', 1),
        };
        out.push(plain);
        string = &string[at + length..];
    }
    out.extend_from_slice(string);
}

/// The length of the escape that `bytes` begin with; none: it is not valid.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => Some(unicode(bytes)?.1),
        _ => None,
    }
}

/// The character of a `\uXXXX`, or of two that are a surrogate pair, that `bytes` begin with, and its length in bytes; half
/// a pair is U+FFFD. None: no four digits.
fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let high = unit(bytes)?;
    if let Some(character) = char::from_u32(high) {
        return Some((character, 6));
    }
    let low = unit(&bytes[6..]).filter(|low| high < 0xDC00 && (0xDC00..0xE000).contains(low));
    let pair = low.and_then(|low| char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
    Some(pair.map_or((char::REPLACEMENT_CHARACTER, 6), |character| (character, 12)))
}

fn unit(bytes: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(..6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}
