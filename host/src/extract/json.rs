//! Members of JSON documents by RFC 6901 pointers, all of a document's in one pass.
//!
//! A scanner of weir's own, because the contract is stricter than what libraries offer in one pass: the whole document
//! must be valid, the last of repeated names counts, numbers keep their text. The tests hold it against serde_json.

mod escape;
mod number;
mod pointer;
mod scan;
mod seen;
mod text;

use self::{
    pointer::Trie,
    scan::{Found, Scan},
    seen::Seen,
};
use super::{Registers, WantError, capture::Watched};
use crate::batch::{Batch, Cell, Full};

/// What a member is turned into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Strings unescaped, all else as its JSON text.
    Text,
    /// An integer.
    Int,
}

/// Several members of one document.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    trie: Trie,
    /// Kind and register; the trie counts them.
    wants: Vec<(Kind, usize)>,
    found: Vec<Found>,
    scratch: Vec<u8>,
    seen: Seen,
}

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.wants.is_empty()
    }

    /// Also looks for `pointer`.
    pub(super) fn want(&mut self, pointer: &str, kind: Kind, register: usize) -> Result<(), WantError> {
        self.trie.insert(pointer, self.wants.len()).ok_or_else(|| WantError::Pointer(pointer.to_owned()))?;
        self.wants.push((kind, register));
        Ok(())
    }

    /// Extracts; `watched` is shown all names on the way.
    pub(super) fn run(
        &mut self,
        batch: &mut Batch,
        source: Cell,
        slot: usize,
        registers: &mut Registers,
        mut watched: Option<&mut Watched>,
    ) -> Result<(), Full> {
        self.found.fill(Found::Nothing);
        self.found.resize(self.wants.len(), Found::Nothing);
        let bytes = batch.bytes(source);
        let valid = bytes.is_some_and(|bytes| {
            let (trie, found, scratch, seen) = (&self.trie, &mut *self.found, &mut self.scratch, &mut self.seen);
            if let Some(watched) = &mut watched {
                watched.begin();
            }
            Scan { trie, found, scratch, seen, watched: watched.as_deref_mut() }.run(bytes)
        });
        if !valid {
            self.found.fill(Found::Nothing);
        }
        if let Some(watched) = watched {
            watched.store(bytes, valid, source, slot, registers);
        }
        for (&(kind, register), found) in self.wants.iter().zip(&self.found) {
            match kind {
                Kind::Int => {
                    let int = batch.bytes(source).and_then(|bytes| int(bytes, found, &mut self.scratch));
                    registers.set_int(register, slot, int);
                }
                Kind::Text => {
                    let cell = match found {
                        Found::Nothing => Cell::NULL,
                        Found::Plain(from, to) => source.slice(*from as usize, *to as usize),
                        Found::Escaped(from, to) => {
                            let bytes = batch.bytes(source).unwrap_or_default();
                            escape::unescape(&bytes[*from as usize..*to as usize], &mut self.scratch);
                            batch.append(&self.scratch)?
                        }
                    };
                    registers.set_cell(register, slot, cell);
                }
            }
        }
        Ok(())
    }
}

/// A number without fraction and exponent, or a string of digits with or without a sign, where it fits.
fn int(bytes: &[u8], found: &Found, scratch: &mut Vec<u8>) -> Option<i64> {
    let digits = match found {
        Found::Nothing => return None,
        Found::Plain(from, to) => &bytes[*from as usize..*to as usize],
        Found::Escaped(from, to) => {
            escape::unescape(&bytes[*from as usize..*to as usize], scratch);
            scratch
        }
    };
    // Digits only, and too few to overflow: nearly all.
    if digits.len() <= 18 && digits.iter().all(u8::is_ascii_digit) && !digits.is_empty() {
        return Some(digits.iter().fold(0, |int, digit| int * 10 + i64::from(digit - b'0')));
    }
    // Of all JSON texts and strings, Rust's parser takes exactly those with digits and at most one sign.
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
