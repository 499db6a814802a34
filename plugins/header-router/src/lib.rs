//! The `header-router` interceptor: routes by a table from a header's value to a topic.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_sdk::{
    Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan, count, header_mistake, push_pointer, topic_mistake,
};

/// Routes records by the value of a header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The header that decides; of several of that name, the last.
    header: String,
    /// Topics by the header's value, which is compared byte for byte.
    #[serde(rename = "match")]
    topics: BTreeMap<String, String>,
    /// What becomes of a record whose header is missing, null, or has a value that the table does not name:
    /// `"keep"` leaves it to the rest of the chain and to the pipeline's `to`, `"dead-letter"` sets it aside, any other
    /// text is a topic.
    #[serde(default)]
    default: Otherwise,
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
    /// Ascending by value, for a binary search.
    table: Vec<(Vec<u8>, String)>,
    otherwise: Otherwise,
}

impl Interceptor for HeaderRouter {
    type Config = Config;
    const NAME: &'static str = "header-router";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Routes records by a table from a header's value to a topic.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        mistakes.extend(header_mistake(&config.header).map(|wrong| Mistake::new("/header", wrong)));
        for (value, topic) in &config.topics {
            let Some(wrong) = topic_mistake(topic) else { continue };
            let mut pointer = "/match".to_owned();
            push_pointer(&mut pointer, value);
            mistakes.push(Mistake::new(pointer, wrong));
        }
        if let Otherwise::Topic(topic) = &config.default
            && let Some(wrong) = topic_mistake(topic)
        {
            let wrong = format!("{wrong}; write a topic, \"keep\" or \"dead-letter\"");
            mistakes.push(Mistake::new("/default", wrong));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut plan = Plan::new().input(Input::header(&config.header)).topics(config.topics.values());
        match &config.default {
            Otherwise::Keep => {}
            Otherwise::DeadLetter => plan = plan.effects(Effects::DEAD_LETTER),
            Otherwise::Topic(topic) => plan = plan.topics([topic]),
        }
        let table = config.topics.into_iter().map(|(value, topic)| (value.into_bytes(), topic)).collect();
        Ok((Self { header: config.header, table, otherwise: config.default }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let values = batch.bytes(0)?;
        let mut unmatched = 0;
        for row in batch.rows() {
            let value = values.get(row);
            if let Some(topic) = value.and_then(|value| self.topic(value)) {
                edits.route_to(row, topic);
                continue;
            }
            unmatched += 1;
            match &self.otherwise {
                Otherwise::Keep => {}
                Otherwise::Topic(topic) => edits.route_to(row, topic),
                Otherwise::DeadLetter => edits.dead_letter(row, self.reason(value)),
            }
        }
        count("unmatched", unmatched);
        Ok(())
    }
}

impl HeaderRouter {
    fn topic(&self, value: &[u8]) -> Option<&str> {
        let at = self.table.binary_search_by(|(known, _)| known.as_slice().cmp(value)).ok()?;
        self.table.get(at).map(|(_, topic)| topic.as_str())
    }

    fn reason(&self, value: Option<&[u8]>) -> String {
        match value {
            None => format!("no header `{}`", self.header),
            Some(value) => format!("no topic for `{}` in header `{}`", value.escape_ascii(), self.header),
        }
    }
}

weir_sdk::export!(HeaderRouter);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};
    use weir_sdk::testing::{Bench, Record, Verdict, take_said};

    use super::*;

    fn config(default: &str) -> Value {
        json!({ "header": "type", "match": { "click": "clicks", "buy": "orders", "": "blank" }, "default": default })
    }

    #[track_caller]
    fn check(config: &Value, record: Record, topic: Option<&str>, verdict: Verdict) {
        let outcome = Bench::<HeaderRouter>::new(config).unwrap().run(&[record]).unwrap().remove(0);
        assert_eq!((outcome.topic.as_deref(), outcome.verdict), (topic, verdict));
    }

    #[test]
    fn the_value_chooses_the_topic_and_the_rest_follows_the_default() {
        let typed = |value: &str| Record::of("v").header("type", value);
        let none = || Record::of("v").header("other", "click");
        let dead = |reason: &str| Verdict::DeadLetter(reason.to_owned());
        let keep = config("keep");
        check(&keep, typed("click"), Some("clicks"), Verdict::Keep);
        check(&keep, typed("buy"), Some("orders"), Verdict::Keep);
        check(&keep, typed(""), Some("blank"), Verdict::Keep);
        check(&keep, typed("click").header("type", "buy"), Some("orders"), Verdict::Keep);
        check(&keep, typed("Click"), None, Verdict::Keep);
        check(&keep, none(), None, Verdict::Keep);
        check(&keep, typed("buy").null_header("type"), None, Verdict::Keep);
        check(&config("rest"), typed("?"), Some("rest"), Verdict::Keep);
        check(&config("rest"), none(), Some("rest"), Verdict::Keep);
        check(&config("dead-letter"), none(), None, dead("no header `type`"));
        check(&config("dead-letter"), typed("\n"), None, dead("no topic for `\\n` in header `type`"));
        check(&json!({ "header": "type", "match": {} }), typed("click"), None, Verdict::Keep);
    }

    #[test]
    fn unmatched_records_are_counted() {
        take_said();
        let records = [Record::of("v"), Record::of("v").header("type", "buy"), Record::of("v")];
        Bench::<HeaderRouter>::new(config("keep")).unwrap().run(&records).unwrap();
        assert_eq!(take_said().counts["unmatched"], 2);
    }

    #[test]
    fn the_plan_names_exactly_what_may_happen() {
        let plan = |default| Bench::<HeaderRouter>::new(config(default)).unwrap().plan().clone();
        assert_eq!(plan("keep").declared_topics(), ["blank", "orders", "clicks"]);
        assert_eq!(plan("rest").declared_topics(), ["blank", "orders", "clicks", "rest"]);
        assert_eq!(plan("keep").declared_effects(), Effects::ROUTE);
        assert_eq!(plan("dead-letter").declared_effects(), Effects::ROUTE | Effects::DEAD_LETTER);
    }

    #[test]
    fn every_mistake_is_said_with_its_place() {
        let long = "x".repeat(250);
        let table = json!({ "a/b": "", "buy": "or ders", "click": long, "fine": "x".repeat(249) });
        let mistakes = |default: &str| {
            let wrong = json!({ "header": "", "match": table, "default": default });
            let mistakes = Bench::<HeaderRouter>::new(wrong).unwrap_err();
            mistakes.into_iter().map(|mistake| mistake.pointer).collect::<Vec<_>>()
        };
        let known = ["/header", "/match/a~1b", "/match/buy", "/match/click"];
        assert_eq!(mistakes("keep"), known);
        for default in ["", "dead letter", &long, ".."] {
            assert_eq!(mistakes(default), [&known[..], &["/default"]].concat(), "{default}");
        }
    }
}
