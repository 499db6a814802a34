//! logfmt: `name=value name="a longer value" flag`.

use super::{LineError, Object, group, mistake, write_text};

enum Value<'a> {
    /// A name alone.
    Flag,
    Bare(&'a [u8]),
    /// Between quotes, unescaped.
    Quoted(Vec<u8>),
}

/// Appends the fields of a line, as a JSON object, to `out`.
///
/// A name alone is true. What stands behind `=` without quotes goes to the next space, whatever is in it. Of a name that
/// stands twice the last value counts.
pub(in super::super) fn read(line: &[u8], out: &mut Vec<u8>) -> Result<(), LineError> {
    let mut fields: Vec<(&[u8], Value<'_>)> = Vec::new();
    let mut at = 0;
    loop {
        at += line[at..].iter().take_while(|byte| **byte <= b' ').count();
        if at == line.len() {
            break;
        }
        let name = until(line, at, |byte| byte <= b' ' || byte == b'=' || byte == b'"');
        if name.is_empty() {
            return Err(mistake(at, "a name should stand here: write `name=value` or `name=\"a longer value\"`"));
        }
        at += name.len();
        let value = match &line[at..] {
            [b'=', b'"', ..] => {
                let (text, end) = quoted(line, at + 2)?;
                at = end;
                Value::Quoted(text)
            }
            [b'=', ..] => {
                let text = until(line, at + 1, |byte| byte <= b' ');
                at += 1 + text.len();
                Value::Bare(text)
            }
            [b'"', ..] => return Err(mistake(at, "a quote within a name; quotes stand behind `=`")),
            _ => Value::Flag,
        };
        fields.push((name, value));
    }
    if fields.iter().all(|(_, value)| matches!(value, Value::Flag)) {
        return Err(LineError::new("there is no `name=value` in this line (for plain text give `--format lines`)"));
    }
    let mut object = Object::begin(out);
    for (name, mut values) in group(fields) {
        match values.pop() {
            Some(Value::Bare(text)) => object.text(name, text),
            Some(Value::Quoted(text)) => write_text(&text, object.member(name)),
            Some(Value::Flag) | None => object.member(name).extend_from_slice(b"true"),
        }
    }
    object.end();
    Ok(())
}

fn until(line: &[u8], at: usize, is_end: impl Fn(u8) -> bool) -> &[u8] {
    let rest = &line[at..];
    &rest[..rest.iter().position(|&byte| is_end(byte)).unwrap_or(rest.len())]
}

/// The text between quotes, the first of which stands before `start`, and where what is behind them begins.
///
/// JSON's escapes are taken; any other backslash stands for itself, as in a path of Windows.
fn quoted(line: &[u8], start: usize) -> Result<(Vec<u8>, usize), LineError> {
    let (mut text, mut at) = (Vec::new(), start);
    loop {
        match &line[at..] {
            [] => return Err(mistake(start - 1, "this quote is never closed")),
            [b'"'] => return Ok((text, at + 1)),
            [b'"', byte, ..] if *byte <= b' ' => return Ok((text, at + 1)),
            [b'"', ..] => {
                return Err(mistake(at, "behind a closing quote a space should stand; a quote within is written \\\""));
            }
            [b'\\', rest @ ..] => {
                let (escaped, read) = escape(rest);
                match escaped {
                    Some(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => text.push(b'\\'),
                }
                at += 1 + read;
            }
            [byte, ..] => {
                text.push(*byte);
                at += 1;
            }
        }
    }
}

/// The character that what stands behind a backslash means, and how many bytes that is.
fn escape(rest: &[u8]) -> (Option<char>, usize) {
    let character = match rest.first() {
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let Some(code) = hex(&rest[1..]) else { return (None, 0) };
            let low = match &rest[5..] {
                [b'\\', b'u', low @ ..] => hex(low).and_then(|low| low.checked_sub(0xdc00)).filter(|low| *low < 0x400),
                _ => None,
            };
            return match low {
                Some(low) if (0xd800..0xdc00).contains(&code) => {
                    (char::from_u32(0x1_0000 + ((code - 0xd800) << 10 | low)), 11)
                }
                // A surrogate that stands alone.
                _ => (Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)), 5),
            };
        }
        _ => return (None, 0),
    };
    (Some(character), 1)
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = digits.get(..4)?;
    digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
}
