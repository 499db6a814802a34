//! JSON of real data as JSON that strict readers take.

/// Bytes that are no UTF-8 become characters of the private use area: this one for byte 0, and so on.
const FOREIGN: u32 = 0xF700;

/// Returns the document of `source` as a strict reader takes it: without what may stand before it, bytes that are no UTF-8 and
/// halves of surrogate pairs replaced; not valid where the document is not. None where a replacement would be mistaken for a
/// character of the document.
pub fn cleaned(source: &[u8]) -> Option<String> {
    let framed = if let [0, _, _, _, _, document @ ..] = source { document } else { source };
    let document = framed.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(framed);
    let is_taken = |window: &[u8]| matches!(window, [0xEF, 0x9C..=0x9F, _]) || window.eq_ignore_ascii_case(br"\uf7");
    if document.windows(3).any(is_taken) || document.windows(4).any(is_taken) {
        return None;
    }
    let mut text = String::with_capacity(document.len());
    for chunk in document.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(FOREIGN + u32::from(*byte))));
    }
    Some(whole_surrogates(&text))
}

/// Returns the bytes that a string of a cleaned document stands for.
pub fn original(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character).wrapping_sub(FOREIGN)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Writes `\ufffd` for every escape that is half a surrogate pair.
fn whole_surrogates(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => {
                whole.push_str(r"\ufffd");
                rest = &escape[6..];
                continue;
            }
            _ => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        whole.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    whole + rest
}

fn unit(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix(r"\u")?.get(..4)?;
    // The standard library's parser also takes a sign.
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strict_readers_refuse_is_replaced() {
        let clean = |source: &[u8]| cleaned(source).unwrap();
        assert_eq!(clean(b"\xEF\xBB\xBF1"), "1");
        assert_eq!(clean(b"\0abcd\xEF\xBB\xBF1"), "1");
        assert_eq!(clean(b"\0abc"), "\0abc");
        assert_eq!(clean(br#"["\ud83d\ude00\ude00\ud83d","\\ud83d"]"#), r#"["\ud83d\ude00\ufffd\ufffd","\\ud83d"]"#);
        assert_eq!(clean(br#"["\ud83d\u0041\ud83d\ud83d\ude00"]"#), r#"["\ufffd\u0041\ufffd\ud83d\ude00"]"#);
        assert_eq!(original(&clean(b"a\xFF\xC3b\xE2\x82\xC3\xA9")), b"a\xFF\xC3b\xE2\x82\xC3\xA9");
        assert_eq!(cleaned("\u{F7FF}".as_bytes()), None);
        assert_eq!(cleaned(br"\uF7ff"), None);
    }
}
