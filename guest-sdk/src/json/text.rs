//! Texts: what they mean, and how they are written.

use std::{borrow::Cow, ops::Range};

use super::scan::plain_end;

/// Returns what a `json` input gives for the value at `at` of a valid document: a text unescaped, all else as it stands;
/// none for null.
pub fn text_of(document: &[u8], at: Range<usize>) -> Option<Cow<'_, [u8]>> {
    weir_rules::json::text(document.get(at)?)
}

/// Writes bytes as a JSON text, quotes included; bytes that are no UTF-8 stay as they are.
pub fn quote(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut at = 0;
    loop {
        let plain = at..plain_end(text, at);
        at = plain.end + 1;
        out.extend_from_slice(text.get(plain).unwrap_or_default());
        let Some(&byte) = text.get(at - 1) else { break };
        let short = match byte {
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
            _ => byte,
        };
        out.extend_from_slice(&[b'\\', short]);
    }
    out.push(b'"');
}
