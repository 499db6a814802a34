//! The `header-router` interceptor: routes by a table from a header's value to a topic.

mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_sdk::{
    Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan, check_header, count, pointer,
    template::{Abilities, NoTopic, Tables, TopicTemplate, Topics as Named},
    topic_mistake, warn,
};

use crate::table::Table;

/// Routes records by the value of a header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The header that decides; of several of that name, the last.
    header: String,
    /// Topics by the header's value, which is compared byte for byte. A value with a list of topics goes to each of them.
    #[serde(rename = "match")]
    topics: BTreeMap<String, Topics>,
    /// Whether `*` in a value of the table stands for any characters. A value that stands there as it is goes first, then
    /// the pattern with the most other characters.
    #[serde(default)]
    patterns: bool,
    /// What becomes of a record whose header is missing, null, or has a value that the table does not name:
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
    header: String,
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
    const SUMMARY: &'static str = "Routes records by a table from a header's value to a topic.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        mistakes.extend(check_header(&config.header, "/header"));
        let mut plan = Plan::new().input(Input::header(&config.header));
        let mut table = Table::new(config.patterns);
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
            table.insert(value, topics);
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
                let abilities = Abilities { tables: Tables::of(files), ..Abilities::default() };
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
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok((Self { header: config.header, table, otherwise }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let values = batch.bytes(0)?;
        let mut named = match &self.otherwise {
            Rest::Topic(topic) => Some(topic.within(batch)?),
            _ => None,
        };
        let found = batch.rows().map(|row| self.table.get(values.get(row)?));
        let mut unmatched = 0;
        if !self.table.copies() {
            for (row, topics) in found.enumerate() {
                match topics.and_then(<[String]>::first) {
                    Some(topic) => edits.route_to(row, topic),
                    None => {
                        unmatched += 1;
                        self.route_unmatched((row, row), values.get(row), named.as_mut(), edits);
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
                    self.route_unmatched((row, out), values.get(row), named.as_mut(), edits);
                }
                out += copies(topics);
            }
        }
        count("unmatched", unmatched);
        Ok(())
    }
}

impl HeaderRouter {
    /// What becomes of a row that the table does not name: of the batch, and of what comes out.
    fn route_unmatched(
        &self,
        (row, out): (usize, usize),
        value: Option<&[u8]>,
        named: Option<&mut Named<'_>>,
        edits: &mut Edits,
    ) {
        match (&self.otherwise, named) {
            (Rest::DeadLetter, _) => edits.dead_letter(out, self.reason(value)),
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
            None => format!("no header `{}`", self.header),
            Some(value) => format!("no topic for `{}` in header `{}`", value.escape_ascii(), self.header),
        }
    }
}

weir_sdk::export!(HeaderRouter);
