//! What `Matcher.replaceAll` takes.

/// The groups that an expression captures, in order, each by its name; none where it has only a number.
pub(in crate::import) fn groups(pattern: &str) -> Vec<Option<&str>> {
    let mut found = Vec::new();
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
                let is_behind = rest.starts_with("?<=") || rest.starts_with("?<!");
                let name = rest.strip_prefix("?<").filter(|_| !is_behind).and_then(|rest| rest.split_once('>'));
                if name.is_some() || !rest.starts_with('?') {
                    found.push(name.map(|(name, _)| name));
                }
            }
            _ => {}
        }
    }
    found
}

/// A part of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) enum Piece {
    Text(String),
    Group(usize),
}

/// Reads what `Matcher.replaceAll` takes: `$1`, `${name}`, and a backslash before what stands for itself. `groups` are those of
/// the expression: digits belong to a number only as long as there is such a group.
///
/// # Errors
/// What Java refuses, too, but only at the first match.
pub(in crate::import) fn replacement(text: &str, groups: &[Option<&str>]) -> Result<Vec<Piece>, String> {
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
                        let at = groups.iter().position(|known| *known == Some(&name));
                        Piece::Group(at.ok_or_else(|| no_group(&format!("{{{name}}}")))? + 1)
                    }
                    Some(first) if first.is_ascii_digit() => {
                        let mut number = first as usize - '0' as usize;
                        if number > groups.len() {
                            return Err(no_group(&number.to_string()));
                        }
                        while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
                            let longer = number * 10 + digit as usize;
                            if longer > groups.len() {
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

fn no_group(written: &str) -> String {
    format!("`${written}` is no group of the expression: Java fails at the first match")
}

/// A replacement as the regex crate takes it: `${1}`, and `$$` for a dollar sign.
pub(in crate::import) fn rust_replacement(pieces: &[Piece]) -> String {
    written(pieces, |text| text.replace('$', "$$"))
}

/// The same for value-editor, which has `$\` for a backslash where one alone looks like a group of sed's.
pub(in crate::import) fn editor_replacement(pieces: &[Piece]) -> String {
    written(pieces, editor_text)
}

/// Text that stands for itself in a replacement of value-editor's.
pub(in crate::import) fn editor_text(text: &str) -> String {
    let mut written = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '$' => written.push_str("$$"),
            '\\' if letters.peek().is_some_and(|next| next.is_ascii_digit() || "kg".contains(*next)) => {
                written.push_str("$\\");
            }
            letter => written.push(letter),
        }
    }
    written
}

fn written(pieces: &[Piece], text: impl Fn(&str) -> String) -> String {
    let write = |piece: &Piece| match piece {
        Piece::Text(plain) => text(plain),
        Piece::Group(number) => format!("${{{number}}}"),
    };
    pieces.iter().map(write).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn groups_are_counted_and_named() {
        for (pattern, found) in [
            ("a", vec![]),
            ("(a)(?:b)((?<c>d))", vec![None, None, Some("c")]),
            (r"\((a)[(]", vec![None]),
            (r"\Q(\E(a)", vec![None]),
            ("(?<=a)(b)", vec![None]),
        ] {
            assert_eq!(groups(pattern), found, "{pattern}");
        }
    }

    #[test]
    fn replacements_are_those_of_java() {
        let twelve = "(x)".repeat(12);
        let rust = |text, pattern| replacement(text, &groups(pattern)).map(|pieces| rust_replacement(&pieces));
        assert_eq!(rust("a$1b", "(x)").unwrap(), "a${1}b");
        assert_eq!(rust("$12", "(x)").unwrap(), "${1}2");
        assert_eq!(rust("$12", &twelve).unwrap(), "${12}");
        assert_eq!(rust(r"\$1\\${n}", "(x)(?<n>y)").unwrap(), r"$$1\${2}");
        assert!(rust("$", "x").is_err() && rust("$2", "(x)").is_err() && rust("\\", "x").is_err());
    }

    #[test]
    fn a_name_that_no_group_has_is_refused_as_by_java() {
        for (text, pattern) in [("${x}", "(a)"), ("${x}", "(?<y>a)"), ("${1}", "(a)"), ("${", "(a)"), ("$2", "(a)")] {
            let refused = replacement(text, &groups(pattern)).unwrap_err();
            assert!(refused.contains("Java fails at the first match"), "{text}: {refused}");
        }
    }

    #[test]
    fn a_backslash_that_looks_like_a_group_is_written_so_that_it_is_none() {
        let editor = |text| replacement(text, &groups("(a)")).map(|pieces| editor_replacement(&pieces)).unwrap();
        assert_eq!(editor(r"\\1$1\\x\\"), r"$\1${1}\x\");
        assert_eq!(editor(r"\1\\k<n>\\g<1>"), r"1$\k<n>$\g<1>");
    }
}
