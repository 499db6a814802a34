//! Expressions of the form literal, group, literal (`"sceneId":"(.+?)"`, `"actionTime":(\d+)`) without an automaton:
//! the first literal by a substring search, the rest by a scan.
//!
//! Why the result is the regex crate's: the leftmost match begins at the first occurrence of the prefix from which the
//! rest matches, and there the group's length is settled by its kind ([`Tail`]). That is linear: where the rest fails
//! after a run of characters of the class that ends at `q`, it also fails from every later occurrence of the prefix
//! whose end lies within that run, because its run ends at the same `q` and holds no place for the suffix that was not
//! tried already (all literals are UTF-8, so both runs see the same characters).

use std::ops::Range;

use memchr::memmem::Finder;
use regex_syntax::hir::{Capture, Class as HirClass, Hir, HirKind, Literal, Repetition};

use super::class::Class;

/// The longest literals: they are looked at again for each place where they may begin.
const LITERAL_BYTES: usize = 64;

/// Finds the first match of a literal, a group that repeats a class, and possibly a literal.
#[derive(Clone, Debug)]
pub(super) struct LiteralPlan {
    prefix: Finder<'static>,
    class: Class,
    min: u32,
    tail: Tail,
    suffix: Vec<u8>,
}

/// How the group's end is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    /// It takes all that it can. Either nothing follows, or the suffix begins with a character outside of the class, so
    /// that it can stand nowhere but at the run's end, be the repetition greedy or lazy.
    Run,
    /// It takes as little as it can, and the suffix begins with a character of the class: tried at every place.
    Lazy,
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) whole: Range<usize>,
    pub(super) group: Range<usize>,
}

impl LiteralPlan {
    /// The plan for a pattern, if it has this form.
    pub(super) fn new(hir: &Hir) -> Option<Self> {
        let HirKind::Concat(parts) = hir.kind() else { return None };
        let (prefix, capture, suffix) = match parts.as_slice() {
            [prefix, capture] => (literal(prefix)?, capture, &[][..]),
            [prefix, capture, suffix] => (literal(prefix)?, capture, literal(suffix)?),
            _ => return None,
        };
        if prefix.len().max(suffix.len()) > LITERAL_BYTES {
            return None;
        }
        let HirKind::Capture(Capture { sub, .. }) = capture.kind() else { return None };
        let HirKind::Repetition(Repetition { min, max: None, greedy, sub }) = sub.kind() else { return None };
        let HirKind::Class(HirClass::Unicode(class)) = sub.kind() else { return None };
        let class = Class::new(class);
        let first = std::str::from_utf8(suffix).ok()?.chars().next();
        let tail = match (first.is_some_and(|first| class.holds(first)), greedy) {
            (false, true) => Tail::Run,
            (false, false) if first.is_some() => Tail::Run,
            (true, false) => Tail::Lazy,
            _ => return None,
        };
        let prefix = Finder::new(std::str::from_utf8(prefix).ok()?).into_owned();
        Some(Self { prefix, class, min: *min, tail, suffix: suffix.to_vec() })
    }

    /// The first match.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<Found> {
        let mut from = 0;
        loop {
            let at = from + self.prefix.find(bytes.get(from..)?)?;
            match self.complete(bytes, at) {
                Ok(end) => return Some(self.found(at, end)),
                Err(next) => from = next,
            }
        }
    }

    /// Where the group of the match ends that begins with the prefix that stands at `at`, or else from where on the next
    /// one is to be looked for.
    #[inline]
    pub(super) fn complete(&self, bytes: &[u8], at: usize) -> Result<usize, usize> {
        let length = self.prefix.needle().len();
        let start = at + length;
        let ended = match self.tail {
            Tail::Run => self.run(bytes, start),
            Tail::Lazy => self.lazy(bytes, start),
        };
        // The next occurrence that can match ends beyond the run.
        ended.map_err(|run| (at + 1).max((run + 1).saturating_sub(length)))
    }

    /// The match that begins at `at` and whose group ends at `end`.
    fn found(&self, at: usize, end: usize) -> Found {
        Found { whole: at..end + self.suffix.len(), group: at + self.prefix.needle().len()..end }
    }

    /// Whether a group that begins with the characters of a JSON string without escapes, which is not empty, ends where
    /// the string does: all that the string may hold belongs to the class, and the suffix is its closing quote.
    pub(super) fn ends_with_string(&self) -> bool {
        self.suffix == b"\"" && self.min <= 1 && self.class.holds_plain_text()
    }

    /// The prefix.
    pub(super) fn prefix(&self) -> &[u8] {
        self.prefix.needle()
    }

    /// The suffix; may be empty.
    pub(super) fn suffix(&self) -> &[u8] {
        &self.suffix
    }

    /// Where the group that begins at `start` ends, or else where its run ends.
    #[inline(always)]
    fn run(&self, bytes: &[u8], start: usize) -> Result<usize, usize> {
        let at = self.class.run(bytes, self.least(bytes, start)?, None);
        if stand(&self.suffix, bytes, at) { Ok(at) } else { Err(at) }
    }

    #[inline(always)]
    fn lazy(&self, bytes: &[u8], start: usize) -> Result<usize, usize> {
        let mut at = self.least(bytes, start)?;
        loop {
            at = self.class.run(bytes, at, self.suffix.first().copied());
            if stand(&self.suffix, bytes, at) {
                return Ok(at);
            }
            at = self.class.step(bytes, at).ok_or(at)?;
        }
    }

    /// Behind as many characters as the group has at least.
    #[inline(always)]
    fn least(&self, bytes: &[u8], mut at: usize) -> Result<usize, usize> {
        for _ in 0..self.min {
            at = self.class.step(bytes, at).ok_or(at)?;
        }
        Ok(at)
    }
}

/// Whether the bytes of `literal` stand at `at`. Mostly it is a byte or none: a loop is faster than a comparison of memory.
#[inline(always)]
pub(super) fn stand(literal: &[u8], bytes: &[u8], at: usize) -> bool {
    literal.iter().enumerate().all(|(place, byte)| bytes.get(at + place) == Some(byte))
}

fn literal(hir: &Hir) -> Option<&[u8]> {
    match hir.kind() {
        HirKind::Literal(Literal(bytes)) => Some(bytes),
        _ => None,
    }
}
