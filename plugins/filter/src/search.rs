//! Regular expressions, read and run in the sandbox.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use weir_sdk::{
    part::Search,
    pattern::{Reader, fault},
};

/// What a compiled expression may take.
const COMPILED_BYTES: usize = 4 << 20;

/// Compiles an expression.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    let compiled = RegexBuilder::new(pattern).size_limit(COMPILED_BYTES).build();
    compiled.map_err(|error| in_words(&error.to_string()))
}

/// The parser draws the expression and points at it, and says what is wrong at the end.
fn in_words(error: &str) -> String {
    let last = error.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(error);
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// For parts that are captured from what is made in the sandbox.
pub(crate) fn search(pattern: &str) -> Result<Box<dyn Search>, String> {
    if let Some(wrong) = fault(pattern, Reader::Part) {
        return Err(wrong);
    }
    Ok(Box::new(Found(compile(pattern)?)))
}

#[derive(Debug)]
struct Found(Regex);

impl Search for Found {
    fn find(&self, text: &[u8], group: usize) -> Option<Range<usize>> {
        if group == 0 {
            return Some(self.0.find(text)?.range());
        }
        Some(self.0.captures(text)?.get(group)?.range())
    }
}
