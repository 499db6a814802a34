//! Java's character classes, with their unions and intersections.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::{
    super::refusal::Refusal,
    escape::{Escape, escape},
    flags::Flags,
    units::Units,
};

/// How deep classes may stand within each other.
const DEPTH: usize = 32;

/// Reads a class whose `[` was taken, up to and with its `]`.
pub(super) fn class(units: &mut Units<'_>, flags: Flags, from: usize, depth: usize) -> Result<String, Refusal> {
    if depth > DEPTH {
        return Err(Refusal::new(units.pattern, units.since(from), "too many classes within each other"));
    }
    let is_negated = units.take('^');
    let items = items(units, flags, from, depth)?;
    units.bump();
    Ok(format!("[{}{items}]", if is_negated { "^" } else { "" }))
}

/// Reads up to the `]`.
fn items(units: &mut Units<'_>, flags: Flags, from: usize, depth: usize) -> Result<String, Refusal> {
    let mut items = String::new();
    loop {
        if flags.comments {
            units.skip_comments();
        }
        let Some(unit) = units.peek_unit() else {
            return Err(Refusal::new(
                units.pattern,
                from..units.pattern.len(),
                r"no `]` closes it; a bracket itself is `\[`",
            ));
        };
        match unit.character {
            ']' if !unit.is_quoted && !items.is_empty() => return Ok(items),
            '[' if !unit.is_quoted => {
                units.bump();
                items += &class(units, flags, unit.at, depth + 1)?;
            }
            '&' if units.take_all("&&") => {
                let right = right_side(units, flags, from, depth)?;
                if items.is_empty() {
                    return Err(Refusal::new(units.pattern, units.since(unit.at), "nothing stands before it"));
                }
                items = format!("[[{items}]&&[{right}]]");
            }
            _ => items += &item(units, flags)?,
        }
    }
}

/// Reads what follows `&&`.
fn right_side(units: &mut Units<'_>, flags: Flags, from: usize, depth: usize) -> Result<String, Refusal> {
    if flags.comments {
        units.skip_comments();
    }
    let mut nested = String::new();
    while units.peek() == Some('[') {
        let at = units.at();
        units.bump();
        nested += &class(units, flags, at, depth + 1)?;
        if flags.comments {
            units.skip_comments();
        }
    }
    match units.peek() {
        Some(']' | '&') if nested.is_empty() => {
            Err(Refusal::new(units.pattern, units.since(from), "nothing follows `&&`"))
        }
        Some('&' | ']') => Ok(nested),
        _ if nested.is_empty() => items(units, flags, from, depth + 1),
        _ => {
            let cure = "versions of Java disagree on what follows a class after `&&`: put all of it into one, `&&[…]`";
            Err(Refusal::new(units.pattern, units.since(from), cure))
        }
    }
}

/// Reads a character, a range or an escape.
fn item(units: &mut Units<'_>, flags: Flags) -> Result<String, Refusal> {
    let from = units.at();
    let first = match character(units, flags, false)? {
        Escape::Character(first) => first,
        Escape::Set(set) => return Ok(set),
        Escape::Node(_) => return Err(Refusal::new(units.pattern, units.since(from), "is no character")),
    };
    if flags.comments {
        units.skip_comments();
    }
    if units.peek() != Some('-') || matches!(units.peek_at(1), Some('[' | ']')) {
        return Ok(range(first, first, flags));
    }
    units.bump();
    if flags.comments {
        units.skip_comments();
    }
    match character(units, flags, true)? {
        Escape::Character(last) if first <= last => Ok(range(first, last, flags)),
        _ => Err(Refusal::new(units.pattern, units.since(from), r"is no range; a hyphen itself is `\-`")),
    }
}

fn character(units: &mut Units<'_>, flags: Flags, is_end: bool) -> Result<Escape, Refusal> {
    let from = units.at();
    match units.bump() {
        Some(unit) if unit.character == '\\' && !unit.is_quoted => escape(units, flags, from, true, is_end),
        Some(unit) => Ok(Escape::Character(unit.character)),
        None => Err(Refusal::new(units.pattern, from..from, "a class is not closed")),
    }
}

/// A character outside of classes.
pub(super) fn single(character: char, flags: Flags) -> String {
    let text = range(character, character, flags);
    let mut plain = String::new();
    push(&mut plain, character);
    if text == plain { plain } else { format!("[{text}]") }
}

/// From one character to another, as it stands between brackets, in both cases where case does not count.
fn range(first: char, last: char, flags: Flags) -> String {
    let mut text = String::new();
    if flags.ignores_case && flags.unicode_case {
        let class = in_both_cases(first, last);
        class.iter().for_each(|range| push_range(&mut text, range.start(), range.end()));
        return text;
    }
    push_range(&mut text, first, last);
    if flags.ignores_case {
        let other = |letter: &char| match letter.is_ascii_uppercase() {
            true => letter.to_ascii_lowercase(),
            false => letter.to_ascii_uppercase(),
        };
        let letters = ('A'..='Z').chain('a'..='z');
        let missing =
            letters.filter(|letter| !(first..=last).contains(letter) && (first..=last).contains(&other(letter)));
        missing.for_each(|letter| text.push(letter));
    }
    text
}

/// A range and what Java takes for the same: it compares characters, their capitals, and those made small again.
fn in_both_cases(first: char, last: char) -> ClassUnicode {
    let range = ClassUnicode::new([ClassUnicodeRange::new(first, last)]);
    let mut folded = range.clone();
    if folded.try_case_fold_simple().is_err() {
        return range;
    }
    folded.union(&ClassUnicode::new(['i', 'I', 'ı', 'İ'].map(|dotted| ClassUnicodeRange::new(dotted, dotted))));
    folded.difference(&range);
    let is_same = |character: &char| {
        let upper = capital(*character);
        let lower = small(upper);
        let is_single = first == last && lower == small(capital(first));
        is_single || (first..=last).contains(&upper) || (first..=last).contains(&lower)
    };
    let same = folded.iter().flat_map(|range| range.start()..=range.end()).filter(is_same);
    let mut class = ClassUnicode::new(same.map(|character| ClassUnicodeRange::new(character, character)));
    class.union(&range);
    class
}

/// As `Character.toUpperCase`: itself where the capital is more than one character.
fn capital(character: char) -> char {
    let mut upper = character.to_uppercase();
    upper.next().filter(|_| upper.next().is_none()).unwrap_or(character)
}

/// As `Character.toLowerCase`.
fn small(character: char) -> char {
    let mut lower = character.to_lowercase();
    lower.next().filter(|_| character == 'İ' || lower.next().is_none()).unwrap_or(character)
}

fn push_range(text: &mut String, first: char, last: char) {
    push(text, first);
    if first < last {
        text.push('-');
        push(text, last);
    }
}

/// Adds a character that stands for itself, in a class and outside.
pub(super) fn push(text: &mut String, character: char) {
    match character {
        _ if regex_syntax::is_meta_character(character) => text.extend(['\\', character]),
        '\n' => text.push_str(r"\n"),
        '\r' => text.push_str(r"\r"),
        '\t' => text.push_str(r"\t"),
        ' '..='~' => text.push(character),
        _ if character.is_alphanumeric() => text.push(character),
        _ => text.push_str(&format!(r"\x{{{:X}}}", character as u32)),
    }
}
