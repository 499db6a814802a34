//! One pass over a document: validates it whole and notes what pointers name.

use std::ops::Range;

use super::{escape, pointer::Trie};

/// Containers within containers.
const DEPTH: u32 = 128;

/// Where a pointer's value stands in the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Found {
    /// Missing, or `null`.
    #[default]
    Nothing,
    /// A value's JSON text, or a string's characters between the quotes, as they are.
    Plain(Range<usize>),
    /// The same of a string that holds escapes.
    Escaped(Range<usize>),
}

/// Whether `document` is valid JSON; if so, `found` holds what the trie's pointers name, else it means nothing.
/// `found` comes filled with [`Found::Nothing`].
pub(super) fn scan(document: &[u8], trie: &Trie, found: &mut [Found], scratch: &mut Vec<u8>) -> bool {
    // What is no document at all is mostly seen at its first byte.
    let first = document.iter().find(|byte| !is_space(**byte));
    if !matches!(first, Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) {
        return false;
    }
    if std::str::from_utf8(document).is_err() {
        return false;
    }
    let mut scanner = Scanner { document, at: 0, depth: 0, trie, found, scratch };
    scanner.space();
    let valid = scanner.value(Some(Trie::ROOT)).is_some();
    scanner.space();
    valid && scanner.at == document.len()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Every step answers none where the document is invalid.
struct Scanner<'a> {
    document: &'a [u8],
    at: usize,
    depth: u32,
    trie: &'a Trie,
    found: &'a mut [Found],
    scratch: &'a mut Vec<u8>,
}

/// A string: what stands between its quotes, and whether that holds escapes.
struct Text {
    range: Range<usize>,
    escaped: bool,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.document.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// A value; `node` is its place in the trie, none where nothing below is wanted.
    fn value(&mut self, node: Option<usize>) -> Option<()> {
        let start = self.at;
        let found = match self.peek()? {
            b'"' => {
                let Text { range, escaped } = self.string()?;
                if escaped { Found::Escaped(range) } else { Found::Plain(range) }
            }
            b'n' => {
                self.word(b"null")?;
                Found::Nothing
            }
            other => {
                match other {
                    b'{' => self.nested(|scanner| scanner.object(node))?,
                    b'[' => self.nested(|scanner| scanner.array(node))?,
                    b't' => self.word(b"true")?,
                    b'f' => self.word(b"false")?,
                    _ => self.number()?,
                }
                Found::Plain(start..self.at)
            }
        };
        for want in node.into_iter().flat_map(|node| &self.trie.node(node).wants) {
            self.found[*want] = found.clone();
        }
        Some(())
    }

    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        self.at += 1;
        self.space();
        inner(self)?;
        self.depth -= 1;
        Some(())
    }

    /// After the brace and space.
    fn object(&mut self, node: Option<usize>) -> Option<()> {
        let node = node.filter(|node| !self.trie.node(*node).is_leaf());
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            let name = self.string()?;
            let child = node.and_then(|node| self.member(node, &name));
            self.space();
            self.take(b':')?;
            self.space();
            if let Some(child) = child {
                // Of a name that stands twice the last counts, and nothing below the first.
                let found = &mut *self.found;
                self.trie.each_below(child, &mut |want| found[want] = Found::Nothing);
            }
            self.value(child)?;
            self.space();
            if self.take(b'}').is_some() {
                return Some(());
            }
            self.take(b',')?;
            self.space();
        }
    }

    fn member(&mut self, node: usize, name: &Text) -> Option<usize> {
        let node = self.trie.node(node);
        let bytes = &self.document[name.range.clone()];
        if !name.escaped {
            return node.member(bytes);
        }
        escape::unescape(bytes, self.scratch);
        node.member(self.scratch)
    }

    /// After the bracket and space.
    fn array(&mut self, node: Option<usize>) -> Option<()> {
        let node = node.filter(|node| !self.trie.node(*node).is_leaf());
        if self.take(b']').is_some() {
            return Some(());
        }
        for index in 0.. {
            self.value(node.and_then(|node| self.trie.node(node).item(index)))?;
            self.space();
            if self.take(b']').is_some() {
                return Some(());
            }
            self.take(b',')?;
            self.space();
        }
        None
    }

    fn string(&mut self) -> Option<Text> {
        self.take(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = &self.document[self.at..];
            let plain = memchr::memchr2(b'"', b'\\', rest)?;
            if rest[..plain].iter().any(|byte| *byte < 0x20) {
                return None;
            }
            self.at += plain;
            if self.take(b'"').is_some() {
                return Some(Text { range: start..self.at - 1, escaped });
            }
            escaped = true;
            self.at += match self.document.get(self.at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                b'u' => escape::unicode(&self.document[self.at..])?.1,
                _ => return None,
            };
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.document[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn number(&mut self) -> Option<()> {
        let _sign = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _sign = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }
}
