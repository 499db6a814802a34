//! Takes what plugins declared out of keys, values and headers: captures of regular expressions and members of JSON
//! documents, natively and once a batch for as many interceptors as see the same source.

mod capture;
mod chunk;
mod json;
mod registers;

use capture::{Pattern, Watched};
use json::Members;
pub use registers::Registers;

use crate::batch::{Batch, Cell, Full};

/// One thing to extract from a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// A group of the first match of a regular expression (the regex crate's `bytes` meaning, Unicode on).
    Capture {
        /// The expression.
        pattern: String,
        /// The group; 0 is the whole match.
        group: u32,
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

/// Something that can never be extracted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WantError {
    /// The expression does not compile.
    #[error("`{pattern}` is no regular expression: {message}")]
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
    /// Not an RFC 6901 pointer.
    #[error("`{0}` is no JSON pointer: it is empty, or begins with `/` and has `~` only in `~0` and `~1`")]
    Pointer(String),
}

/// Extracts several things from one source in one go. A clone has its own scratch.
#[derive(Clone, Debug)]
pub struct Extractor {
    patterns: Vec<Pattern>,
    members: Option<Members>,
    /// Patterns that are found while members are looked for.
    watched: Option<Watched>,
}

impl Extractor {
    /// Compiles; each thing comes with the number of the register that it goes into.
    ///
    /// # Errors
    /// The first thing that cannot be extracted.
    pub fn new(wants: Vec<(Want, usize)>) -> Result<Self, WantError> {
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut members = Members::default();
        for (want, register) in wants {
            match want {
                Want::Capture { pattern, group } => {
                    let at = match patterns.iter().position(|known| known.is(&pattern)) {
                        Some(at) => at,
                        None => {
                            patterns.push(Pattern::new(&pattern)?);
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
        let mut watched = Watched::default();
        if members.is_some() {
            patterns = patterns.into_iter().filter_map(|pattern| watched.take(pattern)).collect();
        }
        Ok(Self { patterns, members, watched: (!watched.is_empty()).then_some(watched) })
    }

    /// Extracts from `source` (null gives nulls) into the registers' entries at `slot`. Unescaped strings are appended
    /// to the batch's arena; all other cells are ranges of the source.
    ///
    /// # Errors
    /// [`Full`].
    pub fn run(&mut self, batch: &mut Batch, source: Cell, slot: usize, registers: &mut Registers) -> Result<(), Full> {
        let bytes = batch.bytes(source);
        for pattern in &mut self.patterns {
            pattern.run(bytes, source, slot, registers);
        }
        match &mut self.members {
            Some(members) => members.run(batch, source, slot, registers, self.watched.as_mut()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
