//! Java's `\p{…}`.

use super::{super::refusal::Refusal, blocks::block, flags::Flags, units::Units};

/// Reads what follows `\p`; returns what has the property, in the regex crate's syntax.
pub(super) fn read(units: &mut Units<'_>, flags: Flags, from: usize) -> Result<String, Refusal> {
    let mut name = String::new();
    if units.take('{') {
        while let Some(next) = units.peek().filter(|next| *next != '}') {
            name.push(next);
            units.bump();
        }
        if !units.take('}') {
            return Err(Refusal::new(units.pattern, units.since(from), "no `}` closes it"));
        }
    } else {
        name.extend(units.bump().map(|unit| unit.character));
    }
    property(&name, flags).ok_or_else(|| {
        let cure = r"is not known here; write the characters, as in `[\x{370}-\x{3FF}]`, or a category such as `\p{L}`";
        Refusal::new(units.pattern, units.since(from), cure)
    })
}

fn property(name: &str, flags: Flags) -> Option<String> {
    if let Some((key, value)) = name.split_once('=') {
        return match key.to_lowercase().as_str() {
            "sc" | "script" => script(value),
            "blk" | "block" => in_block(value),
            "gc" | "general_category" => by_name(value, flags),
            _ => None,
        };
    }
    if let Some(block) = name.strip_prefix("In") {
        return in_block(block);
    }
    if let Some(short) = name.strip_prefix("Is") {
        let upper = short.to_uppercase();
        let found = binary(&upper, flags).or_else(|| unicode_posix(&upper, flags));
        return found.or_else(|| by_name(short, flags)).or_else(|| script(short));
    }
    let posix = flags.unicode_classes.then(|| unicode_posix(&name.to_uppercase(), flags)).flatten();
    posix.or_else(|| by_name(name, flags))
}

fn in_block(name: &str) -> Option<String> {
    block(name).map(|(first, last)| format!(r"[\x{{{first:X}}}-\x{{{last:X}}}]"))
}

fn script(name: &str) -> Option<String> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let text = format!(r"\p{{sc={name}}}");
    (is_name && regex_syntax::parse(&text).is_ok()).then_some(text)
}

const CASED: &str = r"[\p{Lowercase}\p{Uppercase}\p{Lt}]";
const CASED_LETTERS: &str = r"[\p{Lu}\p{Ll}\p{Lt}]";

/// Unicode's properties, by capital letters.
fn binary(name: &str, flags: Flags) -> Option<String> {
    let found = match name {
        "LOWERCASE" | "UPPERCASE" | "TITLECASE" if flags.ignores_case => CASED,
        "LOWERCASE" => r"\p{Lowercase}",
        "UPPERCASE" => r"\p{Uppercase}",
        "TITLECASE" => r"\p{Lt}",
        "ALPHABETIC" => r"\p{Alphabetic}",
        "ASSIGNED" => r"\P{Cn}",
        "CONTROL" => r"\p{Cc}",
        "HEXDIGIT" | "HEX_DIGIT" => r"[\p{Nd}\p{Hex_Digit}]",
        "IDEOGRAPHIC" => r"\p{Ideographic}",
        "JOINCONTROL" | "JOIN_CONTROL" => r"\p{Join_Control}",
        "LETTER" => r"\p{L}",
        "NONCHARACTERCODEPOINT" | "NONCHARACTER_CODE_POINT" => r"\p{Noncharacter_Code_Point}",
        "PUNCTUATION" => r"\p{P}",
        "WHITESPACE" | "WHITE_SPACE" => r"\s",
        "WORD" => r"\w",
        _ => return None,
    };
    Some(found.to_owned())
}

/// POSIX's classes as Unicode has them, by capital letters.
fn unicode_posix(name: &str, flags: Flags) -> Option<String> {
    let found = match name {
        "LOWER" | "UPPER" if flags.ignores_case => CASED,
        "LOWER" => r"\p{Lowercase}",
        "UPPER" => r"\p{Uppercase}",
        "ALPHA" => r"\p{Alphabetic}",
        "SPACE" => r"\s",
        "PUNCT" => r"\p{P}",
        "XDIGIT" => r"[\p{Nd}\p{Hex_Digit}]",
        "ALNUM" => r"[\p{Alphabetic}\p{Nd}]",
        "CNTRL" => r"\p{Cc}",
        "DIGIT" => r"\p{Nd}",
        "BLANK" => r"[\t\p{Zs}]",
        "GRAPH" => r"[^\p{Z}\p{Cc}\p{Cn}]",
        "PRINT" => r"[^\p{Zl}\p{Zp}\p{Cc}\p{Cn}]",
        _ => return None,
    };
    Some(found.to_owned())
}

/// Categories, POSIX's classes of ASCII and what the methods of `java.lang.Character` say.
fn by_name(name: &str, flags: Flags) -> Option<String> {
    let found = match name {
        "Lu" | "Ll" | "Lt" if flags.ignores_case => CASED_LETTERS,
        "Lower" | "Upper" if flags.ignores_case => "[A-Za-z]",
        "javaLowerCase" | "javaUpperCase" | "javaTitleCase" if flags.ignores_case => CASED,
        "LC" => CASED_LETTERS,
        "LD" | "javaLetterOrDigit" => r"[\p{L}\p{Nd}]",
        "L1" => r"[\x00-\x{FF}]",
        "all" => r"[\s\S]",
        "ASCII" => r"[\x00-\x7F]",
        "Alnum" => "[0-9A-Za-z]",
        "Alpha" => "[A-Za-z]",
        "Blank" => r"[\t ]",
        "Cntrl" => r"[\x00-\x1F\x7F]",
        "Digit" => "[0-9]",
        "Graph" => "[!-~]",
        "Lower" => "[a-z]",
        "Print" => "[ -~]",
        "Punct" => r"[!-/:-@\[-`{-~]",
        "Space" => r"[\t-\r ]",
        "Upper" => "[A-Z]",
        "XDigit" => "[0-9A-Fa-f]",
        "javaLowerCase" => r"\p{Lowercase}",
        "javaUpperCase" => r"\p{Uppercase}",
        "javaTitleCase" => r"\p{Lt}",
        "javaAlphabetic" => r"\p{Alphabetic}",
        "javaIdeographic" => r"\p{Ideographic}",
        "javaDigit" => r"\p{Nd}",
        "javaDefined" => r"\P{Cn}",
        "javaLetter" => r"\p{L}",
        "javaJavaIdentifierStart" => r"[\p{L}\p{Nl}\p{Sc}\p{Pc}]",
        "javaJavaIdentifierPart" => r"[\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}\p{Cf}\x00-\x08\x0E-\x1B\x7F-\x{9F}]",
        "javaIdentifierIgnorable" => r"[\p{Cf}\x00-\x08\x0E-\x1B\x7F-\x{9F}]",
        "javaSpaceChar" => r"\p{Z}",
        "javaWhitespace" => r"[\t-\r\x1C-\x1F[\p{Z}--[\x{A0}\x{2007}\x{202F}]]]",
        "javaISOControl" => r"[\x00-\x1F\x7F-\x{9F}]",
        "L" | "M" | "N" | "Z" | "C" | "P" | "S" | "Lu" | "Ll" | "Lt" | "Lm" | "Lo" | "Mn" | "Me" | "Mc" | "Nd"
        | "Nl" | "No" | "Zs" | "Zl" | "Zp" | "Cc" | "Cf" | "Co" | "Cn" | "Pd" | "Ps" | "Pe" | "Pc" | "Po" | "Pi"
        | "Pf" | "Sm" | "Sc" | "Sk" | "So" => return Some(format!(r"\p{{{name}}}")),
        _ => return None,
    };
    Some(found.to_owned())
}
