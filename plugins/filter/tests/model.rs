//! filter against conditions that are looked at one record at a time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::{collection::vec, option, prelude::*, sample::select};
use regex::bytes::Regex;
use serde_json::{Map, Value, json};
use weir_filter::Filter;
use weir_sdk::testing::{Bench, Record, Verdict};

#[derive(Clone, Copy, Debug)]
enum Part {
    Value,
    Key,
    Header,
    Json,
    Template,
}

#[derive(Clone, Debug)]
enum Test {
    Equals(Value),
    In(Vec<Value>),
    Matches(&'static str),
    Exists(bool),
    Null(bool),
    Compare(&'static str, f64),
}

#[derive(Clone, Debug)]
enum Condition {
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Tests(Part, Vec<Test>),
}

/// Texts that are numbers or not, and few enough that they meet.
fn text() -> impl Strategy<Value = String> {
    let number = (-4..5_i32, 0..4).prop_map(|(halves, form)| {
        let number = f64::from(halves) / 2.0;
        match form {
            0 => format!("{number:.2}"),
            1 => format!("{number}"),
            2 => format!("{}e-1", halves * 5),
            _ => format!("{number:.1}E0"),
        }
    });
    prop_oneof![2 => number, 2 => "[ab]{0,2}".prop_map(String::from), 1 => Just("true".to_owned())]
}

fn literal() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => text().prop_map(Value::from),
        2 => (-4..5_i32).prop_map(|halves| Value::from(f64::from(halves) / 2.0)),
        1 => (-2..3_i64).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let bound = (-4..5_i32).prop_map(|halves| f64::from(halves) / 2.0);
    prop_oneof![
        literal().prop_map(Test::Equals),
        vec(literal(), 1..4).prop_map(Test::In),
        select(vec!["a", "^b", "^$", r"\d$", "a|1", "x"]).prop_map(Test::Matches),
        any::<bool>().prop_map(Test::Exists),
        any::<bool>().prop_map(Test::Null),
        (select(vec!["less", "less_equal", "greater", "greater_equal"]), bound)
            .prop_map(|(how, bound)| Test::Compare(how, bound)),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let part = select(vec![Part::Value, Part::Key, Part::Header, Part::Json, Part::Template]);
    let leaf = (part, vec(test(), 1..3)).prop_map(|(part, tests)| Condition::Tests(part, tests));
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|condition| Condition::Not(Box::new(condition))),
            vec(inner.clone(), 1..4).prop_map(Condition::All),
            vec(inner, 1..4).prop_map(Condition::Any),
        ]
    })
}

impl Condition {
    fn written(&self) -> Value {
        let all = |conditions: &[Condition]| conditions.iter().map(Condition::written).collect::<Vec<_>>();
        match self {
            Self::Not(condition) => json!({ "not": condition.written() }),
            Self::All(conditions) => json!({ "all": all(conditions) }),
            Self::Any(conditions) => json!({ "any": all(conditions) }),
            Self::Tests(part, tests) => {
                let (name, is) = match part {
                    Part::Value => ("value", json!(true)),
                    Part::Key => ("key", json!(true)),
                    Part::Header => ("header", json!("h")),
                    Part::Json => ("json", json!("/n")),
                    Part::Template => ("template", json!("{h}{key}")),
                };
                // Of two tests of a kind, a table has the last.
                let tests = tests.iter().map(Test::written);
                Value::Object([(name.to_owned(), is)].into_iter().chain(tests).collect::<Map<_, _>>())
            }
        }
    }

    fn is_met(&self, given: &Given) -> bool {
        match self {
            Self::Not(condition) => !condition.is_met(given),
            Self::All(conditions) => conditions.iter().all(|condition| condition.is_met(given)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.is_met(given)),
            Self::Tests(part, tests) => {
                let text = given.part(*part);
                let is_last = |at: usize| !tests.iter().skip(at + 1).any(|later| later.key() == tests[at].key());
                (0..tests.len()).filter(|at| is_last(*at)).all(|at| tests[at].passes(text.as_deref()))
            }
        }
    }
}

impl Test {
    fn key(&self) -> &'static str {
        match self {
            Self::Equals(_) => "equals",
            Self::In(_) => "in",
            Self::Matches(_) => "matches",
            Self::Exists(_) => "exists",
            Self::Null(_) => "null",
            Self::Compare(how, _) => how,
        }
    }

    fn written(&self) -> (String, Value) {
        let is = match self {
            Self::Equals(literal) => literal.clone(),
            Self::In(literals) => json!(literals),
            Self::Matches(pattern) => json!(pattern),
            Self::Exists(is) | Self::Null(is) => json!(is),
            Self::Compare(_, bound) => json!(bound),
        };
        (self.key().to_owned(), is)
    }

    fn passes(&self, text: Option<&str>) -> bool {
        match (self, text) {
            (Self::Exists(exists), text) => text.is_some() == *exists,
            (Self::Null(is_null), text) => text.is_none() == *is_null,
            (_, None) => false,
            (Self::Equals(literal), Some(text)) => is(literal, text),
            (Self::In(literals), Some(text)) => literals.iter().any(|literal| is(literal, text)),
            (Self::Matches(pattern), Some(text)) => Regex::new(pattern).unwrap().is_match(text.as_bytes()),
            (Self::Compare(how, bound), Some(text)) => text.parse::<f64>().is_ok_and(|number| match *how {
                "less" => number < *bound,
                "less_equal" => number <= *bound,
                "greater" => number > *bound,
                _ => number >= *bound,
            }),
        }
    }
}

/// Halves are exact.
fn is(literal: &Value, text: &str) -> bool {
    match literal {
        Value::String(known) => known == text,
        Value::Bool(known) => known.to_string() == text,
        number => text.parse::<f64>().ok() == number.as_f64(),
    }
}

#[derive(Clone, Debug)]
struct Given {
    value: Option<String>,
    key: Option<String>,
    header: Option<String>,
    is_json: bool,
}

fn given() -> impl Strategy<Value = Given> {
    let text = || option::weighted(0.8, text());
    (text(), text(), text(), any::<bool>()).prop_map(|(value, key, header, is_json)| Given {
        value,
        key,
        header,
        is_json,
    })
}

impl Given {
    fn value(&self) -> Option<String> {
        if self.is_json { Some(json!({ "n": self.value }).to_string()) } else { self.value.clone() }
    }

    fn record(&self) -> Record {
        let mut record = self.value().map_or_else(Record::tombstone, Record::of);
        if let Some(key) = &self.key {
            record = record.key(key);
        }
        if let Some(header) = &self.header { record.header("h", header) } else { record }
    }

    fn part(&self, part: Part) -> Option<String> {
        match part {
            Part::Value => self.value(),
            Part::Key => self.key.clone(),
            Part::Header => self.header.clone(),
            Part::Json => self.value.clone().filter(|_| self.is_json),
            Part::Template => Some(format!("{}{}", self.header.as_ref()?, self.key.as_ref()?)),
        }
    }
}

fn matcher(pattern: &str, group: u32, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(Regex::new(pattern).unwrap().captures(bytes)?.get(group as usize)?.as_bytes().to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn records_are_kept_dropped_and_set_aside_as_the_conditions_say(
        dead_letter in option::of(condition()),
        drop in option::of(condition()),
        keep in option::of(condition()),
        given in vec(given(), 1..12),
        cut in 1..9_usize,
    ) {
        let mut config = Map::new();
        for (key, condition) in [("dead_letter", &dead_letter), ("drop", &drop), ("keep", &keep)] {
            config.extend(condition.as_ref().map(|condition| (key.to_owned(), condition.written())));
        }
        prop_assume!(!config.is_empty());
        let mut bench = Bench::<Filter>::new(Value::Object(config)).unwrap().matcher(matcher);
        let records: Vec<Record> = given.iter().map(Given::record).collect();
        let outcomes = bench.run_cut(cut, &records).unwrap();
        prop_assert_eq!(outcomes.len(), records.len());
        for ((outcome, given), record) in outcomes.into_iter().zip(&given).zip(records) {
            let meets = |condition: &Option<Condition>| condition.as_ref().is_some_and(|it| it.is_met(given));
            let expected = if meets(&dead_letter) {
                "dead letter"
            } else if meets(&drop) || (keep.is_some() && !meets(&keep)) {
                "drop"
            } else {
                "keep"
            };
            let became = match outcome.verdict {
                Verdict::Keep => "keep",
                Verdict::Drop => "drop",
                Verdict::DeadLetter(_) => "dead letter",
            };
            prop_assert_eq!(became, expected, "{:?}", given);
            prop_assert_eq!(outcome.record, record);
        }
    }
}
