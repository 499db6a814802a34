//! What to write instead of what the regex crate has not, construct by construct.

use regex_syntax::ast::ErrorKind;

use super::refusal::{Refusal, quoted};

pub(super) const BACK_REFERENCE: &str = "back-reference: matching in linear time cannot compare with what a group holds; write \
                                         what may stand there, or a rule for each case";
pub(super) const KEEP: &str = r"drops what was matched so far; put what you want into a group instead: `…(…)`";

/// Reads a pattern as `regex::bytes` does.
pub(super) fn check(pattern: &str) -> Result<(), Refusal> {
    use regex_syntax::Error;
    match regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern) {
        Ok(_) => Ok(()),
        Err(Error::Parse(error)) => {
            let span = error.span();
            Err(parse_error(pattern, error.kind(), span.start.offset, span.end.offset))
        }
        Err(Error::Translate(error)) => {
            let (from, to) = (error.span().start.offset, error.span().end.offset);
            use regex_syntax::hir::ErrorKind;
            let is_property = matches!(error.kind(), ErrorKind::UnicodePropertyNotFound);
            Err(Refusal::new(pattern, from..to, error.kind()).about_property(is_property))
        }
        Err(error) => Err(Refusal::new(pattern, 0..pattern.len(), error)),
    }
}

fn parse_error(pattern: &str, kind: &ErrorKind, from: usize, to: usize) -> Refusal {
    let before = pattern.get(..from).unwrap_or_default();
    let piece = pattern.get(from..to).unwrap_or_default();
    match kind {
        ErrorKind::EscapeUnrecognized | ErrorKind::UnsupportedBackreference => escape(pattern, from, to),
        ErrorKind::RepetitionCountUnclosed
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountInvalid
        | ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid => {
            brace(pattern, pattern.get(..to).and_then(|text| text.rfind('{')).unwrap_or(from))
        }
        ErrorKind::RepetitionMissing if piece.starts_with('{') => brace(pattern, from),
        ErrorKind::RepetitionMissing => {
            let cure =
                "nothing to repeat stands before it; any text is `.*`, and the sign itself has a backslash before it";
            Refusal::new(pattern, from..to, cure)
        }
        ErrorKind::GroupUnclosed => Refusal::new(pattern, from..to, r"no `)` closes it; a parenthesis itself is `\(`"),
        ErrorKind::GroupUnopened => Refusal::new(pattern, from..to, r"no `(` opens it; a parenthesis itself is `\)`"),
        ErrorKind::ClassUnclosed => Refusal::new(pattern, from..to, r"no `]` closes it; a bracket itself is `\[`"),
        _ => {
            let at_once = piece.starts_with("(?").then_some(from);
            let opening = at_once.or_else(|| before.rfind("(?").filter(|at| before.len() - at <= 4));
            opening.and_then(|at| group(pattern, at)).unwrap_or_else(|| Refusal::new(pattern, from..to, kind))
        }
    }
}

/// What an escape is that the regex crate does not know.
fn escape(pattern: &str, from: usize, to: usize) -> Refusal {
    let letter = pattern.get(from + 1..).and_then(|rest| rest.chars().next()).unwrap_or_default();
    let (cure, is_java) = match letter {
        'Q' | 'E' => (
            r"`\Q…\E` quotes in other engines and is not known here; write a backslash before each sign, as in `a\.b`",
            true,
        ),
        'Z' => (
            r"the end before a last line end in other engines, not known here; write `\r?\n?\z`, or `\z` for the very end",
            true,
        ),
        'h' => (r"a blank in other engines, not known here; write `[ \t]`", true),
        'H' => (r"no blank in other engines, not known here; write `[^ \t]`", true),
        'V' => (r"no line end in other engines, not known here; write `[^\r\n]`", true),
        'R' => (r"any line end in other engines, not known here; write `(?:\r\n|\n|\r)`", true),
        'e' => (r"the escape character in other engines; write `\x1B`", true),
        'c' => (r"a control character in other engines; write its number, as in `\x01`", true),
        '0' => (r"an octal number in other engines; write it in hexadecimal, as in `\x00`", true),
        'K' => (KEEP, false),
        'G' => ("every search begins at the start here: write `^`, or leave it out", false),
        'X' => (r"a grapheme is no single character; write `\P{M}\p{M}*`", false),
        'N' => (r"write the character itself, or `[^\n]` for all but a line feed", false),
        '1'..='9' | 'k' | 'g' => (BACK_REFERENCE, false),
        letter if letter.is_ascii_alphanumeric() => {
            ("no such escape; a letter stands for itself without a backslash", false)
        }
        _ => ("no such escape; the sign stands for itself without a backslash", false),
    };
    let goes_back = matches!(letter, '1'..='9' | 'k');
    Refusal::new(pattern, from..to, cure).read_by_java(is_java).read_by_going_back(goes_back)
}

/// What is wrong with a `{` at this place.
pub(super) fn brace(pattern: &str, at: usize) -> Refusal {
    let end = pattern.get(at..).and_then(|rest| rest.find('}')).map_or(at + 1, |length| at + length + 1);
    if pattern.get(..at).is_some_and(|before| before.ends_with('%')) {
        let name = pattern.get(at + 1..end.max(at + 2) - 1).unwrap_or_default();
        let group = name.split([':', '}']).nth(1).filter(|name| !name.is_empty()).unwrap_or("name");
        let cure = format!(
            "Grok's notation: its names stand for patterns that are not known here; write the pattern itself, as in \
             {} (a word: `\\w+`, a number: `[-+]?[0-9.]+`, any text: `.*?`)",
            quoted(&format!("(?P<{group}>\\S+)"))
        );
        return Refusal::new(pattern, at - 1..end, cure);
    }
    Refusal::new(pattern, at..end, r"counts as `{2}`, `{2,}` or `{2,5}`, the lesser first; a brace itself is `\{`")
}

/// What a group that begins at this place is, where no linear-time engine has it.
pub(super) fn group(pattern: &str, at: usize) -> Option<Refusal> {
    let rest = pattern.get(at..)?;
    let refuse = |opening: &str, cure: String| {
        Some(Refusal::new(pattern, at..at + opening.len(), cure).read_by_going_back(true))
    };
    let whole = whole_group(rest);
    let inside = |opening: &str| whole.get(opening.len()..whole.len().saturating_sub(1)).unwrap_or("…").to_owned();
    let starts = |opening: &str| rest.starts_with(opening);
    if starts("(?<=") {
        let wanted = rest.get(whole.len()..).filter(|next| next.starts_with('(') && !next.starts_with("(?"));
        let wanted = wanted.map_or("(…)", whole_group);
        let written = quoted(&format!("{}{wanted}", inside("(?<=")));
        return refuse(
            whole,
            format!("look-behind is not known here; match it, and put what you want into a group: {written}"),
        );
    }
    if starts("(?=") {
        let written = quoted(&format!("(…){}", inside("(?=")));
        return refuse(
            whole,
            format!("look-ahead is not known here; match it, and put what you want into a group before it: {written}"),
        );
    }
    if starts("(?!") || starts("(?<!") {
        let side = if starts("(?!") { "look-ahead" } else { "look-behind" };
        let cure = "is not known here; write what may stand there instead, as in `[^,]*` for all up to a comma";
        return refuse(whole, format!("negative {side} {cure}"));
    }
    let (opening, cure, is_java) = match () {
        () if starts("(?>") => {
            ("(?>", "atomic group; a plain group `(?:…)` does here, because matching takes linear time anyway", true)
        }
        () if starts("(?|") => {
            ("(?|", "groups that share a number are not known here; write a rule for each alternative", false)
        }
        () if starts("(?(") => {
            ("(?(", "a condition is not known here; write a rule for each case, or alternatives `(?:…|…)`", false)
        }
        () if starts("(?#") => ("(?#", "a comment; leave it out, or write `# …` at a line's end under `(?x)`", false),
        () if starts("(?'") => ("(?'", "a group's name stands in angle brackets: `(?<name>…)`", false),
        () if starts("(?P=") => ("(?P=", BACK_REFERENCE, false),
        () if ["(?R)", "(?&", "(?P>", "(?+", "(?0", "(?1"].iter().any(|opening| starts(opening)) => (
            "(?R",
            "recursion: nesting of any depth is beyond regular expressions; for JSON name the member, as in `json`",
            false,
        ),
        () => return None,
    };
    let end = pattern.ceil_char_boundary((at + opening.len()).min(pattern.len()));
    Some(Refusal::new(pattern, at..end, cure).read_by_java(is_java))
}

/// The group that a text begins with; all of it where nothing closes the group.
fn whole_group(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'(' => depth += 1,
            b')' if depth <= 1 => return text.get(..=at).unwrap_or(text),
            b')' => depth -= 1,
            _ => {}
        }
    }
    text
}
