//! From `java.util.regex` to Rust's regex crate.
//!
//! Both try alternatives from left to right and return the first match of all, so the work is in what single pieces mean:
//! classes, `$`, `.`, flags, escapes. What needs another way of searching is refused.

mod blocks;
mod class;
mod emit;
mod emit_backtracking;
mod escape;
mod flags;
mod foreign;
mod group;
mod line_end;
mod node;
mod parse;
mod property;
mod sets;
mod units;

use super::refusal::Refusal;

pub(super) fn translate(pattern: &str) -> Result<String, Refusal> {
    let tree = line_end::hoist(parse::parse(pattern, false)?);
    emit::emit(pattern, &tree)
}

/// As [`super::translate`] of Java's dialect, with a group that is exactly the whole match: group n of the pattern
/// is group n + the number that is returned, and the whole match is the group of that number.
///
/// # Errors
/// As there, and a `$` that stands beside other alternatives, whose line end cannot be told from the match.
pub fn translate_whole(pattern: &str) -> Result<(String, u32), Refusal> {
    let tree = parse::parse(pattern, false)?;
    if !line_end::has_final_end(&tree) {
        return Ok((emit::emit(pattern, &tree)?, 0));
    }
    let whole = node::Node::Group { kind: node::GroupKind::Capture(None), inner: Box::new(tree), at: 0..pattern.len() };
    Ok((emit::emit(pattern, &line_end::hoist(whole))?, 1))
}

/// Returns the pattern of the `fancy-regex` crate that finds what a Java pattern finds, look-around and back-references
/// included, with the same groups under the same numbers, the whole match too.
///
/// # Errors
/// What it has not, where it stands, and what to write instead.
pub fn translate_backtracking(pattern: &str) -> Result<String, Refusal> {
    emit_backtracking::emit(pattern, &parse::parse(pattern, true)?)
}
