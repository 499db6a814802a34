//! Edits that bring a new value: `set` and `take`.

use weir_sdk::{
    Plan,
    json::Pointer,
    part::{self, Part},
    pattern::Reader,
    template::{Piece, Template},
};

use super::{Draft, json};
use crate::{
    edit::{Edit, What},
    pattern::Expression,
    set::{NewValue, Set, is_json_text},
    take::Take,
};

impl Draft<'_> {
    pub(super) fn set(&mut self, set: &str) -> Option<Edit> {
        let pointer = self.pointer(&["set"], set);
        let (to, to_json, from) = (&self.config.to, &self.config.to_json, &self.config.from);
        let value = match (to, to_json, from) {
            (Some(to), None, None) => self.template("to", to, false)?,
            (None, Some(serde_json::Value::String(to)), None) => self.template("to_json", to, true)?,
            (None, Some(json), None) => NewValue::Json(json.to_string().into_bytes()),
            (None, None, Some(from)) => NewValue::Copy(self.pointer(&["from"], from)?),
            _ => return self.mistake(&[], "`set` needs one value: write one of `to`, `to_json` and `from` beside it"),
        };
        let needs = match &value {
            NewValue::Copy(_) => {
                format!("nothing at `{}`, or nowhere to put `{set}`", from.as_deref().unwrap_or_default())
            }
            NewValue::Template { .. } => format!("a part is not there for `{set}`, or nowhere to put it"),
            NewValue::Json(_) => format!("nowhere to put `{set}`"),
        };
        Some(json(What::Set(Set { pointer: pointer?, value }), needs))
    }

    /// The value that a template gives.
    fn template(&mut self, key: &str, text: &str, is_json: bool) -> Option<NewValue> {
        let template = match Template::read(text, &self.place(&[key])) {
            Ok(template) => template,
            Err(mistake) => {
                self.mistakes.push(mistake);
                return None;
            }
        };
        let fixed = match template.pieces() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text.as_str()),
            _ => None,
        };
        match fixed {
            Some(text) if is_json && !is_json_text(text.as_bytes()) => {
                self.mistake(&[key], format!("`{text}` is not JSON; a text is written `to = \"{text}\"`"))
            }
            Some(text) if is_json => Some(NewValue::Json(text.as_bytes().to_vec())),
            Some(text) => Some(NewValue::Json(serde_json::Value::from(text).to_string().into_bytes())),
            None => match template.declare(self.plan, &self.abilities.template) {
                Ok(template) => Some(NewValue::Template { template, is_json }),
                Err(wrong) => self.mistake(&[key], wrong),
            },
        }
    }

    pub(super) fn take(&mut self, part: &Part) -> Option<Edit> {
        let place = self.place(&["take"]);
        // What is of the value is read from what the edits above left, and the rest by weir.
        let is_of_value = !matches!(part.source, Some(part::Source::Key | part::Source::Header(_)));
        let is_edited = is_of_value && (part.json.is_some() || part.capture.is_some());
        let mut unused = Plan::new();
        let plan = if is_edited { &mut unused } else { &mut *self.plan };
        let reader = match part.declare_with(plan, &place, self.abilities) {
            Ok(reader) => reader,
            Err(mistakes) => {
                self.mistakes.extend(mistakes);
                return None;
            }
        };
        if part.value.is_some() {
            return self
                .mistake(&["take", "value"], "is the value already: name a part of it, or another part of the record");
        }
        let needs = Some(format!("no {part}"));
        let outer = match &part.source {
            Some(part::Source::Json(pointer)) => Some(Pointer::new(pointer)),
            _ => None,
        };
        let (take, reads_json) = match (&part.json, &part.capture) {
            (Some(pointer), _) if is_edited => (Take::Json { outer, pointer: Pointer::new(pointer) }, true),
            (_, Some(pattern)) if is_edited => {
                // What is surely not meant in it was warned of with the part.
                let expression = match Expression::new(pattern, part.dialect, Reader::Part) {
                    Ok(expression) => expression,
                    Err(wrong) => return self.mistake(&["take", "capture"], wrong),
                };
                let group = self.group(&["take", "group"], &expression, part.group.map(|group| group as usize))?;
                let reads_json = outer.is_some();
                (Take::Match { member: outer, expression, group }, reads_json)
            }
            _ => (Take::Part(reader), false),
        };
        Some(Edit { what: What::Take(take), needs, reads_json })
    }
}
