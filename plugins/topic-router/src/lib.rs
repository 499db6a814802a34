//! The `topic-router` interceptor: routes each record to a topic whose name is made from the record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    Batch, Edits, Effects, Files, Interceptor, Mistake, Plan, count, pointer,
    template::{self, Abilities, Dates, NoTopic, Tables, TopicTemplate},
    topic_mistake, topic_pattern_mistake,
};

/// Routes each record to a topic whose name is made from the record.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The template of the topic's name: text, and parts in braces, as in header-enricher: `"events-{type}"`,
    /// `"{topic}-{json:/country}"`, `"logs-{timestamp:%Y%m}"`.
    pub topic: String,
    /// What the topic may be: names, or patterns with `*`. Left out: the template with `*` for each of its parts.
    #[serde(default)]
    pub topics: Vec<String>,
    /// What becomes of a record in which a part of the template has no value.
    #[serde(default)]
    pub missing: Missing,
    /// What becomes of a record whose name is none that Kafka takes, or none of `topics`.
    #[serde(default)]
    pub invalid: Invalid,
    /// The time zone of dates in the template, an IANA name.
    #[serde(default = "utc")]
    pub zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What becomes of a record in which a part has no value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// It is set aside, with the part's name as the reason.
    #[default]
    DeadLetter,
    /// It is left to the rest of the chain and to the pipeline's `to`.
    Keep,
    /// It goes to this topic.
    Topic(String),
}

/// What becomes of a record whose topic cannot be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Invalid {
    /// It is set aside.
    #[default]
    DeadLetter,
    /// Characters that Kafka refuses become `_`, and the name is cut at 249; what is none of `topics` then is set aside.
    Replace,
    /// It goes to this topic.
    Topic(String),
}

/// The interceptor.
#[derive(Debug)]
pub struct TopicRouter {
    topic: TopicTemplate,
    missing: Missing,
    invalid: Invalid,
}

impl Interceptor for TopicRouter {
    type Config = Config;
    const NAME: &'static str = "topic-router";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Routes each record to a topic whose name is made from the record.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut plan = Plan::new();
        let zone = template::zone(&config.zone).map_err(|wrong| mistakes.push(Mistake::new("/zone", wrong))).ok();
        let abilities = Abilities { dates: zone.map_or_else(Dates::none, Dates::within), tables: Tables::of(files) };
        for (at, pattern) in config.topics.iter().enumerate() {
            let wrong = topic_pattern_mistake(pattern);
            mistakes.extend(wrong.map(|wrong| Mistake::new(pointer!("topics", at), wrong)));
        }
        let replace = config.invalid == Invalid::Replace;
        let topic = TopicTemplate::declare((&config.topic, "/topic"), &config.topics, replace, &mut plan, &abilities);
        let topic = topic.map_err(|wrong| mistakes.push(wrong)).ok();
        let mut others = Vec::new();
        if let Missing::Topic(topic) = &config.missing {
            others.push(("/missing/topic", topic));
        }
        if let Invalid::Topic(topic) = &config.invalid {
            others.push(("/invalid/topic", topic));
        }
        for (at, topic) in others {
            mistakes.extend(topic_mistake(topic).map(|wrong| Mistake::new(at, wrong)));
            plan = plan.topics([topic]);
        }
        let Some(topic) = topic.filter(|_| mistakes.is_empty()) else { return Err(mistakes) };
        if !topic.may_be_allowed() && !matches!(config.invalid, Invalid::Topic(_)) {
            let message = format!(
                "`{}` is none of `topics`, so that no record could go anywhere: correct one of them",
                config.topic
            );
            return Err(vec![Mistake::new("/topic", message)]);
        }
        let may_be_invalid = topic.varies() && !matches!(config.invalid, Invalid::Topic(_));
        if may_be_invalid || (topic.may_miss() && config.missing == Missing::DeadLetter) {
            plan = plan.effects(Effects::DEAD_LETTER);
        }
        Ok((Self { topic, missing: config.missing, invalid: config.invalid }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let mut topics = self.topic.within(batch)?;
        let (mut missing, mut invalid) = (0, 0);
        for row in batch.rows() {
            match topics.topic(row, edits) {
                Ok(topic) => edits.route(row, topic),
                Err(NoTopic::Missing(part)) => {
                    missing += 1;
                    match &self.missing {
                        Missing::DeadLetter => edits.dead_letter(row, format!("no topic: `{part}` has no value")),
                        Missing::Keep => {}
                        Missing::Topic(topic) => edits.route_to(row, topic),
                    }
                }
                Err(NoTopic::Invalid(why)) => {
                    invalid += 1;
                    match &self.invalid {
                        Invalid::DeadLetter | Invalid::Replace => edits.dead_letter(row, why),
                        Invalid::Topic(topic) => edits.route_to(row, topic),
                    }
                }
            }
        }
        count("missing", missing);
        count("invalid", invalid);
        Ok(())
    }
}

weir_sdk::export!(TopicRouter);

#[cfg(test)]
mod tests;
