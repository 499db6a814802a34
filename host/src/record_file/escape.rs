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

/// Whether a byte does not stand for itself.
#[inline(always)]
pub(super) fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Appends `text` between quotes, with the escapes that serde_json writes. Bytes that are not UTF-8 stay as they are.
pub(super) fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + CHUNK);
    out.push(b'"');
    let mut rest = text;
    while let Some((chunk, behind)) = rest.split_first_chunk::<CHUNK>() {
        let special = specials(chunk);
        out.extend_from_slice(chunk);
        if special == 0 {
            rest = behind;
            continue;
        }
        let plain = special.trailing_zeros() as usize;
        out.truncate(out.len() - CHUNK + plain);
        write_escape(chunk[plain], out);
        rest = &rest[plain + 1..];
    }
    while !rest.is_empty() {
        let plain = rest.iter().position(|&byte| is_special(byte)).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..plain]);
        let Some((&special, behind)) = rest[plain..].split_first() else { break };
        write_escape(special, out);
        rest = behind;
    }
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
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
