//! Reads patterns with the regex crate's parser at hand.

use weir_rules::pattern::Refusal;

use super::{Dialect, Reader};

/// Returns what weir and the regex crate (over bytes, Unicode on) take for a pattern: the same groups under the same
/// numbers. The whole match of a Java pattern with `$` may end after the line end that `$` stands before; see
/// [`translate_whole`].
///
/// ```
/// use weir_sdk::pattern::{Dialect, Reader, translate};
///
/// assert_eq!(translate(r"id=(\d+)", Dialect::Java, Reader::Part).unwrap(), "id=([0-9]+)");
/// let wrong = translate(r"(?<=id=)(\d+)", Dialect::Rust, Reader::Part).unwrap_err();
/// assert!(wrong.contains(r"`id=(\d+)`"), "{wrong}");
/// ```
///
/// # Errors
/// What is wrong with it, where, and what to write instead, in what `reader` has: the text of a
/// [`Mistake`](crate::Mistake).
pub fn translate(pattern: &str, dialect: Dialect, reader: Reader) -> Result<String, String> {
    weir_rules::pattern::translate(pattern, dialect.into()).map_err(|refusal| in_words(&refusal, dialect, reader))
}

/// As [`translate`], with the number of the group that is exactly the whole match; group n of the pattern is group
/// n + that number.
///
/// # Errors
/// As there, and a `$` that stands beside other alternatives.
pub fn translate_whole(pattern: &str, dialect: Dialect, reader: Reader) -> Result<(String, u32), String> {
    match dialect {
        Dialect::Rust => translate(pattern, dialect, reader).map(|pattern| (pattern, 0)),
        Dialect::Java => {
            weir_rules::pattern::translate_whole(pattern).map_err(|refusal| in_words(&refusal, dialect, reader))
        }
    }
}

/// Returns what the `fancy-regex` crate takes for a pattern: its own syntax, or Java's, look-around and back-references
/// included; the same groups under the same numbers.
///
/// # Errors
/// As [`translate`]; a pattern of Rust's dialect is left to that crate.
pub fn translate_backtracking(pattern: &str, dialect: Dialect) -> Result<String, String> {
    match dialect {
        Dialect::Rust => Ok(pattern.to_owned()),
        Dialect::Java => {
            // It goes back already: there is no other way out.
            let in_words = |refusal| format!("not a valid regular expression: {refusal}");
            weir_rules::pattern::translate_backtracking(pattern).map_err(in_words)
        }
    }
}

/// Returns what is valid in a pattern and yet surely not meant, each with what to write instead.
pub fn warnings(pattern: &str, dialect: Dialect, reader: Reader) -> Vec<String> {
    weir_rules::pattern::warnings(pattern, dialect.into(), reader)
}

/// As [`translate`], for a pattern that stands at `pointer` of the config: what is valid and yet surely not meant is warned
/// of there. It does not compile the pattern.
///
/// ```
/// use weir_sdk::pattern::{Dialect, Reader, check};
///
/// assert_eq!(check(r"id=(\d+)", Dialect::Rust, Reader::Part, "/matches").unwrap(), r"id=(\d+)");
/// let wrong = check("%{IP}", Dialect::Rust, Reader::Part, "/matches").unwrap_err();
/// assert!(wrong.contains("Grok"), "{wrong}");
/// ```
///
/// # Errors
/// As there.
pub fn check(pattern: &str, dialect: Dialect, reader: Reader, pointer: &str) -> Result<String, String> {
    let translated = translate(pattern, dialect, reader)?;
    for warning in warnings(pattern, dialect, reader) {
        crate::warn(pointer, &warning);
    }
    Ok(translated)
}

/// Says why a pattern of Rust's dialect is refused, as [`check`] does, and warns of nothing; none where it is valid.
pub fn fault(pattern: &str, reader: Reader) -> Option<String> {
    translate(pattern, Dialect::Rust, reader).err()
}

fn in_words(refusal: &Refusal, dialect: Dialect, reader: Reader) -> String {
    format!("not a valid regular expression: {refusal}{}", refusal.ways_out(dialect.into(), reader))
}
