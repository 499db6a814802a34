//! Patterns that begin with a whole name of a JSON object, found while a document is read for its members.
//!
//! In a valid document, `"name":` stands nowhere but where a name ends, if `name` begins with none of the characters that
//! may follow a closing quote and holds neither quotes nor backslashes: its first quote either opens that name, or is an
//! escaped one within it. Whoever reads the whole document meets every place, from left to right.

use super::{
    Pattern,
    literal::{Found, stand},
};
use crate::{batch::Cell, extract::Registers};

/// Patterns that wait for names.
#[derive(Clone, Debug, Default)]
pub(in crate::extract) struct Watched {
    patterns: Vec<Waiting>,
    /// Names, with the patterns that begin with them.
    names: Vec<(Box<[u8]>, Vec<usize>)>,
}

#[derive(Clone, Debug)]
struct Waiting {
    pattern: Pattern,
    /// The match, once it was met.
    found: Option<Found>,
    /// Where it may begin.
    from: usize,
    /// What its prefix has behind the name and its colon.
    rest: Box<[u8]>,
}

impl Watched {
    /// Takes the pattern if it can be watched for, or gives it back.
    pub(in crate::extract) fn take(&mut self, pattern: Pattern) -> Option<Pattern> {
        let split = pattern.plan().and_then(|plan| split(plan.prefix()));
        let Some((name, rest)) = split else { return Some(pattern) };
        let rest = rest.into();
        let known = self.names.iter().position(|(known, _)| **known == *name);
        let at = known.unwrap_or_else(|| {
            self.names.push((name.into(), Vec::new()));
            self.names.len() - 1
        });
        self.names[at].1.push(self.patterns.len());
        self.patterns.push(Waiting { pattern, found: None, from: 0, rest });
        None
    }

    /// Whether there are no patterns.
    pub(in crate::extract) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The number of the name that `raw`, a valid name without its quotes, is or ends with, and where the quote before it
    /// stands, counted from the quote before `raw`.
    pub(in crate::extract) fn name(&self, raw: &[u8]) -> Option<(u32, usize)> {
        let quote = memchr::memrchr(b'"', raw).map_or(0, |at| at + 1);
        let at = self.names.iter().position(|(name, _)| **name == raw[quote..])?;
        Some((at as u32, quote))
    }

    /// A document begins.
    pub(in crate::extract) fn begin(&mut self) {
        for waiting in &mut self.patterns {
            (waiting.found, waiting.from) = (None, 0);
        }
    }

    /// The name of that number, its closing quote and a colon stand behind the quote at `at`.
    #[inline]
    pub(in crate::extract) fn meet(&mut self, name: u32, document: &[u8], at: usize) {
        let behind = at + self.names[name as usize].0.len() + 3;
        for waiting in &self.names[name as usize].1 {
            let waiting = &mut self.patterns[*waiting];
            let Some(plan) = waiting.pattern.plan() else { continue };
            if waiting.found.is_some() || at < waiting.from || !stand(&waiting.rest, document, behind) {
                continue;
            }
            match plan.complete(document, at) {
                Ok(found) => waiting.found = Some(found),
                Err(next) => waiting.from = next,
            }
        }
    }

    /// Fills the registers; a document that turned out to be invalid is searched.
    pub(in crate::extract) fn store(
        &mut self,
        bytes: Option<&[u8]>,
        valid: bool,
        source: Cell,
        slot: usize,
        registers: &mut Registers,
    ) {
        for waiting in &mut self.patterns {
            if valid {
                waiting.pattern.store_found(waiting.found.as_ref(), source, slot, registers);
            } else {
                waiting.pattern.run(bytes, source, slot, registers);
            }
        }
    }
}

/// The name that a literal begins with, as `"name":`, and what it has behind that.
fn split(literal: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = literal.strip_prefix(b"\"")?;
    let name = &rest[..memchr::memchr(b'"', rest)?];
    let plain =
        name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@'));
    let behind = rest.get(name.len() + 1..)?.strip_prefix(b":")?;
    (plain && !name.is_empty()).then_some((name, behind))
}
