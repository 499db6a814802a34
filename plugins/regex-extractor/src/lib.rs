//! The `regex-extractor` interceptor: lifts parts of a record into headers by regular expressions.

mod backtracking;
mod date;
mod groups;
mod rule;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    Batch, Edits, Effects, Files, Interceptor, Level, Mistake, Plan, count, log,
    part::Part,
    pattern::{Dialect, Reader},
    pointer,
    times::{Months, Units},
};

/// Lifts parts of a record into headers by regular expressions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What is looked for, in this order; where two rules match and write the same header, the later one wins.
    rules: Vec<RuleConfig>,
    /// Whether a header that the record came with stays as it is (one whose value is null does not count).
    #[serde(default)]
    preserve_existing: bool,
    /// Whose regular expressions the patterns are.
    #[serde(default)]
    dialect: Dialect,
    /// How the expressions are searched for.
    #[serde(default)]
    engine: Engine,
    /// Who runs the expressions; the results are the same. Those that go back are always run by the plugin.
    #[serde(default)]
    run: Run,
}

/// An expression and what becomes of what it finds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// A regular expression of Rust's regex crate: linear time, so no look-around and no back-references. The first
    /// match counts, anywhere in the bytes.
    pattern: String,
    /// Whose regular expression it is, instead of the dialect for all.
    #[serde(default)]
    dialect: Option<Dialect>,
    /// How it is searched for, instead of the engine for all.
    #[serde(default)]
    engine: Option<Engine>,
    /// The headers for group 1, 2 and so on; `""` passes one over, as do groups beyond the list. Left out: every named
    /// group `(?P<name>…)` goes into the header of its name.
    #[serde(default)]
    headers: Option<Vec<String>>,
    /// Where the expression looks.
    #[serde(default)]
    source: Source,
    /// What becomes of a record in which nothing matches.
    #[serde(default)]
    no_match: NoMatch,
    /// For this rule only, instead of the one for all.
    #[serde(default)]
    preserve_existing: Option<bool>,
    /// Takes what is captured for a date and writes milliseconds since the epoch. What cannot be read counts as no
    /// match. Left out: the text as it stands.
    #[serde(default)]
    date: Option<Date>,
}

/// Where an expression looks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Source {
    // First, for of two forms that fit equally badly the first is the one whose mistakes are told.
    /// Any part of the record: `{ header = "agent" }`, `{ json = "/message" }`. In others than the value, the key and a header
    /// the plugin itself looks, in the sandbox.
    Part(Part),
    /// The record's value or its key.
    Whole(Whole),
}

impl Default for Source {
    fn default() -> Self {
        Self::Whole(Whole::Value)
    }
}

/// What has a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Whole {
    /// The record's value.
    Value,
    /// The record's key.
    Key,
}

/// What becomes of a record in which nothing matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoMatch {
    /// It goes on without the headers.
    #[default]
    Leave,
    /// It is set aside.
    DeadLetter,
    /// The headers get this text.
    Default(String),
}

/// How a captured date is read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Date {
    /// How the date is written: a strftime format such as `"%d/%b/%Y:%H:%M:%S %z"`, `"iso8601"`, or any other unit of
    /// timestamp-fixer; or a list of these, tried in order. What a format leaves out (the year, the day) is what brings the
    /// date nearest to the record's time.
    format: Units,
    /// The zone of dates that name none themselves, an IANA name such as `Europe/Berlin`. Left out: UTC.
    #[serde(default)]
    zone: Option<String>,
    /// With `%Z`: the zone of each abbreviation, such as `{ CST = "Asia/Shanghai" }`.
    #[serde(default)]
    zones: Option<BTreeMap<String, String>>,
    /// With `%b` or `%B`: names of months besides the English ones, all twelve in order, or a table such as
    /// `{ "janv." = 1 }`.
    #[serde(default)]
    months: Option<Months>,
}

/// How expressions are searched for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// In time that grows with the text only: no look-around and no back-references.
    #[default]
    Linear,
    /// By going back, with look-around and back-references, inside the sandbox. A record for which it goes back more
    /// than a million times is a fault.
    Backtracking,
}

/// Who runs the expressions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Run {
    /// weir, natively, declared as `capture` inputs: only what is captured enters the sandbox. The faster one.
    #[default]
    Host,
    /// The plugin, inside the sandbox: for expressions that you would not trust outside it.
    Guest,
}

/// The interceptor.
#[derive(Debug)]
pub struct RegexExtractor {
    rules: Vec<rule::Rule>,
}

impl Interceptor for RegexExtractor {
    type Config = Config;
    const NAME: &'static str = "regex-extractor";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Lifts parts of a record into headers by regular expressions.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut plan = Plan::new();
        let mut rules = Vec::with_capacity(config.rules.len());
        for (at, rule) in config.rules.iter().enumerate() {
            match rule::Rule::new(at, rule, &config, &mut plan) {
                Ok(rule) => rules.push(rule),
                Err(wrong) => mistakes.extend(wrong),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        plan = plan.header_names(rules.iter().flat_map(rule::Rule::header_names));
        for (at, rule) in config.rules.iter().enumerate() {
            let dialect = rule.dialect.unwrap_or(config.dialect);
            for warning in weir_sdk::pattern::warnings(&rule.pattern, dialect, Reader::Extractor) {
                log(Level::Warn, &format!("{}: {warning}", pointer!("rules", at, "pattern")));
            }
        }
        if config.rules.iter().any(|rule| rule.no_match == NoMatch::DeadLetter) {
            plan = plan.effects(Effects::DEAD_LETTER);
        }
        Ok((Self { rules }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let mut misses = rule::Misses::default();
        for rule in &self.rules {
            rule.extract(batch, edits, &mut misses)?;
        }
        count("no_match", misses.unmatched);
        count("unreadable_date", misses.unreadable);
        for (number, read) in (1..).zip(&misses.reads) {
            count(&format!("read_{number}"), *read);
        }
        Ok(())
    }
}

weir_sdk::export!(RegexExtractor);
