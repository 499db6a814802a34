//! The groups of a regular expression.

/// Which group of a regular expression is meant where the config names none: the first, or the whole match where
/// there is no group.
pub fn default_group(pattern: &str) -> u32 {
    u32::from(has_group(pattern))
}

/// Whether a regular expression (of the regex crate's syntax, which weir checks) has a group that captures.
fn has_group(pattern: &str) -> bool {
    let mut brackets = 0_usize;
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                rest.next();
            }
            '[' => {
                brackets += 1;
                // A bracket that closes right after the opening (or its `^`) is a literal.
                let inside = rest.as_str();
                let inside = inside.strip_prefix('^').unwrap_or(inside);
                rest = inside.strip_prefix(']').unwrap_or(inside).chars();
            }
            ']' => brackets = brackets.saturating_sub(1),
            '(' if brackets == 0 => match rest.as_str().strip_prefix('?') {
                None => return true,
                Some(kind) if kind.starts_with('<') || kind.starts_with("P<") => return true,
                Some(_) => {}
            },
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_group;

    #[test]
    fn a_group_that_captures_is_found() {
        for pattern in [r"t=(\d+)", "(?P<t>a)", "(?<t>a)", "(?:a(b))", "[]](a)", r"\\(a)", "[^](](a)"] {
            assert!(has_group(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_only_looks_like_a_group_is_none() {
        for pattern in [r"\d{13}", r"\(a\)", "(?:a)", "(?i)a", "[(]a", "[]()]", "[^]()]", "[a[(]b]", r"[\](]"] {
            assert!(!has_group(pattern), "{pattern}");
        }
    }
}
