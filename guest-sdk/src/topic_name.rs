//! What a topic may be called.

/// What keeps a text from being the name of a topic, by Kafka's rules; none where nothing does.
///
/// ```
/// assert_eq!(weir_sdk::topic_mistake("orders-eu"), None);
/// assert!(weir_sdk::topic_mistake("orders eu").is_some());
/// ```
pub fn topic_mistake(topic: &str) -> Option<String> {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    if topic.is_empty() || topic == "." || topic == ".." {
        return Some(format!("`{topic}` cannot name a topic"));
    }
    if let Some(letter) = topic.chars().find(|&letter| !is_allowed(letter)) {
        return Some(format!("a topic's name has letters, digits, `.`, `_` and `-`, but no `{letter}`"));
    }
    (topic.len() > 249).then(|| "a topic's name has at most 249 letters".to_owned())
}
