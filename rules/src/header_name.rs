//! Header names that can be written in a configuration.

use crate::template_part::{TEMPLATE_PARTS, TEMPLATE_SIGNS, is_plain_name};

/// Says why a text cannot be the name of a header that is read or written by name; none where it can.
///
/// Kafka itself takes any name. One that is empty or blank is a slip of the pen, and `*` stands for every name.
pub fn header_name_fault(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("it is empty"),
        "*" => Some("`*` stands for every name"),
        name if name.trim().is_empty() => Some("it is blank"),
        _ => None,
    }
}

/// Says what in a header's name is a part of a template, which stands for nothing there; none where nothing is. It does not
/// read the part: a plugin without templates need not carry what reads them.
pub fn header_name_warning(name: &str) -> Option<String> {
    const KINDS: [&str; 4] = ["json:", "timestamp:", "received:", "lookup:"];
    let (before, from) = name.split_once('{')?;
    let (inside, after) = from.trim_start_matches('{').split_once('}')?;
    let inside = inside.trim();
    let plain = inside.strip_prefix("header:").unwrap_or(inside);
    let is_plain = is_plain_name(plain);
    let is_alone = before.trim_matches(TEMPLATE_SIGNS).is_empty() && after.trim_matches('}').is_empty();
    if is_alone && is_plain && !plain.starts_with('.') && !TEMPLATE_PARTS.contains(&plain) {
        return Some(format!("`{name}` is the header of that very name, braces included; write `{plain}`"));
    }
    // A path, a date or a call of another system.
    let is_foreign = inside.len() > 1 && inside.starts_with(['[', '$', '/', '@', '+', '!']);
    let is_part = is_plain || is_foreign || KINDS.iter().any(|kind| inside.starts_with(kind));
    is_part.then(|| {
        format!("`{name}` is the header of that very name: a name is no template, and braces in it stand for nothing")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_something_in_it() {
        for name in ["", " ", "\t", "\u{a0}\u{3000}", "*"] {
            assert!(header_name_fault(name).is_some(), "{name:?}");
        }
        for name in ["a", " a", "scene id", "日志", "**", "x*"] {
            assert_eq!(header_name_fault(name), None, "{name}");
        }
    }

    #[test]
    fn a_part_in_a_headers_name_is_told() {
        for (name, here) in [
            ("%{level}", "`level`"),
            ("${level}", "`level`"),
            ("{level}", "`level`"),
            ("{header:level}", "`level`"),
            ("{{ level }}", "`level`"),
            ("{topic}", "no template"),
            ("%{[user][id]}", "no template"),
            ("{+YYYY}", "no template"),
            ("{$.a}", "no template"),
            ("x-{customName}", "no template"),
            ("{json:/a}", "no template"),
            ("{a}-{b}", "no template"),
        ] {
            assert!(header_name_warning(name).is_some_and(|said| said.contains(here)), "{name}");
        }
        for name in ["level", "a{", "{}", "}{", "a}b", "{a b}", "%level", "$level", "{?}"] {
            assert_eq!(header_name_warning(name), None, "{name}");
        }
    }
}
