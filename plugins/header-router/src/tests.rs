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

fn topics(config: &Value, records: &[Record]) -> Vec<(usize, Option<String>)> {
    let outcomes = Bench::<HeaderRouter>::new(config).unwrap().run(records).unwrap();
    outcomes.into_iter().map(|outcome| (outcome.input, outcome.topic)).collect()
}

#[test]
fn a_value_may_go_to_several_topics() {
    let config = json!({
        "header": "type", "match": { "click": ["clicks", "all"], "buy": ["orders"] }, "default": "rest-{key}",
    });
    let typed = |value: &str| Record::of("v").header("type", value).key("k");
    let records = [typed("buy"), typed("click"), typed("?"), typed("click")];
    let to = |topic: &str| Some(topic.to_owned());
    let expected =
        [(0, to("orders")), (1, to("clicks")), (1, to("all")), (2, to("rest-k")), (3, to("clicks")), (3, to("all"))];
    assert_eq!(topics(&config, &records), expected);
    for size in [1, 2, 3] {
        let outcomes = Bench::<HeaderRouter>::new(&config).unwrap().run_cut(size, &records).unwrap();
        let cut: Vec<_> = outcomes.into_iter().map(|outcome| (outcome.input, outcome.topic)).collect();
        assert_eq!(cut, expected, "{size}");
    }
    assert_eq!(topics(&config, &records[..1]), [(0, to("orders"))], "nothing to copy");
}

#[test]
fn a_star_stands_for_any_characters_where_patterns_are_on() {
    let config = |patterns: bool| {
        let table = json!({ "click": "c", "cl*": "cl", "*": "all", "a*z": "az" });
        json!({ "header": "type", "match": table, "patterns": patterns })
    };
    let of = |patterns: bool, value: &str| {
        topics(&config(patterns), &[Record::of("v").header("type", value)]).remove(0).1.unwrap_or_default()
    };
    for (value, topic) in [("click", "c"), ("clicks", "cl"), ("az", "az"), ("a-z", "az"), ("", "all"), ("x", "all")] {
        assert_eq!(of(true, value), topic, "{value}");
    }
    assert_eq!(of(false, "clicks"), "");
    assert_eq!(of(false, "cl*"), "cl");
    assert_eq!(topics(&config(true), &[Record::of("v")]), [(0, None)], "no header, no value");
}

#[test]
fn the_default_may_be_made_of_the_record() {
    let config = config("out-{type}");
    check(&config, Record::of("v").header("type", "new"), Some("out-new"), Verdict::Keep);
    check(&config, Record::of("v").header("type", "buy"), Some("orders"), Verdict::Keep);
    let dead = |reason: &str| Verdict::DeadLetter(reason.to_owned());
    check(&config, Record::of("v"), None, dead("no topic: `{header:type}` has no value"));
    let wrong = "`out-a b` is not a valid topic name: Kafka allows letters, digits, `.`, `_` and `-`, but no space";
    check(&config, Record::of("v").header("type", "a b"), None, dead(wrong));
    let plan = Bench::<HeaderRouter>::new(&config).unwrap().plan().clone();
    assert_eq!(plan.declared_topics(), ["blank", "orders", "clicks", "out-*"]);
    assert_eq!(plan.declared_effects(), Effects::ROUTE | Effects::DEAD_LETTER);
}

#[test]
fn signs_of_patterns_in_exact_values_are_warned_of() {
    let told = |value: &str, patterns: bool| {
        take_said();
        let config = json!({ "header": "type", "match": { value: "t" }, "patterns": patterns });
        Bench::<HeaderRouter>::new(config).unwrap();
        take_said().logs.into_iter().map(|(_, told)| told).collect::<Vec<_>>().concat()
    };
    assert!(told("ev*", false).starts_with("/match/ev*: "));
    assert!(told("ev*", false).contains("patterns = true"));
    assert!(told("^click|buy$", false).contains("regular expression"));
    assert!(told("ev.*", true).contains("regular expression"));
    for fine in ["click", "a.b", "a+b", "", "50$", "a|b"] {
        assert_eq!(told(fine, false), "", "{fine}");
    }
    assert_eq!(told("ev*", true), "");
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
    let lists = json!({ "header": "a", "match": { "x": [], "y": ["fine", "or ders"] } });
    let lists = Bench::<HeaderRouter>::new(lists).unwrap_err();
    assert_eq!(lists.iter().map(|wrong| wrong.pointer.as_str()).collect::<Vec<_>>(), ["/match/x", "/match/y/1"]);
    let long = "x".repeat(250);
    let table = json!({ "a/b": "", "buy": "or ders", "click": long, "fine": "x".repeat(249) });
    let of = |config: Value| {
        let wrong = Bench::<HeaderRouter>::new(config).unwrap_err().remove(0);
        (wrong.pointer, wrong.message)
    };
    let (place, message) = of(json!({ "match": {} }));
    assert!(place.is_empty() && message.contains("`header = ") && message.contains("`from`"), "{message}");
    assert_eq!(of(json!({ "header": "a", "from": { "key": true }, "match": {} })).0, "/from");
    assert_eq!(of(json!({ "from": { "json": "a" }, "match": {} })).0, "/from/json");
    let twice = of(json!({ "header": "a", "match": { "12": "x", "12.0": "y" }, "integers": true }));
    assert_eq!(twice, ("/match/12.0".to_owned(), "is the integer of `12`: write it once".to_owned()));
    let mistakes = |default: &str| {
        let wrong = json!({ "header": "", "match": table, "default": default });
        let mistakes = Bench::<HeaderRouter>::new(wrong).unwrap_err();
        mistakes.into_iter().map(|mistake| mistake.pointer).collect::<Vec<_>>()
    };
    let known = ["/header", "/match/a~1b", "/match/buy", "/match/click"];
    assert_eq!(mistakes("keep"), known);
    for default in ["", "dead letter", &long, "..", "a b-{key}", "{"] {
        assert_eq!(mistakes(default), [&known[..], &["/default"]].concat(), "{default}");
    }
}

#[test]
fn any_part_of_a_record_may_decide() {
    let record = || Record::of(r#"{"type":"buy","n":12,"log":"{\"type\":\"click\"}"}"#).key("click").header("h", "buy");
    let to = |from: Value| {
        let table = json!({ "buy": "orders", "click": "clicks", "12": "twelve", "topic": "same", "buy-click": "both" });
        topics(&json!({ "from": from, "match": table }), &[record()]).remove(0).1.unwrap_or_default()
    };
    assert_eq!(to(json!({ "header": "h" })), "orders");
    assert_eq!(to(json!({ "key": true })), "clicks");
    assert_eq!(to(json!({ "json": "/type" })), "orders");
    assert_eq!(to(json!({ "json": "/n" })), "twelve");
    assert_eq!(to(json!({ "json": "/type", "source": { "json": "/log" } })), "clicks");
    assert_eq!(to(json!({ "template": "{h}-{key}" })), "both");
    assert_eq!(to(json!({ "topic": true })), "same");
    assert_eq!(to(json!({ "value": true })), "");
    let dead = |record: Record, reason: &str| {
        let config = json!({ "from": { "json": "/type" }, "match": {}, "default": "dead-letter" });
        check(&config, record, None, Verdict::DeadLetter(reason.to_owned()));
    };
    dead(record(), "no topic for `buy` in `/type` of the value");
    dead(Record::tombstone(), "no `/type` of the value");
}

/// Byte for byte, unless the config says that integers are meant.
#[test]
fn numbers_are_compared_by_their_text_or_as_integers() {
    let to = |integers: bool, value: &str| {
        let table = json!({ "12": "twelve", "1.5": "half", "007": "bond", "1*": "star" });
        let config = json!({ "from": { "json": "/n" }, "match": table, "integers": integers, "patterns": true });
        topics(&config, &[Record::of(format!("{{\"n\":{value}}}"))]).remove(0).1.unwrap_or_default()
    };
    for (value, by_text, as_integer) in [
        ("12", "twelve", "twelve"),
        ("\"12\"", "twelve", "twelve"),
        ("12.0", "star", "twelve"),
        ("1.2e1", "star", "twelve"),
        ("\" 12\"", "", "twelve"),
        ("1.5", "half", "half"),
        ("1.50", "star", "star"),
        ("7", "", "bond"),
        ("\"007\"", "bond", "bond"),
        ("13", "star", "star"),
        ("null", "", ""),
    ] {
        assert_eq!((to(false, value).as_str(), to(true, value).as_str()), (by_text, as_integer), "{value}");
    }
    let timed = json!({ "from": { "timestamp": true }, "match": { "5": "five" } });
    assert_eq!(topics(&timed, &[Record::of("").timestamp(5)]), [(0, Some("five".to_owned()))]);
}
