//! What stands in the braces of a template, and what other systems write before them.

/// Names that stand for a part of the record where they stand alone in braces; a header of that name is written
/// `{header:NAME}`.
pub const TEMPLATE_PARTS: [&str; 8] = ["key", "value", "topic", "partition", "offset", "timestamp", "received", "uuid"];

/// The signs that stand before a part's braces in templates of other systems.
pub const TEMPLATE_SIGNS: [char; 4] = ['%', '$', '#', '@'];

/// Returns whether a name is a header's as people have it: letters, digits, `_`, `-` and `.`, at least one.
pub fn is_plain_name(name: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    !name.is_empty() && name.chars().all(is_word)
}
