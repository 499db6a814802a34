//! Members of JSON documents by RFC 6901 pointers, all of a document's in one pass.
//!
//! A scanner of weir's own, because the contract is stricter than what libraries offer in one pass: the whole document
//! must be valid, the last of repeated names counts, numbers keep their text. The tests hold it against serde_json.

mod escape;
mod gap;
mod grammar;
mod number;
mod place;
mod pointer;
mod scan;
mod text;

use self::{
    gap::Gaps,
    place::Places,
    pointer::Trie,
    scan::{Document, Found, Scan},
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
    /// Kind, register, and the number of the pointer.
    wants: Vec<(Kind, usize, usize)>,
    /// By the pointers' numbers.
    found: Vec<Found>,
    scratch: Vec<u8>,
    gaps: Gaps,
    places: Places,
}

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.wants.is_empty()
    }

    /// Also looks for `pointer`.
    pub(super) fn want(&mut self, pointer: &str, kind: Kind, register: usize) -> Result<(), WantError> {
        let number = self.trie.insert(pointer).ok_or_else(|| WantError::Pointer(pointer.to_owned()))?;
        self.wants.push((kind, register, number));
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
        self.found.resize(self.trie.wants(), Found::Nothing);
        batch.pad(source, Document::PADDING);
        let valid = batch.padded(source, Document::PADDING).is_some_and(|padded| {
            let Self { trie, found, scratch, gaps, places, .. } = self;
            if let Some(watched) = &mut watched {
                watched.begin();
            }
            let document = Document { padded, length: source.len() };
            Scan { trie, found, scratch, gaps, places, watched: watched.as_deref_mut() }.run(document)
        });
        let bytes = batch.bytes(source);
        if !valid {
            self.found.fill(Found::Nothing);
        }
        if let Some(watched) = watched {
            watched.store(bytes, valid, source, slot, registers);
        }
        for &(kind, register, number) in &self.wants {
            let found = self.found.get(number).unwrap_or(&Found::Nothing);
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
    if let Some(int) = number::natural(digits) {
        return Some(int);
    }
    // Of all JSON texts and strings, Rust's parser takes exactly those with digits and at most one sign.
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
