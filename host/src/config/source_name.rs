//! Reads an item of `from`.

use weir_rules::topic_name_fault;

use super::{reading::Reading, tree::Node};

/// A topic's name, or a regular expression that begins with `^`.
pub(super) fn read(reading: &mut Reading, node: &Node) -> Option<String> {
    let text = reading.text(node)?;
    if !text.starts_with('^') {
        let why = topic_name_fault(&text);
        if let Some(why) = why {
            let help = (!text.is_empty()).then(|| "a regular expression begins with `^`".to_owned());
            reading.wrong(node, format!("`{text}` is not a valid topic name: {why}"), help);
        }
        return why.is_none().then_some(text);
    }
    // Parsed, not compiled: whether it is small enough is found where it is compared with the other topics.
    if let Err(error) = regex_syntax::parse(&text) {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        reading.wrong(node, format!("`{text}` is not a valid regular expression: {why}"), None);
        return None;
    }
    if let Some((what, instead)) = foreign(&text) {
        // The broker's client matches by the system's POSIX expressions, which would read this as something else.
        reading.wrong(node, format!("`from` takes POSIX expressions, which have no `{what}`"), instead.to_owned());
        return None;
    }
    Some(text)
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
