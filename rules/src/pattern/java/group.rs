//! What stands in parentheses.

use super::{
    super::{advice, refusal::Refusal},
    flags::Flags,
    node::{GroupKind, Node},
    parse::Parser,
};

/// Reads a group whose `(` was taken; returns none for flags alone.
pub(super) fn group(parser: &mut Parser<'_>, from: usize) -> Result<Option<Node>, Refusal> {
    let saved = parser.flags;
    let kind = if !parser.units.take('?') {
        GroupKind::Capture(None)
    } else if parser.units.take(':') {
        GroupKind::Plain
    } else if parser.units.take('>') {
        GroupKind::Atomic
    } else if let Some((ahead, negated)) = look_around(parser) {
        let inner = Box::new(inside(parser, from)?);
        parser.flags = saved;
        return Ok(Some(Node::LookAround { ahead, negated, inner }));
    } else if let Some(wrong) = advice::group(parser.units.pattern, from) {
        return Err(wrong);
    } else if parser.units.take('<') || parser.units.take_all("P<") {
        GroupKind::Capture(Some(name(parser, from)?))
    } else {
        parser.flags = flags(parser, from)?;
        if parser.units.take(')') {
            return Ok(None);
        }
        // What `flags` stopped at.
        parser.units.bump();
        GroupKind::Plain
    };
    if let GroupKind::Capture(name) = &kind {
        parser.groups += 1;
        parser.names.extend(name.iter().map(|name| (name.clone(), parser.groups)));
    }
    let inner = Box::new(inside(parser, from)?);
    parser.flags = saved;
    Ok(Some(Node::Group { kind, inner, at: parser.units.since(from) }))
}

/// Reads up to and with the `)`.
fn inside(parser: &mut Parser<'_>, from: usize) -> Result<Node, Refusal> {
    let inner = parser.alternation()?;
    if !parser.units.take(')') {
        return Err(parser.refuse(from, 1, r"no `)` closes it; a parenthesis itself is `\(`"));
    }
    Ok(inner)
}

/// Takes what opens look-around: whether it is ahead, and whether negative.
fn look_around(parser: &mut Parser<'_>) -> Option<(bool, bool)> {
    let openings = [("=", (true, false)), ("!", (true, true)), ("<=", (false, false)), ("<!", (false, true))];
    openings.into_iter().find(|(opening, _)| parser.goes_back && parser.units.take_all(opening)).map(|(_, look)| look)
}

fn name(parser: &mut Parser<'_>, from: usize) -> Result<String, Refusal> {
    let mut name = String::new();
    while let Some(character) = parser.units.peek().filter(|next| next.is_ascii_alphanumeric() || *next == '_') {
        name.push(character);
        parser.units.bump();
    }
    if !parser.units.take('>') || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(parser.refuse_since(from, "a group's name is letters and digits, the first a letter: `(?<name>…)`"));
    }
    if parser.names.iter().any(|(known, _)| *known == name) {
        return Err(parser.refuse_since(from, "another group has this name"));
    }
    Ok(name)
}

/// Reads flags up to a `:` or `)`.
fn flags(parser: &mut Parser<'_>, from: usize) -> Result<Flags, Refusal> {
    let mut flags = parser.flags;
    let mut on = true;
    loop {
        match parser.units.peek() {
            Some(':' | ')') => return Ok(flags),
            Some('-') if on => on = false,
            Some(letter) if flags.set(letter, on) => {}
            _ => {
                parser.units.bump();
                let known = "no such group or flag: Java has `(?:…)`, `(?<name>…)`, and the flags i, m, s, d, x, u, U";
                return Err(parser.refuse_since(from, known));
            }
        }
        parser.units.bump();
    }
}
