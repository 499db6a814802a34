//! What may be called how, as a plugin's mistakes say it. The rules themselves are the gateway's own.

use weir_rules::{
    TEMPLATE_PARTS, TEMPLATE_SIGNS, header_name_fault, is_plain_name, json_pointer, topic_name_fault,
    topic_pattern_fault,
};

use crate::{Mistake, warn};

/// Says what keeps a text from being the name of a topic, by Kafka's rules; none where nothing does.
///
/// ```
/// assert_eq!(weir_sdk::topic_mistake("orders-eu"), None);
/// assert!(weir_sdk::topic_mistake("orders eu").is_some());
/// ```
pub fn topic_mistake(topic: &str) -> Option<String> {
    topic_name_fault(topic).map(|why| format!("`{topic}` is not a valid topic name: {why}"))
}

/// Says what keeps a text from being a topic or a pattern of topics, in which `*` stands for any characters; none where
/// nothing does.
///
/// ```
/// assert_eq!(weir_sdk::topic_pattern_mistake("orders-*"), None);
/// assert!(weir_sdk::topic_pattern_mistake("orders *").is_some());
/// ```
pub fn topic_pattern_mistake(pattern: &str) -> Option<String> {
    topic_pattern_fault(pattern)
        .map(|why| format!("`{pattern}` is neither a valid topic name nor a pattern of them: {why}"))
}

/// Says what keeps a text from being the name of one header; none where nothing does.
///
/// ```
/// assert_eq!(weir_sdk::header_mistake("scene id"), None);
/// assert!(weir_sdk::header_mistake(" ").is_some());
/// ```
pub fn header_mistake(name: &str) -> Option<String> {
    header_name_fault(name).map(|why| format!("`{name}` is not a valid header name: {why}"))
}

/// Says what keeps a text from being a JSON pointer (RFC 6901); none where nothing does.
///
/// ```
/// assert_eq!(weir_sdk::json_pointer_mistake("/a/0"), None);
/// assert!(weir_sdk::json_pointer_mistake("a").is_some());
/// ```
pub fn json_pointer_mistake(pointer: &str) -> Option<String> {
    json_pointer::fault(pointer).map(|why| format!("`{pointer}` is not a JSON pointer: {why}"))
}

/// As [`header_mistake`], of a name that stands at `pointer` of the config. Another system's notation in it, which would be
/// the name of a header here, is warned of.
pub fn check_header(name: &str, pointer: &str) -> Option<Mistake> {
    if let Some(warning) = header_name_warning(name) {
        warn(pointer, &warning);
    }
    header_mistake(name).map(|wrong| Mistake::new(pointer, wrong))
}

/// As [`json_pointer_mistake`], of a JSON pointer that stands at `pointer` of the config. What in it looks like another
/// notation is warned of.
pub fn check_json_pointer(text: &str, pointer: &str) -> Option<Mistake> {
    if let Some(warning) = json_pointer::warning(text) {
        warn(pointer, &warning);
    }
    json_pointer_mistake(text).map(|wrong| Mistake::new(pointer, wrong))
}

/// As [`check_json_pointer`], where the pointer names an array and its items are meant.
pub fn check_json_array_pointer(text: &str, pointer: &str) -> Option<Mistake> {
    if let Some(warning) = json_pointer::array_warning(text) {
        warn(pointer, &warning);
    }
    let wrong = json_pointer::array_fault(text)?;
    Some(Mistake::new(pointer, format!("`{text}` is not a JSON pointer: {wrong}")))
}

/// Says what in a header's name is a part of a template, which stands for nothing there; none where nothing is. It does not
/// read the part: a plugin without templates need not carry what reads them.
fn header_name_warning(name: &str) -> Option<String> {
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
    use super::header_name_warning;

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
