//! The config, as an operator writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    part::{Part, Source},
    pattern::Dialect,
};

/// Keeps, drops or sets aside records by conditions.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Records that are set aside; looked at first.
    pub dead_letter: Option<Condition>,
    /// Records that are dropped, of the rest.
    pub drop: Option<Condition>,
    /// Records that are kept, of the rest: all others are dropped. Left out: all.
    pub keep: Option<Condition>,
}

/// Something that is true of a record or not: a part of the record and what it is held against, or a combination of
/// conditions. What is compared must be there: a part that is not meets nothing but `exists = false` and `null = true`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// The part is the record's value: `{ value = true, … }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<bool>,
    /// The part is the key: `{ key = true, … }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<bool>,
    /// The part is the last header of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The part is the member at this JSON pointer (`"/user/id"`, RFC 6901): a string unescaped, all else as its JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// The part is the first match of this regular expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// The part is a text made of several parts: the template language of header-enricher, without dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The part is the topic that the record came from: `{ topic = true, … }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<bool>,
    /// The part is the record's timestamp, milliseconds since the epoch: `{ timestamp = true, … }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<bool>,
    /// With `json` and `capture`: where they look. Left out: in the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// With `capture`: the number of the group. Left out: 1, or the whole match (0) where the expression has no group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// With `capture` and `matches`: whose regular expressions they are. Left out: `"rust"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// The part is this text, byte for byte; or this number, however it is written; or `true` or `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Literal>,
    /// The part is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#in: Option<Vec<Literal>>,
    /// This regular expression matches somewhere in the part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// The part is there and not null (`true`), or it is not (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    /// The part is null or not there (`true`), or it is there (`false`): `{ value = true, null = true }` is a tombstone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null: Option<bool>,
    /// The part is a number below this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub less: Option<Number>,
    /// The part is this number or one below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub less_equal: Option<Number>,
    /// The part is a number above this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greater: Option<Number>,
    /// The part is this number or one above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greater_equal: Option<Number>,
    /// The condition is not met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Condition>>,
    /// All of these are met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<Condition>>,
    /// One of these is met, or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<Condition>>,
    /// The record is among so many of a hundred, by a hash: the same records every time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
}

/// A text, a number, or `true` or `false`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Literal {
    /// `true` or `false`, as JSON writes them.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
}

/// A number.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Number {
    /// A whole one.
    Integer(i64),
    /// Any other.
    Float(f64),
}

/// So many of a hundred records.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What is hashed: records in which this part is the same are all in the sample, or none of them is. A record
    /// without it is not.
    pub of: Part,
    /// How many of a hundred: 0 to 100, also `0.1`. Who is among 5 is among 10.
    #[schemars(range(min = 0, max = 100))]
    pub percent: f64,
}

impl Condition {
    /// The part of the record that it speaks of.
    pub(crate) fn part(&self) -> Part {
        Part {
            value: self.value,
            key: self.key,
            header: self.header.clone(),
            json: self.json.clone(),
            capture: self.capture.clone(),
            template: self.template.clone(),
            topic: self.topic,
            timestamp: self.timestamp,
            source: self.source.clone(),
            group: self.group,
            dialect: self.dialect.filter(|_| self.capture.is_some() || self.matches.is_none()),
        }
    }
}
