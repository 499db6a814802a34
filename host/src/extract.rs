//! Takes what plugins declared out of keys, values and headers: captures of regular expressions and members of JSON
//! documents, natively and once a batch for as many interceptors as see the same source.

mod capture;
mod chunk;
mod json;
mod registers;

use std::time::Duration;

pub use capture::{COMPILED_BYTES, Expressions, Overrun, Room, TEXT_BYTES};
use capture::{KeyAnchored, Pattern, Spent};
use json::Members;
pub use registers::Registers;
pub use weir_rules::json::Reading;

use crate::batch::{Batch, Cell, Full};

/// Whose time a search takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payer {
    /// Its place in the chain.
    pub interceptor: usize,
    /// CPU time that the searches of one record may take.
    pub deadline: Duration,
}

impl Payer {
    /// Nobody waits.
    pub const NOBODY: Self = Self { interceptor: 0, deadline: Duration::MAX };
}

/// One thing to extract from a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// A group of the first match of a regular expression (the regex crate's `bytes` meaning, Unicode on).
    Capture {
        /// The expression.
        pattern: String,
        /// The group; 0 is the whole match.
        group: u32,
        /// The first of those that read it, if there are several with one deadline.
        payer: Payer,
    },
    /// What an RFC 6901 pointer names: strings unescaped, all else as its JSON text, `null` null.
    Json(String),
    /// The same as an integer.
    JsonInt(String),
}

impl Want {
    /// Whether it goes into a register of integers, not of cells.
    pub fn is_int(&self) -> bool {
        matches!(self, Self::JsonInt(_))
    }
}

/// Something that cannot be extracted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WantError {
    /// The expression is invalid.
    #[error("`{pattern}` is not a valid regular expression: {message}")]
    Pattern {
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// The expression has no such group.
    #[error("`{pattern}` has no group {group}")]
    Group {
        /// The expression.
        pattern: String,
        /// The group.
        group: u32,
    },
    /// The expression's text is too long.
    #[error("the expression `{pattern}` has {bytes} bytes; {} are possible", TEXT_BYTES)]
    Text {
        /// How it begins.
        pattern: String,
        /// Its length.
        bytes: usize,
    },
    /// Compiled, the expression takes more than what is left of [`COMPILED_BYTES`].
    #[error("with `{pattern}`, the expressions take more than {} MiB of memory compiled", COMPILED_BYTES >> 20)]
    Compiled {
        /// How it begins.
        pattern: String,
    },
    /// The bounds of so many groups in so many states take too much.
    #[error("the expression `{pattern}` is too large for its {groups} groups")]
    Groups {
        /// How it begins.
        pattern: String,
        /// Its groups.
        groups: usize,
    },
    /// Not an RFC 6901 pointer.
    #[error("`{0}` is no JSON pointer: it is empty, or begins with `/` and has `~` only in `~0` and `~1`")]
    Pointer(String),
}

/// Checks a JSON pointer.
///
/// # Errors
/// [`WantError::Pointer`].
pub fn check_pointer(pointer: &str) -> Result<(), WantError> {
    if json::is_pointer(pointer) { Ok(()) } else { Err(WantError::Pointer(pointer.to_owned())) }
}

/// Extracts several things from one source in one go. A clone has its own scratch.
#[derive(Clone, Debug)]
pub struct Extractor {
    patterns: Vec<Pattern>,
    members: Option<Members>,
    /// Patterns that are found while members are looked for.
    key_anchored: Option<KeyAnchored>,
    /// What the last record's searches took.
    spent: Spent,
    overruns: Vec<Overrun>,
}

impl Extractor {
    /// Each thing comes with the number of the register that it goes into. Expressions that are not known yet are compiled.
    ///
    /// # Errors
    /// The first thing that cannot be extracted.
    pub fn new(wants: Vec<(Want, usize)>, expressions: &mut Expressions) -> Result<Self, WantError> {
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut members = Members::default();
        for (want, register) in wants {
            match want {
                Want::Capture { pattern, group, payer } => {
                    let at = match patterns.iter().position(|known| known.is(&pattern, payer)) {
                        Some(at) => at,
                        None => {
                            patterns.push(Pattern::new(&pattern, payer, expressions)?);
                            patterns.len() - 1
                        }
                    };
                    patterns[at].want(group, register)?;
                }
                Want::Json(pointer) => members.want(&pointer, json::Kind::Text, register)?,
                Want::JsonInt(pointer) => members.want(&pointer, json::Kind::Int, register)?,
            }
        }
        let members = (!members.is_empty()).then_some(members);
        let mut key_anchored = KeyAnchored::default();
        if members.is_some() {
            patterns = patterns.into_iter().filter_map(|pattern| key_anchored.take(pattern)).collect();
        }
        let key_anchored = (!key_anchored.is_empty()).then_some(key_anchored);
        Ok(Self { patterns, members, key_anchored, spent: Spent::default(), overruns: Vec::new() })
    }

    /// The same, which reads so much of JSON documents; [`Reading::Whole`] unless it is said.
    #[must_use]
    pub fn reading(mut self, reading: Reading) -> Self {
        self.members = self.members.map(|members| members.reading(reading));
        self
    }

    /// Extracts from `source` (null gives nulls) into the registers' entries at `slot`. Unescaped strings are appended
    /// to the batch's arena; all other cells are ranges of the source. Searches that took too long are in
    /// [`Self::take_overruns`] afterwards, and their registers null.
    ///
    /// # Errors
    /// [`Full`].
    pub fn run(&mut self, batch: &mut Batch, source: Cell, slot: usize, registers: &mut Registers) -> Result<(), Full> {
        if !self.patterns.is_empty() {
            let bytes = batch.bytes(source);
            self.spent = Spent::default();
            for pattern in &mut self.patterns {
                if let Err(overrun) = pattern.run(bytes, source, slot, registers, &mut self.spent) {
                    self.overruns.push(*overrun);
                }
            }
        }
        match &mut self.members {
            Some(members) => members.run(batch, source, slot, registers, self.key_anchored.as_mut()),
            None => Ok(()),
        }
    }

    /// Steps (of an automaton's state by a byte) that the last record's searches took, at most; none: they had to look at the
    /// clock.
    pub fn steps(&self) -> Option<usize> {
        (!self.spent.is_much()).then_some(self.spent.steps())
    }

    /// The searches that took too long since this was called.
    pub fn take_overruns(&mut self) -> Vec<Overrun> {
        std::mem::take(&mut self.overruns)
    }
}

#[cfg(test)]
mod tests;
