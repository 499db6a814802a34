//! Other systems' notation in an expression, seen in its text alone: valid here, and it means something else. Needs no
//! parser, so plugins whose expressions weir runs can tell it, too.

use super::{Dialect, Reader};

/// Returns what in a valid expression is another system's notation, each with what to write instead.
pub fn notation(pattern: &str, dialect: Dialect, reader: Reader) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(piece) = doubled_backslash(pattern) {
        let single = piece.get(1..).unwrap_or_default();
        warnings
            .push(format!("`{piece}` looks for a backslash before a letter; in TOML's single quotes write `{single}`"));
    }
    warnings.extend(delimiters(pattern));
    if dialect == Dialect::Rust {
        warnings.extend(posix_class(pattern));
        warnings.extend(possessive(pattern, reader));
    }
    warnings
}

/// A backslash doubled for a properties or JSON file: before the letter of a class, with no word behind it.
fn doubled_backslash(pattern: &str) -> Option<&str> {
    let bytes = pattern.as_bytes();
    let mut at = 0;
    while let Some(position) = pattern.get(at..).and_then(|rest| rest.find('\\')) {
        at += position;
        if let Some([b'\\', b'\\', letter, rest @ ..]) = bytes.get(at..)
            && b"dDwWsS".contains(letter)
            && !rest.first().is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_')
        {
            return pattern.get(at..at + 3);
        }
        at += 2;
        at = pattern.ceil_char_boundary(at.min(pattern.len()));
    }
    None
}

/// `/err/i`, as JavaScript, Ruby and sed write it. Without flags it may be a path, unless `^` or `$` stand at the slashes.
fn delimiters(pattern: &str) -> Option<String> {
    let (inside, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    // Others are words of a path as often: `/static/img`, `/api/sms`.
    let are_flags = matches!(flags, "" | "i" | "g" | "gi" | "ig");
    let is_anchored = inside.starts_with('^') || (inside.ends_with('$') && !inside.ends_with("\\$"));
    let has_slash = inside.replace("\\/", "").contains('/');
    if inside.is_empty() || has_slash || !are_flags || (flags.is_empty() && !is_anchored) {
        return None;
    }
    let flags = if flags.contains('i') { "(?i)" } else { "" };
    let meant = inside.replace("\\/", "/");
    Some(format!("the slashes of `{pattern}`, and what follows them, are looked for as text; write `{flags}{meant}`"))
}

/// `[:alpha:]` without a second pair of brackets.
fn posix_class(pattern: &str) -> Option<String> {
    let (before, rest) = pattern.split_once("[:")?;
    let (name, _) = rest.split_once(":]")?;
    let is_alone = !before.ends_with(['[', '\\', ']']) && before.matches('[').count() == before.matches(']').count();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_alone && is_name).then(|| format!("`[:{name}:]` is a list of characters; write `[[:{name}:]]`"))
}

/// `\d++`, which is possessive elsewhere.
fn possessive(pattern: &str, reader: Reader) -> Option<String> {
    let piece = doubled_repetition(pattern)?;
    let plain = piece.get(..piece.len() - 1)?;
    let java = if reader != Reader::Plugin { ", or `dialect = \"java\"`" } else { "" };
    Some(format!(
        "`{piece}` is possessive in other engines and a repetition repeated here; write `{plain}`, which is as fast{java}"
    ))
}

/// The first piece that is repeated with a `+` behind that.
fn doubled_repetition(pattern: &str) -> Option<&str> {
    // Under `(?x)` a plus may stand in a comment, such as one about C++.
    let is_verbose = pattern.split("(?").skip(1).any(|flags| {
        flags
            .split([')', ':', '-'])
            .next()
            .is_some_and(|on| on.contains('x') && on.bytes().all(|b| b.is_ascii_alphabetic()))
    });
    if is_verbose {
        return None;
    }
    let mut groups = Vec::new();
    // Where the piece that a repetition would be of begins.
    let mut piece = 0;
    let mut at = 0;
    while let Some(rest) = pattern.get(at..).filter(|rest| !rest.is_empty()) {
        let repetition = repetition_length(rest);
        if repetition > 0 {
            at += repetition;
            if pattern.get(at..)?.starts_with('+') {
                return pattern.get(piece..=at);
            }
            // A lazy one.
            at += usize::from(pattern.get(at..)?.starts_with('?'));
            continue;
        }
        match rest.as_bytes().first()? {
            b'(' => groups.push(at),
            b')' => piece = groups.pop().unwrap_or(at),
            _ => piece = at,
        }
        at += piece_length(rest);
    }
    None
}

/// Bytes of the repetition that a text begins with.
fn repetition_length(text: &str) -> usize {
    if text.starts_with(['*', '+', '?']) {
        return 1;
    }
    let inside = text.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(inside, _)| inside);
    let is_count = |inside: &&str| {
        inside.starts_with(|c: char| c.is_ascii_digit()) && inside.bytes().all(|b| b.is_ascii_digit() || b == b',')
    };
    inside.filter(is_count).map_or(0, |inside| inside.len() + 2)
}

/// Bytes of the escape, the class or the character that a text begins with, and of what opens a group.
fn piece_length(text: &str) -> usize {
    let mut characters = text.chars();
    match characters.next().unwrap_or_default() {
        // The question mark behind it repeats nothing.
        '(' => 1 + usize::from(text.starts_with("(?")),
        '\\' => {
            let Some(letter) = characters.next() else { return 1 };
            let end = 1 + letter.len_utf8();
            let named = text.get(end..).filter(|rest| "pPxuU".contains(letter) && rest.starts_with('{'));
            named.and_then(|rest| rest.find('}')).map_or(end, |length| end + length + 1).min(text.len())
        }
        '[' => class_length(text),
        character => character.len_utf8(),
    }
}

/// Bytes of a class, those within it included; of all of the text where nothing closes it.
fn class_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at += character.len_utf8();
        match character {
            '\\' => at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8),
            '[' => {
                depth += 1;
                let inside = text.get(at..).unwrap_or_default();
                let negated = usize::from(inside.starts_with('^'));
                // A bracket that closes right after the opening is a character of the class.
                at += negated + usize::from(inside.get(negated..).is_some_and(|inside| inside.starts_with(']')));
            }
            ']' if depth == 1 => return at,
            ']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}
