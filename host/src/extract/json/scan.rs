//! One pass over a document: validates it, whole or as far as the last member that is wanted, and notes what pointers name.

use super::{
    super::{
        Reading,
        capture::{KeyAnchored, Seen},
    },
    first,
    grammar::{Leads, Reader},
    hits::{Hit, Hits, take, tell},
    number::{other_number, usual_number},
    path::Paths,
    pointer::Trie,
    skeleton::{Follows, NONE, Skeletons, standing},
    template,
    templates::Place,
    text::{Holds, short_text, text as string},
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

/// A document, and bytes behind it that may be anything, [`PADDING`](Self::PADDING) at least: reading many bytes at a time
/// stops there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'a> {
    pub(super) padded: &'a [u8],
    /// Of the document alone.
    pub(super) length: usize,
}

impl<'a> Document<'a> {
    /// Bytes that must follow a document: what is compared at once from the byte behind it on.
    pub(super) const PADDING: usize = template::SIZE;

    /// The same with nothing behind its padding: where the document ends is seen from how much is left. None: it is too long,
    /// since positions are kept in 32 bits; a cell never is.
    #[inline(always)]
    fn checked(self) -> Option<Self> {
        let padded = self.padded.get(..self.length + Self::PADDING)?;
        (padded.len() < u32::MAX as usize).then_some(Self { padded, ..self })
    }

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
    pub(super) skeletons: &'a mut Skeletons,
    pub(super) paths: &'a mut Paths,
    pub(super) hits: &'a mut Hits,
    pub(super) key_anchored: Option<&'a mut KeyAnchored>,
    /// How many pointers' values were not read yet, counted by [`Scan::beginning`].
    pub(super) missing: usize,
}

impl Scan<'_> {
    /// Whether `document` is valid JSON; if so, `found` holds what the trie's pointers name and the key-anchored patterns
    /// have met every name, else neither means anything.
    ///
    /// A function of its own: within a larger one the loop loses registers.
    #[inline(never)]
    pub(super) fn run(&mut self, document: Document<'_>) -> bool {
        document.checked().is_some_and(|document| self.scalars::<false>(document).is_some())
    }

    /// As [`run`](Self::run), but reads no further than to the last value that is missing: then the patterns have met every
    /// name before that.
    #[inline(never)]
    pub(super) fn beginning(&mut self, document: Document<'_>) -> Seen {
        self.missing = self.trie.wants();
        let Some(document) = document.checked() else { return Seen::Broken };
        match self.scalars::<true>(document) {
            Some(()) => Seen::Whole,
            // Whatever follows.
            None if self.missing == 0 => Seen::Start,
            None => Seen::Broken,
        }
    }

    /// A document is skeletons and scalars in turns, and ends with a skeleton. None: it is not valid, or, if it is read only
    /// as far as the last member that is wanted (`FIRST`), nothing is missing any more.
    ///
    /// A scalar may seem to go on behind the document. Then no skeleton stands there, nor can any be read.
    ///
    /// What anything means is told later, see [`Hits`], so that all that this loop needs fits into registers: what
    /// remains must not go through memory, or every scalar waits for that.
    fn scalars<const FIRST: bool>(&mut self, document: Document<'_>) -> Option<()> {
        let padded = document.padded;
        let mut last = Skeletons::BEGINNING;
        let mut expected = self.skeletons.get(last)?.next[0];
        let mut rest = padded;
        // Values that are wanted among what was not told yet.
        let mut untold = 0;
        self.hits.begin();
        // Looked up anew only where they may have moved.
        let mut skeletons = self.skeletons.as_mut_slice();
        loop {
            if !FIRST && skeletons.get(expected as usize).is_some_and(|skeleton| skeleton.is_steady) {
                let place = Place { last, expected, rest };
                Place { last, expected, rest } = self.skeletons.pass(self.hits, padded.len(), place);
                skeletons = self.skeletons.as_mut_slice();
            }
            let (mut skeleton, value, follows) = match standing(skeletons, expected, rest) {
                Some(stands) => {
                    last = expected;
                    stands
                }
                None => {
                    let (number, at) = self.unexpected::<FIRST>(last, document, padded.len() - rest.len())?;
                    (last, rest) = (number, padded.get(at..)?);
                    skeletons = self.skeletons.as_mut_slice();
                    let skeleton = skeletons.get_mut(last as usize)?;
                    let value = rest.get(skeleton.length as usize..)?;
                    let follows = if skeleton.ends { Follows::Nothing } else { Follows::from_byte(*value.first()?)? };
                    (skeleton, value, follows)
                }
            };
            if FIRST && skeleton.closes && !skeleton.ends {
                // What follows a container that is wanted counts only if something is missing still.
                let at = (padded.len() - rest.len()) as u32;
                self.hits.add(Hit { skeleton: last, at, ..Hit::default() });
                self.tell_first(document)?;
                untold = 0;
                skeletons = self.skeletons.as_mut_slice();
                skeleton = skeletons.get_mut(last as usize)?;
            }
            expected = skeleton.next[0];
            let mut holds = Holds::default();
            let length = match follows {
                Follows::Text => match short_text(value, &mut skeleton.length_guess) {
                    Some(length) => {
                        holds = Holds::PLAIN_ASCII;
                        length + 2
                    }
                    None => {
                        let string = string(value, 1)?;
                        holds = string.holds;
                        string.end + 1
                    }
                },
                Follows::Number => match usual_number(value, skeleton.length_guess) {
                    Some(length) => length,
                    None => other_number(value, &mut skeleton.length_guess)?,
                },
                Follows::Word => word_length(value)?,
                Follows::Nothing => {
                    if skeleton.tells {
                        self.hits.add(Hit { skeleton: last, at: (padded.len() - rest.len()) as u32, ..Hit::default() });
                    }
                    if FIRST {
                        self.tell_first(document);
                    } else {
                        self.tell(document);
                    }
                    return Some(());
                }
            };
            if skeleton.tells {
                let at = (padded.len() - rest.len()) as u32;
                let is_full = self.hits.add(Hit { skeleton: last, at, length: length as u32, holds });
                if FIRST {
                    untold += usize::from(skeleton.want != NONE);
                }
                // A skeleton that is not remembered is soon another one.
                if is_full || last == Skeletons::READ || FIRST && untold >= self.missing {
                    if FIRST {
                        self.tell_first(document)?;
                        untold = 0;
                    } else {
                        self.tell(document);
                    }
                    skeletons = self.skeletons.as_mut_slice();
                }
            }
            rest = value.get(length..)?;
        }
    }

    /// Tells what was marked.
    #[inline(never)]
    fn tell(&mut self, document: Document<'_>) {
        let (text, skeletons, found) = (document.text(), &*self.skeletons, &mut *self.found);
        let mut key_anchored = self.key_anchored.as_deref_mut();
        for hit in self.hits.drain() {
            if let Some(skeleton) = skeletons.get(hit.skeleton) {
                tell(skeleton, hit, text, found, key_anchored.as_deref_mut());
            }
        }
    }

    /// As [`tell`](Self::tell); none where nothing is missing any more.
    #[inline(never)]
    fn tell_first(&mut self, document: Document<'_>) -> Option<()> {
        let (text, skeletons, found) = (document.text(), &*self.skeletons, &mut *self.found);
        let mut key_anchored = self.key_anchored.as_deref_mut();
        for hit in self.hits.drain() {
            if let Some(skeleton) = skeletons.get(hit.skeleton) {
                self.missing -= first::tell(skeleton, hit, text, found, key_anchored.as_deref_mut());
            }
        }
        (self.missing > 0).then_some(())
    }

    /// Takes the steps of the skeleton that was read last and stands at `at`, as far as it was read; none where nothing is
    /// missing any more.
    fn take_first(&mut self, at: usize, document: &[u8]) -> Option<()> {
        let key_anchored = self.key_anchored.as_deref_mut();
        self.missing -= first::take(&self.skeletons.read().steps, at, document, self.found, key_anchored);
        (self.missing > 0).then_some(())
    }

    /// The number of the skeleton behind skeleton number `last`, and where it begins.
    #[inline(never)]
    fn unexpected<const FIRST: bool>(
        &mut self,
        mut last: u32,
        document: Document<'_>,
        mut at: usize,
    ) -> Option<(u32, usize)> {
        if let Some(number) = self.skeletons.expected_before(last, document, at) {
            return Some((number, at));
        }
        // Skeletons may be forgotten.
        if FIRST {
            self.tell_first(document)?;
        } else {
            self.tell(document);
        }
        let (document, padded) = (document.text(), document.padded);
        // The last scalar must have ended within.
        document.get(at..)?;
        let mut path = self.skeletons.get(last)?.path;
        let mut begins = last == Skeletons::BEGINNING;
        loop {
            if self.paths.is_full() {
                path = self.paths.keep(path);
                self.skeletons.forget();
                last = Skeletons::READ;
            }
            let (trie, key_anchored) = (self.trie, self.key_anchored.as_deref());
            let (paths, scratch, skeleton) = (&mut *self.paths, &mut *self.scratch, self.skeletons.read());
            let reading = if FIRST { Reading::First } else { Reading::Whole };
            let leads = Reader { document, padded, trie, key_anchored, paths, scratch, skeleton, start: at, reading }
                .read(path, begins);
            let Some(leads) = leads else {
                // A container that ended before it broke may have been the last that was missing.
                if FIRST {
                    self.take_first(at, document)?;
                }
                return None;
            };
            let skeleton = self.skeletons.read();
            let end = at + skeleton.length as usize;
            if leads == Leads::On {
                return Some((self.skeletons.learn(last, document.get(at..end)?), at));
            }
            (path, begins) = (skeleton.path, false);
            if FIRST {
                self.take_first(at, document)?;
            } else {
                let steps = &self.skeletons.read().steps;
                take(steps, at, document, self.found, self.key_anchored.as_deref_mut());
            }
            (last, at) = (Skeletons::READ, end);
        }
    }
}

/// Returns how long the word is that `value` begins with; none where it begins with none.
pub(super) fn word_length(value: &[u8]) -> Option<usize> {
    let words: [&[u8]; 3] = [b"null", b"true", b"false"];
    words.into_iter().find(|word| value.starts_with(word)).map(<[u8]>::len)
}
