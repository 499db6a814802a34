//! Values as TOML, laid out for people.

use std::fmt::{self, Write};

/// A value of the configuration that is written. Tables keep their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Text(String),
    Bool(bool),
    List(Vec<Item>),
    Table(Vec<(String, Item)>),
}

impl Item {
    /// A table without the members that are none.
    pub(super) fn table<const N: usize>(members: [(&str, Option<Item>); N]) -> Self {
        let there = members.into_iter().filter_map(|(key, item)| Some((key.to_owned(), item?)));
        Self::Table(there.collect())
    }

    /// As the value of a key: a list of tables, or one that would be long, has a line for each.
    pub(super) fn laid_out(&self) -> String {
        match self {
            Self::List(items)
                if items.iter().any(|item| matches!(item, Self::Table(_))) || self.to_string().len() > 100 =>
            {
                let mut text = "[\n".to_owned();
                for item in items {
                    // Writing to a string cannot fail.
                    let _ = writeln!(text, "  {item},");
                }
                text.push(']');
                text
            }
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Bool(is) => write!(f, "{is}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Table(members) if members.is_empty() => f.write_str("{}"),
            Self::Table(members) => {
                f.write_str("{ ")?;
                for (at, (key, item)) in members.iter().enumerate() {
                    write!(f, "{}{} = {item}", if at == 0 { "" } else { ", " }, bare_or_quoted(key))?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Item {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Item {
    fn from(is: bool) -> Self {
        Self::Bool(is)
    }
}

impl FromIterator<String> for Item {
    fn from_iter<T: IntoIterator<Item = String>>(texts: T) -> Self {
        Self::List(texts.into_iter().map(Item::Text).collect())
    }
}

/// A key, in quotation marks where it needs them.
pub(super) fn bare_or_quoted(key: &str) -> String {
    let is_bare =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_bare { key.to_owned() } else { basic(key) }
}

/// A text: literal where that spares backslashes, and on lines of its own where it has some.
fn quoted(text: &str) -> String {
    let is_clean = |line: &str| !line.chars().any(char::is_control);
    if text.trim_end().contains('\n')
        && !text.contains("'''")
        && !text.ends_with('\'')
        && text.split('\n').all(is_clean)
    {
        return format!("'''\n{text}'''");
    }
    let literal = text.contains(['"', '\\']) && !text.contains('\'') && !text.chars().any(char::is_control);
    if literal { format!("'{text}'") } else { basic(text) }
}

fn basic(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if letter.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_back_as_key_and_as_value(key in any::<String>(), value in any::<String>()) {
            let text = format!("{} = {}", bare_or_quoted(&key), Item::from(value.as_str()));
            let read: toml::Table = text.parse().unwrap();
            prop_assert_eq!(read.get(&key).and_then(toml::Value::as_str), Some(value.as_str()));
        }
    }

    #[test]
    fn tables_stand_on_lines_of_their_own() {
        let table = Item::table([("a", Some("x".into())), ("b", None), ("c.d", Some(true.into()))]);
        assert_eq!(Item::List(vec![table]).laid_out(), "[\n  { a = \"x\", \"c.d\" = true },\n]");
        assert_eq!(Item::from_iter(["a\\d".to_owned(), "it's".to_owned()]).laid_out(), r#"['a\d', "it's"]"#);
    }
}
