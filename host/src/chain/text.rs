//! Guests' text on its way to people: in messages, logs and dead letters.

use std::borrow::Cow;

/// `text` without what a terminal, a log or a viewer of headers would obey: control characters, and those that turn the
/// direction of text or end a line, as escapes (`\n`, `\u{1b}`). At most `limit` bytes, ending between two characters;
/// what is left out is not told. Doing it twice changes nothing.
pub fn printable(text: &str, limit: usize) -> Cow<'_, str> {
    if !text.chars().any(is_obeyed) {
        return Cow::Borrowed(cut(text, limit));
    }
    let mut safe = String::with_capacity(text.len().min(limit));
    for letter in text.chars() {
        let before = safe.len();
        if is_obeyed(letter) {
            safe.extend(letter.escape_default())
        } else {
            safe.push(letter)
        }
        if safe.len() > limit {
            safe.truncate(before);
            break;
        }
    }
    Cow::Owned(safe)
}

/// The longest beginning of `text` that has at most `limit` bytes and ends between two characters.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_all_else_stays() {
        let text = "ü \\ \u{1b}[31m\r\n\0\u{7f}\u{85}\u{202e}€";
        let safe = printable(text, 1024);
        assert_eq!(safe, "ü \\ \\u{1b}[31m\\r\\n\\u{0}\\u{7f}\\u{85}\\u{202e}€");
        assert_eq!(printable(&safe, 1024), safe);
    }

    #[test]
    fn a_text_ends_between_two_characters_or_escapes() {
        assert_eq!(printable("aé", 2), "a");
        assert_eq!(printable("a\n", 2), "a");
        assert_eq!(printable("\n\u{1b}", 7), "\\n");
        assert_eq!(printable(&"\u{1b}".repeat(1000), 1024).len(), 1020);
    }
}
