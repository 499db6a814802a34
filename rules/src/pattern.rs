//! Regular expressions as people bring them: what another engine's pattern is in the syntax of Rust's regex crate, and
//! what to write instead of what no linear-time engine has.

mod advice;
mod java;
mod refusal;
#[cfg(test)]
mod tests;
mod warnings;

pub use java::{translate_backtracking, translate_whole};
pub use refusal::Refusal;
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

/// Returns the pattern of Rust's regex crate (over bytes, Unicode on) that finds what this one finds, with the same
/// groups under the same numbers. On UTF-8 the groups' spans are the same; the whole match of a pattern with `$` may end
/// after the line end that `$` stands before: see [`translate_whole`].
///
/// # Errors
/// What has no equal there, where it stands, and what to write instead.
pub fn translate(pattern: &str, dialect: Dialect) -> Result<String, Refusal> {
    match dialect {
        Dialect::Rust => advice::check(pattern).map(|()| pattern.to_owned()),
        Dialect::Java => java::translate(pattern),
    }
}
