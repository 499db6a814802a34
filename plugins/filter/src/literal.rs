//! Texts that a part is compared with and that look like what it should match.

use weir_sdk::{pointer, warn};

use crate::config::{Condition, Literal};

/// Warns of each text of `equals` and `in` that looks like an expression, which is compared byte for byte.
pub(crate) fn warn_of_literals(condition: &Condition, at: &str) {
    let equals = condition.equals.iter().map(|literal| (format!("{at}{}", pointer!("equals")), literal));
    let among = condition.r#in.iter().flatten().enumerate();
    let among = among.map(|(number, literal)| (format!("{at}{}", pointer!("in", number)), literal));
    for (pointer, literal) in equals.chain(among) {
        let Literal::Text(text) = literal else { continue };
        if let Some(pattern) = pattern_in(text, condition.topic.is_some()) {
            let message =
                format!("`{text}` is compared byte for byte; an expression is written `matches = '{pattern}'`");
            warn(&pointer, &message);
        }
    }
}

/// The expression that a text looks like; in the name of a topic a `*` can only be a wildcard.
fn pattern_in(text: &str, is_topic: bool) -> Option<String> {
    let is_anchored = text.len() > 2 && text.starts_with('^') && text.ends_with('$');
    let has_class = ["\\d", "\\w", "\\s"].iter().any(|class| {
        // `C:\\data` is a path.
        text.split(class).skip(1).any(|after| !after.starts_with(|letter: char| letter.is_ascii_alphanumeric()))
    });
    if is_anchored || has_class || text.contains(".*") || text.contains(".+") {
        return Some(text.to_owned());
    }
    if is_topic && text.contains('*') {
        return Some(format!("^{}$", text.replace('.', "\\.").replace('*', ".*")));
    }
    let (inside, flags) = text.strip_prefix('/')?.rsplit_once('/')?;
    let is_delimited = !inside.is_empty() && !inside.contains('/') && flags == "i";
    is_delimited.then(|| format!("(?i){inside}"))
}

#[cfg(test)]
mod tests {
    use super::pattern_in;

    #[test]
    fn texts_that_look_like_expressions_are_told() {
        for (text, pattern) in
            [(".*err.*", ".*err.*"), ("^a$", "^a$"), (r"id=\d+", r"id=\d+"), ("a.+", "a.+"), ("/err/i", "(?i)err")]
        {
            assert_eq!(pattern_in(text, false).as_deref(), Some(pattern), "{text}");
        }
        assert_eq!(pattern_in("orders-*", true).as_deref(), Some("^orders-.*$"));
        for text in [
            "",
            "error",
            "a.b",
            "*/*",
            "text/*",
            "^",
            "^$",
            "$5",
            "/health/",
            "/a/b/i",
            "C:\\x",
            r"C:\data",
            r"CORP\svc-kafka",
            "a*",
        ] {
            assert_eq!(pattern_in(text, false), None, "{text}");
        }
    }
}
