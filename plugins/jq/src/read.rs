//! JSON documents as jq's values, by weir's own rules of what a document is.

use jaq_core::ValT;
use jaq_json::{Map, Num, Rc, Val};
use weir_sdk::json::{Broken, Reader, text_of};

/// Digits of an integer that jq calculates with exactly. Making a number of more takes long: they are kept as text.
const DIGITS: usize = 1000;

/// Returns a document as a value. Numbers keep their text, members their order, and of a name that stands twice the last
/// counts, at the first one's place.
///
/// # Errors
/// Where it stops being one JSON document.
pub(crate) fn document(bytes: &[u8]) -> Result<Val, Broken> {
    let mut reader = Reader::new(bytes);
    let value = value(bytes, &mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Calls itself at most as deep as a document may be.
fn value(bytes: &[u8], reader: &mut Reader<'_>) -> Result<Val, Broken> {
    let Some(mut inside) = reader.enter()? else {
        let found = reader.skip()?;
        let text = bytes.get(found.clone()).unwrap_or_default();
        return Ok(match text.first() {
            Some(b'"') => Val::utf8_str(text_of(bytes, found).unwrap_or_default().into_owned()),
            Some(b't') => Val::Bool(true),
            Some(b'f') => Val::Bool(false),
            Some(b'n') => Val::Null,
            _ => number(text),
        });
    };
    if !inside.is_object {
        let mut items = Vec::new();
        while reader.step(&mut inside)?.is_some() {
            items.push(value(bytes, reader)?);
        }
        return Ok(Val::Arr(Rc::new(items)));
    }
    let mut members = Map::default();
    while let Some(member) = reader.step(&mut inside)? {
        let name = member.name.map(|name| name.inner.start - 1..name.inner.end + 1);
        let name = name.and_then(|at| text_of(bytes, at)).unwrap_or_default().into_owned();
        members.insert(Val::utf8_str(name), value(bytes, reader)?);
    }
    Ok(Val::obj(members))
}

/// A number as it stands. jq's own reader makes 0 of `-0`.
fn number(text: &[u8]) -> Val {
    let text = String::from_utf8_lossy(text);
    if text == "-0" || text.len() > DIGITS {
        return Val::Num(Num::Dec(Rc::new(text.into_owned())));
    }
    Val::from_num(&text).unwrap_or_default()
}

/// Whether a text has more brackets open at a place than a document may have: jq's own reader calls itself for each.
pub(crate) fn is_deep(text: &[u8]) -> bool {
    let (mut open, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => open += 1,
            b']' | b'}' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
        if open > weir_sdk::json::DEPTH {
            return true;
        }
    }
    false
}
