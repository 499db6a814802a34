//! A class of characters, asked about bytes that need not be UTF-8.

use regex_syntax::hir::ClassUnicode;

use crate::extract::chunk::Chunk;

/// Bytes beyond ASCII that are looked at in one go.
const BEYOND: usize = 256;

/// A class of Unicode scalar values.
#[derive(Clone, Debug)]
pub(super) struct Class {
    ascii: [bool; 128],
    shape: Shape,
    /// What lies above ASCII, sorted.
    others: Vec<(char, char)>,
    /// Whether all that lies above ASCII belongs to it, as with `.`.
    all_others: bool,
}

/// What a class's ASCII characters are, where that can be asked about many bytes at once.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// All from the first to the second.
    Range(u8, u8),
    /// All but these.
    Except([u8; 2]),
    /// Anything else.
    Other,
}

impl Shape {
    fn new(ascii: &[bool; 128]) -> Self {
        let those =
            |held: bool| ascii.iter().zip(0_u8..).filter(move |(holds, _)| **holds == held).map(|(_, byte)| byte);
        let outside: Vec<u8> = those(false).collect();
        match (outside.as_slice(), those(true).min(), those(true).max()) {
            ([one], ..) => Self::Except([*one, *one]),
            ([one, other], ..) => Self::Except([*one, *other]),
            (outside, Some(from), Some(to)) if usize::from(to - from) + 1 + outside.len() == 128 => {
                Self::Range(from, to)
            }
            _ => Self::Other,
        }
    }
}

impl Class {
    pub(super) fn new(class: &ClassUnicode) -> Self {
        let ranges: Vec<(char, char)> = class.iter().map(|range| (range.start(), range.end())).collect();
        let holds = |wanted: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&wanted));
        let mut ascii = [false; 128];
        for (at, entry) in ascii.iter_mut().enumerate() {
            *entry = char::from_u32(at as u32).is_some_and(holds);
        }
        let all_others = ranges.iter().any(|(from, to)| *from <= '\u{80}' && *to == char::MAX);
        let others = ranges.into_iter().filter(|(_, to)| *to >= '\u{80}').collect();
        Self { ascii, shape: Shape::new(&ascii), others, all_others }
    }

    pub(super) fn holds(&self, wanted: char) -> bool {
        match self.ascii.get(wanted as usize) {
            Some(holds) => *holds,
            None => self.all_others || self.others_hold(wanted),
        }
    }

    /// Whether it has all characters that stand for themselves in a JSON string.
    pub(super) fn holds_plain_text(&self) -> bool {
        let mut ascii = (0x20..0x80_u8).filter(|byte| !matches!(byte, b'"' | b'\\'));
        self.all_others && ascii.all(|byte| self.ascii[usize::from(byte)])
    }

    fn others_hold(&self, wanted: char) -> bool {
        let at = self.others.partition_point(|(_, to)| *to < wanted);
        self.others.get(at).is_some_and(|(from, _)| *from <= wanted)
    }

    /// Where the run of this class's characters that begins at `at` ends, or where `stop` first stands in it at a
    /// character's beginning.
    #[inline(always)]
    pub(super) fn run(&self, bytes: &[u8], at: usize, stop: Option<u8>) -> usize {
        match self.shape {
            Shape::Range(from, to) => self.chunks(bytes, at, stop, |chunk| !chunk.less(from).at_most(to - from).bits()),
            Shape::Except([one, other]) => {
                self.chunks(bytes, at, stop, |chunk| (chunk | chunk.is(one) | chunk.is(other)).bits())
            }
            Shape::Other => self.steps(bytes, at, stop),
        }
    }

    /// As [`run`](Self::run); `outside` has a bit for each byte that may not belong to the class.
    #[inline(always)]
    fn chunks(&self, bytes: &[u8], mut at: usize, stop: Option<u8>, outside: impl Fn(Chunk) -> u32) -> usize {
        loop {
            let chunk = Chunk::at(bytes, at);
            let stops = stop.map_or(0, |stop| chunk.is(stop).bits());
            let inside = (outside(chunk) | stops).trailing_zeros() as usize;
            at += inside.min(Chunk::LEN);
            // Zeros beyond the end may have passed for the class's characters.
            let Some(byte) = bytes.get(at) else { return bytes.len() };
            if inside < Chunk::LEN {
                if byte.is_ascii() || stop == Some(*byte) {
                    return at;
                }
                let end = self.beyond_ascii(bytes, at, stop);
                if end == at {
                    return at;
                }
                at = end;
            }
        }
    }

    fn steps(&self, bytes: &[u8], mut at: usize, stop: Option<u8>) -> usize {
        while stop.is_none() || stop != bytes.get(at).copied() {
            match self.step(bytes, at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// As [`run`](Self::run), up to the next ASCII character at most, and not beyond some bytes.
    #[inline(never)]
    fn beyond_ascii(&self, bytes: &[u8], at: usize, stop: Option<u8>) -> usize {
        let rest = bytes.get(at..).unwrap_or_default();
        // No further, or whoever comes here again soon would look at the same bytes each time.
        let rest = &rest[..rest.len().min(BEYOND)];
        let length = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
        if self.all_others && stop.is_none_or(|stop| stop.is_ascii()) {
            return at + std::str::from_utf8(&rest[..length]).map_or_else(|error| error.valid_up_to(), str::len);
        }
        self.steps(&bytes[..at + length], at, stop)
    }

    /// Where the character that begins at `at` ends, if it is whole, valid and of this class.
    pub(super) fn step(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let first = *bytes.get(at)?;
        if let Some(holds) = self.ascii.get(first as usize) {
            return holds.then_some(at + 1);
        }
        let length = match first {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        let text = std::str::from_utf8(bytes.get(at..at + length)?).ok()?;
        let held = self.all_others || self.others_hold(text.chars().next()?);
        held.then_some(at + length)
    }
}
