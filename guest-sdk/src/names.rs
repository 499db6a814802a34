//! What may be called how, as a plugin's mistakes say it. The rules themselves are the gateway's own.

use weir_rules::{header_name_fault, header_name_warning, json_pointer, topic_name_fault, topic_pattern_fault};

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
