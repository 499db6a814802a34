//! Programs that make a key or values of a value.

use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Deserializer, Value};

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

/// Of value-editor: masks a member, removes one and sets one.
#[derive(Debug)]
pub(in crate::gate) struct Editor;

impl Program for Editor {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let mut out = record.unchanged();
        if let Ok(mut document) = serde_json::from_slice::<Value>(&record.value)
            && let Some(members) = document.as_object_mut()
        {
            if let Some(Value::String(session)) = members.get_mut("session") {
                mask(session, 4);
            }
            if let Some(Value::Object(device)) = members.get_mut("device") {
                device.shift_remove("screen");
            }
            members.insert("source".to_owned(), SOURCE.into());
            if let Ok(text) = serde_json::to_vec(&document) {
                out.value = text.into();
            }
        }
        produce(out);
    }
}

/// Hides all characters but the last few.
fn mask(text: &mut String, keep_last: usize) {
    let hidden = text.chars().count().saturating_sub(keep_last);
    let from = text.char_indices().nth(hidden).map_or(text.len(), |(at, _)| at);
    text.replace_range(..from, &"*".repeat(hidden));
}
