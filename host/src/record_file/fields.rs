//! Lines of fields, whose value becomes a JSON object: CSV, logfmt, syslog.
//!
//! Bytes that are not UTF-8 stand in the object's texts as they are: weir reads members of such documents, too.

pub(super) mod csv;
pub(super) mod logfmt;
pub(super) mod syslog;

use std::collections::HashMap;

use super::{escape::write_text, line::LineError};

/// A JSON object that is being written.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    /// Writes a member's name and gives what takes its value, a JSON text.
    fn member(&mut self, name: &[u8]) -> &mut Vec<u8> {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        write_text(name, self.out);
        self.out.push(b':');
        self.out
    }

    fn text(&mut self, name: &[u8], text: &[u8]) {
        write_text(text, self.member(name));
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

/// The values of each name, in the order of the names' first appearance.
fn group<'a, T>(fields: impl IntoIterator<Item = (&'a [u8], T)>) -> Vec<(&'a [u8], Vec<T>)> {
    let mut places = HashMap::new();
    let mut groups: Vec<(&[u8], Vec<T>)> = Vec::new();
    for (name, value) in fields {
        let place = *places.entry(name).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, values)) => values.push(value),
            None => groups.push((name, vec![value])),
        }
    }
    groups
}

/// A mistake at a place of a line, counted from 0.
fn mistake(at: usize, what: &str) -> LineError {
    LineError::new(format!("column {}: {what}", at + 1))
}

#[cfg(test)]
mod tests;
