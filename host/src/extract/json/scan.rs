//! One pass over a document: validates it whole and notes what pointers name.

use super::{
    super::{capture::Watched, chunk::Chunk},
    gap::{Gaps, NONE, Step},
    grammar::{Leads, Reader},
    number::number,
    place::Places,
    pointer::Trie,
    text::text as string,
};

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

/// A document, and bytes behind it that may be anything: reading sixteen bytes at a time stops there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'a> {
    pub(super) padded: &'a [u8],
    /// Of the document alone.
    pub(super) length: usize,
}

impl<'a> Document<'a> {
    /// Bytes that must follow a document: a chunk that begins with the byte behind it, and one that begins a chunk later.
    pub(super) const PADDING: usize = 2 * Chunk::LEN;

    /// The document alone.
    #[inline(always)]
    pub(super) fn text(self) -> &'a [u8] {
        &self.padded[..self.length]
    }
}

/// What a scan needs besides the document.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub(super) trie: &'a Trie,
    /// One per pointer, filled with [`Found::Nothing`].
    pub(super) found: &'a mut [Found],
    pub(super) scratch: &'a mut Vec<u8>,
    pub(super) gaps: &'a mut Gaps,
    pub(super) places: &'a mut Places,
    pub(super) watched: Option<&'a mut Watched>,
}

impl Scan<'_> {
    /// Whether `document` is valid JSON; if so, `found` holds what the trie's pointers name and the watched patterns
    /// have met every name, else neither means anything.
    pub(super) fn run(&mut self, document: Document<'_>) -> bool {
        // Positions are kept in 32 bits; a cell is never larger.
        document.padded.len() < u32::MAX as usize && self.scalars(document).is_some()
    }

    /// A document is gaps and scalars in turns, and ends with a gap. None: it is not valid.
    ///
    /// A scalar may seem to go on behind the document. Then no gap stands there, nor can any be read.
    fn scalars(&mut self, document: Document<'_>) -> Option<()> {
        let (text, padded) = (document.text(), document.padded);
        let (mut last, mut at) = (Gaps::BEGINNING, 0);
        let mut expected = self.gaps.get(last)?.next[0];
        loop {
            let gap = match self.gaps.standing(expected, document, at) {
                Some(gap) => {
                    last = expected;
                    gap
                }
                None => {
                    (last, at) = self.unexpected(last, document, at)?;
                    self.gaps.get(last)?
                }
            };
            if !gap.steps.is_empty() {
                take(&gap.steps, text, at, self.found, self.watched.as_deref_mut());
            }
            let value = at + gap.length as usize;
            let mut escaped = false;
            let end = match text.get(value) {
                None => return Some(()),
                Some(b'"') => {
                    let string = string(padded, value + 1)?;
                    escaped = string.escaped;
                    string.end + 1
                }
                Some(b'n') => word(text, value, b"null")?,
                Some(b't') => word(text, value, b"true")?,
                Some(b'f') => word(text, value, b"false")?,
                Some(_) => number(text, padded, value)?,
            };
            expected = gap.next[0];
            if gap.tells() {
                self.tell(last, text, at, end, escaped)?;
            }
            at = end;
        }
    }

    /// The scalar that ends at `end` is wanted or watched; gap number `last` stands before it, at `at`.
    ///
    /// Not inlined, so that the loop has its registers for itself.
    #[inline(never)]
    fn tell(&mut self, last: u32, text: &[u8], at: usize, end: usize, escaped: bool) -> Option<()> {
        let gap = self.gaps.get(last)?;
        let value = at + gap.length as usize;
        let (found, string) = match text.get(value)? {
            b'"' if escaped => (Found::Escaped(value as u32 + 1, end as u32 - 1), None),
            b'"' => (Found::Plain(value as u32 + 1, end as u32 - 1), Some((value + 1, end - 1))),
            b'n' => (Found::Nothing, None),
            _ => (Found::Plain(value as u32, end as u32), None),
        };
        if let Some(wanted) = self.found.get_mut(gap.want as usize) {
            *wanted = found;
        }
        if gap.watched != NONE
            && let Some(watched) = &mut self.watched
        {
            watched.meet(gap.watched, text, at + gap.quote as usize, string);
        }
        Some(())
    }

    /// The number of the gap behind gap number `last`, and where it begins.
    #[inline(never)]
    fn unexpected(&mut self, mut last: u32, document: Document<'_>, mut at: usize) -> Option<(u32, usize)> {
        if let Some(number) = self.gaps.expected_before(last, document, at) {
            return Some((number, at));
        }
        let (document, padded) = (document.text(), document.padded);
        // The last scalar must have ended within.
        document.get(at..)?;
        let mut place = self.gaps.get(last)?.place;
        let mut begins = last == Gaps::BEGINNING;
        loop {
            if self.places.is_full() {
                place = self.places.keep(place);
                self.gaps.forget();
                last = Gaps::READ;
            }
            let (trie, watched) = (self.trie, self.watched.as_deref());
            let (places, scratch, gap) = (&mut *self.places, &mut *self.scratch, self.gaps.read());
            let leads =
                Reader { document, padded, trie, watched, places, scratch, gap, start: at }.read(place, begins)?;
            let gap = self.gaps.read();
            let end = at + gap.length as usize;
            if leads == Leads::On {
                return Some((self.gaps.learn(last, document.get(at..end)?), at));
            }
            take(&gap.steps, document, at, self.found, self.watched.as_deref_mut());
            (place, begins) = (gap.place, false);
            (last, at) = (Gaps::READ, end);
        }
    }
}

/// Takes the steps of a gap that stands at `at`.
fn take(steps: &[Step], document: &[u8], at: usize, found: &mut [Found], mut watched: Option<&mut Watched>) {
    for step in steps {
        let (want, now) = match *step {
            Step::Forget(want) => (want, Found::Nothing),
            Step::Open(want, from) => (want, Found::Plain(at as u32 + from, at as u32 + from)),
            Step::Close(want, to) => match found.get(want as usize) {
                Some(Found::Plain(from, _)) => (want, Found::Plain(*from, at as u32 + to)),
                _ => continue,
            },
            Step::Meet(name, quote) => {
                if let Some(watched) = &mut watched {
                    watched.meet(name, document, at + quote as usize, None);
                }
                continue;
            }
        };
        if let Some(found) = found.get_mut(want as usize) {
            *found = now;
        }
    }
}

fn word(document: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    document.get(at..)?.starts_with(word).then(|| at + word.len())
}
