//! Regular expressions of the config.

use regex::bytes::{Captures, Match, Regex, RegexBuilder};
use weir_sdk::{
    part::Search,
    pattern::{Dialect, Reader, translate_whole},
};

/// What a compiled expression may take in memory.
const SIZE: usize = 8 << 20;

/// An expression, compiled; its groups have the numbers that its author gave them.
#[derive(Debug)]
pub(crate) struct Expression {
    regex: Regex,
    /// The compiled expression's group that is the whole match.
    whole: usize,
    dialect: Dialect,
}

/// A match of an expression.
#[derive(Debug)]
pub(crate) struct Found<'t> {
    captures: Captures<'t>,
    whole: usize,
}

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn new(pattern: &str, dialect: Option<Dialect>, reader: Reader) -> Result<Self, String> {
        let dialect = dialect.unwrap_or_default();
        let (pattern, whole) = translate_whole(pattern, dialect, reader)?;
        let regex = RegexBuilder::new(&pattern).size_limit(SIZE).build().map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "the expression is too large: it may take 8 MiB when compiled".to_owned()
            }
            error => in_words(&error.to_string()),
        })?;
        Ok(Self { regex, whole: whole as usize, dialect })
    }

    /// How many groups it has, the whole match left out.
    pub(crate) fn groups(&self) -> usize {
        self.regex.captures_len() - 1 - self.whole
    }

    /// The number of the group of that name.
    pub(crate) fn group_named(&self, name: &str) -> Option<usize> {
        self.regex.capture_names().position(|known| known == Some(name))?.checked_sub(self.whole)
    }

    /// The first match in a text.
    pub(crate) fn find<'t>(&self, text: &'t [u8]) -> Option<Found<'t>> {
        self.find_from(text, 0)
    }

    fn find_from<'t>(&self, text: &'t [u8], from: usize) -> Option<Found<'t>> {
        let captures = self.regex.captures_at(text, from)?;
        Some(Found { captures, whole: self.whole })
    }

    /// Calls `each` with every match in a text, from left to right, until it says false. Nothing is found between the bytes
    /// of one character.
    pub(crate) fn each_match(&self, text: &[u8], mut each: impl FnMut(&Found<'_>) -> bool) {
        let is_within = |place: usize| text.get(place).is_some_and(|byte| byte & 0xC0 == 0x80);
        let mut from = 0;
        let mut last_end = None;
        while let Some(found) = self.find_from(text, from) {
            let Some(all) = found.get(0) else { return };
            // The regex crate finds nothing where the match before it ended; Java does.
            let is_stale = self.dialect == Dialect::Rust && last_end == Some(all.end());
            let is_found = !all.is_empty() || !(is_within(all.start()) || is_stale);
            if is_found && !each(&found) {
                return;
            }
            last_end = Some(all.end());
            from = match self.dialect {
                _ if !all.is_empty() => all.end(),
                Dialect::Rust => all.end() + 1,
                // A stray byte is a character there, and the second byte of one must not be taken for such.
                Dialect::Java => all.end() + character_length(text.get(all.end()..).unwrap_or_default()),
            };
            if from > text.len() {
                return;
            }
        }
    }
}

impl<'t> Found<'t> {
    /// What a group holds; 0 is the whole match.
    pub(crate) fn get(&self, group: usize) -> Option<Match<'t>> {
        self.captures.get(group + self.whole)
    }
}

/// Bytes of the first character; 1 where it is no UTF-8, or there is none.
fn character_length(text: &[u8]) -> usize {
    let length = match text.first() {
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..) => 4,
        _ => 1,
    };
    let is_character = text.get(..length).is_some_and(|character| std::str::from_utf8(character).is_ok());
    if is_character { length } else { 1 }
}

/// The last line of what the regex crate says: the others draw the pattern.
fn in_words(error: &str) -> String {
    let last = error.lines().last().unwrap_or_default().trim();
    format!("not a valid regular expression: {}", last.strip_prefix("error: ").unwrap_or(last))
}

/// Stands in where expressions are run by this plugin itself.
pub(crate) fn no_search(_: &str) -> Result<Box<dyn Search>, String> {
    Ok(Box::new(NoSearch))
}

#[derive(Debug)]
struct NoSearch;

impl Search for NoSearch {
    fn find(&self, _: &[u8], _: usize) -> Option<std::ops::Range<usize>> {
        None
    }
}
