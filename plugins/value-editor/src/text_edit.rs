//! Edits of a text: the whole value, or one member of it.

use weir_sdk::json::{Pointer, find, quote, text_of};

use crate::{
    change::Change,
    edit::{Scratch, Stop},
    pattern::Expression,
    replacement::Replacement,
    set::is_json_text,
    splices::Splices,
};

/// Rewrites a text.
#[derive(Debug)]
pub(crate) struct TextEdit {
    /// The member whose text it is; none for the whole value.
    pub(crate) member: Option<Pointer>,
    pub(crate) rewrite: Rewrite,
}

/// What becomes of a text.
#[derive(Debug)]
pub(crate) enum Rewrite {
    /// All of it is changed.
    Whole(Change),
    /// A group of every match is changed.
    Groups { expression: Expression, group: usize, change: Change },
    /// Matches are replaced: all, or the first.
    Replace { expression: Expression, with: Replacement, all: bool },
}

impl TextEdit {
    /// # Errors
    /// There is no such member, or no valid JSON.
    pub(crate) fn apply(&self, value: &[u8], splices: &mut Splices, scratch: &mut Scratch) -> Result<(), Stop> {
        let Scratch { hits, text: out } = scratch;
        let Some(pointer) = &self.member else {
            out.clear();
            if self.rewrite.append(value, out) {
                splices.put(0..value.len(), out);
            }
            return Ok(());
        };
        find(value, pointer, hits)?;
        let mut is_there = false;
        for hit in hits {
            let Some(text) = text_of(value, hit.value.clone()) else { continue };
            is_there = true;
            out.clear();
            if !self.rewrite.append(&text, out) || text == out.as_slice() {
                continue;
            }
            let old = value.get(hit.value.clone()).unwrap_or_default();
            if kind(old) != Kind::Text && kind(old) == kind(out) && is_json_text(out) {
                splices.put(hit.value.clone(), out);
            } else {
                splices.put_with(hit.value.clone(), |json| quote(out, json));
            }
        }
        if is_there { Ok(()) } else { Err(Stop::Missing) }
    }
}

impl Rewrite {
    /// Appends what becomes of the text; false where it stays as it is.
    fn append(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let mut copied = 0;
        let mut is_changed = false;
        let mut copy_to = |from: usize, to: usize, out: &mut Vec<u8>| {
            out.extend_from_slice(text.get(copied..from).unwrap_or_default());
            copied = to;
            is_changed = true;
        };
        match self {
            Self::Whole(change) => {
                change.append(text, out);
                return true;
            }
            Self::Groups { expression, group, change } => expression.each_match(text, |found| {
                if let Some(found) = found.get(*group).filter(|found| !found.is_empty()) {
                    copy_to(found.start(), found.end(), out);
                    change.append(found.as_bytes(), out);
                }
                true
            }),
            Self::Replace { expression, with, all } => expression.each_match(text, |found| {
                if let Some(all) = found.get(0) {
                    copy_to(all.start(), all.end(), out);
                }
                with.expand(found, out);
                *all
            }),
        }
        if is_changed {
            out.extend_from_slice(text.get(copied..).unwrap_or_default());
        }
        is_changed
    }
}

/// What a JSON value is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
    Object,
    Array,
    Other,
}

fn kind(json: &[u8]) -> Kind {
    match json.first() {
        Some(b'"') => Kind::Text,
        Some(b'-' | b'0'..=b'9') => Kind::Number,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        _ => Kind::Other,
    }
}
