//! Patterns that begin with a whole name of a JSON object, found while a document is read for its members.
//!
//! In a valid document, `"name":` stands nowhere but where a name ends, if `name` begins with none of the characters that
//! may follow a closing quote and holds neither quotes nor backslashes: its first quote either opens that name, or is an
//! escaped one within it. Whoever reads the whole document meets every place, from left to right.
//!
//! That holds of the beginning of a document, too, as far as it was read, whatever follows: two places of `"name":` share no
//! byte, so that whatever begins before a match that was met ends before it, and was met. A pattern that has met none is then
//! looked for in the text.

use super::{Pattern, Spent, literal::stand};
use crate::{batch::Cell, extract::Registers};

/// Patterns that wait for names.
#[derive(Clone, Debug, Default)]
pub(in crate::extract) struct KeyAnchored {
    patterns: Vec<Pattern>,
    /// One a pattern.
    waiting: Vec<Waiting>,
    groups: Vec<Group>,
}

/// How much of a document was read, all of which is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Seen {
    /// All of it.
    Whole,
    /// Its beginning; what follows is not known.
    Start,
    /// None that can be relied on: it is not valid.
    Broken,
}

/// What a pattern waits for.
#[derive(Clone, Debug)]
struct Waiting {
    /// From where the match begins to where its group ends, once it was met; else null.
    found: Cell,
    /// Where it may begin.
    from: usize,
    /// The name that its prefix begins with.
    name: Box<[u8]>,
    /// What its prefix has behind the name and its colon.
    rest: Box<[u8]>,
    /// Whether the group of a match is the whole of a string without escapes that is the name's value and not empty.
    takes_strings: bool,
    /// The next that waits for the same name.
    next: Option<u32>,
}

/// A group that is wanted.
#[derive(Clone, Copy, Debug)]
struct Group {
    waiting: usize,
    register: usize,
    /// How far behind the match's beginning it begins.
    skips: usize,
    /// How far behind the end of the pattern's only group it ends.
    adds: usize,
}

impl KeyAnchored {
    /// Takes the pattern, of which all groups are wanted that ever will be, if it can be found at its name; or gives it back.
    pub(in crate::extract) fn take(&mut self, pattern: Pattern) -> Option<Pattern> {
        let Some(plan) = pattern.plan() else { return Some(pattern) };
        let Some((name, rest)) = split(plan.prefix()) else { return Some(pattern) };
        let at = self.waiting.len();
        if let Some(last) = self.waiting.iter_mut().rfind(|waiting| *waiting.name == *name) {
            last.next = Some(at as u32);
        }
        self.groups.extend(pattern.groups.iter().map(|(group, register)| {
            let (skips, adds) = if *group == 0 { (0, plan.suffix().len()) } else { (plan.prefix().len(), 0) };
            Group { waiting: at, register: *register, skips, adds }
        }));
        self.waiting.push(Waiting {
            found: Cell::NULL,
            from: 0,
            name: name.into(),
            rest: rest.into(),
            takes_strings: plan.ends_with_string() && rest == b"\"",
            next: None,
        });
        self.patterns.push(pattern);
        None
    }

    /// Whether there are no patterns.
    pub(in crate::extract) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The number of the first pattern that waits for the name that `raw`, a valid name without its quotes, is or ends
    /// with, and where the quote before it stands, counted from the quote before `raw`.
    pub(in crate::extract) fn name(&self, raw: &[u8]) -> Option<(u32, usize)> {
        let quote = memchr::memrchr(b'"', raw).map_or(0, |at| at + 1);
        let at = self.waiting.iter().position(|waiting| *waiting.name == raw[quote..])?;
        Some((at as u32, quote))
    }

    /// A document begins.
    pub(in crate::extract) fn begin(&mut self) {
        for waiting in &mut self.waiting {
            (waiting.found, waiting.from) = (Cell::NULL, 0);
        }
    }

    /// The name that pattern `first` waits for, its closing quote and a colon stand behind the quote at `at`. `string`:
    /// from where to where the characters stand of the string that is its value, if it is one without escapes.
    #[inline(always)]
    pub(in crate::extract) fn meet(&mut self, first: u32, document: &[u8], at: usize, string: Option<(usize, usize)>) {
        let mut next = Some(first);
        while let Some(number) = next {
            let Some(waiting) = self.waiting.get_mut(number as usize) else { return };
            next = waiting.next;
            if !waiting.found.is_null() || at < waiting.from {
                continue;
            }
            let behind = at + waiting.name.len() + 3;
            if let Some((from, to)) = string
                && waiting.takes_strings
                && from == behind + 1
                && to > from
            {
                waiting.found = range(at, to);
            } else if stand(&waiting.rest, document, behind) {
                self.complete(number as usize, document, at);
            }
        }
    }

    #[inline(never)]
    fn complete(&mut self, number: usize, document: &[u8], at: usize) {
        let plan = self.patterns.get(number).and_then(Pattern::plan);
        let (Some(plan), Some(waiting)) = (plan, self.waiting.get_mut(number)) else { return };
        match plan.complete(document, at) {
            Ok(end) => waiting.found = range(at, end),
            Err(next) => waiting.from = next,
        }
    }

    /// Fills the registers; what was not read is searched, and all of a document that turned out to be invalid.
    pub(in crate::extract) fn store(
        &mut self,
        bytes: Option<&[u8]>,
        seen: Seen,
        source: Cell,
        slot: usize,
        registers: &mut Registers,
    ) {
        if seen != Seen::Whole {
            // They have plans, which look at no clock.
            let mut spent = Spent::default();
            let found = self.waiting.iter().map(|waiting| seen == Seen::Start && !waiting.found.is_null());
            for (pattern, _) in self.patterns.iter_mut().zip(found).filter(|(_, is_found)| !is_found) {
                let _never_late = pattern.run(bytes, source, slot, registers, &mut spent);
            }
        }
        if seen == Seen::Broken {
            return;
        }
        for group in &self.groups {
            let found = self.waiting.get(group.waiting).map_or(Cell::NULL, |waiting| waiting.found);
            if found.is_null() && seen == Seen::Start {
                continue;
            }
            let cell = if found.is_null() {
                Cell::NULL
            } else {
                source.slice(found.start() + group.skips, found.start() + found.len() + group.adds)
            };
            registers.set_cell(group.register, slot, cell);
        }
    }
}

/// A document has fewer than 4 GiB.
fn range(from: usize, to: usize) -> Cell {
    Cell::new(from as u32, (to - from) as u32)
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
