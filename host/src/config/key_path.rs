//! The key under which something stands, as an operator would name it.

use toml::de::{DeTable, DeValue};

/// The path of the innermost key whose value, or whose name, holds the byte `at` of a file's text; none where that is
/// under no key.
pub(super) fn of(text: &str, at: usize) -> Option<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let mut path = String::new();
    within(document.get_ref(), at, &mut path);
    (!path.is_empty()).then_some(path)
}

fn within(table: &DeTable<'_>, at: usize, path: &mut String) {
    for (key, value) in table.iter() {
        let length = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(&shown(key.get_ref()));
        if key.span().contains(&at) || holds(value.get_ref(), value.span(), at, path) {
            return;
        }
        path.truncate(length);
    }
}

/// Whether a value holds the byte; then `path` names what of it does. A table's span is its header's, so that what stands
/// below it is looked at as well.
fn holds(value: &DeValue<'_>, span: std::ops::Range<usize>, at: usize, path: &mut String) -> bool {
    let before = path.len();
    match value {
        DeValue::Table(table) => {
            within(table, at, path);
        }
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                if holds(item.get_ref(), item.span(), at, path) {
                    return true;
                }
                path.truncate(before);
            }
        }
        _ => {}
    }
    path.len() > before || span.contains(&at)
}

/// A key, in quotation marks where TOML needs them.
fn shown(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { key.to_owned() } else { format!("{key:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_key_is_named() {
        let text = "[kafka]\nbrokers = \"b:1\"\n[kafka.options]\n\"linger.ms\" = 5\n[[pipelines.p.interceptors]]\n\
                    plugin = \"a\"\nconfig = { rules = [{ pattern = \"x\" }, { pattern = \"y\" }] }\n";
        let key = |words: &str| of(text, text.find(words).unwrap_or_default());
        for (words, expected) in [
            ("b:1", "kafka.brokers"),
            ("brokers", "kafka.brokers"),
            ("\"linger", "kafka.options.\"linger.ms\""),
            ("\"y\"", "pipelines.p.interceptors[0].config.rules[1].pattern"),
            ("{ pattern = \"y", "pipelines.p.interceptors[0].config.rules[1]"),
            ("[[pipelines", "pipelines.p.interceptors[0]"),
        ] {
            assert_eq!(key(words).as_deref(), Some(expected), "{words}");
        }
        assert_eq!(of("# nothing\n", 3), None);
    }
}
