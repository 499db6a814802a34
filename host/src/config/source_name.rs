//! Reads an item of `from`.

use weir_rules::{topic_name_fault, topic_pattern_fault};

use super::{reading::Reading, tree::Node};

/// A topic's name, or a regular expression that begins with `^`.
pub(super) fn read(reading: &mut Reading, node: &Node) -> Option<String> {
    let text = reading.text(node)?;
    if !text.starts_with('^') {
        let Some(why) = topic_name_fault(&text) else { return Some(text) };
        let help = (!text.is_empty()).then(|| meant(&text));
        reading.wrong(node, format!("`{text}` is not a valid topic name: {why}"), help);
        return None;
    }
    // Parsed, not compiled: whether it is small enough is found where it is compared with the other topics.
    if let Err(error) = regex_syntax::parse(&text) {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        reading.wrong(node, format!("`{text}` is not a valid regular expression: {why}"), None);
        return None;
    }
    warn_of_doubled(reading, node, &text);
    if let Some((what, instead)) = foreign(&text) {
        // The broker's client matches by the system's POSIX expressions, which would read this as something else.
        reading.wrong(node, format!("`from` takes POSIX expressions, which have no `{what}`"), instead.to_owned());
        return None;
    }
    Some(text)
}

/// What was meant by something that is no topic's name.
fn meant(text: &str) -> String {
    let rule = "a regular expression begins with `^`";
    if text.contains(',') && text.split(',').all(|name| topic_name_fault(name.trim()).is_none()) {
        let names: Vec<String> = text.split(',').map(|name| format!("\"{}\"", name.trim())).collect();
        return format!("write each in quotation marks: {}", names.join(", "));
    }
    // A `*` behind a letter or a hyphen is hardly the expression that it would be.
    let is_glob = text.contains('*') && topic_pattern_fault(text).is_none() && !text.contains(".*");
    match (is_glob, text.contains(['*', '+', '?', '[', '(', '|', '\\', '$'])) {
        (true, _) => format!("{rule}: write \"^{}$\"", text.replace('.', "[.]").replace('*', ".*")),
        (false, true) => format!("{rule}: write '^{text}'"),
        (false, false) => rule.to_owned(),
    }
}

/// Warns of backslashes that were doubled for a notation which would halve them.
fn warn_of_doubled(reading: &mut Reading, node: &Node, text: &str) {
    let Some(doubled) = text.find("\\\\") else { return };
    let escaped = text.get(doubled..).unwrap_or_default().chars().nth(2).unwrap_or_default();
    let message =
        format!("`{text}` looks for a backslash: between single quotes TOML leaves both backslashes standing");
    let help = format!("write '{}'", text.replace("\\\\", "\\"));
    if escaped.is_alphanumeric() || ".[](){}*+?^$|-".contains(escaped) {
        reading.warn(node.source, node.span.clone(), message, help);
    }
}

/// What the regex crate knows and POSIX extended expressions do not.
fn foreign(text: &str) -> Option<(&'static str, &'static str)> {
    const FOREIGN: [(&str, &str); 9] = [
        ("\\d", "write [0-9]"),
        ("\\D", "write [^0-9]"),
        ("\\pN", "write [0-9]"),
        ("\\p{", "list the characters in brackets"),
        ("\\z", "write $"),
        ("\\A", "`^` stands there already"),
        ("(?", "write plain parentheses"),
        ("*?", "write `*`: where a match ends does not matter here"),
        ("+?", "write `+`: where a match ends does not matter here"),
    ];
    FOREIGN.into_iter().find(|(what, _)| text.contains(what))
}
