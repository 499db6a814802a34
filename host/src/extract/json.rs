//! Members of JSON documents by RFC 6901 pointers, all of a document's in one pass.
//!
//! A scanner of weir's own, because the contract is stricter than what libraries offer in one pass: the whole document
//! must be valid, the last of repeated names counts, numbers keep their text. The tests hold it against serde_json.

mod escape;
mod pointer;
mod scan;

use self::{pointer::Trie, scan::Found};
use super::{Registers, WantError};
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

    pub(super) fn run(
        &mut self,
        batch: &mut Batch,
        source: Cell,
        slot: usize,
        registers: &mut Registers,
    ) -> Result<(), Full> {
        self.found.clear();
        self.found.resize(self.wants.len(), Found::Nothing);
        if let Some(bytes) = batch.bytes(source)
            && !scan::scan(bytes, &self.trie, &mut self.found, &mut self.scratch)
        {
            self.found.fill(Found::Nothing);
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
                        Found::Plain(range) => source.slice(range.start, range.end),
                        Found::Escaped(range) => {
                            let bytes = batch.bytes(source).unwrap_or_default();
                            escape::unescape(&bytes[range.clone()], &mut self.scratch);
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
        Found::Plain(range) => &bytes[range.clone()],
        Found::Escaped(range) => {
            escape::unescape(&bytes[range.clone()], scratch);
            scratch
        }
    };
    // Of all JSON texts and strings, Rust's parser takes exactly those with digits and at most one sign.
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
