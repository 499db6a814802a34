//! Programs that make a key or values of a value.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Deserializer, value::RawValue};

use super::{Consumed, DEAD, Produced, Program, SOURCE};

/// Of key-setter: a member becomes the key.
#[derive(Debug)]
pub(in crate::gate) struct KeySetter;

#[derive(Deserialize)]
struct Set<'a> {
    #[serde(rename = "itemSetId", borrow)]
    item_set_id: Cow<'a, str>,
}

impl Program for KeySetter {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let mut out = record.unchanged();
        if let Ok(set) = serde_json::from_slice::<Set<'_>>(&record.value) {
            out.key = Some(match set.item_set_id {
                Cow::Borrowed(text) => text.as_bytes().into(),
                Cow::Owned(text) => text.into_bytes().into(),
            });
        }
        produce(out);
    }
}

/// Of splitter: JSON documents one after the other.
#[derive(Debug, Default)]
pub(in crate::gate) struct Splitter {
    ends: Vec<usize>,
}

impl Program for Splitter {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        self.ends.clear();
        let mut documents = Deserializer::from_slice(&record.value).into_iter::<IgnoredAny>();
        while let Some(document) = documents.next() {
            if document.is_err() {
                produce(Produced { topic: DEAD.into(), ..record.unchanged() });
                return;
            }
            self.ends.push(documents.byte_offset());
        }
        let mut from = 0;
        for (position, to) in self.ends.iter().enumerate() {
            let mut headers = record.owned_headers(2);
            let mut digits = itoa::Buffer::new();
            headers.push(("part".into(), digits.format(position).as_bytes().to_vec()));
            headers.push(("parts".into(), digits.format(self.ends.len()).as_bytes().to_vec()));
            let value = record.value[from..*to].trim_ascii_start().into();
            produce(Produced { value, ..record.with_headers(headers) });
            from = *to;
        }
    }
}

/// Of value-editor: masks a member, removes one and sets one; all else keeps its bytes.
#[derive(Debug)]
pub(in crate::gate) struct Editor;

impl Program for Editor {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let mut out = record.unchanged();
        if let Ok(text) = edited(&record.value) {
            out.value = text.into();
        }
        produce(out);
    }
}

/// An object's members, in their order. Of their values is known where they stand.
struct Members<'a>(Vec<(Text<'a>, &'a RawValue)>);

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadMembers)
    }
}

struct ReadMembers;

impl<'a> Visitor<'a> for ReadMembers {
    type Value = Members<'a>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
        let mut members = Vec::with_capacity(16);
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

fn edited(text: &[u8]) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() + 32);
    let mut is_set = false;
    let Members(members) = serde_json::from_slice(text)?;
    for (Text(name), value) in members {
        append_name(&name, &mut out)?;
        match &*name {
            "session" => append_masked(value, &mut out)?,
            "device" => append_without_screen(value, &mut out)?,
            "source" => {
                is_set = true;
                serde_json::to_writer(&mut out, SOURCE)?;
            }
            _ => out.extend_from_slice(value.get().as_bytes()),
        }
    }
    if !is_set {
        append_name("source", &mut out)?;
        serde_json::to_writer(&mut out, SOURCE)?;
    }
    out.push(b'}');
    Ok(out)
}

/// The name of an object's next member, with what stands before it and the colon.
fn append_name(name: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    out.push(if matches!(out.last(), None | Some(b':')) { b'{' } else { b',' });
    serde_json::to_writer(&mut *out, name)?;
    out.push(b':');
    Ok(())
}

fn append_masked(value: &RawValue, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match serde_json::from_str::<Text<'_>>(value.get()) {
        Ok(Text(text)) => {
            let mut text = text.into_owned();
            mask(&mut text, 4);
            serde_json::to_writer(out, &text)
        }
        Err(_) => {
            out.extend_from_slice(value.get().as_bytes());
            Ok(())
        }
    }
}

fn append_without_screen(value: &RawValue, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let Ok(Members(members)) = serde_json::from_str(value.get()) else {
        out.extend_from_slice(value.get().as_bytes());
        return Ok(());
    };
    let begin = out.len();
    for (Text(name), value) in members.into_iter().filter(|(Text(name), _)| name != "screen") {
        append_name(&name, out)?;
        out.extend_from_slice(value.get().as_bytes());
    }
    if out.len() == begin {
        out.push(b'{');
    }
    out.push(b'}');
    Ok(())
}

/// Hides all characters but the last few.
fn mask(text: &mut String, keep_last: usize) {
    let hidden = text.chars().count().saturating_sub(keep_last);
    let from = text.char_indices().nth(hidden).map_or(text.len(), |(at, _)| at);
    text.replace_range(..from, &"*".repeat(hidden));
}
