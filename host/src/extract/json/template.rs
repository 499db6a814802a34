//! Several skeletons, and the scalars behind them, compared at once.
//!
//! Where documents have the same names in the same order, many of their scalars are also as long as they were: ids, times,
//! numbers of so many digits, words. A skeleton, its scalar, the skeleton behind it and so on are compared then as one
//! piece, byte by byte with what may stand in that place: what stood there, or any digit, or any character that stands for
//! itself. What passes is what reading one after the other would have passed, since each byte of a scalar may only be what
//! leaves it a scalar of that length.

use super::{
    super::chunk::Chunk,
    hits::{Hit, Hits},
    number::other_number,
    scan::{Document, word_length},
    skeleton::{Follows, NONE, Skeleton, standing},
    text::{Holds, text},
};

/// Bytes of a template at most.
pub(super) const SIZE: usize = 64;
/// Scalars of a template at most.
pub(super) const PARTS: usize = 8;

/// Of each place the bytes that may stand there: from `low` on, `span` above it at most, and no quote and no backslash
/// where `characters` is 255.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Pattern {
    low: [u8; SIZE],
    span: [u8; SIZE],
    characters: [u8; SIZE],
}

impl Default for Pattern {
    /// Takes anything.
    fn default() -> Self {
        Self { low: [0; SIZE], span: [u8::MAX; SIZE], characters: [0; SIZE] }
    }
}

impl Pattern {
    /// Whether these bytes may all stand where they stand.
    #[inline(always)]
    fn takes(&self, bytes: &[u8; SIZE]) -> bool {
        // A plain loop: the compiler makes it as wide as the processor's registers are.
        let places = bytes.iter().zip(&self.low).zip(&self.span).zip(&self.characters);
        let wrong = places.fold(0, |wrong, (((byte, low), span), characters)| {
            let odd = u8::from(*byte == b'"') | u8::from(*byte == b'\\');
            wrong | u8::from(byte.wrapping_sub(*low) > *span) | (odd & characters)
        });
        wrong == 0
    }

    /// What a skeleton has at `at`.
    fn fixed(&mut self, at: usize, bytes: &[u8]) {
        for (at, byte) in (at..).zip(bytes) {
            self.set(at, *byte, 0);
        }
    }

    fn set(&mut self, at: usize, low: u8, span: u8) {
        if at < SIZE {
            (self.low[at], self.span[at]) = (low, span);
        }
    }

    /// Any scalar as long as that valid one, which begins at `at`; of numbers, with its points and signs.
    fn scalar(&mut self, at: usize, scalar: &[u8]) {
        self.fixed(at, scalar);
        match scalar {
            [b'"', characters @ .., b'"'] => {
                for at in at + 1..=at + characters.len() {
                    self.set(at, b' ', 0x7F - b' ');
                    self.characters[at] = u8::MAX;
                }
            }
            [b'-' | b'0'..=b'9', ..] => {
                let digits = (at..).zip(scalar).filter(|(_, byte)| byte.is_ascii_digit());
                digits.for_each(|(at, _)| self.set(at, b'0', 9));
                // Of several digits the first is no zero.
                let first = usize::from(scalar[0] == b'-');
                if scalar.get(first + 1).is_some_and(u8::is_ascii_digit) {
                    self.set(at + first, b'1', 8);
                }
            }
            _ => {}
        }
    }

    /// How many first places are the same in both.
    fn agreement(&self, other: &Self) -> usize {
        let same = |at: &usize| (self.low[*at], self.span[*at]) == (other.low[*at], other.span[*at]);
        (0..SIZE).take_while(same).count()
    }
}

/// Skeletons and scalars in turns, scalars last.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pattern: Pattern,
    /// Of all of them, in bytes.
    length: u32,
    /// The number of the last skeleton.
    pub(super) last: u32,
    /// The number of the skeleton that followed that one: kept here too, as what stands next is loaded all the sooner.
    pub(super) next: u32,
    /// Skeletons, counted from the beginning, and scalars.
    parts: [Hit; PARTS],
    count: u8,
    /// Of the parts, those that mean something.
    told: [u8; PARTS],
    tells: u8,
    /// How often it stood since it did not.
    stood: u32,
    /// What it has been worth, as times that it stood, less what it cost.
    worth: u32,
}

impl Template {
    /// What stands at the beginning of `rest`, from skeleton number `first` on; none where that is one scalar only.
    pub(super) fn read(skeletons: &mut [Skeleton], first: u32, rest: &[u8]) -> Option<Self> {
        let (mut template, mut number, mut before, mut at) = (Self::default(), first, NONE, 0);
        while usize::from(template.count) < PARTS {
            if standing(skeletons, number, &rest[at..]).is_none() {
                number = before;
            }
            let Some((skeleton, value, follows)) = standing(skeletons, number, &rest[at..]) else { break };
            let Some((length, holds)) = scalar(value, follows) else { break };
            let scalar = at + skeleton.length as usize;
            // Within the document, with a byte behind it.
            let end = scalar + length;
            if end + 1 > SIZE || end + 1 + Document::PADDING > rest.len() {
                break;
            }
            // Behind a number, no more of it.
            if follows == Follows::Number && !matches!(rest[end], b',' | b']' | b'}' | b' ' | b'\n') {
                break;
            }
            template.parts[usize::from(template.count)] =
                Hit { skeleton: number, at: at as u32, length: length as u32, holds };
            template.count += 1;
            ([number, before], at) = (skeleton.next, end);
        }
        template.fill(skeletons, rest)
    }

    /// Takes its bytes, and what they mean, from a document that has all its parts there.
    fn fill(mut self, skeletons: &[Skeleton], rest: &[u8]) -> Option<Self> {
        if self.count < 2 {
            return None;
        }
        (self.pattern, self.tells, self.worth) = (Pattern::default(), 0, WORTH * MISSES / 2);
        for (number, part) in (0..).zip(&self.parts[..usize::from(self.count)]) {
            let skeleton = skeletons.get(part.skeleton as usize)?;
            let from = part.at as usize;
            let (scalar, end) = (from + skeleton.length as usize, from + (skeleton.length + part.length) as usize);
            self.pattern.fixed(from, rest.get(from..scalar)?);
            self.pattern.scalar(scalar, rest.get(scalar..end)?);
            (self.length, self.last, self.next) = (end as u32, part.skeleton, skeleton.next[0]);
            if skeleton.tells {
                self.told[usize::from(self.tells)] = number;
                self.tells += 1;
            }
        }
        let end = self.length as usize;
        if rest[end - 1].is_ascii_digit() {
            self.pattern.fixed(end, rest.get(end..end + 1)?);
        }
        Some(self)
    }

    /// Without the parts that are not the same in `other`.
    pub(super) fn cut(mut self, other: &Self, skeletons: &[Skeleton], rest: &[u8]) -> Option<Self> {
        let agreement = self.pattern.agreement(&other.pattern);
        let ends = |part: &Hit| Some((part.at + skeletons.get(part.skeleton as usize)?.length + part.length) as usize);
        let parts = &self.parts[..usize::from(self.count)];
        let same = parts.iter().take_while(|part| ends(part).is_some_and(|end| end < agreement)).count();
        self.count = same as u8;
        self.fill(skeletons, rest)
    }

    /// What follows it, if the rest of a document, with its padding, begins with it.
    #[inline(always)]
    pub(super) fn stands<'a>(&self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let bytes = rest.first_chunk()?;
        let value = rest.get(self.length as usize..)?;
        (value.len() > Document::PADDING && self.pattern.takes(bytes)).then_some(value)
    }

    /// Notes that it stands at `at`, and what that means, if there is room for its [`PARTS`]; whether there was.
    #[inline(always)]
    pub(super) fn note(&mut self, at: usize, hits: &mut Hits) -> bool {
        if self.tells != 0 {
            if !hits.have_room() {
                return false;
            }
            for part in self.told.iter().take(usize::from(self.tells)) {
                let hit = self.parts[usize::from(*part) % PARTS];
                hits.add(Hit { at: at as u32 + hit.at, ..hit });
            }
        }
        self.stood = self.stood.saturating_add(1);
        true
    }

    /// Notes that it did not stand; whether it does so too often.
    pub(super) fn miss(&mut self) -> bool {
        let stood = self.stood.min(WORTH * MISSES);
        self.stood = 0;
        self.worth = (self.worth + stood).min(WORTH * MISSES).saturating_sub(WORTH);
        self.worth == 0
    }
}

/// A template that does not stand costs about as much as one that stands this often saves.
const WORTH: u32 = 3;
/// So often in a row a template may miss.
const MISSES: u32 = 6;

/// The length of the scalar that `value` begins with, if a template can have it, and what it holds.
fn scalar(value: &[u8], follows: Follows) -> Option<(usize, Holds)> {
    match follows {
        Follows::Text => {
            // A longer one does not fit.
            let beginning = value.get(..SIZE + Chunk::LEN).unwrap_or(value);
            let string = text(beginning, 1).filter(|string| string.holds == Holds::PLAIN_ASCII)?;
            Some((string.end + 1, string.holds))
        }
        Follows::Number => Some((other_number(value, &mut Default::default())?, Holds::default())),
        Follows::Word => Some((word_length(value)?, Holds::default())),
        Follows::Nothing => None,
    }
}
