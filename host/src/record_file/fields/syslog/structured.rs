//! Structured data of RFC 5424: `[id name="value" name="value"][id]`, or `-`.

use std::collections::HashSet;

use super::super::{LineError, Object, group, mistake, write_text};

/// Adds the member `structured_data`, an object of objects. Returns where what is behind it begins.
pub(super) fn read(line: &[u8], start: usize, object: &mut Object<'_>) -> Result<usize, LineError> {
    match line.get(start) {
        Some(b'-') => return Ok(start + 1),
        Some(b'[') => {}
        _ => return Err(mistake(start, "structured data, `[id name=\"value\"]`, or `-` should stand here")),
    }
    let mut elements = Object::begin(object.member(b"structured_data"));
    let (mut at, mut seen) = (start, HashSet::new());
    while line.get(at) == Some(&b'[') {
        let id = name(line, at + 1)?;
        if !seen.insert(id) {
            return Err(mistake(at + 1, "this element of the structured data stands twice"));
        }
        let (parameters, end) = parameters(line, at + 1 + id.len())?;
        let mut members = Object::begin(elements.member(id));
        for (name, values) in group(parameters) {
            write_values(&values, members.member(name));
        }
        members.end();
        at = end;
    }
    elements.end();
    Ok(at)
}

/// A name may stand several times in an element: then its values are a list.
fn write_values(values: &[Vec<u8>], out: &mut Vec<u8>) {
    if let [value] = values {
        return write_text(value, out);
    }
    for (index, value) in values.iter().enumerate() {
        out.push(if index == 0 { b'[' } else { b',' });
        write_text(value, out);
    }
    out.push(b']');
}

/// A name and its value, unescaped.
type Parameter<'a> = (&'a [u8], Vec<u8>);

/// Names with their values, and where what is behind the element's bracket begins.
fn parameters(line: &[u8], start: usize) -> Result<(Vec<Parameter<'_>>, usize), LineError> {
    let (mut parameters, mut at) = (Vec::new(), start);
    loop {
        match &line[at..] {
            [b']', ..] => return Ok((parameters, at + 1)),
            [b' ', ..] => {
                let name = name(line, at + 1)?;
                at += 1 + name.len();
                if !line[at..].starts_with(b"=\"") {
                    return Err(mistake(at, "`=\"value\"` should stand here"));
                }
                let (value, end) = value(line, at + 2)?;
                parameters.push((name, value));
                at = end;
            }
            _ => {
                return Err(mistake(
                    at,
                    "the structured data's `]`, or a space and `name=\"value\"` should stand here",
                ));
            }
        }
    }
}

fn name(line: &[u8], at: usize) -> Result<&[u8], LineError> {
    let rest = &line[at..];
    match rest.iter().position(|byte| matches!(byte, b'=' | b' ' | b']' | b'"')) {
        Some(length) if length > 0 => Ok(&rest[..length]),
        _ => Err(mistake(at, "a name of the structured data should stand here")),
    }
}

/// A value, its quote, backslash and bracket unescaped, and where what is behind its closing quote begins.
fn value(line: &[u8], start: usize) -> Result<(Vec<u8>, usize), LineError> {
    let (mut value, mut at) = (Vec::new(), start);
    loop {
        match &line[at..] {
            [] => return Err(mistake(start - 1, "this quote is never closed")),
            [b'"', ..] => return Ok((value, at + 1)),
            [b'\\', byte @ (b'"' | b'\\' | b']'), ..] => {
                value.push(*byte);
                at += 2;
            }
            [byte, ..] => {
                value.push(*byte);
                at += 1;
            }
        }
    }
}
