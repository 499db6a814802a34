//! The `header-router` interceptor: routes by a table from a header's value, or another part's, to a topic.

mod table;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::Deserialize;
use weir_sdk::{
    Batch, Edits, Effects, Files, Interceptor, Mistake, Plan, count,
    part::{Abilities as PartAbilities, Part, PartReader},
    pointer,
    template::{Abilities, NoTopic, Tables, TopicTemplate, Topics as Named},
    topic_mistake, warn,
};

use crate::table::Table;

/// Routes records by the value of a header or of another part.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The header that decides; of several of that name, the last. Either this or `from`.
    #[serde(default)]
    header: Option<String>,
    /// The part of the record that decides: `{ json = "/type" }`, `{ key = true }`. Either this or `header`.
    #[serde(default)]
    from: Option<Part>,
    /// Topics by the value of the header or part, which is compared byte for byte: a JSON number by its text, so that `12` is
    /// not `12.0` (see `integers`). A value with a list of topics goes to each of them.
    #[serde(rename = "match")]
    topics: BTreeMap<String, Topics>,
    /// Whether `*` in a value of the table stands for any characters. A value that stands there as it is goes first, then
    /// the pattern with the most other characters.
    #[serde(default)]
    patterns: bool,
    /// Whether integers in the table stand for the number, however the record writes it: `"12"` then also covers `12.0`, `1.2e1`
    /// and `" 12"`. A value that stands there as it is goes first, then the integer, then patterns.
    #[serde(default)]
    integers: bool,
    /// What becomes of a record whose header or part is missing, null, or has a value that the table does not name:
    /// `"keep"` leaves it to the rest of the chain and to the pipeline's `to`, `"dead-letter"` sets it aside, any other
    /// text is a topic, or the template of one as in header-enricher: `"events-{type}"`. A record in which a part of it
    /// has no value, or whose topic Kafka would refuse, is set aside.
    #[serde(default)]
    default: Otherwise,
}

/// Where a value goes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Topics {
    /// To one topic.
    One(String),
    /// To several: a copy to each.
    Several(Vec<String>),
}

/// What becomes of what the table does not name.
#[derive(Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "String")]
#[schemars(with = "String", extend("default" = "keep"))]
pub enum Otherwise {
    /// It goes on.
    #[default]
    Keep,
    /// It is set aside.
    DeadLetter,
    /// It goes to a topic.
    Topic(String),
}

impl From<String> for Otherwise {
    fn from(text: String) -> Self {
        match text.as_str() {
            "keep" => Self::Keep,
            "dead-letter" => Self::DeadLetter,
            _ => Self::Topic(text),
        }
    }
}

/// The interceptor.
#[derive(Debug)]
pub struct HeaderRouter {
    part: PartReader,
    /// The part, as a reason says it.
    named: String,
    table: Table,
    otherwise: Rest,
}

/// What becomes of what the table does not name, ready to be done.
#[derive(Debug)]
enum Rest {
    Keep,
    DeadLetter,
    Topic(TopicTemplate),
}

impl Interceptor for HeaderRouter {
    type Config = Config;
    const NAME: &'static str = "header-router";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Routes records by a table from a header's value, or another part's, to a topic.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut plan = Plan::new();
        let tables = || Tables::of(files);
        let part = decider(&config, &mut plan, tables()).map_err(|wrong| mistakes.extend(wrong)).ok();
        let mut table = Table::new(config.patterns, config.integers);
        for (value, topics) in config.topics {
            let topics = match topics {
                Topics::One(topic) => {
                    let wrong = topic_mistake(&topic);
                    mistakes.extend(wrong.map(|wrong| Mistake::new(pointer!("match", value), wrong)));
                    vec![topic]
                }
                Topics::Several(topics) => {
                    for (at, topic) in topics.iter().enumerate() {
                        let wrong = topic_mistake(topic);
                        mistakes.extend(wrong.map(|wrong| Mistake::new(pointer!("match", value, at), wrong)));
                    }
                    if topics.is_empty() {
                        let message = "names no topic: write one at least, or drop such records with a filter";
                        mistakes.push(Mistake::new(pointer!("match", value), message));
                    }
                    topics
                }
            };
            if let Some(warning) = table::warning(&value, config.patterns) {
                warn(&pointer!("match", value), &warning);
            }
            let place = pointer!("match", value);
            mistakes.extend(table.insert(value, topics).err().map(|wrong| Mistake::new(place, wrong)));
        }
        plan = plan.topics(table.topics());
        if table.copies() {
            plan = plan.effects(Effects::EXPAND);
        }
        let otherwise = match &config.default {
            Otherwise::Keep => Rest::Keep,
            Otherwise::DeadLetter => {
                plan = plan.effects(Effects::DEAD_LETTER);
                Rest::DeadLetter
            }
            Otherwise::Topic(topic) => {
                let abilities = Abilities { tables: tables(), ..Abilities::default() };
                match TopicTemplate::declare((topic, "/default"), &[], false, &mut plan, &abilities) {
                    Ok(topic) => {
                        if topic.varies() {
                            plan = plan.effects(Effects::DEAD_LETTER);
                        }
                        Rest::Topic(topic)
                    }
                    Err(wrong) => {
                        let message = format!("{}; write a topic, \"keep\" or \"dead-letter\"", wrong.message);
                        mistakes.push(Mistake::new(wrong.pointer, message));
                        Rest::Keep
                    }
                }
            }
        };
        match part {
            Some((part, named)) if mistakes.is_empty() => Ok((Self { part, named, table, otherwise }, plan)),
            _ => Err(mistakes),
        }
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let values = self.part.within(batch)?;
        let mut named = match &self.otherwise {
            Rest::Topic(topic) => Some(topic.within(batch)?),
            _ => None,
        };
        let found = batch.rows().map(|row| self.table.get(&values.get(row)?));
        let mut unmatched = 0;
        if !self.table.copies() {
            for (row, topics) in found.enumerate() {
                match topics.and_then(<[String]>::first) {
                    Some(topic) => edits.route_to(row, topic),
                    None => {
                        unmatched += 1;
                        self.route_unmatched((row, row), || values.get(row), named.as_mut(), edits);
                    }
                }
            }
        } else {
            let found: Vec<_> = found.collect();
            let copies = |topics: &Option<&[String]>| topics.map_or(1, <[String]>::len);
            if found.iter().any(|topics| copies(topics) > 1) {
                let rows = found.iter().enumerate();
                edits.expand(rows.flat_map(|(row, topics)| std::iter::repeat_n(row, copies(topics))));
            }
            let mut out = 0;
            for (row, topics) in found.iter().enumerate() {
                for (copy, topic) in topics.iter().copied().flatten().enumerate() {
                    edits.route_to(out + copy, topic);
                }
                if topics.is_none() {
                    unmatched += 1;
                    self.route_unmatched((row, out), || values.get(row), named.as_mut(), edits);
                }
                out += copies(topics);
            }
        }
        count("unmatched", unmatched);
        Ok(())
    }
}

/// What reads the part that decides, and how a reason names that part.
fn decider(config: &Config, plan: &mut Plan, tables: Tables<'_>) -> Result<(PartReader, String), Vec<Mistake>> {
    let part = match (&config.header, &config.from) {
        (Some(name), None) => {
            // Where the part's table would stand, its `header` is the config's.
            let part = Part::of_header(name);
            return Ok((part.declare(plan, "")?, part.to_string()));
        }
        (None, Some(part)) => part,
        (None, None) => {
            let cure = "nothing decides: write `header = \"…\"`, or `from` with another part of the record";
            return Err(vec![Mistake::new("", cure)]);
        }
        (Some(_), Some(_)) => {
            return Err(vec![Mistake::new("/from", "stands beside `header`: write one of them, for one part decides")]);
        }
    };
    let template = Abilities { tables, ..Abilities::default() };
    let abilities = PartAbilities { template, ..PartAbilities::default() };
    Ok((part.declare_with(plan, "/from", &abilities)?, part.to_string()))
}

impl HeaderRouter {
    /// What becomes of a row that the table does not name: of the batch, and of what comes out.
    fn route_unmatched<'v>(
        &self,
        (row, out): (usize, usize),
        value: impl FnOnce() -> Option<Cow<'v, [u8]>>,
        named: Option<&mut Named<'_>>,
        edits: &mut Edits,
    ) {
        match (&self.otherwise, named) {
            (Rest::DeadLetter, _) => edits.dead_letter(out, self.reason(value().as_deref())),
            (Rest::Topic(_), Some(named)) => match named.topic(row, edits) {
                Ok(topic) => edits.route(out, topic),
                Err(NoTopic::Missing(part)) => edits.dead_letter(out, format!("no topic: `{part}` has no value")),
                Err(NoTopic::Invalid(why)) => edits.dead_letter(out, why),
            },
            _ => {}
        }
    }

    fn reason(&self, value: Option<&[u8]>) -> String {
        match value {
            None => format!("no {}", self.named),
            Some(value) => format!("no topic for `{}` in {}", value.escape_ascii(), self.named),
        }
    }
}

weir_sdk::export!(HeaderRouter);
