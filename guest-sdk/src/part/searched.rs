//! Where weir itself looks for expressions.

use super::Part;
use crate::Input;

/// What weir looks into for an expression: nothing of it enters the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched<'a> {
    /// The record's value.
    Value,
    /// Its key.
    Key,
    /// The last header of this name.
    Header(&'a str),
}

impl Part {
    /// Returns where weir looks for expressions of this part; none where the plugin has to look itself.
    pub fn searched(&self) -> Option<Searched<'_>> {
        let Self { value, key, header, json, capture, template, topic, timestamp, source, group, dialect: _ } = self;
        let is_plain = json.is_none() && capture.is_none() && template.is_none() && topic.is_none();
        if !is_plain || timestamp.is_some() || source.is_some() || group.is_some() {
            return None;
        }
        match (value, key, header) {
            (Some(true), None, None) => Some(Searched::Value),
            (None, Some(true), None) => Some(Searched::Key),
            (None, None, Some(name)) => Some(Searched::Header(name)),
            _ => None,
        }
    }
}

impl Searched<'_> {
    /// The column with what a group of an expression captures there.
    pub fn capture(self, expression: &str, group: u32) -> Input {
        let capture = Input::capture(expression, group);
        match self {
            Self::Value => capture,
            Self::Key => capture.of_key(),
            Self::Header(name) => capture.of_header(name),
        }
    }
}
