//! Topic names, as Kafka's brokers check them.

/// The longest name, in bytes.
pub const TOPIC_NAME_BYTES: usize = 249;

/// Says why a text is not a valid topic name; none where it is one.
pub fn topic_name_fault(name: &str) -> Option<&'static str> {
    fault(name, is_letter)
}

/// Says why a text is neither a valid topic name nor a pattern in which `*` stands for any characters.
pub fn topic_pattern_fault(pattern: &str) -> Option<&'static str> {
    fault(pattern, |letter| is_letter(letter) || letter == '*')
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

fn fault(name: &str, is_allowed: impl Fn(char) -> bool) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > TOPIC_NAME_BYTES {
        Some("it is longer than 249 bytes")
    } else if name == "." || name == ".." {
        Some("Kafka does not allow it")
    } else if !name.chars().all(is_allowed) {
        Some("Kafka allows letters, digits, `.`, `_` and `-`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kafka_takes() {
        let longest = "x".repeat(TOPIC_NAME_BYTES);
        for name in ["a", "...", "Orders_1.eu-west", &longest] {
            assert_eq!(topic_name_fault(name), None, "{name}");
        }
        for name in ["", ".", "..", "or ders", "ä", "a*", "a/b", &format!("{longest}x")] {
            assert!(topic_name_fault(name).is_some(), "{name}");
        }
        assert_eq!(topic_pattern_fault("a*"), None);
        assert!(topic_pattern_fault("a *").is_some());
    }
}
