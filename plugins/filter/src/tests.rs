#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use weir_sdk::{
    Input,
    testing::{Bench, Record, Verdict, take_said},
};

use super::*;

fn bench(config: Value) -> Bench<Filter> {
    let matcher = |pattern: &str, group: u32, text: &[u8]| {
        let found = regex::bytes::Regex::new(pattern).ok()?.captures(text)?;
        Some(found.get(group as usize)?.as_bytes().to_vec())
    };
    Bench::new(config).unwrap().from("events", 3).matcher(matcher)
}

/// Whether a record meets a condition, and the same with `not`.
#[track_caller]
fn check(condition: Value, record: &Record, expected: bool) {
    let not = json!({ "not": condition });
    let nested = json!({ "any": [{ "all": [condition] }, { "header": "never", "exists": true }] });
    for (condition, expected) in [(condition, expected), (not, !expected), (nested, expected)] {
        let kept = bench(json!({ "keep": condition })).run(std::slice::from_ref(record)).unwrap().remove(0).verdict;
        assert_eq!(kept == Verdict::Keep, expected, "{condition} {record:?}");
    }
}

fn full() -> Record {
    Record::of(
        r#"{"level":"error","n":12,"big":18446744073709551616,"half":1.50,"ok":true,"no":null,"log":"{\"a\":\"x7\"}"}"#,
    )
    .key("u42")
    .header("type", "click")
    .header("size", " 10.0 ")
    .null_header("none")
    .timestamp(1_700_000_000_000)
}

#[test]
fn expressions_may_be_java_s() {
    let check = |condition: Value, value: &str, expected: bool| check(condition, &Record::of(value), expected);
    // Run by weir on the value, and by the plugin on a template.
    for part in [json!({ "value": true }), json!({ "template": "{value}" })] {
        let java = |pattern: &str| {
            let mut condition = part.clone();
            condition["matches"] = json!(pattern);
            condition["dialect"] = json!("java");
            condition
        };
        check(java(r"^\w+$"), "tom\r\n", true);
        check(java(r"^\w+$"), "登录", false);
        check(java(r"\Q[ok]\E"), "[ok]", true);
        check(java(r"\Q[ok]\E"), "o", false);
    }
    let member = json!({ "capture": r"=(\w+)$", "source": { "json": "/a" }, "dialect": "java", "equals": "b" });
    check(member, r#"{"a":"x=b\n"}"#, true);
    let both = json!({ "capture": r"(\d+)$", "matches": r"^\d$", "dialect": "java" });
    check(both.clone(), "a7\n", true);
    check(both, "a77\n", false);
    let says = |condition: Value| Bench::<Filter>::new(json!({ "keep": condition })).unwrap_err().remove(0);
    let quoted = says(json!({ "value": true, "matches": r"\Qa\E" }));
    assert!(quoted.message.ends_with("; `dialect = \"java\"` reads it"), "{quoted:?}");
    let ahead = says(json!({ "value": true, "matches": "a(?=b)", "dialect": "java" }));
    assert!(ahead.pointer == "/keep/matches" && ahead.message.contains("regex-extractor above"), "{ahead:?}");
}

#[test]
fn a_part_is_held_against_texts() {
    let met = |condition| check(condition, &full(), true);
    let unmet = |condition| check(condition, &full(), false);
    met(json!({ "json": "/level", "equals": "error" }));
    met(json!({ "json": "/level", "in": ["warn", "error"] }));
    met(json!({ "header": "type", "in": ["click"] }));
    met(json!({ "key": true, "equals": "u42" }));
    met(json!({ "topic": true, "equals": "events" }));
    met(json!({ "template": "{type}-{json:/level}", "equals": "click-error" }));
    met(json!({ "json": "/a", "source": { "json": "/log" }, "equals": "x7" }));
    met(json!({ "capture": "u(.)", "source": "key", "equals": "4" }));
    met(json!({ "capture": "\\d", "source": { "json": "/log" }, "equals": "7" }));
    met(json!({ "json": "/ok", "equals": true }));
    unmet(json!({ "json": "/level", "equals": "Error" }));
    unmet(json!({ "json": "/level", "in": ["warn", "info"] }));
    unmet(json!({ "json": "/no", "equals": "null" }));
    unmet(json!({ "header": "none", "equals": "" }));
    unmet(json!({ "header": "nowhere", "in": ["", "x"] }));
    unmet(json!({ "json": "/ok", "equals": false }));
}

#[test]
fn a_part_is_held_against_numbers_however_they_are_written() {
    let met = |condition| check(condition, &full(), true);
    let unmet = |condition| check(condition, &full(), false);
    met(json!({ "json": "/n", "equals": 12 }));
    met(json!({ "json": "/n", "in": ["x", 11, 12.0] }));
    met(json!({ "header": "size", "equals": 10 }));
    met(json!({ "json": "/half", "equals": 1.5 }));
    met(json!({ "json": "/n", "greater": 11, "less": 12.5 }));
    met(json!({ "json": "/n", "greater_equal": 12, "less_equal": 12 }));
    met(json!({ "json": "/big", "greater": 1 }));
    met(json!({ "timestamp": true, "less": 1_700_000_000_001_i64 }));
    met(json!({ "timestamp": true, "greater": 0.5 }));
    unmet(json!({ "header": "size", "equals": "10" }));
    unmet(json!({ "json": "/n", "greater": 12 }));
    unmet(json!({ "json": "/n", "greater": 11, "less": 12 }));
    unmet(json!({ "json": "/level", "less": 1 }));
    unmet(json!({ "json": "/level", "greater_equal": 1 }));
    unmet(json!({ "header": "nowhere", "less": 1 }));
}

#[test]
fn an_expression_is_looked_for_by_weir_or_in_the_sandbox() {
    let met = |condition| check(condition, &full(), true);
    let unmet = |condition| check(condition, &full(), false);
    met(json!({ "value": true, "matches": "\"level\":\"e" }));
    met(json!({ "key": true, "matches": "^u\\d+$" }));
    met(json!({ "header": "type", "matches": "" }));
    met(json!({ "json": "/level", "matches": "^err" }));
    met(json!({ "topic": true, "matches": "^ev" }));
    met(json!({ "timestamp": true, "matches": "^17" }));
    met(json!({ "json": "/level", "matches": "^err", "equals": "error" }));
    unmet(json!({ "value": true, "matches": "^$" }));
    unmet(json!({ "header": "none", "matches": "" }));
    unmet(json!({ "json": "/no", "matches": "" }));
    unmet(json!({ "json": "/level", "matches": "^err", "equals": "x" }));
    let by_weir = bench(json!({ "drop": { "value": true, "matches": "/health" } }));
    assert_eq!(by_weir.plan().declared_inputs(), [Input::capture("/health", 0)], "the value stays outside");
}

#[test]
fn what_is_there_and_what_is_null() {
    let met = |condition| check(condition, &full(), true);
    let unmet = |condition| check(condition, &full(), false);
    met(json!({ "header": "type", "exists": true }));
    met(json!({ "header": "nowhere", "exists": false }));
    met(json!({ "header": "none", "null": true }));
    met(json!({ "json": "/no", "null": true }));
    met(json!({ "json": "/n", "null": false }));
    met(json!({ "template": "{nowhere}", "exists": false }));
    unmet(json!({ "header": "none", "exists": true }));
    unmet(json!({ "value": true, "null": true }));
    check(json!({ "value": true, "null": true }), &Record::tombstone(), true);
    check(json!({ "value": true, "null": true }), &Record::of(""), false);
    check(json!({ "key": true, "exists": true }), &Record::of("x").key(""), true);
}

#[test]
fn conditions_are_combined() {
    let (yes, no) = (json!({ "key": true, "equals": "u42" }), json!({ "key": true, "equals": "x" }));
    check(json!({ "all": [yes, yes] }), &full(), true);
    check(json!({ "all": [yes, no] }), &full(), false);
    check(json!({ "any": [no, yes] }), &full(), true);
    check(json!({ "any": [no, no] }), &full(), false);
    check(json!({ "all": [{ "any": [no, yes] }, { "not": no }] }), &full(), true);
}

#[test]
fn health_checks_and_tombstones_are_dropped_and_counted() {
    let config =
        json!({ "drop": { "any": [{ "value": true, "matches": "/health" }, { "value": true, "null": true }] } });
    let records = [Record::of("GET /health HTTP/1.1"), Record::of("GET /buy HTTP/1.1"), Record::tombstone()];
    take_said();
    let verdicts = bench(config).run(&records).unwrap().into_iter().map(|outcome| outcome.verdict);
    assert_eq!(verdicts.collect::<Vec<_>>(), [Verdict::Drop, Verdict::Keep, Verdict::Drop]);
    assert_eq!(take_said().counts["dropped"], 2);
}

#[test]
fn what_is_set_aside_comes_before_what_is_dropped_and_that_before_what_is_kept() {
    let has = |name: &str| json!({ "header": name, "exists": true });
    let config = json!({ "keep": has("k"), "drop": has("d"), "dead_letter": has("x") });
    let record = |names: &str| names.chars().fold(Record::of("v"), |record, name| record.header(name, ""));
    let records: Vec<_> = ["k", "kd", "kdx", "x", "d", ""].map(record).to_vec();
    take_said();
    let verdicts: Vec<_> = bench(config).run(&records).unwrap().into_iter().map(|outcome| outcome.verdict).collect();
    let dead = Verdict::DeadLetter(r#"meets `dead_letter` {"header":"x","exists":true}"#.to_owned());
    assert_eq!(verdicts, [Verdict::Keep, Verdict::Drop, dead.clone(), dead, Verdict::Drop, Verdict::Drop]);
    let counts = take_said().counts;
    assert_eq!((counts["dead_lettered"], counts["dropped"], counts["not_kept"]), (2, 2, 1));
}

#[test]
fn a_sample_holds_the_same_records_wherever_a_batch_is_cut() {
    let config = json!({ "keep": { "sample": { "of": { "key": true }, "percent": 25 } } });
    let records: Vec<_> = (0..400).map(|id| Record::of("v").key(format!("u{id}"))).collect();
    let whole = bench(config.clone()).run(&records).unwrap();
    let kept = whole.iter().filter(|outcome| outcome.verdict == Verdict::Keep).count();
    assert!((60..140).contains(&kept), "{kept}");
    for size in [1, 2, 7] {
        assert_eq!(bench(config.clone()).run_cut(size, &records).unwrap(), whole, "{size}");
    }
    assert_eq!(bench(config).run(&[Record::of("v")]).unwrap()[0].verdict, Verdict::Drop, "without a key");
}

#[test]
fn the_plan_names_exactly_what_may_happen() {
    let condition = json!({ "header": "a", "equals": "b" });
    let effects = |config: Value| bench(config).plan().declared_effects();
    assert_eq!(effects(json!({ "keep": condition })), Effects::DROP);
    assert_eq!(effects(json!({ "drop": condition })), Effects::DROP);
    assert_eq!(effects(json!({ "dead_letter": condition })), Effects::DEAD_LETTER);
    let twice = json!({ "keep": { "all": [{ "header": "a", "exists": true, "in": ["x"] }, condition] } });
    assert_eq!(bench(twice).plan().declared_inputs(), [Input::header("a")]);
}

#[test]
fn every_mistake_is_said_with_its_place() {
    let check = |config: Value, expected: &[(&str, &str)]| {
        let mistakes = Bench::<Filter>::new(&config).err().unwrap_or_default();
        assert_eq!(mistakes.len(), expected.len(), "{mistakes:?}");
        for (mistake, (pointer, words)) in mistakes.iter().zip(expected) {
            assert_eq!(mistake.pointer, *pointer, "{mistakes:?}");
            assert!(mistake.message.contains(words), "{mistakes:?}");
        }
    };
    check(json!({}), &[("", "write `keep`")]);
    check(json!({ "keep": {} }), &[("/keep", "is no condition")]);
    check(json!({ "keep": { "header": "a" } }), &[("/keep", "says nothing of the part")]);
    check(json!({ "keep": { "equals": "a" } }), &[("/keep", "names no part")]);
    check(json!({ "keep": { "all": [] } }), &[("/keep/all", "has no condition")]);
    check(
        json!({ "keep": { "any": [{ "header": "", "exists": true }, {}] } }),
        &[("/keep/any/0/header", "empty"), ("/keep/any/1", "is no condition")],
    );
    check(json!({ "keep": { "all": [], "key": true } }), &[("/keep", "stands alone")]);
    check(json!({ "keep": { "all": [], "any": [] } }), &[("/keep", "`all` and `any` stands alone")]);
    check(json!({ "drop": { "key": true, "in": [] } }), &[("/drop/in", "is empty")]);
    check(json!({ "drop": { "key": true, "matches": "(" } }), &[("/drop/matches", "no `)` closes it")]);
    check(json!({ "drop": { "json": "/a", "matches": "a{99999}{99999}" } }), &[("/drop/matches", "")]);
    check(json!({ "drop": { "json": "a", "matches": "x" } }), &[("/drop/json", "\"/a\"")]);
    check(json!({ "drop": { "header": "", "matches": "x" } }), &[("/drop/header", "empty")]);
    check(
        json!({ "keep": { "sample": { "of": { "key": true, "topic": true }, "percent": 101 } } }),
        &[("/keep/sample/of", "several parts"), ("/keep/sample/percent", "0 to 100")],
    );
    check(
        json!({ "keep": { "not": { "not": { "key": false, "exists": true } } } }),
        &[("/keep/not/not/key", "write `key = true`")],
    );
}

#[test]
fn what_another_system_has_is_told_with_what_it_is_here() {
    let warns = |condition: Value, pointer: &str, says: &str| {
        take_said();
        let _ = bench(json!({ "drop": condition }));
        let said = take_said().logs;
        let is_said = said.len() == 1 && said[0].1.starts_with(&format!("{pointer}: ")) && said[0].1.contains(says);
        assert!(is_said, "{said:?}");
    };
    warns(json!({ "value": true, "matches": r"^\\d+$" }), "/drop/matches", r"`\d`");
    warns(json!({ "value": true, "matches": "/err/i" }), "/drop/matches", "`(?i)err`");
    warns(json!({ "json": "/a", "matches": "[:alpha:]" }), "/drop/matches", "`[[:alpha:]]`");
    warns(json!({ "value": true, "matches": "a$b" }), "/drop/matches", "can never match");
    warns(json!({ "not": { "value": true, "matches": "a++" } }), "/drop/not/matches", "write `a+`");
    warns(json!({ "capture": r"id=(\\d)", "exists": true }), "/drop/capture", r"`\d`");
    warns(json!({ "value": true, "equals": ".*err.*" }), "/drop/equals", "`matches = '.*err.*'`");
    warns(json!({ "value": true, "in": ["a", ".*b"] }), "/drop/in/1", "`matches = '.*b'`");
    warns(json!({ "header": "%{level}", "equals": "err" }), "/drop/header", "`level`");
    warns(json!({ "json": "/items/*/id", "equals": "1" }), "/drop/json", "`jq`");
    let refused = |pattern: &str, says: &str| {
        let config = json!({ "drop": { "value": true, "matches": pattern } });
        let mistakes = Bench::<Filter>::new(&config).err().unwrap_or_default();
        assert!(mistakes.len() == 1 && mistakes[0].message.contains(says), "{mistakes:?}");
    };
    refused("%{IP:client}", "Grok");
    refused("a(?!x)", "a regex-extractor above with `engine = \"backtracking\"`");
    refused(r"\Qa\E", r"`\Q`");
}
