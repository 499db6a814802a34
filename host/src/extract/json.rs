//! Members of JSON documents by RFC 6901 pointers, all of a document's in one pass.
//!
//! A scanner of weir's own, because the contract is another one than what libraries offer in one pass: the structure of the
//! whole document must be valid, but the bytes of its strings need not be UTF-8; the last of repeated names counts, numbers
//! keep their text. The tests hold it against serde_json, and against the reader of [`weir_rules::json`], which says why
//! nothing was found. Where that is asked for ([`Reading::First`]), the first of repeated names counts, and a document is read
//! and validated as far as the last value that is missing.

mod escape;
mod first;
mod grammar;
mod hits;
mod length_guess;
mod number;
mod path;
mod pointer;
mod scan;
mod skeleton;
mod template;
mod templates;
mod text;

pub(super) use self::pointer::is_pointer;
use self::{
    hits::Hits,
    path::Paths,
    pointer::Trie,
    scan::{Document, Found, Scan},
    skeleton::Skeletons,
};
use super::{
    Reading, Registers, WantError,
    capture::{KeyAnchored, Seen},
};
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
    skeletons: Skeletons,
    paths: Paths,
    hits: Hits,
    reading: Reading,
}

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.wants.is_empty()
    }

    /// The same, before the first document.
    pub(super) fn reading(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }

    /// Also looks for `pointer`.
    pub(super) fn want(&mut self, pointer: &str, kind: Kind, register: usize) -> Result<(), WantError> {
        let number = self.trie.insert(pointer).ok_or_else(|| WantError::Pointer(pointer.to_owned()))?;
        self.wants.push((kind, register, number));
        self.found.resize(self.trie.wants(), Found::default());
        Ok(())
    }

    /// Extracts; `key_anchored` is shown all names on the way.
    pub(super) fn run(
        &mut self,
        batch: &mut Batch,
        source: Cell,
        slot: usize,
        registers: &mut Registers,
        mut key_anchored: Option<&mut KeyAnchored>,
    ) -> Result<(), Full> {
        self.found.fill(Found::default());
        let whole = source;
        let (source, hides_names) = match batch.bytes(whole).and_then(<[u8]>::first) {
            // All that may begin what stands before a document.
            Some(0 | 0xEF) => find_document(batch, whole),
            _ => (whole, false),
        };
        batch.pad(source, Document::PADDING);
        let seen = batch.padded(source, Document::PADDING).map_or(Seen::Broken, |padded| {
            let Self { trie, found, scratch, skeletons, paths, hits, reading, .. } = self;
            if let Some(key_anchored) = &mut key_anchored {
                key_anchored.begin();
            }
            let document = Document { padded, length: source.len() };
            let key_anchored = key_anchored.as_deref_mut();
            let mut scan = Scan { trie, found, scratch, skeletons, paths, hits, key_anchored, missing: 0 };
            match reading {
                Reading::First => scan.beginning(document),
                Reading::Whole if scan.run(document) => Seen::Whole,
                Reading::Whole => Seen::Broken,
            }
        });
        if seen == Seen::Broken {
            self.found.fill(Found::default());
        }
        if let Some(key_anchored) = key_anchored {
            let seen = if hides_names { Seen::Broken } else { seen };
            let source = if seen == Seen::Broken { whole } else { source };
            key_anchored.store(batch.bytes(source), seen, source, slot, registers);
        }
        let text = batch.bytes(source).unwrap_or_default();
        let mut escaped = false;
        for &(kind, register, number) in &self.wants {
            let found = self.found.get(number).copied().unwrap_or_default();
            escaped |= found.escaped;
            let inner = found.inner(text);
            match kind {
                Kind::Int => {
                    registers.set_int(register, slot, inner.and_then(|(from, to)| number::int(text, from, to)))
                }
                Kind::Text => {
                    registers.set_cell(register, slot, inner.map_or(Cell::NULL, |(from, to)| source.slice(from, to)))
                }
            }
        }
        if escaped { self.unescape(batch, source, slot, registers) } else { Ok(()) }
    }

    /// Sets what stands in the document with escapes.
    #[inline(never)]
    fn unescape(
        &mut self,
        batch: &mut Batch,
        source: Cell,
        slot: usize,
        registers: &mut Registers,
    ) -> Result<(), Full> {
        for &(kind, register, number) in &self.wants {
            let Some(found) = self.found.get(number).filter(|found| found.escaped) else { continue };
            let text = batch.bytes(source).unwrap_or_default();
            let Some((from, to)) = found.inner(text) else { continue };
            escape::unescape(&text[from..to], &mut self.scratch);
            match kind {
                Kind::Int => registers.set_int(register, slot, number::int(&self.scratch, 0, self.scratch.len())),
                Kind::Text => registers.set_cell(register, slot, batch.append(&self.scratch)?),
            }
        }
        Ok(())
    }
}

/// The document within a source that is not null, behind what stands before it, and whether a name may begin in that.
#[inline(never)]
fn find_document(batch: &Batch, source: Cell) -> (Cell, bool) {
    let bytes = batch.bytes(source).unwrap_or_default();
    let (before, _) = bytes.split_at(weir_rules::json::document_start(bytes));
    (source.slice(before.len(), bytes.len()), before.contains(&b'"'))
}

#[cfg(test)]
mod tests;
