//! weir's templates: text with parts in braces.

use weir_rules::{TEMPLATE_PARTS, TEMPLATE_SIGNS, is_plain_name};

/// Text that stands for itself.
pub(super) fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Whether a text looks like another system's notation, of which weir would warn although it is meant as it stands.
/// `before_part`: whether a part stands right behind it.
pub(super) fn looks_foreign(text: &str, before_part: bool) -> bool {
    let has_braces = text.split_once('{').is_some_and(|(_, after)| after.contains('}'));
    let is_date = |after: &str| after.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '[');
    has_braces || text.split('%').skip(1).any(is_date) || (before_part && text.ends_with(TEMPLATE_SIGNS))
}

/// The header that holds the text of this number, which looks foreign where a template would say it.
pub(super) fn text_header(number: usize) -> String {
    format!("weir.text.{number}")
}

/// The last header of this name; none where a template cannot name it.
pub(super) fn header(name: &str) -> Option<String> {
    if name.is_empty() || name.contains(['{', '}']) {
        None
    } else if TEMPLATE_PARTS.contains(&name) || !is_plain_name(name) || is_path(name) {
        Some(format!("{{header:{name}}}"))
    } else {
        Some(format!("{{{name}}}"))
    }
}

/// Whether a name by itself is a path into the record to another system.
fn is_path(name: &str) -> bool {
    name.starts_with('.') || ["record.", "payload.", "value."].iter().any(|head| name.starts_with(head))
}

/// The member of the value at this pointer; none where a template cannot name it.
pub(super) fn member(pointer: &str) -> Option<String> {
    (!pointer.contains(['{', '}'])).then(|| format!("{{json:{pointer}}}"))
}

/// The topics that a template may give: each part as `*`. None where a `*` stands in its text, which no topic's name has.
pub(super) fn topic_pattern(template: &str) -> Option<String> {
    let mut pattern = String::new();
    let mut depth = 0;
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // A brace that stands for itself is doubled.
            '{' | '}' if depth == 0 && letters.next_if_eq(&letter).is_some() => pattern.push(letter),
            '{' => depth += 1,
            '}' if depth > 0 => {
                depth -= 1;
                if depth == 0 && !pattern.ends_with('*') {
                    pattern.push('*');
                }
            }
            '*' if depth == 0 => return None,
            letter if depth == 0 => pattern.push(letter),
            _ => {}
        }
    }
    Some(pattern)
}

/// Whether a topic matches a pattern in which `*` stands for any characters.
pub(super) fn matches(pattern: &str, topic: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == topic,
        Some((before, after)) => topic.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            after.is_empty() || ends.into_iter().any(|at| matches(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_so_that_they_are_what_was_meant() {
        assert_eq!(header("scene").as_deref(), Some("{scene}"));
        assert_eq!(header("topic").as_deref(), Some("{header:topic}"));
        assert_eq!(header("payload.type").as_deref(), Some("{header:payload.type}"));
        assert_eq!((header("a.b").as_deref(), header(".a").as_deref()), (Some("{a.b}"), Some("{header:.a}")));
        assert_eq!(header("a:b").as_deref(), Some("{header:a:b}"));
        assert_eq!(header("a}"), None);
        assert_eq!(literal("{a}"), "{{a}}");
    }

    #[test]
    fn texts_that_pass_for_another_systems_notation_are_known() {
        for text in ["{a}", "${x}", "x%Yx", "%{b}", "%[localhost]", "a%t"] {
            assert!(looks_foreign(text, false), "{text}");
        }
        for text in ["", "hz1", "a{", "}{", "100%", "100% x", "a%20b", "$1", "a@b"] {
            assert!(!looks_foreign(text, false), "{text}");
        }
        assert!(looks_foreign("100%", true) && looks_foreign("a$", true));
    }

    #[test]
    fn patterns_cover_what_templates_give() {
        assert_eq!(
            ["a-{b}{c}-d", "0{{", "{{{a}}}", "a*{b}"].map(topic_pattern),
            [Some("a-*-d".to_owned()), Some("0{".to_owned()), Some("{*}".to_owned()), None]
        );
        assert!(matches("a-*-d", "a--d") && matches("*", "x") && matches("a*c*", "abcd"));
        assert!(!matches("a-*-d", "a-d") && !matches("a", "ab"));
    }
}
