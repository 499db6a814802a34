//! RFC 8259's grammar: each piece begins at a place of the bytes, and says where what follows it stands.
//!
//! Places come and go by value: what a function is lent to change has to be in memory, where a plugin's code reads and writes
//! it step by step.

use super::{
    Broken, DEPTH, Text,
    scan::{digits_end, plain_end},
};

/// What stands where something else should.
#[inline(always)]
pub(super) fn broken<T>(at: usize, expected: &'static str) -> Result<T, Broken> {
    Err(Broken { at, expected })
}

/// Passes over white space.
#[inline(always)]
pub(super) fn space(bytes: &[u8], at: usize) -> usize {
    // Documents that programs write have hardly any.
    match bytes.get(at) {
        Some(0..=b' ') => space_end(bytes, at),
        _ => at,
    }
}

#[inline(never)]
fn space_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(rest.len())
}

/// Passes over a value. `depth`: in how many arrays and objects it stands.
pub(super) fn value(bytes: &[u8], mut at: usize, depth: usize) -> Result<usize, Broken> {
    // The containers around, the innermost last: 1 is an object.
    let (mut around, mut open) = (0u128, depth);
    loop {
        if around & 1 == 1 {
            (_, at) = name(bytes, at)?;
        }
        at = match bytes.get(at) {
            Some(byte @ (b'{' | b'[')) => {
                let is_object = *byte == b'{';
                check_depth(at, open)?;
                let first = space(bytes, at + 1);
                if bytes.get(first) != Some(&closing(is_object)) {
                    open += 1;
                    around = (around << 1) | u128::from(is_object);
                    at = first;
                    continue;
                }
                first + 1
            }
            _ => scalar(bytes, at)?,
        };
        loop {
            if open == depth {
                return Ok(at);
            }
            let goes_on;
            (goes_on, at) = comma(bytes, at, around & 1 == 1)?;
            if goes_on {
                break;
            }
            open -= 1;
            around >>= 1;
        }
    }
}

/// Fails where a container that stands in so many others is too deep.
#[inline(always)]
pub(super) fn check_depth(at: usize, depth: usize) -> Result<(), Broken> {
    if depth < DEPTH { Ok(()) } else { broken(at, "a value that is not nested deeper than 128 levels") }
}

/// What ends an object or an array.
#[inline(always)]
pub(super) fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

/// Passes over a comma and what white space is round it (true), or over the container's closing (false).
#[inline(always)]
pub(super) fn comma(bytes: &[u8], at: usize, is_object: bool) -> Result<(bool, usize), Broken> {
    let at = space(bytes, at);
    match bytes.get(at) {
        Some(b',') => Ok((true, space(bytes, at + 1))),
        Some(byte) if *byte == closing(is_object) => Ok((false, at + 1)),
        _ => broken(at, if is_object { "`,` or `}`" } else { "`,` or `]`" }),
    }
}

/// Passes over a name, its colon and the white space up to the value.
#[inline(always)]
pub(super) fn name(bytes: &[u8], at: usize) -> Result<(Text, usize), Broken> {
    if bytes.get(at) != Some(&b'"') {
        return broken(at, "a name in quotes");
    }
    let (name, end) = text(bytes, at)?;
    let colon = space(bytes, end);
    if bytes.get(colon) != Some(&b':') {
        return broken(colon, "`:`");
    }
    Ok((name, space(bytes, colon + 1)))
}

/// Passes over a text.
#[inline(always)]
pub(super) fn text(bytes: &[u8], at: usize) -> Result<(Text, usize), Broken> {
    let start = at + 1;
    let plain = plain_end(bytes, start);
    if bytes.get(plain) == Some(&b'"') {
        return Ok((Text { inner: start..plain, escaped: false }, plain + 1));
    }
    let end = escaped_text(bytes, plain)?;
    Ok((Text { inner: start..end, escaped: true }, end + 1))
}

/// Returns where a text's quote stands, from the first byte on that does not stand for itself.
#[inline(never)]
fn escaped_text(bytes: &[u8], mut at: usize) -> Result<usize, Broken> {
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = plain_end(bytes, escape(bytes, at)?),
            Some(_) => return broken(at, "an escape in place of a control character"),
            None => return broken(at, "the closing quote of a text"),
        }
    }
}

fn escape(bytes: &[u8], at: usize) -> Result<usize, Broken> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let digits = bytes.get(at + 2..at + 6);
            if digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                Ok(at + 6)
            } else {
                broken(at, "`\\u` and four hexadecimal digits")
            }
        }
        _ => broken(at, "an escape that JSON has, such as `\\n`"),
    }
}

/// Passes over a value that is neither an array nor an object, without what [`value`] needs for those.
#[inline(never)]
pub(super) fn lone_scalar(bytes: &[u8], at: usize) -> Result<usize, Broken> {
    scalar(bytes, at)
}

#[inline(always)]
fn scalar(bytes: &[u8], at: usize) -> Result<usize, Broken> {
    match bytes.get(at) {
        Some(b'"') => text(bytes, at).map(|(_, end)| end),
        Some(b'-' | b'0'..=b'9') => number(bytes, at),
        Some(b't') => word(bytes, at, b"true"),
        Some(b'f') => word(bytes, at, b"false"),
        Some(b'n') => word(bytes, at, b"null"),
        _ => broken(at, "a value"),
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Broken> {
    if bytes.get(at..).is_some_and(|rest| rest.starts_with(word)) { Ok(at + word.len()) } else { broken(at, "a value") }
}

#[inline(always)]
fn number(bytes: &[u8], at: usize) -> Result<usize, Broken> {
    let first = at + usize::from(bytes.get(at) == Some(&b'-'));
    let end = if bytes.get(first) == Some(&b'0') { first + 1 } else { digits(bytes, first)? };
    match bytes.get(end) {
        Some(b'.' | b'e' | b'E') => fraction(bytes, end),
        _ => Ok(end),
    }
}

/// What may follow a number's first digits.
#[inline(never)]
fn fraction(bytes: &[u8], mut at: usize) -> Result<usize, Broken> {
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(bytes, at + 1 + sign)?;
    }
    Ok(at)
}

#[inline(always)]
fn digits(bytes: &[u8], at: usize) -> Result<usize, Broken> {
    let end = digits_end(bytes, at);
    if end > at { Ok(end) } else { broken(at, "a digit") }
}
