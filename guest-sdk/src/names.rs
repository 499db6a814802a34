//! What may be called how, as a plugin's mistakes say it. The rules themselves are the gateway's own.

use weir_rules::{header_name_fault, json_pointer, topic_name_fault, topic_pattern_fault};

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
