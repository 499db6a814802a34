//! Regular expressions as people bring them: what another engine's pattern is in the syntax of Rust's regex crate, and
//! what to write instead of what no linear-time engine has.
//!
//! What is seen in the text alone is always there; what needs the regex crate's parser, with the feature `pattern`.

#[cfg(feature = "pattern")]
mod advice;
#[cfg(feature = "pattern")]
mod java;
mod notation;
#[cfg(feature = "pattern")]
mod refusal;
#[cfg(all(test, feature = "pattern"))]
mod tests;
#[cfg(feature = "pattern")]
mod warnings;

#[cfg(feature = "pattern")]
pub use java::{translate_backtracking, translate_whole};
pub use notation::notation;
#[cfg(feature = "pattern")]
pub use refusal::Refusal;
#[cfg(feature = "pattern")]
pub use warnings::warnings;

/// Whose syntax a pattern is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Rust's regex crate.
    #[default]
    Rust,
    /// `java.util.regex`, as in Java 8 to 18.
    Java,
}

/// Who reads a pattern: advice names only what that reader has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// regex-extractor, which has `dialect` and `engine`.
    Extractor,
    /// Who finds something in a record, as a header that a regex-extractor above has written might hold it; it has `dialect`.
    Part,
    /// Who replaces what is found, or looks at names: it has `dialect`, and there is no other way.
    Other,
    /// A plugin that has weir find something in a record, whatever its keys are.
    Plugin,
}

/// Returns the pattern of Rust's regex crate (over bytes, Unicode on) that finds what this one finds, with the same
/// groups under the same numbers. On UTF-8 the groups' spans are the same; the whole match of a pattern with `$` may end
/// after the line end that `$` stands before: see [`translate_whole`].
///
/// # Errors
/// What has no equal there, where it stands, and what to write instead.
#[cfg(feature = "pattern")]
pub fn translate(pattern: &str, dialect: Dialect) -> Result<String, Refusal> {
    match dialect {
        Dialect::Rust => check(pattern).map(|()| pattern.to_owned()).map_err(|refusal| {
            let is_property = refusal.is_property && pattern.get(refusal.span.clone()).is_some_and(is_java);
            let is_java = refusal.is_java || is_property;
            refusal.read_by_java(is_java)
        }),
        Dialect::Java => java::translate(pattern),
    }
}

#[cfg(feature = "pattern")]
fn is_java(piece: &str) -> bool {
    java::translate(piece).is_ok()
}

/// Reads a pattern as `regex::bytes` does. Unlike [`translate`] it carries nothing of Java's dialect, and so does not know
/// whether that has a property of this name.
///
/// # Errors
/// What is wrong, where it stands, and what to write instead.
#[cfg(feature = "pattern")]
pub fn check(pattern: &str) -> Result<(), Refusal> {
    advice::check(pattern)
}
