//! An object of JSON a line, with members for the key and the value.

use std::borrow::Cow;

use super::{Columns, draft::Draft};
use crate::{
    json::{Broken, Place, Pointer, locate, text_of},
    json_pointer_mistake, push_pointer,
};

/// Reads all rows into the draft. A row whose value is null or not there is none.
///
/// # Errors
/// No line has a value.
pub(super) fn read(bytes: &[u8], columns: &Columns, draft: &mut Draft) -> Result<(), String> {
    let key_name = columns.key.as_deref().unwrap_or("key");
    let value_name = columns.value.as_deref().unwrap_or("value");
    let (key, value) = (pointer(key_name)?, pointer(value_name)?);
    let mut has_value = false;
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match member(line, &key).and_then(|key| Ok((key, member(line, &value)?))) {
            Ok((Member::Text(key), value)) => {
                has_value |= !matches!(value, Member::Missing);
                if let Member::Text(value) = value {
                    draft.add(at + 1, &key, &value);
                }
            }
            Ok(_) => {
                draft.mistake(at + 1, &format!("has no member `{key_name}`, or it is null: that is to be the key"))
            }
            Err(broken) => draft.mistake(at + 1, &format!("is no object of JSON, one a line: {broken}")),
        }
    }
    if has_value || draft.has_mistakes() {
        return Ok(());
    }
    Err(format!("no line has a member `{value_name}`: say which one is the value, `{{lookup:{}}}`", {
        Columns { value: Some("NAME".to_owned()), ..columns.clone() }
    }))
}

enum Member<'a> {
    Text(Cow<'a, [u8]>),
    Null,
    Missing,
}

fn member<'a>(line: &'a [u8], pointer: &Pointer) -> Result<Member<'a>, Broken> {
    Ok(match locate(line, pointer)? {
        Place::Found(value) => text_of(line, value).map_or(Member::Null, Member::Text),
        Place::Missing(_) => Member::Missing,
    })
}

/// A member's name, or a pointer where it begins as one does.
///
/// # Errors
/// What is wrong with the pointer.
fn pointer(name: &str) -> Result<Pointer, String> {
    if name.starts_with('/') {
        return json_pointer_mistake(name).map_or_else(|| Ok(Pointer::new(name)), Err);
    }
    let mut pointer = String::new();
    push_pointer(&mut pointer, name);
    Ok(Pointer::new(&pointer))
}
