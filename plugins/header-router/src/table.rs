//! Topics by the value of what decides.

use std::collections::HashMap;

use weir_sdk::{are_same, integer, pattern_covers};

/// Values that are looked at one by one before a binary search is made: to compare them by words is faster than by order.
const FEW: usize = 16;

/// A table of values, and of patterns of them.
#[derive(Debug)]
pub(crate) struct Table {
    patterns: bool,
    integers: bool,
    /// Ascending by value, for a binary search.
    exact: Vec<(Vec<u8>, Vec<String>)>,
    /// Where in `exact` an integer stands, with `integers`.
    numbers: HashMap<i64, usize>,
    /// The one with the most characters besides `*` first.
    covering: Vec<(Vec<u8>, Vec<String>)>,
    copies: bool,
}

impl Table {
    pub(crate) fn new(patterns: bool, integers: bool) -> Self {
        let (exact, covering, numbers) = (Vec::new(), Vec::new(), HashMap::new());
        Self { patterns, integers, exact, covering, numbers, copies: false }
    }

    /// Adds a value; values come in ascending order.
    ///
    /// # Errors
    /// It is the integer that another value is already.
    pub(crate) fn insert(&mut self, value: String, topics: Vec<String>) -> Result<(), String> {
        self.copies |= topics.len() > 1;
        let entry = (value.into_bytes(), topics);
        if !self.patterns || !entry.0.contains(&b'*') {
            if self.integers
                && let Some(number) = integer::read(&entry.0)
            {
                let at = *self.numbers.entry(number).or_insert(self.exact.len());
                if let Some((known, _)) = self.exact.get(at) {
                    return Err(format!("is the integer of `{}`: write it once", known.escape_ascii()));
                }
            }
            self.exact.push(entry);
            return Ok(());
        }
        let fixed = |value: &[u8]| value.iter().filter(|byte| **byte != b'*').count();
        let at = self.covering.partition_point(|(known, _)| fixed(known) >= fixed(&entry.0));
        self.covering.insert(at, entry);
        Ok(())
    }

    /// Where a value goes.
    pub(crate) fn get(&self, value: &[u8]) -> Option<&[String]> {
        let exact = if self.exact.len() <= FEW {
            self.exact.iter().position(|(known, _)| are_same(known, value))
        } else {
            self.exact.binary_search_by(|(known, _)| known.as_slice().cmp(value)).ok()
        };
        if let Some(at) = exact {
            return self.exact.get(at).map(|(_, topics)| topics.as_slice());
        }
        if !self.numbers.is_empty()
            && let Some(at) = integer::read(value).and_then(|number| self.numbers.get(&number))
        {
            return self.exact.get(*at).map(|(_, topics)| topics.as_slice());
        }
        let covering = self.covering.iter().find(|(pattern, _)| pattern_covers(pattern, value));
        covering.map(|(_, topics)| topics.as_slice())
    }

    /// Whether a value goes to several topics.
    pub(crate) fn copies(&self) -> bool {
        self.copies
    }

    /// Every topic of the table.
    pub(crate) fn topics(&self) -> impl Iterator<Item = &String> {
        self.exact.iter().chain(&self.covering).flat_map(|(_, topics)| topics)
    }
}

/// Says what in a value looks like a pattern, where it is none.
pub(crate) fn warning(value: &str, patterns: bool) -> Option<String> {
    let is_anchored =
        value.starts_with('^') || (value.len() > 1 && value.ends_with('$') && value.contains(['(', '[', '*']));
    let is_expression = [".*", ".+", "\\d", "\\w", "(?", "[a-z", "[0-9"].iter().any(|sign| value.contains(sign));
    if is_anchored || is_expression {
        return Some(format!(
            "`{value}` is compared as it stands, not as a regular expression; write `patterns = true` and `*` for any \
             characters, or have a regex-extractor above write what it captures into a header"
        ));
    }
    (value.contains('*') && !patterns).then(|| {
        format!("`{value}` is compared as it stands; write `patterns = true` if `*` is to stand for any characters")
    })
}
