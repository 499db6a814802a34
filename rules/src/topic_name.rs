//! Topic names, as Kafka's brokers check them.

/// The longest name, in bytes.
pub const TOPIC_NAME_BYTES: usize = 249;

/// Says why a text is not a valid topic name; none where it is one.
pub fn topic_name_fault(name: &str) -> Option<String> {
    fault(name, is_letter)
}

/// Says why a text is neither a valid topic name nor a pattern in which `*` stands for any characters.
pub fn topic_pattern_fault(pattern: &str) -> Option<String> {
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

fn fault(name: &str, is_allowed: impl Fn(char) -> bool) -> Option<String> {
    let fixed = if name.is_empty() {
        "it is empty"
    } else if name.len() > TOPIC_NAME_BYTES {
        "it is longer than 249 bytes"
    } else if name == "." || name == ".." {
        "Kafka does not allow it"
    } else {
        let stray = name.chars().find(|letter| !is_allowed(*letter))?;
        return Some(format!("Kafka allows letters, digits, `.`, `_` and `-`, but no {}", shown(stray)));
    };
    Some(fixed.to_owned())
}

/// A character in words: what cannot be seen, by its number.
fn shown(letter: char) -> String {
    match letter {
        ' ' => "space".to_owned(),
        '!'..='~' => format!("`{letter}`"),
        _ if letter.is_alphanumeric() => format!("`{letter}`"),
        _ => format!("`{}`", letter.escape_unicode()),
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

    #[test]
    fn the_first_character_that_kafka_refuses_is_named() {
        let named = |name: &str| topic_name_fault(name).unwrap_or_default().split("but no ").last().map(str::to_owned);
        for (name, is) in [
            ("a/b c", "`/`"),
            ("a b", "space"),
            ("a*", "`*`"),
            ("日志", "`日`"),
            ("a\nb", r"`\u{a}`"),
            ("\u{feff}a", r"`\u{feff}`"),
        ] {
            assert_eq!(named(name).as_deref(), Some(is), "{name}");
        }
    }
}
