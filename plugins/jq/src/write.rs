//! jq's values as JSON, where JSON has them.

use std::io::Write;

use jaq_json::{Num, Val};
use weir_sdk::json::{DEPTH, Reader, quote};

/// Appends a value as JSON without white space.
///
/// # Errors
/// What of it JSON does not have, or that it is nested too deep.
pub(crate) fn json(value: &Val, out: &mut Vec<u8>) -> Result<(), String> {
    nested(value, 0, out)
}

/// Appends the bytes of a string as they are, all else as JSON.
///
/// # Errors
/// As [`json`].
pub(crate) fn text(value: &Val, out: &mut Vec<u8>) -> Result<(), String> {
    match value {
        Val::TStr(bytes) | Val::BStr(bytes) => out.extend_from_slice(bytes),
        other => json(other, out)?,
    }
    Ok(())
}

fn nested(value: &Val, depth: usize, out: &mut Vec<u8>) -> Result<(), String> {
    if depth >= DEPTH && matches!(value, Val::Arr(_) | Val::Obj(_)) {
        return Err(format!("an output is nested deeper than {DEPTH} levels"));
    }
    match value {
        Val::Null => out.extend_from_slice(b"null"),
        Val::Bool(true) => out.extend_from_slice(b"true"),
        Val::Bool(false) => out.extend_from_slice(b"false"),
        Val::Num(number) => return self::number(number, out),
        Val::TStr(text) => quote(text, out),
        Val::BStr(_) => {
            return Err("an output has a byte string (`tobytes`), which JSON has not: write `@base64`".to_owned());
        }
        Val::Arr(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                nested(item, depth + 1, out)?;
            }
            out.push(b']');
        }
        Val::Obj(members) => {
            out.push(b'{');
            for (at, (name, member)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                let Val::TStr(name) = name else {
                    return Err(format!("an output has an object with the key {name}: JSON's keys are strings"));
                };
                quote(name, out);
                out.push(b':');
                nested(member, depth + 1, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn number(number: &Num, out: &mut Vec<u8>) -> Result<(), String> {
    let number = match number {
        // Of a record or of the program it is JSON's; a data module may have others, such as `+1.5`.
        Num::Dec(text) if !is_json(text.as_bytes()) => &Num::from_dec_str(text),
        number => number,
    };
    if let Num::Float(float) = number
        && !float.is_finite()
    {
        return Err(format!("an output has the number {number}, which JSON has not"));
    }
    // Writing to memory cannot fail.
    let _infallible = write!(out, "{number}");
    Ok(())
}

fn is_json(text: &[u8]) -> bool {
    let mut reader = Reader::new(text);
    reader.skip().is_ok() && reader.at() == text.len()
}
