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

/// Whether a pattern, in which `*` stands for any bytes, covers a name.
pub fn pattern_covers(pattern: &[u8], name: &[u8]) -> bool {
    // Where the last star stands, and how much of the name it took.
    let (mut at, mut next, mut star) = (0, 0, None);
    while next < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, next));
                at += 1;
            }
            Some(letter) if *letter == name[next] => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((place, taken)) = star else { return false };
                (at, next) = (place + 1, taken + 1);
                star = Some((place, taken + 1));
            }
        }
    }
    pattern.iter().skip(at).all(|letter| *letter == b'*')
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
        for (pattern, name) in
            [("a", "a"), ("*", ""), ("*", "x"), ("a-*", "a-"), ("a-*-b", "a-b-b"), ("*a*b", "aab"), ("**", "x")]
        {
            assert!(pattern_covers(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
        for (pattern, name) in [("a", "b"), ("a", "ab"), ("", "a"), ("a-*", "a"), ("a-*-b", "a-b"), ("*ab", "aba")] {
            assert!(!pattern_covers(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
        }
        assert!(!pattern_covers("*a".repeat(124).as_bytes(), "a".repeat(123).as_bytes()));
        assert_eq!(topic_pattern_fault("a*"), None);
        assert!(topic_pattern_fault("a *").is_some());
    }
}
