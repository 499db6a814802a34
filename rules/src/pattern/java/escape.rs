//! Java's escapes.

use super::{super::refusal::Refusal, flags::Flags, node::Node, property, units::Units};

/// What a backslash and what follows it are.
pub(super) enum Escape {
    Character(char),
    /// One of several characters; in the regex crate's syntax.
    Set(String),
    Node(Node),
}

pub(super) const HORIZONTAL: &str = r"\t \x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";
pub(super) const VERTICAL: &str = r"\n-\r\x{85}\x{2028}\x{2029}";

/// Reads what follows a backslash that stood at `from`. `is_end`: it ends a range of a class.
pub(super) fn escape(
    units: &mut Units<'_>,
    flags: Flags,
    from: usize,
    in_class: bool,
    is_end: bool,
) -> Result<Escape, Refusal> {
    let Some(unit) = units.bump() else {
        return Err(Refusal::new(units.pattern, from..units.pattern.len(), r"nothing follows; a backslash is `\\`"));
    };
    if unit.is_quoted {
        return Err(Refusal::new(units.pattern, from..from + 1, r"nothing follows; a backslash is `\\`"));
    }
    let refuse = |units: &Units<'_>, wrong: &str| Err(Refusal::new(units.pattern, units.since(from), wrong));
    let set =
        |positive: &str, negated: bool| Ok(Escape::Set(format!("[{}{positive}]", if negated { "^" } else { "" })));
    let unicode = flags.unicode_classes;
    let letter = unit.character;
    let is_negated = letter.is_ascii_uppercase();
    match letter {
        'd' | 'D' => set(if unicode { r"\d" } else { "0-9" }, is_negated),
        'w' | 'W' => set(if unicode { r"\w" } else { "0-9A-Za-z_" }, is_negated),
        's' | 'S' => set(if unicode { r"\s" } else { r"\t-\r " }, is_negated),
        'h' | 'H' => set(HORIZONTAL, is_negated),
        'v' if in_class && (is_end || units.peek() == Some('-')) => Ok(Escape::Character('\u{b}')),
        'v' | 'V' => set(VERTICAL, is_negated),
        'p' | 'P' => property::read(units, flags, from).map(|positive| match is_negated {
            true => Escape::Set(format!("[^{positive}]")),
            false => Escape::Set(positive),
        }),
        'n' => Ok(Escape::Character('\n')),
        'r' => Ok(Escape::Character('\r')),
        't' => Ok(Escape::Character('\t')),
        'f' => Ok(Escape::Character('\u{c}')),
        'a' => Ok(Escape::Character('\u{7}')),
        'e' => Ok(Escape::Character('\u{1b}')),
        '0' => octal(units, from),
        'x' | 'u' => hexadecimal(units, from, letter),
        'c' => match units.bump().and_then(|unit| char::from_u32(unit.character as u32 ^ 64)) {
            Some(character) => Ok(Escape::Character(character)),
            None => refuse(units, r"a letter belongs after `\c`"),
        },
        'A' | 'B' | 'b' | 'G' | 'R' | 'X' | 'Z' | 'z' | 'k' | '1'..='9' if in_class => {
            refuse(units, "is not one character: it belongs outside the brackets")
        }
        'A' => Ok(Escape::Node(Node::Start)),
        'z' => Ok(Escape::Node(Node::End)),
        'Z' => Ok(Escape::Node(Node::FinalEnd { unix: flags.unix_lines, at: units.since(from) })),
        'b' if units.peek() == Some('{') => {
            refuse(units, r"boundaries of graphemes are not known here; write the characters that may stand there")
        }
        'b' | 'B' => Ok(Escape::Node(Node::Boundary { negated: is_negated })),
        'R' => Ok(Escape::Node(Node::AnyLineEnd)),
        'G' => refuse(units, r"every search begins at the start here: write `^`, or leave it out"),
        'X' => refuse(units, r"a grapheme is no single character; write `\P{M}\p{M}*`"),
        'N' => refuse(units, r"characters by name are not known here; write the character itself, or `\x{…}`"),
        '1'..='9' => Err(back_reference(units, from)),
        'k' => {
            while units.peek().is_some_and(|next| next != '>') {
                units.bump();
            }
            units.bump();
            Err(back_reference(units, from))
        }
        'E' => refuse(units, r"nothing is quoted: `\Q` comes before it"),
        'K' => refuse(units, super::super::advice::KEEP),
        letter if letter.is_ascii_alphabetic() => refuse(units, "Java has no such escape"),
        other => Ok(Escape::Character(other)),
    }
}

fn back_reference(units: &Units<'_>, from: usize) -> Refusal {
    Refusal::new(units.pattern, units.since(from), super::super::advice::BACK_REFERENCE).read_by_going_back(true)
}

fn octal(units: &mut Units<'_>, from: usize) -> Result<Escape, Refusal> {
    let mut value = 0_u32;
    let mut digits = 0;
    while let Some(digit) = units.peek().and_then(|next| next.to_digit(8)) {
        if digits == 3 || value * 8 + digit > 0o377 {
            break;
        }
        value = value * 8 + digit;
        digits += 1;
        units.bump();
    }
    match char::from_u32(value).filter(|_| digits > 0) {
        Some(character) => Ok(Escape::Character(character)),
        None => Err(Refusal::new(units.pattern, units.since(from), r"octal digits belong after `\0`")),
    }
}

fn hexadecimal(units: &mut Units<'_>, from: usize, letter: char) -> Result<Escape, Refusal> {
    let wrong = |units: &Units<'_>| {
        let form =
            if letter == 'u' { r"four hexadecimal digits: `\u00e9`" } else { r"two, `\xe9`, or more, `\x{1F600}`" };
        Err(Refusal::new(units.pattern, units.since(from), format!("needs {form}")))
    };
    let value = if letter == 'x' && units.take('{') {
        let mut value = Some(0_u32);
        let mut digits = 0;
        while let Some(digit) = units.peek().and_then(|next| next.to_digit(16)) {
            units.bump();
            digits += 1;
            value = value.and_then(|value| value.checked_mul(16)).map(|value| value + digit);
        }
        value.filter(|_| digits > 0 && units.take('}'))
    } else {
        digits(units, if letter == 'u' { 4 } else { 2 })
    };
    let Some(value) = value else { return wrong(units) };
    // A pair of surrogates is one character.
    if (0xD800..0xDC00).contains(&value) && letter == 'u' && units.take_all("\\u") {
        let low = digits(units, 4).filter(|low| (0xDC00..0xE000).contains(low));
        let both = low.and_then(|low| char::from_u32(0x1_0000 + ((value - 0xD800) << 10) + (low - 0xDC00)));
        return both.map_or_else(|| wrong(units), |both| Ok(Escape::Character(both)));
    }
    match char::from_u32(value) {
        Some(character) => Ok(Escape::Character(character)),
        None => {
            Err(Refusal::new(units.pattern, units.since(from), "is no character: half a surrogate pair, or too large"))
        }
    }
}

fn digits(units: &mut Units<'_>, count: usize) -> Option<u32> {
    let mut value = 0;
    for _ in 0..count {
        value = value * 16 + units.peek()?.to_digit(16)?;
        units.bump();
    }
    Some(value)
}
