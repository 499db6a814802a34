//! The config, as an operator writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{Mistake, check_header, pointer, topic_pattern_mistake};

/// Runs a jq program over the JSON value of each record.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The jq program; `.` is the value. `$key`, `$headers`, `$topic`, `$partition`, `$offset`, `$timestamp` and `$received` are
    /// the rest of the record. Modules that it includes or imports are the interceptor's `files`, by their names.
    pub program: String,
    /// What an output of the program is.
    #[serde(default)]
    pub output: Output,
    /// Whether a value that is a string is written without quotes, as `jq -r` does.
    #[serde(default)]
    pub raw: bool,
    /// With `output = "record"`: the headers that the program may set, `"*"` for any.
    #[serde(default = "any")]
    pub headers: Vec<String>,
    /// With `output = "record"`: the topics that the program may name: names, or patterns with `*`.
    #[serde(default)]
    pub topics: Vec<String>,
    /// What becomes of a record whose value is null.
    #[serde(default)]
    pub tombstone: Tombstone,
    /// What becomes of a record whose value is not one JSON document.
    #[serde(default)]
    pub invalid: Invalid,
    /// The most outputs that a record may have, 1 to 16384.
    #[serde(default = "max_outputs")]
    #[schemars(range(min = 1, max = 16_384))]
    pub max_outputs: u32,
}

/// Rows that weir takes as the answer for one batch.
pub(crate) const ROWS: usize = 16_384;

/// Names of headers that are set in one batch: each takes up to three of the 1,024 edits of headers that an answer may have.
pub(crate) const NAMES: usize = 341;

fn max_outputs() -> u32 {
    ROWS as u32
}

fn any() -> Vec<String> {
    vec!["*".to_owned()]
}

/// What an output of the program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// The value of a record; all else of it stays as it was.
    #[default]
    Value,
    /// An object with any of `key`, `headers`, `topic` and `value`; what is left out stays as it was.
    Record,
}

/// What becomes of a record whose value is null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tombstone {
    /// It goes on as it came.
    #[default]
    Keep,
    /// It is dropped.
    Drop,
    /// It is set aside.
    DeadLetter,
    /// The program runs, and `.` is null.
    Run,
}

/// What becomes of a record whose value is not one JSON document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Invalid {
    /// It is set aside, with the reason.
    #[default]
    DeadLetter,
    /// It goes on as it came.
    Keep,
}

impl Config {
    /// What is wrong with the config, the program left out.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if self.max_outputs == 0 || self.max_outputs as usize > ROWS {
            let wrong = format!("{} outputs: write a number from 1 to {ROWS}", self.max_outputs);
            mistakes.push(Mistake::new("/max_outputs", wrong));
        }
        for (at, name) in self.headers.iter().enumerate().filter(|(_, name)| *name != "*") {
            mistakes.extend(check_header(name, &pointer!("headers", at)));
        }
        for (at, pattern) in self.topics.iter().enumerate() {
            let wrong = topic_pattern_mistake(pattern);
            mistakes.extend(wrong.map(|wrong| Mistake::new(pointer!("topics", at), wrong)));
        }
        if self.output == Output::Value {
            let unused =
                "is only of use with `output = \"record\"`: then an output may be `{ headers: {…}, topic: \"…\" }`";
            if self.headers != any() {
                mistakes.push(Mistake::new("/headers", unused));
            }
            if !self.topics.is_empty() {
                mistakes.push(Mistake::new("/topics", unused));
            }
        }
        mistakes
    }
}
