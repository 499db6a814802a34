//! A part of a record: one table with the same words in every built-in, wherever something is read.
//!
//! ```
//! use weir_sdk::{Plan, part::Part};
//! let part: Part = serde_json::from_str(r#"{ "json": "/user/id", "source": "key" }"#).unwrap();
//! let mut plan = Plan::new();
//! let reader = part.declare(&mut plan, "/from").unwrap();
//! assert_eq!(part.to_string(), "`/user/id` of the key");
//! # let _ = reader;
//! ```

mod check;
mod groups;
mod reader;
mod searched;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use self::check::What;
#[cfg(feature = "pattern")]
pub use self::check::read_pattern;
pub use self::{
    groups::default_group,
    reader::{IntegerReader, IntegerView, PartReader, PartView},
    searched::Searched,
};
use crate::{Mistake, Plan, pattern::Dialect, template};

/// A part of a record: exactly one of `value`, `key`, `header`, `json`, `capture`, `template`, `topic` and `timestamp`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Part {
    /// The value: `{ value = true }`.
    pub value: Option<bool>,
    /// The key: `{ key = true }`.
    pub key: Option<bool>,
    /// The last header of this name.
    pub header: Option<String>,
    /// The member at this JSON pointer (`"/user/id"`, RFC 6901): a string unescaped, all else as its JSON text.
    pub json: Option<String>,
    /// The first match of this regular expression.
    pub capture: Option<String>,
    /// A text made of several parts: the template language of header-enricher, `"{topic}-{json:/type}"`.
    pub template: Option<String>,
    /// The topic that the record came from: `{ topic = true }`.
    pub topic: Option<bool>,
    /// The record's timestamp, milliseconds since the epoch: `{ timestamp = true }`.
    pub timestamp: Option<bool>,
    /// With `json` and `capture`: where they look. Left out: in the value.
    pub source: Option<Source>,
    /// With `capture`: the number of the group. Left out: 1, or the whole match (0) where the expression has no group.
    pub group: Option<u32>,
    /// With `capture`: whose regular expression it is. Left out: `"rust"`. Java's are read by filter, regex-extractor and
    /// value-editor; elsewhere they are refused, with what to write instead.
    pub dialect: Option<Dialect>,
}

/// What `json` and `capture` look into.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The record's value.
    #[default]
    Value,
    /// The record's key.
    Key,
    /// The last header of this name.
    Header(String),
    /// The member of the value at this JSON pointer: a JSON document, or a text, within a JSON document.
    Json(String),
}

/// A regular expression that is run in the sandbox.
pub trait Search: fmt::Debug {
    /// The range of `group` in the first match; none where nothing matches or the group took no part.
    fn find(&self, text: &[u8], group: usize) -> Option<std::ops::Range<usize>>;
}

/// What understands a regular expression.
pub type MakeSearch = fn(&str) -> Result<Box<dyn Search>, String>;

/// What reads a regular expression as its author wrote it, with the group that its author names: returns it in the syntax of
/// Rust's regex crate, and the group that is meant there; or what is wrong with it.
pub type ReadPattern = fn(&str, Dialect, Option<u32>) -> Result<(String, u32), String>;

/// What a plugin brings for parts that weir does not extract: each makes the plugin larger, so it is there where it is
/// of use.
#[derive(Debug, Default)]
pub struct Abilities<'a> {
    /// What templates may have.
    pub template: template::Abilities<'a>,
    /// Who runs expressions on what is made in the sandbox; on values, keys and headers weir runs them.
    pub search: Option<MakeSearch>,
    /// Who reads Java's expressions: `read_pattern`, which is there with the feature `pattern`. Else they are refused.
    pub patterns: Option<ReadPattern>,
}

impl Part {
    /// The last header of that name.
    pub fn of_header(name: impl Into<String>) -> Self {
        Self { header: Some(name.into()), ..Self::default() }
    }

    /// The value.
    pub fn of_value() -> Self {
        Self { value: Some(true), ..Self::default() }
    }

    /// The key.
    pub fn of_key() -> Self {
        Self { key: Some(true), ..Self::default() }
    }

    /// A member of the value.
    pub fn of_json(pointer: impl Into<String>) -> Self {
        Self { json: Some(pointer.into()), ..Self::default() }
    }

    /// Adds the columns of the part to the plan, and returns what reads them. `at` is where the part's table stands in the
    /// config.
    ///
    /// # Errors
    /// Every mistake in the table.
    pub fn declare(&self, plan: &mut Plan, at: &str) -> Result<PartReader, Vec<Mistake>> {
        self.declare_with(plan, at, &Abilities::default())
    }

    /// The same for a plugin that can do more.
    ///
    /// # Errors
    /// Every mistake in the table.
    pub fn declare_with(
        &self,
        plan: &mut Plan,
        at: &str,
        abilities: &Abilities<'_>,
    ) -> Result<PartReader, Vec<Mistake>> {
        PartReader::new(self.check(at, abilities.patterns)?, plan, at, abilities).map_err(|mistake| vec![mistake])
    }

    /// Adds the columns of the part, which is to be an integer; with `binary` it may be four or eight bytes, too.
    ///
    /// # Errors
    /// Every mistake in the table.
    pub fn declare_integer(&self, plan: &mut Plan, at: &str, binary: bool) -> Result<IntegerReader, Vec<Mistake>> {
        IntegerReader::new(self.check(at, None)?, plan, at, binary).map_err(|mistake| vec![mistake])
    }
}

/// As a reason says it: `header `id``, `` `/id` of the value ``.
impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.source.as_ref().unwrap_or(&Source::Value);
        if let Some(name) = &self.header {
            write!(out, "header `{name}`")
        } else if let Some(pointer) = &self.json {
            match pointer.as_str() {
                "" => write!(out, "{source} as a JSON document"),
                pointer => write!(out, "`{pointer}` of {source}"),
            }
        } else if let Some(pattern) = &self.capture {
            write!(out, "`{pattern}` in {source}")
        } else if let Some(template) = &self.template {
            write!(out, "`{template}`")
        } else if self.key.is_some() {
            out.write_str("the key")
        } else if self.topic.is_some() {
            out.write_str("the topic")
        } else if self.timestamp.is_some() {
            out.write_str("the timestamp")
        } else {
            out.write_str("the value")
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Value => out.write_str("the value"),
            Source::Key => out.write_str("the key"),
            Source::Header(name) => write!(out, "header `{name}`"),
            Source::Json(pointer) => write!(out, "`{pointer}` of the value"),
        }
    }
}

#[cfg(test)]
mod tests;
