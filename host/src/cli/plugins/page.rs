//! A built-in's page of the documentation, for a terminal.

/// A row of the table of keys.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) form: String,
    pub(super) default: String,
    /// What it does; then what each of its values does, a line each.
    pub(super) meaning: Vec<String>,
}

/// The first example of a config.
pub(super) fn example(page: &str) -> Option<&str> {
    page.split("\n```toml\n").nth(1)?.split("\n```").next()
}

/// The rows of the table of keys.
pub(super) fn keys(page: &str) -> Vec<Key> {
    let rows = page.lines().skip_while(|line| !line.starts_with("| key |")).skip(2);
    rows.take_while(|line| line.starts_with('|')).filter_map(key).collect()
}

fn key(row: &str) -> Option<Key> {
    // A `|` within a cell has a backslash before it.
    let row = row.replace("\\|", "\u{0}");
    let cells: Vec<String> = row.split('|').map(|cell| plain(&cell.replace('\u{0}', "|"))).collect();
    let [_, name, form, default, meaning, ..] = &cells[..] else { return None };
    let meaning = meaning.split("<br>").map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    Some(Key { name: name.clone(), form: form.clone(), default: default.clone(), meaning })
}

/// Without Markdown's backticks; of a link the text.
fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell.trim();
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        match after.split_once("](").and_then(|(name, after)| Some((name, after.split_once(')')?.1))) {
            Some((name, after)) if !name.contains('[') => {
                text.push_str(name);
                rest = after;
            }
            _ => {
                text.push('[');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text.replace('`', "")
}

/// Text in lines of at most `width` characters, where its words allow that.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    const PAGE: &str = "# x\n\n```toml\nplugin = \"x\"\n```\n\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n\
                        | `a[].b` | `\"x\"` or table | **required** | See [there](#there), a `\\|`.<br>`\"x\"`: so. |\n\
                        | `c` | string | – | C. |\n\nrest | no | row |\n";

    #[test]
    fn example_and_keys_are_found() {
        assert_eq!(example(PAGE), Some("plugin = \"x\""));
        let keys = keys(PAGE);
        let [a, c] = &keys[..] else { panic!("{}", keys.len()) };
        assert_eq!((a.name.as_str(), a.form.as_str(), a.default.as_str()), ("a[].b", "\"x\" or table", "**required**"));
        assert_eq!(a.meaning, ["See there, a |.", "\"x\": so."]);
        assert_eq!((c.name.as_str(), c.default.as_str()), ("c", "–"));
    }

    #[test]
    fn lines_are_as_long_as_words_allow() {
        assert_eq!(wrapped("a bc def gggggg", 5), ["a bc", "def", "gggggg"]);
    }
}
