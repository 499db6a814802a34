//! Texts of JSON: sixteen bytes at a time between what has to be escaped.

use wide::u8x16;

/// Bytes that are looked at at once.
pub(super) const CHUNK: usize = 16;

/// A bit for every byte, the first lowest, that does not stand for itself in a JSON text: quote, backslash, control.
#[inline(always)]
pub(super) fn specials(chunk: &[u8; CHUNK]) -> u32 {
    let bytes = u8x16::new(*chunk);
    let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    (control | quote | backslash).to_bitmask()
}

/// A chunk and the bytes behind it.
pub(super) const WINDOW: usize = 2 * CHUNK;
/// Bytes that a chunk of which each stands as an escape takes, and those that are copied beyond.
const ROOM: usize = 6 * CHUNK + CHUNK;

/// Appends `text` between quotes, with the escapes that serde_json writes. Bytes that are not UTF-8 stay as they are.
pub(super) fn write_text(text: &[u8], out: &mut Vec<u8>) {
    write_checking_ascii(text, out);
}

/// The same. Returns whether all of it is ASCII.
pub(super) fn write_checking_ascii(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text;
    let mut seen = u8x16::ZERO;
    while let Some(window) = rest.first_chunk::<WINDOW>() {
        seen |= write_chunk(window, out);
        rest = &rest[CHUNK..];
    }
    let is_ascii = if is_plain(rest) {
        out.extend_from_slice(rest);
        true
    } else {
        write_bytewise(rest, out);
        rest.is_ascii()
    };
    out.push(b'"');
    is_ascii && seen.to_array().is_ascii()
}

/// Whether all bytes are ASCII and stand for themselves. By words, of which the last two may overlap.
#[inline(always)]
fn is_plain(text: &[u8]) -> bool {
    let (words, _) = text.as_chunks::<8>();
    match text.last_chunk::<8>() {
        Some(last) => words.iter().chain([last]).all(|word| is_plain_word(u64::from_ne_bytes(*word))),
        None => text.iter().all(|&byte| byte.is_ascii() && !is_special(byte)),
    }
}

/// The same of eight bytes. Where none is above 127, what is subtracted from one borrows only where there is one to find.
#[inline(always)]
fn is_plain_word(word: u64) -> bool {
    let all = |byte: u8| u64::from_ne_bytes([byte; 8]);
    let is_zero = |word: u64| word.wrapping_sub(all(1)) & !word;
    let control = word.wrapping_sub(all(0x20)) & !word;
    let found = control | is_zero(word ^ all(b'"')) | is_zero(word ^ all(b'\\')) | word;
    found & all(0x80) == 0
}

/// Whether a byte does not stand for itself.
#[inline(always)]
pub(super) fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Appends the first [`CHUNK`] bytes of a window, and returns them.
#[inline(always)]
fn write_chunk(window: &[u8; WINDOW], out: &mut Vec<u8>) -> u8x16 {
    let Some(chunk) = window.first_chunk::<CHUNK>() else { return u8x16::ZERO };
    let mut special = specials(chunk);
    if special == 0 {
        out.extend_from_slice(chunk);
        return u8x16::new(*chunk);
    }
    let start = out.len();
    out.extend_from_slice(&[0; ROOM]);
    if let Some(room) = out.last_chunk_mut::<ROOM>() {
        // Always as many bytes are copied, out of the text itself; those behind what is plain are written over.
        let (mut from, mut to) = (0, 0);
        while special != 0 {
            let at = special.trailing_zeros() as usize;
            room[to..to + CHUNK].copy_from_slice(&window[from..from + CHUNK]);
            to += at - from;
            to += write_escape(chunk[at], &mut room[to..]);
            from = at + 1;
            special &= special - 1;
        }
        room[to..to + CHUNK].copy_from_slice(&window[from..from + CHUNK]);
        out.truncate(start + to + CHUNK - from);
    }
    u8x16::new(*chunk)
}

fn write_bytewise(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if is_special(byte) {
            let mut escape = [0; 6];
            let length = write_escape(byte, &mut escape);
            out.extend_from_slice(&escape[..length]);
        } else {
            out.push(byte);
        }
    }
}

/// Writes the escape of a byte to the front of `room`; returns its length.
#[inline(always)]
fn write_escape(byte: u8, room: &mut [u8]) -> usize {
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            let digits = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
            room[..4].copy_from_slice(b"\\u00");
            room[4..6].copy_from_slice(&digits);
            return 6;
        }
    };
    room[..2].copy_from_slice(&[b'\\', letter]);
    2
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut out = b"before".to_vec();
        write_text(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned()
    }

    #[test]
    fn a_chunk_has_a_bit_for_every_special_byte() {
        for byte in 0..=255_u8 {
            for at in 0..CHUNK {
                let mut chunk = [b'x'; CHUNK];
                chunk[at] = byte;
                assert_eq!(specials(&chunk), u32::from(is_special(byte)) << at, "{byte}");
            }
        }
    }

    #[test]
    fn texts_shorter_than_a_window_are_plain_where_every_byte_is() {
        for byte in 0..=255_u8 {
            for length in 1..WINDOW {
                for at in 0..length {
                    let mut text = vec![b'x'; length];
                    text[at] = byte;
                    assert_eq!(is_plain(&text), byte.is_ascii() && !is_special(byte), "{byte} at {at} of {length}");
                }
            }
        }
        assert!(is_plain(b"") && !is_plain(b"\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f"));
    }

    #[test]
    fn every_character_below_256_is_written_as_serde_json_writes_it_wherever_it_stands() {
        for character in (0..256).filter_map(char::from_u32) {
            for before in 0..=33 {
                let text = format!("{}{character}{}", "x".repeat(before), "y".repeat(33 - before));
                assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
                let text = format!("{}{character}", "x".repeat(before));
                assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_json_writes_it(text in "(?s)(.|[\"\\\\\n\u{0}x]){0,60}") {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
