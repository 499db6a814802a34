//! Texts read as JSON, by weir's own rules.

use jaq_core::{
    Cv,
    native::{Fun, bome, run, v},
};
use jaq_json::{Error, Val};

use super::Data;
use crate::read;

pub(super) fn functions() -> Vec<Fun<Data>> {
    vec![
        run(("fromjson", v(0), |cv: Cv<'_, Data>| bome(document(&cv.1)))),
        run(("tonumber", v(0), |cv: Cv<'_, Data>| bome(to_number(cv.1)))),
        run(("toboolean", v(0), |cv: Cv<'_, Data>| bome(to_boolean(cv.1)))),
    ]
}

/// The one document that a text is.
fn document(value: &Val) -> Result<Val, Error> {
    let text = value.try_as_utf8_bytes_owned()?;
    read::document(&text)
        .map_err(|broken| Error::str(format_args!("cannot parse as JSON: {broken} (while parsing {value})")))
}

/// A number as it is, and a text as the one number that it is. It may have a plus sign, more zeros before it than JSON has,
/// or none.
fn to_number(value: Val) -> Result<Val, Error> {
    let text = match &value {
        Val::Num(_) => return Ok(value),
        other => other.try_as_utf8_bytes_owned()?,
    };
    let text = text.trim_ascii();
    let (sign, digits) = match text.split_first() {
        Some((b'-', rest)) => ("-", rest),
        Some((b'+', rest)) => ("", rest),
        _ => ("", text),
    };
    let is_number = digits.first().is_some_and(|first| matches!(first, b'0'..=b'9' | b'.'));
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let rest = digits.get(zeros..).unwrap_or_default();
    let zero = if rest.first().is_some_and(u8::is_ascii_digit) { "" } else { "0" };
    let json = [sign.as_bytes(), zero.as_bytes(), rest].concat();
    let read = read::document(&json).ok().filter(|read| is_number && matches!(read, Val::Num(_)));
    read.ok_or_else(|| Error::str(format_args!("cannot parse {value} as a number")))
}

/// A boolean as it is, and a text as the one that it is.
fn to_boolean(value: Val) -> Result<Val, Error> {
    match &value {
        Val::Bool(_) => Ok(value),
        Val::TStr(text) if text[..] == *b"true" => Ok(Val::Bool(true)),
        Val::TStr(text) if text[..] == *b"false" => Ok(Val::Bool(false)),
        other => Err(Error::str(format_args!("cannot parse {other} as a boolean"))),
    }
}
