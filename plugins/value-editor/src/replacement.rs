//! What comes in place of a match: text and groups.

use crate::pattern::{Expression, Found};

/// A replacement, its groups by number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Replacement(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Group(usize),
}

impl Replacement {
    /// Reads a replacement for matches of an expression. As in Java, `$12` is group 12 only where the expression has so many, and
    /// else group 1 before a 2.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    pub(crate) fn new(text: &str, expression: &Expression) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            plain.extend_from_slice(before.as_bytes());
            if let Some(sign @ (b'$' | b'\\')) = after.bytes().next() {
                plain.push(sign);
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            let (group, after) = group(after, expression)?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Group(group));
            rest = after;
        }
        plain.extend_from_slice(rest.as_bytes());
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// Appends it. A group that took no part in the match is empty.
    pub(crate) fn expand(&self, found: &Found<'_>, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Group(group) => {
                    out.extend_from_slice(found.get(*group).map_or(b"", |found| found.as_bytes()));
                }
            }
        }
    }
}

/// Says that a group as sed, Python, Ruby and Logstash write it, `\1` or `\k<name>`, is text here; none where there is no such,
/// or where `$\` says that the backslash is meant.
pub(crate) fn warning(text: &str, expression: &Expression) -> Option<String> {
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        let (sign, after) = rest.get(at..)?.split_at_checked(1)?;
        if sign == "$" {
            rest = after.strip_prefix(['$', '\\']).unwrap_or(after);
            continue;
        }
        let digits: String = after.chars().take_while(char::is_ascii_digit).take(2).collect();
        let name = after.strip_prefix(['k', 'g']).and_then(|after| after.strip_prefix('<')?.split_once('>'));
        let (shown, group) = match name {
            Some((name, _)) if digits.is_empty() => (format!("{}<{name}>", after.get(..1)?), name),
            _ => (digits.clone(), digits.as_str()),
        };
        if !group.is_empty() {
            let is_number = group.bytes().all(|byte| byte.is_ascii_digit());
            let here = if is_number { format!("${group}") } else { format!("${{{group}}}") };
            // Of more digits than there are groups, the last are text in all of these.
            let has_group = expression.groups() > 0 || group == "0";
            let advice = if has_group { "" } else { ", with parentheses around the part that is meant" };
            return Some(format!(
                "`\\{shown}` is text here; a group is written `{here}`{advice}; where that text is meant write `$\\{shown}`"
            ));
        }
        rest = after;
    }
    None
}

/// Reads what stands after a `$`: a group, and what comes after it.
fn group<'a>(after: &'a str, expression: &Expression) -> Result<(usize, &'a str), String> {
    let groups = expression.groups();
    if let Some(inside) = after.strip_prefix('{') {
        let Some((name, after)) = inside.split_once('}') else {
            return Err("a `${` is never closed; a dollar sign that is meant as text is written `$$`".to_owned());
        };
        let number = match name.parse() {
            Ok(number) => Some(number).filter(|number| *number <= groups),
            Err(_) => expression.group_named(name),
        };
        return match number {
            Some(number) => Ok((number, after)),
            None => Err(format!("the expression has no group `{name}`{}", known(expression))),
        };
    }
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        let word = after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        return Err(match after.get(..word).filter(|word| !word.is_empty()) {
            Some(word) => format!("`${word}` names no group: write `${{{word}}}`, or `$${word}` for that text"),
            None => "a `$` names no group; a dollar sign that is meant as text is written `$$`".to_owned(),
        });
    }
    // The longest number that is a group, but one digit at least.
    let fits =
        |length: &usize| after.get(..*length).and_then(|digits| digits.parse().ok()).filter(|number| *number <= groups);
    match (1..=digits).rev().find_map(|length| Some((fits(&length)?, length))) {
        Some((number, length)) => Ok((number, after.get(length..).unwrap_or_default())),
        None => {
            Err(format!("the expression has no group `{}`{}", after.get(..1).unwrap_or_default(), known(expression)))
        }
    }
}

fn known(expression: &Expression) -> String {
    match expression.groups() {
        0 => ": put parentheses around the part that is meant".to_owned(),
        1 => ": it has one only, `$1`".to_owned(),
        groups => format!(": it has {groups}, `$1` to `${groups}`"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use weir_sdk::pattern::Reader;

    use super::*;

    fn expression(pattern: &str) -> Expression {
        Expression::new(pattern, None, Reader::Other).unwrap()
    }

    #[track_caller]
    fn check(pattern: &str, with: &str, text: &str, expected: &str) {
        let expression = expression(pattern);
        let replacement = Replacement::new(with, &expression).unwrap();
        let mut out = Vec::new();
        replacement.expand(&expression.find(text.as_bytes()).unwrap(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn groups_are_named_as_in_java() {
        check("(a)(b)?", "$1-$2-$0", "ac", "a--a");
        check("(a)(b)", "$2x$1_y", "ab", "bxa_y");
        check("(a)(b)", "$12$20", "ab", "a2b0");
        check("(a)(?<n>b)", "${n}${1}${0}", "ab", "baab");
        check("a", "$$1 costs $$", "a", "$1 costs $");
        check("(a)", r"$\1$1$\$1\", "a", r"\1a\a\");
        check("a", "", "a", "");
    }

    #[test]
    fn groups_as_other_systems_write_them_are_told() {
        let said = |with: &str| warning(with, &expression("(?<n>a)(b)")).unwrap_or_default();
        for (with, shown, here) in [
            (r"\1-****", r"\1", "$1"),
            (r"<\0>", r"\0", "$0"),
            (r"\\x \k<n>", r"\k<n>", "${n}"),
            (r"\g<2>", r"\g<2>", "$2"),
            (r"\\2", r"\2", "$2"),
            (r"$$\1", r"\1", "$1"),
            (r"$\1\2", r"\2", "$2"),
        ] {
            let text = format!(
                "`{shown}` is text here; a group is written `{here}`; where that text is meant write `${shown}`"
            );
            assert_eq!(said(with), text, "{with}");
        }
        let without = warning(r"\1", &expression("a")).unwrap_or_default();
        assert!(without.contains("with parentheses around the part that is meant"), "{without}");
        for with in ["", "$1", r"\", r"C:\data", r"\\", r"\n", r"\é", r"$\1", r"$\k<n>", r"\$\1"] {
            assert_eq!(said(with), "", "{with}");
        }
    }

    #[test]
    fn what_names_no_group_says_what_to_write() {
        let mistake = |pattern: &str, with: &str| Replacement::new(with, &expression(pattern)).unwrap_err();
        assert_eq!(
            mistake("a", "$1"),
            "the expression has no group `1`: put parentheses around the part that is meant"
        );
        assert_eq!(mistake("(a)", "$2"), "the expression has no group `2`: it has one only, `$1`");
        assert_eq!(mistake("(a)(b)", "${x}"), "the expression has no group `x`: it has 2, `$1` to `$2`");
        assert_eq!(mistake("(a)", "$x1 "), "`$x1` names no group: write `${x1}`, or `$$x1` for that text");
        assert_eq!(mistake("(a)", "5 $"), "a `$` names no group; a dollar sign that is meant as text is written `$$`");
        assert_eq!(
            mistake("(a)", "${1"),
            "a `${` is never closed; a dollar sign that is meant as text is written `$$`"
        );
    }
}
