//! What `Matcher.replaceAll` takes.

/// How many groups an expression captures.
pub(in crate::import) fn groups(pattern: &str) -> usize {
    let mut count = 0;
    let mut in_class = 0_usize;
    // Up to where text is quoted.
    let mut quoted = 0;
    let mut letters = pattern.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            _ if at < quoted => {}
            '\\' => {
                let escaped = letters.next();
                if escaped.is_some_and(|(_, escaped)| escaped == 'Q') {
                    quoted = pattern[at..].find("\\E").map_or(pattern.len(), |length| at + length + 2);
                }
            }
            '[' => in_class += 1,
            ']' => in_class = in_class.saturating_sub(1),
            '(' if in_class == 0 => {
                let rest = &pattern[at + 1..];
                let named = rest.starts_with("?<") && !rest.starts_with("?<=") && !rest.starts_with("?<!");
                count += usize::from(named || !rest.starts_with('?'));
            }
            _ => {}
        }
    }
    count
}

/// A part of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) enum Piece {
    Text(String),
    Group(usize),
    Named(String),
}

/// Reads what `Matcher.replaceAll` takes: `$1`, `${name}`, and a backslash before what stands for itself. `groups` is how
/// many the expression has: digits belong to a number only as long as there is such a group.
pub(in crate::import) fn replacement(text: &str, groups: usize) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.push(letters.next().ok_or("a backslash at the end is refused by Java, too")?),
            '$' => {
                let piece = match letters.next() {
                    Some('{') => {
                        let name: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
                        Piece::Named(name)
                    }
                    Some(first) if first.is_ascii_digit() => {
                        let mut number = first as usize - '0' as usize;
                        if number > groups {
                            return Err(format!("`${number}` is no group of the expression"));
                        }
                        while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
                            let longer = number * 10 + digit as usize;
                            if longer > groups {
                                break;
                            }
                            number = longer;
                            letters.next();
                        }
                        Piece::Group(number)
                    }
                    _ => return Err("a `$` without a group is refused by Java, too: write `\\$`".to_owned()),
                };
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
            }
            letter => plain.push(letter),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

/// A replacement as the regex crate takes it: `${1}`, and `$$` for a dollar sign.
pub(in crate::import) fn rust_replacement(pieces: &[Piece]) -> String {
    let write = |piece: &Piece| match piece {
        Piece::Text(text) => text.replace('$', "$$"),
        Piece::Group(number) => format!("${{{number}}}"),
        Piece::Named(name) => format!("${{{name}}}"),
    };
    pieces.iter().map(write).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn groups_are_counted() {
        for (pattern, count) in
            [("a", 0), ("(a)(?:b)((?<c>d))", 3), (r"\((a)[(]", 1), (r"\Q(\E(a)", 1), ("(?<=a)(b)", 1)]
        {
            assert_eq!(groups(pattern), count, "{pattern}");
        }
    }

    #[test]
    fn replacements_are_those_of_java() {
        let rust = |text, groups| replacement(text, groups).map(|pieces| rust_replacement(&pieces));
        assert_eq!(rust("a$1b", 1).unwrap(), "a${1}b");
        assert_eq!(rust("$12", 1).unwrap(), "${1}2");
        assert_eq!(rust("$12", 12).unwrap(), "${12}");
        assert_eq!(rust(r"\$1\\${n}", 0).unwrap(), r"$$1\${n}");
        assert!(rust("$", 0).is_err() && rust("$2", 1).is_err() && rust("\\", 0).is_err());
    }
}
