#![allow(clippy::unwrap_used, reason = "tests")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::{
    Batch, Edits, Files, Input, Interceptor,
    testing::{Bench, Record, take_said},
};

#[derive(Deserialize, Serialize, JsonSchema)]
struct Config {
    from: Part,
    #[serde(default)]
    binary: bool,
}

/// Writes the part into header `is`, and the integer that it is, with its modulo, into `int`.
#[derive(Debug)]
struct Show(PartReader, IntegerReader);

impl Interceptor for Show {
    type Config = Config;
    const NAME: &'static str = "show";
    const VERSION: &'static str = "1";
    const SUMMARY: &'static str = "Shows a part.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut plan = Plan::new().header_names(["is", "int"]);
        let abilities = Abilities { search: Some(|_| Ok(Box::new(Digits))), ..Abilities::default() };
        let part = config.from.declare_with(&mut plan, "/from", &abilities)?;
        let int = match config.from.capture {
            None => config.from.declare_integer(&mut plan, "/from", config.binary)?,
            Some(_) => Part::of_header("none").declare_integer(&mut plan, "/from", false)?,
        };
        Ok((Self(part, int), plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let ints = self.1.within(batch)?;
        for row in batch.rows() {
            if let Some(bytes) = self.0.bytes(batch, row) {
                edits.set_header("is").row(row, &bytes);
            }
            if let Some(rest) = ints.modulo(row, 12) {
                edits.set_header("int").row_fmt(row, format_args!("{:?} {rest}", ints.get(row)));
            }
        }
        Ok(())
    }
}

/// Finds the first digit, whatever is asked for.
#[derive(Debug)]
struct Digits;

impl Search for Digits {
    fn find(&self, text: &[u8], _: usize) -> Option<std::ops::Range<usize>> {
        let at = text.iter().position(u8::is_ascii_digit)?;
        Some(at..at + 1)
    }
}

fn shown(config: Value, record: Record) -> (Option<String>, Option<String>) {
    let mut bench = Bench::<Show>::new(config).unwrap().from("events", 3);
    let bench = &mut bench;
    let outcome = bench.run(&[record]).unwrap().remove(0);
    (outcome.record.last("is"), outcome.record.last("int"))
}

#[track_caller]
fn check(from: Value, record: Record, is: Option<&str>, int: Option<&str>) {
    let (was, number) = shown(json!({ "from": from }), record);
    assert_eq!((was.as_deref(), number.as_deref()), (is, int));
}

fn full() -> Record {
    Record::of(r#"{"id":7,"log":"{\"user\":{\"id\":\"18446744073709551615\"}}","n":null}"#)
        .key(r#"{"id":-1}"#)
        .header("h", " 12.0 ")
        .header("doc", r#"{"id":"1e3"}"#)
        .timestamp(1_700_000_000_000)
}

#[test]
fn every_part_is_read_and_is_an_integer_where_it_is_one() {
    check(json!({ "json": "/id" }), full(), Some("7"), Some("Some(7) 7"));
    check(json!({ "json": "/id", "source": "key" }), full(), Some("-1"), Some("Some(-1) 11"));
    check(json!({ "json": "/id", "source": { "header": "doc" } }), full(), Some("1e3"), Some("Some(1000) 4"));
    check(
        json!({ "json": "/user/id", "source": { "json": "/log" } }),
        full(),
        Some("18446744073709551615"),
        Some("None 3"),
    );
    check(json!({ "json": "/n" }), full(), None, None);
    check(json!({ "header": "h" }), full(), Some(" 12.0 "), Some("Some(12) 0"));
    check(json!({ "header": "none" }), full(), None, None);
    check(json!({ "key": true }), full(), Some(r#"{"id":-1}"#), None);
    check(json!({ "key": true }), Record::of("").key("5"), Some("5"), Some("Some(5) 5"));
    check(json!({ "value": true }), Record::tombstone(), None, None);
    check(json!({ "topic": true }), full(), Some("events"), None);
    check(json!({ "timestamp": true }), full(), Some("1700000000000"), Some("Some(1700000000000) 8"));
    check(json!({ "template": "{json:/id}{partition}" }), full(), Some("73"), Some("Some(73) 1"));
    check(json!({ "template": "{none}{partition}" }), full(), None, None);
    check(json!({ "template": "{uuid}" }), full().offset(17), Some("854e782e-b3e0-53be-bda9-233ebbda9031"), None);
    check(json!({ "capture": "x", "source": { "json": "/log" } }), full(), Some("1"), None);
}

#[test]
fn binary_integers_are_read_where_the_config_says_so() {
    let record = || Record::of("").header("h", [0, 0, 0, 0, 0, 0, 0, 25]);
    let (_, int) = shown(json!({ "from": { "header": "h" }, "binary": true }), record());
    assert_eq!(int.as_deref(), Some("Some(25) 1"));
    let (_, int) = shown(json!({ "from": { "header": "h" } }), record());
    assert_eq!(int, None);
    let (_, int) = shown(json!({ "from": { "header": "h" }, "binary": true }), Record::of("").header("h", "12345678"));
    assert_eq!(int.as_deref(), Some("Some(12345678) 6"), "digits are digits");
}

#[test]
fn columns_are_those_that_the_part_needs() {
    let inputs = |part: Value| {
        let part: Part = serde_json::from_value(part).unwrap();
        let (mut bytes, mut ints) = (Plan::new(), Plan::new());
        part.declare(&mut bytes, "").unwrap();
        part.declare_integer(&mut ints, "", false).unwrap();
        (bytes.declared_inputs().to_vec(), ints.declared_inputs().to_vec())
    };
    assert_eq!(inputs(json!({ "header": "a" })), (vec![Input::header("a")], vec![Input::header("a")]));
    assert_eq!(inputs(json!({ "key": true })), (vec![Input::key()], vec![Input::key()]));
    assert_eq!(
        inputs(json!({ "json": "/a" })),
        (vec![Input::json("/a")], vec![Input::json_int("/a"), Input::json("/a")])
    );
    let log = vec![Input::json("/log")];
    assert_eq!(inputs(json!({ "json": "/a", "source": { "json": "/log" } })), (log.clone(), log));
    assert_eq!(inputs(json!({ "capture": "(a)b" })).0, [Input::capture("(a)b", 1)]);
    assert_eq!(inputs(json!({ "capture": "ab", "source": "key" })).0, [Input::capture("ab", 0).of_key()]);
    assert_eq!(inputs(json!({ "capture": "ab", "group": 3 })).0, [Input::capture("ab", 3)]);
    assert_eq!(inputs(json!({ "topic": true })).0, []);
    assert_eq!(inputs(json!({ "timestamp": true })), (vec![Input::timestamp()], vec![Input::timestamp()]));
}

#[test]
fn every_mistake_is_said_with_its_place() {
    let check = |part: Value, expected: &[(&str, &str)]| {
        let part: Part = serde_json::from_value(part).unwrap();
        let mistakes = part.declare(&mut Plan::new(), "/from").err().unwrap_or_default();
        assert_eq!(mistakes.len(), expected.len(), "{mistakes:?}");
        for (mistake, (pointer, words)) in mistakes.iter().zip(expected) {
            assert_eq!(mistake.pointer, *pointer, "{mistakes:?}");
            assert!(mistake.message.contains(words), "{mistakes:?}");
        }
    };
    check(json!({}), &[("/from", "names no part")]);
    check(json!({ "key": true, "header": "a" }), &[("/from", "exactly one of")]);
    check(json!({ "key": false }), &[("/from/key", "write `key = true`")]);
    check(json!({ "header": "" }), &[("/from/header", "empty")]);
    check(json!({ "json": "$.user.id" }), &[("/from/json", "\"/user/id\"")]);
    check(json!({ "json": "/a", "source": { "json": "log" } }), &[("/from/source/json", "\"/log\"")]);
    check(json!({ "capture": "a", "source": { "header": " " } }), &[("/from/source/header", "blank")]);
    check(
        json!({ "header": "a", "source": "key", "group": 1, "dialect": "rust" }),
        &[("/from/group", "leave it out"), ("/from/dialect", "leave it out"), ("/from/source", "leave it out")],
    );
    check(json!({ "template": "{a" }), &[("/from/template", "never closed")]);
    check(json!({ "template": "{timestamp:%Y}" }), &[("/from/template", "no dates here")]);
    check(json!({ "template": "{lookup:t:{a}:b}" }), &[("/from/template", "`{lookup:t:…:b}`: no tables here")]);
    check(
        json!({ "capture": "a", "source": { "json": "/log" } }),
        &[("/from/source", "`source = { json = \"/log\" }`")],
    );
}

#[test]
fn another_systems_notation_is_warned_of() {
    let warns = |part: Value, pointer: &str, says: &str| {
        take_said();
        let part: Part = serde_json::from_value(part).unwrap();
        part.declare(&mut Plan::new(), "/from").unwrap();
        let said = take_said().logs;
        let is_said = said.len() == 1 && said[0].1.starts_with(&format!("{pointer}: ")) && said[0].1.contains(says);
        assert!(is_said, "{said:?}");
    };
    warns(json!({ "capture": r"id=(\\d+)" }), "/from/capture", r"`\d`");
    warns(json!({ "capture": "id=(a++)" }), "/from/capture", "write `a+`, which is as fast");
    warns(json!({ "capture": "/id=(a)/i" }), "/from/capture", "`(?i)id=(a)`");
    warns(json!({ "capture": "a", "source": { "header": "${x}" } }), "/from/source/header", "write `x`");
    warns(json!({ "header": "%{level}" }), "/from/header", "write `level`");
    warns(json!({ "json": "/a/*" }), "/from/json", "`jq`");
    warns(json!({ "json": "/a", "source": { "json": "/b[0]" } }), "/from/source/json", "\"/b/0\"");
}

#[cfg(feature = "pattern")]
#[test]
fn a_pattern_of_java_s_is_declared_in_rust_s_syntax() {
    let declared = |part: Value| {
        let part: Part = serde_json::from_value(part).unwrap();
        let mut plan = Plan::new();
        let abilities = Abilities { patterns: Some(read_pattern), ..Abilities::default() };
        part.declare_with(&mut plan, "/from", &abilities).map(|_| plan.declared_inputs().to_vec())
    };
    let java = |pattern: &str| declared(json!({ "capture": pattern, "dialect": "java" }));
    assert_eq!(java(r"\d").unwrap(), [Input::capture("[0-9]", 0)]);
    assert_eq!(java(r"(\Q(\E)").unwrap(), [Input::capture(r"(\()", 1)]);
    assert_eq!(java(r"\Q(\E").unwrap(), [Input::capture(r"\(", 0)], "a quoted parenthesis is no group");
    // What `$` stands before is no part of the whole match.
    let (exact, whole) = weir_rules::pattern::translate_whole("a$").unwrap();
    assert_eq!((java("a$").unwrap(), whole), (vec![Input::capture(exact, 1)], 1));
    let end = weir_rules::pattern::translate("(a)$", weir_rules::pattern::Dialect::Java).unwrap();
    assert_eq!(java("(a)$").unwrap(), [Input::capture(end, 1)]);
    let wrong = java("(?<=a)b").unwrap_err();
    assert!(wrong[0].pointer == "/from/capture" && wrong[0].message.contains("regex-extractor above"), "{wrong:?}");
    let wrong = declared(json!({ "capture": r"\Qa\E" })).unwrap_err();
    assert!(wrong[0].message.contains("`dialect = \"java\"` reads it"), "{wrong:?}");
}

#[test]
fn a_pattern_of_java_s_is_refused_where_nobody_translates_it() {
    let part: Part = serde_json::from_value(json!({ "capture": "\\d", "dialect": "java" })).unwrap();
    let wrong = part.declare(&mut Plan::new(), "/from").unwrap_err();
    assert!(wrong[0].pointer == "/from/capture" && wrong[0].message.contains("`dialect = \"java\"`"), "{wrong:?}");
}

#[test]
fn another_notation_is_warned_of_at_its_place() {
    take_said();
    for (part, pointer) in [
        (json!({ "json": "/$.a" }), "/from/json: "),
        (json!({ "template": "%{a}" }), "/from/template: "),
        (json!({ "json": "/a", "source": { "json": "/b[0]" } }), "/from/source/json: "),
    ] {
        let part: Part = serde_json::from_value(part).unwrap();
        part.declare(&mut Plan::new(), "/from").unwrap();
        let logs = take_said().logs;
        assert!(matches!(logs.as_slice(), [(crate::Level::Warn, told)] if told.starts_with(pointer)), "{logs:?}");
    }
}
