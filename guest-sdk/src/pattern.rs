//! Regular expressions as a config has them: in Rust's syntax or in Java's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use weir_rules::pattern::Reader;
use weir_rules::pattern::Refusal;

/// Whose regular expressions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Rust's regex crate.
    #[default]
    Rust,
    /// `java.util.regex`: a pattern of Flume, Kafka Connect or Logstash as it stands.
    Java,
}

impl From<Dialect> for weir_rules::pattern::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Rust => Self::Rust,
            Dialect::Java => Self::Java,
        }
    }
}

/// Returns what weir and the regex crate (over bytes, Unicode on) take for a pattern: the same groups under the same
/// numbers. The whole match of a Java pattern with `$` may end after the line end that `$` stands before; see
/// [`translate_whole`].
///
/// ```
/// use weir_sdk::pattern::{Dialect, translate};
///
/// assert_eq!(translate(r"id=(\d+)", Dialect::Java).unwrap(), "id=([0-9]+)");
/// let wrong = translate(r"(?<=id=)(\d+)", Dialect::Rust).unwrap_err();
/// assert!(wrong.contains(r"`id=(\d+)`"), "{wrong}");
/// ```
///
/// # Errors
/// What is wrong with it, where, and what to write instead: the text of a [`Mistake`](crate::Mistake).
pub fn translate(pattern: &str, dialect: Dialect) -> Result<String, String> {
    weir_rules::pattern::translate(pattern, dialect.into()).map_err(|refusal| in_words(&refusal, dialect))
}

/// As [`translate`], with the number of the group that is exactly the whole match; group n of the pattern is group
/// n + that number.
///
/// # Errors
/// As there, and a `$` that stands beside other alternatives.
pub fn translate_whole(pattern: &str, dialect: Dialect) -> Result<(String, u32), String> {
    match dialect {
        Dialect::Rust => translate(pattern, dialect).map(|pattern| (pattern, 0)),
        Dialect::Java => weir_rules::pattern::translate_whole(pattern).map_err(|refusal| in_words(&refusal, dialect)),
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

/// Returns what is valid in a pattern and yet surely not meant, each with what to write instead: for a plugin that has
/// `dialect` and `engine`, as regex-extractor does.
pub fn warnings(pattern: &str, dialect: Dialect) -> Vec<String> {
    weir_rules::pattern::warnings(pattern, dialect.into(), Reader::Extractor)
}

/// Checks a pattern that stands at `pointer` of the config, for a plugin that reads Rust's dialect only: what is valid and
/// yet surely not meant is warned of. It does not compile the pattern.
///
/// ```
/// use weir_sdk::pattern::{Reader, check};
///
/// assert_eq!(check(r"id=(\d+)", Reader::Part, "/matches"), Ok(()));
/// let wrong = check("%{IP}", Reader::Part, "/matches").unwrap_err();
/// assert!(wrong.contains("Grok"), "{wrong}");
/// ```
///
/// # Errors
/// What is wrong with it, where, and what to write instead: the text of a [`Mistake`](crate::Mistake).
pub fn check(pattern: &str, reader: Reader, pointer: &str) -> Result<(), String> {
    if let Some(wrong) = fault(pattern, reader) {
        return Err(wrong);
    }
    for warning in weir_rules::pattern::rust_warnings(pattern, reader) {
        crate::warn(pointer, &warning);
    }
    Ok(())
}

/// Says why a pattern of Rust's dialect is refused, as [`check`] does, and warns of nothing; none where it is valid.
pub fn fault(pattern: &str, reader: Reader) -> Option<String> {
    let refusal = weir_rules::pattern::check(pattern).err()?;
    let ways_out = refusal.ways_out(weir_rules::pattern::Dialect::Rust, reader);
    Some(format!("not a valid regular expression: {refusal}{ways_out}"))
}

fn in_words(refusal: &Refusal, dialect: Dialect) -> String {
    format!("not a valid regular expression: {refusal}{}", refusal.ways_out(dialect.into(), Reader::Extractor))
}
