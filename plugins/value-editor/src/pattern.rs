//! Regular expressions of the config.

use regex::bytes::{Regex, RegexBuilder};
use weir_sdk::{
    part::{Dialect, Search},
    pattern::{Reader, check},
};

/// What a compiled expression may take in memory.
const SIZE: usize = 8 << 20;

/// Compiles an expression that stands at `pointer` of the config; what is surely not meant in it is warned of.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn compile(pattern: &str, dialect: Option<Dialect>, reader: Reader, pointer: &str) -> Result<Regex, String> {
    let pattern = dialect.unwrap_or_default().translate(pattern)?;
    check(&pattern, reader, pointer)?;
    RegexBuilder::new(&pattern).size_limit(SIZE).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the expression is too large: it may take 8 MiB when compiled".to_owned(),
        error => in_words(&error.to_string()),
    })
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
