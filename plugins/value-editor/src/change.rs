//! What becomes of a text: masked, or its keyed hash.

use sha2::{Digest, Sha256};
use weir_sdk::hex;

/// A change that makes one text of another.
#[derive(Debug)]
pub(crate) enum Change {
    Mask(Mask),
    Hash(Box<Hmac>),
}

impl Change {
    /// Appends what becomes of `text`.
    pub(crate) fn append(&self, text: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Mask(mask) => mask.append(text, out),
            Self::Hash(hmac) => hmac.append(text, out),
        }
    }
}

/// Hides characters.
#[derive(Debug)]
pub(crate) struct Mask {
    pub(crate) with: String,
    pub(crate) keep_first: usize,
    pub(crate) keep_last: usize,
}

impl Mask {
    /// A byte that is no UTF-8 counts as one character.
    fn append(&self, text: &[u8], out: &mut Vec<u8>) {
        let characters = characters(text);
        let kept = self.keep_first.saturating_add(self.keep_last);
        let (first, last) = if kept < characters { (self.keep_first, self.keep_last) } else { (0, 0) };
        let (from, to) = (start_of(text, first), start_of(text, characters - last));
        let hidden = characters - last - first;
        out.extend_from_slice(text.get(..from).unwrap_or_default());
        match self.with.as_bytes() {
            &[byte] => out.resize(out.len() + hidden, byte),
            with => (0..hidden).for_each(|_| out.extend_from_slice(with)),
        }
        out.extend_from_slice(text.get(to..).unwrap_or_default());
    }
}

fn characters(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// Returns where the character of that number begins; the end where there are no more.
fn start_of(text: &[u8], character: usize) -> usize {
    if text.is_ascii() {
        return character.min(text.len());
    }
    let lengths = text.utf8_chunks().flat_map(|chunk| {
        chunk.valid().chars().map(char::len_utf8).chain(std::iter::repeat_n(1, chunk.invalid().len()))
    });
    lengths.take(character).sum()
}

/// How many bytes SHA-256 takes at once.
const BLOCK: usize = 64;

/// HMAC-SHA-256 (RFC 2104) with one key.
#[derive(Debug)]
pub(crate) struct Hmac {
    inner: Sha256,
    outer: Sha256,
}

impl Hmac {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        let digest = Sha256::digest(key);
        let key = if key.len() > BLOCK { digest.as_slice() } else { key };
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte = *key);
        let keyed = |pad: u8| Sha256::new_with_prefix(block.map(|byte| byte ^ pad));
        Self { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    fn append(&self, text: &[u8], out: &mut Vec<u8>) {
        let inner = self.inner.clone().chain_update(text).finalize();
        let tag = self.outer.clone().chain_update(inner).finalize();
        out.extend_from_slice(hex(&tag).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(change: &Change, text: &[u8]) -> String {
        let mut out = Vec::new();
        change.append(text, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn mask(with: &str, keep_first: usize, keep_last: usize) -> Change {
        Change::Mask(Mask { with: with.to_owned(), keep_first, keep_last })
    }

    #[test]
    fn characters_between_the_kept_ones_are_hidden() {
        assert_eq!(text(&mask("*", 0, 4), b"4111111111111111"), "************1111");
        assert_eq!(text(&mask("*", 2, 2), b"abcde"), "ab*de");
        assert_eq!(text(&mask("x", 1, 0), "äöü".as_bytes()), "äxx");
        assert_eq!(text(&mask("", 1, 1), b"abcd"), "ad");
        assert_eq!(text(&mask("[.]", 0, 0), b"\xFF\xFEa"), "[.][.][.]");
        assert_eq!(text(&mask("*", 0, 0), b""), "");
    }

    #[test]
    fn a_text_that_is_not_longer_than_what_is_kept_is_hidden_as_a_whole() {
        assert_eq!(text(&mask("*", 2, 2), b"abcd"), "****");
        assert_eq!(text(&mask("*", 0, 9), b"abc"), "***");
        assert_eq!(text(&mask("*", usize::MAX, 1), b"abc"), "***");
    }

    #[test]
    fn the_hash_is_that_of_rfc_4231() {
        let hash = |key: &[u8], message: &[u8]| text(&Change::Hash(Box::new(Hmac::new(key))), message);
        assert_eq!(hash(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(
            hash(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hash(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
