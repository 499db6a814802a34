//! One pass over a document: validates it whole and notes what pointers name.

use super::{
    super::capture::Watched,
    escape,
    number::number,
    pointer::Trie,
    seen::{NONE, Name, Place, Seen},
    text::{Text, text},
};

/// Containers within containers.
const DEPTH: u32 = 128;

/// Where a pointer's value stands in the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Found {
    /// Missing, or `null`.
    #[default]
    Nothing,
    /// From where to where a value's JSON text stands, or a string's characters between the quotes, as they are.
    Plain(u32, u32),
    /// The same of a string that holds escapes.
    Escaped(u32, u32),
}

/// What a scan needs besides the document.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub(super) trie: &'a Trie,
    /// One per pointer, filled with [`Found::Nothing`].
    pub(super) found: &'a mut [Found],
    pub(super) scratch: &'a mut Vec<u8>,
    pub(super) seen: &'a mut Seen,
    pub(super) watched: Option<&'a mut Watched>,
}

impl Scan<'_> {
    /// Whether `document` is valid JSON; if so, `found` holds what the trie's pointers name and the watched patterns
    /// have met every name, else neither means anything.
    pub(super) fn run(&mut self, document: &[u8]) -> bool {
        self.seen.begin();
        let start = space(document, 0);
        // Positions are kept in 32 bits; a cell is never larger.
        document.len() < u32::MAX as usize
            && self.value(document, start, Trie::ROOT, 0).is_some_and(|(_, end)| space(document, end) == document.len())
    }

    /// Every step says where it ends, none where the document is invalid. `node` is a value's place in the trie.
    ///
    /// Most values are short strings and numbers: they are read where they are met, without a call.
    #[inline(always)]
    fn value(&mut self, document: &[u8], start: usize, node: u32, depth: u32) -> Option<(Found, usize)> {
        let (found, end) = match *document.get(start)? {
            b'"' => {
                let Text { end, escaped } = text(document, start + 1)?;
                let (from, to) = (start as u32 + 1, end as u32);
                (if escaped { Found::Escaped(from, to) } else { Found::Plain(from, to) }, end + 1)
            }
            b'n' => (Found::Nothing, word(document, start, b"null")?),
            other => {
                let end = match other {
                    b'{' => self.object(document, start + 1, node, depth + 1)?,
                    b'[' => self.array(document, start + 1, node, depth + 1)?,
                    b't' => word(document, start, b"true")?,
                    b'f' => word(document, start, b"false")?,
                    _ => number(document, start)?,
                };
                (Found::Plain(start as u32, end as u32), end)
            }
        };
        if node != Trie::NOWHERE {
            for want in &self.trie.node(node).wants {
                self.found[*want] = found;
            }
        }
        Some((found, end))
    }

    /// After the brace.
    #[inline(never)]
    fn object(&mut self, document: &[u8], mut at: usize, node: u32, depth: u32) -> Option<usize> {
        if depth > DEPTH {
            return None;
        }
        // Where nothing below is wanted all objects are alike.
        let node = if self.trie.node(node).is_leaf() { Trie::NOWHERE } else { node };
        let mut place = Place { node, first: true };
        loop {
            let (name, value) = match self.seen.expected(document, at, place) {
                Some(expected) => expected,
                None => match self.name(document, at, place)? {
                    Some(name) => name,
                    None => return Some(space(document, at) + 1),
                },
            };
            if name.child != Trie::NOWHERE && !self.trie.node(name.child).is_leaf() {
                // Of a name that stands twice the last counts, and nothing below the first.
                let found = &mut *self.found;
                self.trie.each_below(name.child, &mut |want| found[want] = Found::Nothing);
            }
            let (quote, value) = (at + name.quote as usize, space(document, value));
            let is_watched = name.watched != NONE;
            // Names within a value are met after the one that it belongs to; in a string there are none.
            let is_string = document.get(value) == Some(&b'"');
            if is_watched && !is_string {
                self.meet(name, document, quote, None);
            }
            let (found, end) = self.value(document, value, name.child, depth)?;
            if is_watched && is_string {
                self.meet(name, document, quote, Some(found));
            }
            (at, place.first) = (end, false);
        }
    }

    #[inline(always)]
    fn meet(&mut self, name: Name, document: &[u8], quote: usize, string: Option<Found>) {
        let Some(watched) = &mut self.watched else { return };
        let plain = match string {
            Some(Found::Plain(from, to)) => Some((from as usize, to as usize)),
            _ => None,
        };
        watched.meet(name.watched, document, quote, plain);
    }

    /// The name that stands at `at` and where its value begins; `Some(None)` where the object ends instead.
    #[inline(never)]
    fn name(&mut self, document: &[u8], start: usize, place: Place) -> Option<Option<(Name, usize)>> {
        let mut at = space(document, start);
        match (document.get(at)?, place.first) {
            (b'}', _) => return Some(None),
            (b',', false) => at = space(document, at + 1),
            (_, false) => return None,
            (_, true) => {}
        }
        if document.get(at) != Some(&b'"') {
            return None;
        }
        let Text { end, escaped } = text(document, at + 1)?;
        let raw = document.get(at + 1..end)?;
        let child = if escaped {
            escape::unescape(raw, self.scratch);
            self.trie.member(place.node, self.scratch)
        } else {
            self.trie.member(place.node, raw)
        };
        // Watched patterns have the colon right behind the name.
        let watched = self.watched.as_ref().filter(|_| document.get(end + 1) == Some(&b':'));
        let watched = watched.and_then(|watched| watched.name(raw));
        let (watched, quote) = watched.map_or((NONE, 0), |(watched, quote)| (watched, at + quote - start));
        let name = Name { child, quote: quote as u32, watched };
        at = space(document, end + 1);
        if document.get(at) != Some(&b':') {
            return None;
        }
        let value = space(document, at + 1);
        self.seen.learn(document.get(start..value)?, place, name);
        Some(Some((name, value)))
    }

    /// After the bracket.
    #[inline(never)]
    fn array(&mut self, document: &[u8], start: usize, node: u32, depth: u32) -> Option<usize> {
        if depth > DEPTH {
            return None;
        }
        let mut at = space(document, start);
        if document.get(at) == Some(&b']') {
            return Some(at + 1);
        }
        for index in 0.. {
            let (_, end) = self.value(document, at, self.trie.item(node, index), depth)?;
            at = space(document, end);
            match document.get(at)? {
                b']' => return Some(at + 1),
                b',' => at = space(document, at + 1),
                _ => return None,
            }
        }
        None
    }
}

#[inline(always)]
fn space(document: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = document.get(at) {
        at += 1;
    }
    at
}

fn word(document: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    document.get(at..)?.starts_with(word).then(|| at + word.len())
}
