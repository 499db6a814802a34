//! header-router against its table, looked up as a reader of the page would.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use weir_header_router::HeaderRouter;
use weir_sdk::testing::{Bench, Record, Verdict};

/// A text, and the integer that it is.
type Text = (String, Option<i64>);

/// Words, with stars among them, and integers as people write them.
fn text() -> impl Strategy<Value = Text> {
    let integer = (-3..15_i64, 0..6_usize).prop_map(|(number, form)| {
        let text = match form {
            0 | 1 => format!("{number}"),
            2 => format!("{number}.0"),
            3 => format!(" {number}\n"),
            4 => format!("{number}e0"),
            _ => format!("{number}0e-1"),
        };
        (text, Some(number))
    });
    let word = "[ab*]{0,4}".prop_map(|word| (word, None));
    prop_oneof![2 => word, 1 => integer, 1 => select(vec!["1.5", "x1"]).prop_map(|text| (text.to_owned(), None))]
}

#[derive(Clone, Debug)]
struct Config {
    table: Vec<(Text, Vec<String>)>,
    patterns: bool,
    integers: bool,
    default: &'static str,
    by_json: bool,
}

fn config() -> impl Strategy<Value = Config> {
    let topics = vec(select(vec!["t1", "t2", "t3"]).prop_map(str::to_owned), 1..4);
    let default = select(vec!["keep", "dead-letter", "rest", "of-{topic}-{key}"]);
    (vec((text(), topics), 0..6), any::<bool>(), any::<bool>(), default, any::<bool>()).prop_map(
        |(table, patterns, integers, default, by_json)| {
            // A table has each value once.
            let once: BTreeMap<String, _> = table.into_iter().map(|entry| (entry.0.0.clone(), entry)).collect();
            Config { table: once.into_values().collect(), patterns, integers, default, by_json }
        },
    )
}

impl Config {
    fn written(&self) -> Value {
        let topics = |topics: &[String]| match topics {
            [one] => json!(one),
            several => json!(several),
        };
        let table: serde_json::Map<String, Value> =
            self.table.iter().map(|((text, _), to)| (text.clone(), topics(to))).collect();
        let mut config = json!({
            "match": table, "patterns": self.patterns, "integers": self.integers, "default": self.default,
        });
        if self.by_json {
            config["from"] = json!({ "json": "/a" });
        } else {
            config["header"] = json!("a");
        }
        config
    }

    fn is_pattern(&self, text: &str) -> bool {
        self.patterns && text.contains('*')
    }

    /// Whether two values of the table are one integer.
    fn is_ambiguous(&self) -> bool {
        let fixed = self.table.iter().filter(|((text, _), _)| !self.is_pattern(text));
        let mut integers: Vec<i64> = fixed.filter_map(|((_, integer), _)| *integer).collect();
        let all = integers.len();
        integers.sort_unstable();
        integers.dedup();
        self.integers && integers.len() < all
    }

    /// The topics of a value that the table covers.
    fn topics(&self, (text, integer): &Text) -> Option<&[String]> {
        let fixed = |known: &&(Text, Vec<String>)| !self.is_pattern(&known.0.0);
        let exact = self.table.iter().filter(fixed).find(|((known, _), _)| known == text);
        let number = || {
            let is_it = |known: &&(Text, Vec<String>)| self.integers && integer.is_some() && known.0.1 == *integer;
            self.table.iter().filter(fixed).find(is_it)
        };
        let pattern = || {
            let covers = |known: &&(Text, Vec<String>)| self.is_pattern(&known.0.0) && covers(&known.0.0, text);
            // Of several that are equally long the first by alphabet, which `max_by_key` would give last.
            let rank = |known: &&(Text, Vec<String>)| known.0.0.replace('*', "").len();
            self.table.iter().rev().filter(covers).max_by_key(rank)
        };
        exact.or_else(number).or_else(pattern).map(|(_, topics)| topics.as_slice())
    }
}

fn covers(pattern: &str, text: &str) -> bool {
    match pattern.split_at_checked(1) {
        None => text.is_empty(),
        Some(("*", rest)) => (0..=text.len()).any(|at| text.is_char_boundary(at) && covers(rest, &text[at..])),
        Some((letter, rest)) => text.strip_prefix(letter).is_some_and(|text| covers(rest, text)),
    }
}

/// What is to become of a record: the topics that it goes to, none where it is left to the pipeline; or it is set aside.
fn model(config: &Config, value: Option<&Text>, has_key: bool) -> Result<Vec<Option<String>>, ()> {
    if let Some(topics) = value.and_then(|value| config.topics(value)) {
        return Ok(topics.iter().cloned().map(Some).collect());
    }
    match config.default {
        "keep" => Ok(vec![None]),
        "dead-letter" => Err(()),
        "rest" => Ok(vec![Some("rest".to_owned())]),
        _ if has_key => Ok(vec![Some("of-in-k".to_owned())]),
        _ => Err(()),
    }
}

fn record(config: &Config, value: Option<&Text>, has_key: bool) -> Record {
    let record = match value {
        Some((text, _)) if config.by_json => Record::of(json!({ "a": text }).to_string()),
        Some((text, _)) => Record::of("v").header("a", "earlier").header("a", text),
        None if has_key => Record::of(r#"{"a":null}"#).header("a", "earlier").null_header("a"),
        None => Record::tombstone(),
    };
    if has_key { record.key("k") } else { record }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn records_go_where_the_table_says(
        config in config(),
        values in vec((proptest::option::weighted(0.9, text()), any::<bool>()), 1..12),
        cut in 1..9_usize,
    ) {
        let bench = Bench::<HeaderRouter>::new(config.written());
        prop_assert_eq!(bench.is_err(), config.is_ambiguous());
        let Ok(bench) = bench else { return Ok(()) };
        let records: Vec<Record> =
            values.iter().map(|(value, has_key)| record(&config, value.as_ref(), *has_key)).collect();
        let mut gone = vec![Ok(Vec::new()); records.len()];
        for outcome in bench.from("in", 0).run_cut(cut, &records).unwrap() {
            match outcome.verdict {
                Verdict::Keep => gone[outcome.input].as_mut().unwrap().push(outcome.topic),
                _ => gone[outcome.input] = Err(()),
            }
        }
        let expected: Vec<_> =
            values.iter().map(|(value, has_key)| model(&config, value.as_ref(), *has_key)).collect();
        prop_assert_eq!(gone, expected);
    }
}
