//! Java's regular expressions and replacements, as far as a translation has to know them.

mod replacement;

pub(super) use replacement::{Piece, editor_replacement, editor_text, groups, replacement, rust_replacement};

use weir_rules::pattern::{self, Dialect, Reader};

use super::toml_text::Item;

/// An expression in the syntax of Rust's regex crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) text: String,
    /// Whether that is Java's as it stands.
    pub(super) is_same: bool,
}

/// How a built-in that reads Java's dialect takes an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) expression: Expression,
    pub(super) dialect: Option<Item>,
    pub(super) engine: Option<Item>,
}

/// Returns what finds the same, with the same groups. Its whole match may take a line end that `$` stands before.
///
/// # Errors
/// What of it has no equal in linear time, and what to write instead.
pub(super) fn translate(pattern: &str) -> Result<Expression, String> {
    let translated = pattern::translate(pattern, Dialect::Java).map_err(|refusal| refusal.to_string())?;
    if is_equal(pattern, &translated) && pattern::warnings(pattern, Dialect::Rust, Reader::Other).is_empty() {
        return Ok(Expression { text: pattern.to_owned(), is_same: true });
    }
    let mut text = spelled_out(&translated);
    // `/a/i` looks like sed's, and may stand for itself in Java.
    if text.starts_with('/') && !pattern::warnings(&text, Dialect::Rust, Reader::Other).is_empty() {
        text.replace_range(..1, "[/]");
    }
    match pattern::warnings(&text, Dialect::Rust, Reader::Other).into_iter().next() {
        // weir would warn of what it is, whoever wrote it.
        Some(warning) => Err(format!("{warning} (in Rust's syntax)")),
        None => Ok(Expression { text, is_same: false }),
    }
}

/// As [`translate`], for what filter looks for, which reads Java's dialect; it has a way by regex-extractor where it needs
/// look-around or back-references.
///
/// # Errors
/// As there.
pub(super) fn translate_condition(pattern: &str) -> Result<Rule, String> {
    let found = match without_surroundings(pattern) {
        "" => Ok(in_rust(Expression { text: "^".to_owned(), is_same: false })),
        inner => translate(inner).map(|translated| {
            let rule = if translated.is_same || !has_no_warning(inner) {
                in_rust(translated)
            } else {
                as_it_stands(inner, None)
            };
            let is_same = rule.expression.text == pattern;
            Rule { expression: Expression { is_same, ..rule.expression }, ..rule }
        }),
    };
    found.map_err(|why| {
        if needs_backtracking(pattern) {
            format!(
                "{why}; or have a regex-extractor above with `dialect = \"java\"` and `engine = \"backtracking\"` write a \
                 group round the expression into a header, and filter by `{{ header = …, exists = true }}`"
            )
        } else {
            why
        }
    })
}

/// As [`translate`], for what value-editor replaces, which reads Java's dialect.
///
/// # Errors
/// As there.
pub(super) fn translate_replaced(pattern: &str) -> Result<Rule, String> {
    let (_, whole) = pattern::translate_whole(pattern).map_err(|refusal| refusal.to_string())?;
    let translated = translate(pattern);
    // In Rust's dialect a line end that `$` stands before would be replaced, and nothing is found right behind a match.
    let is_replaced_alike = |expression: &Expression| whole == 0 && !matches_nothing(expression);
    let has_no_warning = has_no_warning(pattern);
    match translated {
        Ok(expression) if is_replaced_alike(&expression) && (expression.is_same || !has_no_warning) => {
            Ok(in_rust(expression))
        }
        Ok(_) if has_no_warning => Ok(as_it_stands(pattern, None)),
        Ok(_) => {
            Err("weir would warn of it in Java's dialect, and replace something else in Rust's: write it anew"
                .to_owned())
        }
        Err(why) => Err(why),
    }
}

/// As [`translate`], for what must match a whole name, which is UTF-8.
///
/// # Errors
/// As there.
pub(super) fn translate_name(pattern: &str) -> Result<Expression, String> {
    let pattern = without_end(pattern);
    let Expression { text, is_same } = translate(pattern)?;
    if is_same || regex::Regex::new(&text).is_ok() {
        return Ok(Expression { text: format!("^(?:{text})$"), is_same });
    }
    // That also finds bytes which are no UTF-8. The other translation looks at characters alone.
    let text = pattern::translate_backtracking(pattern).map_err(|refusal| refusal.to_string())?;
    if regex::Regex::new(&text).is_err() {
        return Err("it looks around, which is not known here".to_owned());
    }
    Ok(Expression { text: format!("^(?:{})$", spelled_out(&text)), is_same })
}

/// As [`translate_name`], for header-enricher, which reads Java's dialect.
///
/// # Errors
/// As there.
pub(super) fn translate_header_name(pattern: &str) -> Result<Rule, String> {
    let translated = translate_name(pattern)?;
    // Not `$`, which stands before a line end, too.
    let whole = format!("^(?:{pattern})\\z");
    if translated.is_same || !has_no_warning(&whole) || pattern::translate(&whole, Dialect::Java).is_err() {
        return Ok(in_rust(translated));
    }
    Ok(as_it_stands(&whole, None))
}

/// Whether an expression finds something in a text without a letter, as Flume has it of a record without a value.
pub(super) fn matches_empty(pattern: &str) -> bool {
    let translated = pattern::translate(pattern, Dialect::Java).ok();
    translated.and_then(|text| regex::bytes::Regex::new(&text).ok()).is_some_and(|expression| expression.is_match(b""))
}

/// As [`translate`], for regex-extractor.
///
/// # Errors
/// As there, and what going back does not read either.
pub(super) fn translate_rule(pattern: &str) -> Result<Rule, String> {
    let has_no_warning = has_no_warning(pattern);
    match translate(pattern) {
        Ok(expression) if expression.is_same || !has_no_warning => Ok(in_rust(expression)),
        Ok(_) => Ok(as_it_stands(pattern, None)),
        Err(_) if has_no_warning && needs_backtracking(pattern) => {
            Ok(as_it_stands(pattern, Some("backtracking".into())))
        }
        Err(why) => Err(why),
    }
}

/// As [`translate_rule`], for what must match a whole name.
///
/// # Errors
/// As there.
pub(super) fn translate_name_rule(pattern: &str) -> Result<Rule, String> {
    let text = format!("^(?:{})$", without_end(pattern));
    match translate(without_end(pattern)) {
        Ok(Expression { is_same: true, .. }) => {
            Ok(Rule { expression: Expression { text, is_same: true }, dialect: None, engine: None })
        }
        _ => translate_rule(&text),
    }
}

fn in_rust(expression: Expression) -> Rule {
    Rule { expression, dialect: None, engine: None }
}

/// The pattern in Java's dialect.
fn as_it_stands(pattern: &str, engine: Option<Item>) -> Rule {
    let expression = Expression { text: pattern.to_owned(), is_same: true };
    Rule { expression, dialect: Some("java".into()), engine }
}

/// Whether weir would warn of nothing in a pattern of Java's dialect.
fn has_no_warning(pattern: &str) -> bool {
    pattern::warnings(pattern, Dialect::Java, Reader::Other).is_empty()
}

/// Whether an expression matches nothing, too.
fn matches_nothing(expression: &Expression) -> bool {
    let parsed = parse_hir(&expression.text);
    parsed.is_some_and(|hir| hir.properties().minimum_len() == Some(0))
}

/// An expression that a search which goes back reads, and one in linear time does not.
fn needs_backtracking(pattern: &str) -> bool {
    pattern::translate(pattern, Dialect::Java).is_err() && pattern::translate_backtracking(pattern).is_ok()
}

/// Whether two patterns are the same to the regex crate.
fn is_equal(one: &str, other: &str) -> bool {
    parse_hir(one).is_some_and(|one| parse_hir(other) == Some(one))
}

fn parse_hir(pattern: &str) -> Option<regex_syntax::hir::Hir> {
    regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).ok()
}

/// The same with the letter behind an escaped backslash by its number: `\\d` looks like an escape that was doubled by
/// mistake, and weir would warn of it.
fn spelled_out(pattern: &str) -> String {
    let mut text = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        text.push(letter);
        let escaped = if letter == '\\' { letters.next() } else { None };
        text.extend(escaped);
        if escaped == Some('\\')
            && let Some(behind) = letters.next_if(|behind| "dDwWsS".contains(*behind))
        {
            text.push_str(&format!("\\x{:02X}", u32::from(behind)));
        }
    }
    text
}

/// Without `.*` at either end, which says nothing where an expression may match anywhere.
fn without_surroundings(pattern: &str) -> &str {
    if pattern.contains("\\Q") {
        return pattern;
    }
    let is_whole = |rest: &&str| !rest.starts_with(['?', '+', '*', '{']);
    let inner = pattern.strip_prefix(".*").filter(is_whole).unwrap_or(pattern);
    match inner.strip_suffix(".*") {
        Some(before) if !before.ends_with('\\') => before,
        _ => inner,
    }
}

/// Without a `$` at its end, which says nothing where a whole name must match.
fn without_end(pattern: &str) -> &str {
    let Some(before) = pattern.strip_suffix('$') else { return pattern };
    let is_escaped = (before.len() - before.trim_end_matches('\\').len()) % 2 == 1;
    // Within quotation it stands for itself.
    if is_escaped || before.contains("\\Q") { pattern } else { before }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_in_both_engines_stays_as_it_is() {
        for pattern in [r#""id":"([a-z0-9]+)""#, r"\[(a|b){1,3}\]", "(?:x)*?y", "^DEBUG", "(a)-(b)", "[a-z&&[^b]]"] {
            assert_eq!(translate(pattern).unwrap(), Expression { text: pattern.to_owned(), is_same: true });
            assert_eq!(translate_rule(pattern).unwrap().dialect, None, "{pattern}");
        }
        for pattern in [r"\d", ".", "a$", "(?i)k", "a++", r"\Qa\E", "[+--]", "[a~~b]"] {
            let Expression { text, is_same } = translate(pattern).unwrap();
            assert!(!is_same && regex::bytes::Regex::new(&text).is_ok(), "{pattern}: {text}");
            assert_eq!(translate_rule(pattern).unwrap().dialect, Some("java".into()), "{pattern}");
        }
    }

    #[test]
    fn what_no_linear_engine_can_do_is_named_with_a_way_where_there_is_one() {
        for pattern in ["a(?=b)", "(?<!a)b", r"(a)\1", r"\Qx\E(?!y)", r"\w++\w"] {
            assert!(translate_condition(pattern).unwrap_err().contains("engine = \"backtracking\""), "{pattern}");
            assert_eq!(translate_rule(pattern).unwrap().engine, Some("backtracking".into()), "{pattern}");
        }
        for pattern in [r"\Ga", "(a", r"\X"] {
            assert!(!translate_condition(pattern).unwrap_err().contains("backtracking"), "{pattern}");
            assert!(translate_rule(pattern).is_err(), "{pattern}");
        }
        for pattern in [r"\Q(?=\E", r"[(?=]", r"\(?=", r"(?<name>a)", r"\\1"] {
            assert!(translate(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn a_condition_is_looked_for_anywhere() {
        for (pattern, text) in
            [(".*health.*", "health"), (".*", "^"), (".*a|b.*", "a|b"), ("a", "a"), (r"x\.*", r"x\.*"), (".*.*", "^")]
        {
            assert_eq!(translate_condition(pattern).unwrap().expression.text, text, "{pattern}");
        }
        assert!(translate_condition(".*a").is_ok_and(|rule| !rule.expression.is_same && rule.dialect.is_none()));
        let digits = translate_condition(r".*\d").unwrap();
        assert_eq!((digits.expression.text.as_str(), digits.dialect), (r"\d", Some("java".into())));
        assert!(translate_condition(".*+a").is_err() && translate_condition(r"\Q.*").unwrap().expression.text != "^");
    }

    #[test]
    fn a_replacement_is_java_s_where_rust_s_would_replace_something_else() {
        let dialect = |pattern: &str| translate_replaced(pattern).unwrap().dialect;
        for pattern in ["a", "(a)-(b)", r"a[$]\$"] {
            assert_eq!(dialect(pattern), None, "{pattern}");
        }
        for pattern in ["a$", "a*", r"\d", "[^&]+", r"a\Z"] {
            assert_eq!(dialect(pattern), Some("java".into()), "{pattern}");
            assert_eq!(translate_replaced(pattern).unwrap().expression.text, pattern);
        }
        assert!(translate_replaced("a(?=b)").is_err());
        assert_eq!(dialect(r"C:\\d"), None, "which looks like a doubled backslash");
        assert!(translate_replaced(r"C:\\d$").is_err());
        assert!(matches_nothing(&translate("a*").unwrap()) && !matches_nothing(&translate("a+").unwrap()));
    }

    #[test]
    fn a_name_matches_as_a_whole() {
        let is = |pattern: &str, name: &str| {
            regex::Regex::new(&translate_name(pattern).unwrap().text).unwrap().is_match(name)
        };
        assert!(is("x-.*$", "x-a") && is("a|b$", "b") && is("^a$", "a") && is(r"a\$", "a$"));
        assert!(!is("x-.*", "ax-") && !is("a|b", "ab") && !is(r"a\$", "a"));
        assert_eq!(translate_name("a-b|c").unwrap().text, "^(?:a-b|c)$");
    }

    #[test]
    fn a_headers_name_is_matched_by_java_s_expression_as_it_stands() {
        let whole = |pattern: &str| {
            let Rule { expression, dialect, .. } = translate_header_name(pattern).unwrap();
            (expression.text, dialect.is_some())
        };
        assert_eq!(whole(r"x-\d+"), (r"^(?:x-\d+)\z".to_owned(), true));
        assert_eq!(whole("x-[a-z]*$"), ("^(?:x-[a-z]*)$".to_owned(), false));
        assert!(!whole(r"C:\\d").1 && translate_header_name("(?!a).*").is_err());
    }

    #[test]
    fn what_finds_something_in_no_text_is_known() {
        for pattern in [".*", "", "a*", "^$", "a|", r"\Z"] {
            assert!(matches_empty(pattern), "{pattern}");
        }
        for pattern in ["a", ".+", r"\b", "a(?=b)"] {
            assert!(!matches_empty(pattern), "{pattern}");
        }
    }

    #[test]
    fn an_escaped_backslash_before_a_letter_is_not_warned_of() {
        for pattern in [r"C:\\d", r"[\\s]", r"\Q\d\E", r"\\\\w\d"] {
            let Rule { expression, dialect, .. } = translate_rule(pattern).unwrap();
            let dialect = if dialect.is_some() { Dialect::Java } else { Dialect::Rust };
            assert_eq!(pattern::warnings(&expression.text, dialect, Reader::Other), [""; 0], "{pattern}");
            assert_eq!(
                pattern::warnings(&translate(pattern).unwrap().text, Dialect::Rust, Reader::Other),
                [""; 0],
                "{pattern}"
            );
        }
        assert_eq!(translate("/a/i").unwrap().text, "[/]a/i");
        assert_eq!(spelled_out(r"a\\d\d\\x"), r"a\\\x64\d\\x");
        assert!(translate("a^b").unwrap_err().contains("can never match"));
    }
}
