//! One pass over a document: validates it whole and notes what pointers name.

use super::{
    super::{capture::Watched, chunk::Chunk},
    gap::Gaps,
    grammar::{Leads, Reader},
    mark::{Mark, Marks, take, tell},
    number::{other_number, usual_number},
    place::Places,
    pointer::Trie,
    text::{short_text, text as string},
};

/// Where a pointer's value stands in the document, from its first byte to behind its last; where both are the same, it is
/// missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Whether it is a string that holds escapes.
    pub(super) escaped: bool,
}

impl Found {
    /// From where to where the value stands in `text`, of a string its characters, as they are; none where it is missing or
    /// `null`.
    #[inline(always)]
    pub(super) fn inner(self, text: &[u8]) -> Option<(usize, usize)> {
        let (from, to) = (self.from as usize, self.to as usize);
        match text.get(from..to)?.first()? {
            b'"' => Some((from + 1, to - 1)),
            b'n' => None,
            _ => Some((from, to)),
        }
    }
}

/// A document, and bytes behind it that may be anything, [`PADDING`](Self::PADDING) at least: reading sixteen bytes at a time
/// stops there.
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
    /// One per pointer, none found.
    pub(super) found: &'a mut [Found],
    pub(super) scratch: &'a mut Vec<u8>,
    pub(super) gaps: &'a mut Gaps,
    pub(super) places: &'a mut Places,
    pub(super) marks: &'a mut Marks,
    pub(super) watched: Option<&'a mut Watched>,
}

impl Scan<'_> {
    /// Whether `document` is valid JSON; if so, `found` holds what the trie's pointers name and the watched patterns
    /// have met every name, else neither means anything.
    pub(super) fn run(&mut self, document: Document<'_>) -> bool {
        // Where the document ends is seen from how much is left.
        let Some(padded) = document.padded.get(..document.length + Document::PADDING) else { return false };
        // Positions are kept in 32 bits; a cell is never larger.
        padded.len() < u32::MAX as usize && self.scalars(Document { padded, ..document }).is_some()
    }

    /// A document is gaps and scalars in turns, and ends with a gap. None: it is not valid.
    ///
    /// A scalar may seem to go on behind the document. Then no gap stands there, nor can any be read.
    ///
    /// What anything means is told later, see [`Marks`], so that all that this loop needs fits into registers: what
    /// remains must not go through memory, or every scalar waits for that.
    fn scalars(&mut self, document: Document<'_>) -> Option<()> {
        let padded = document.padded;
        let mut last = Gaps::BEGINNING;
        let mut expected = self.gaps.get(last)?.next[0];
        let mut rest = padded;
        self.marks.begin();
        loop {
            let (gap, value) = match self.gaps.standing(expected, rest) {
                Some((gap, value)) => {
                    last = expected;
                    (gap, value)
                }
                None => {
                    let (number, at) = self.unexpected(last, document, padded.len() - rest.len())?;
                    (last, rest) = (number, padded.get(at..)?);
                    let gap = self.gaps.get_mut(last)?;
                    let value = rest.get(gap.length as usize..)?;
                    (gap, value)
                }
            };
            expected = gap.next[0];
            if gap.ends {
                if gap.tells {
                    self.marks.add(Mark { gap: last, at: (padded.len() - rest.len()) as u32, ..Mark::default() });
                }
                self.tell(document);
                return Some(());
            }
            let mut escaped = false;
            let length = match value.first()? {
                b'"' => match short_text(value, &mut gap.usual) {
                    Some(length) => length + 2,
                    None => {
                        let string = string(value, 1)?;
                        escaped = string.escaped;
                        string.end + 1
                    }
                },
                b'n' => word(value, b"null")?,
                b't' => word(value, b"true")?,
                b'f' => word(value, b"false")?,
                _ => match usual_number(value, gap.usual) {
                    Some(length) => length,
                    None => other_number(value, &mut gap.usual)?,
                },
            };
            if gap.tells {
                let at = (padded.len() - rest.len()) as u32;
                let is_full = self.marks.add(Mark { gap: last, at, length: length as u32, escaped });
                // A gap that is not remembered is soon another one.
                if is_full || last == Gaps::READ {
                    self.tell(document);
                }
            }
            rest = value.get(length..)?;
        }
    }

    /// Tells what was marked.
    #[inline(never)]
    fn tell(&mut self, document: Document<'_>) {
        for mark in self.marks.drain() {
            if let Some(gap) = self.gaps.get(mark.gap) {
                tell(gap, mark, document.text(), self.found, self.watched.as_deref_mut());
            }
        }
    }

    /// The number of the gap behind gap number `last`, and where it begins.
    #[inline(never)]
    fn unexpected(&mut self, mut last: u32, document: Document<'_>, mut at: usize) -> Option<(u32, usize)> {
        if let Some(number) = self.gaps.expected_before(last, document, at) {
            return Some((number, at));
        }
        // Gaps may be forgotten.
        self.tell(document);
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
            take(&gap.steps, at, document, self.found, self.watched.as_deref_mut());
            (place, begins) = (gap.place, false);
            (last, at) = (Gaps::READ, end);
        }
    }
}

fn word(value: &[u8], word: &[u8]) -> Option<usize> {
    value.starts_with(word).then_some(word.len())
}
