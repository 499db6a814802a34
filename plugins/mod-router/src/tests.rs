//! Buckets, what has none, and tombstones, natively.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use weir_sdk::testing::{Bench, Outcome, Record, Verdict, take_said};

use super::*;

fn config(from: Value, more: Value) -> Value {
    let mut config = json!({ "from": from, "buckets": 12, "topic": "events-{bucket:02}" });
    let members = config.as_object_mut().unwrap();
    members.extend(more.as_object().cloned().unwrap());
    config
}

fn bench(config: &Value) -> Bench<ModRouter> {
    Bench::new(config).unwrap().matcher(|_, _, _| Some(Vec::new()))
}

#[track_caller]
fn check(config: &Value, record: Record, topic: Option<&str>) {
    let outcomes = bench(config).run(&[record]).unwrap();
    let [Outcome { topic: routed, verdict: Verdict::Keep, .. }] = outcomes.as_slice() else {
        assert_eq!(topic, None, "{outcomes:?}");
        assert!(matches!(outcomes[0].verdict, Verdict::DeadLetter(_)));
        return;
    };
    assert_eq!(routed.as_deref(), topic);
}

#[test]
fn an_integer_of_any_sign_has_the_bucket_of_its_euclidean_modulo() {
    let json = config(json!({ "json": "/userId" }), json!({}));
    let of = |id: &str| Record::of(format!("{{\"userId\":{id}}}"));
    for (id, topic) in [
        ("0", "events-00"),
        ("1", "events-01"),
        ("12", "events-00"),
        ("-1", "events-11"),
        ("-12", "events-00"),
        ("\"-13\"", "events-11"),
        ("\"+7\"", "events-07"),
        ("9223372036854775807", "events-07"),
        ("-9223372036854775808", "events-04"),
        ("9223372036854775808", "events-08"),
        ("18446744073709551615", "events-03"),
        ("\"340282366920938463463374607431768211455\"", "events-03"),
        ("1.0", "events-01"),
        ("1e3", "events-04"),
        ("\" 1\\n\"", "events-01"),
    ] {
        check(&json, of(id), Some(topic));
    }
    for none in ["1.5", "\"\"", "\" \"", "\"1 2\"", "\"x\"", "null", "true", "[1]", "{}"] {
        check(&json, of(none), None);
    }
    check(&json, Record::of("not json"), None);
    check(&json, Record::of("{}"), None);
    check(&json, Record::tombstone(), None);
}

#[test]
fn headers_and_keys_hold_integers_as_text() {
    let header = config(json!({ "header": "id" }), json!({}));
    check(&header, Record::of("v").header("id", "5").header("id", "-5"), Some("events-07"));
    check(&header, Record::tombstone().header("id", "5"), Some("events-05"));
    check(&header, Record::of("v").header("id", "5 "), Some("events-05"));
    check(&header, Record::of("v").header("id", "5 5"), None);
    check(&header, Record::of("v").header("id", b"\xff"), None);
    check(&header, Record::of("v").null_header("id"), None);
    check(&header, Record::of("v"), None);
    let key = config(json!({ "key": true }), json!({}));
    check(&key, Record::of("v").key("25"), Some("events-01"));
    check(&key, Record::of("v").key(""), None);
    check(&key, Record::of("v"), None);
}

#[test]
fn an_id_may_be_any_part_of_the_record() {
    let of = |from: Value| config(from, json!({}));
    let record = || Record::of(r#"{"log":"{\"id\":\"1e1\"}"}"#).key(r#"{"id":-1}"#).header("a", "2").header("b", "5");
    check(&of(json!({ "json": "/id", "source": "key" })), record(), Some("events-11"));
    check(&of(json!({ "json": "/id", "source": { "json": "/log" } })), record(), Some("events-10"));
    check(&of(json!({ "template": "{a}{b}" })), record(), Some("events-01"));
    check(&of(json!({ "timestamp": true })), record().timestamp(13), Some("events-01"));
    check(&of(json!({ "template": "{a}{c}" })), record(), None);
    let text = config(json!({ "template": "{a}{b}" }), json!({ "hash": "murmur2" }));
    let same = config(json!({ "header": "x" }), json!({ "hash": "murmur2" }));
    let outcome = |config: &Value, record| bench(config).run(&[record]).unwrap().remove(0).topic;
    assert_eq!(outcome(&text, record()), outcome(&same, Record::of("").header("x", "25")));
}

#[test]
fn four_and_eight_bytes_are_an_integer_where_the_config_says_so() {
    let binary = config(json!({ "header": "id" }), json!({ "binary": true }));
    check(&binary, Record::of("v").header("id", [0, 0, 0, 0, 0, 0, 1, 1]), Some("events-05"));
    check(&binary, Record::of("v").header("id", [0xff, 0xff, 0xff, 0xff]), Some("events-11"));
    check(&binary, Record::of("v").header("id", "0013"), Some("events-01"));
    check(&binary, Record::of("v").header("id", [1, 2, 3]), None);
    check(&config(json!({ "header": "id" }), json!({})), Record::of("v").header("id", [0, 0, 0, 1]), None);
}

#[test]
fn murmur2_takes_any_text() {
    let header = config(json!({ "header": "id" }), json!({ "hash": "murmur2" }));
    // (hash & 0x7fffffff) % 12, with Kafka's hashes of these texts.
    check(&header, Record::of("v").header("id", "abc"), Some("events-03"));
    check(&header, Record::of("v").header("id", "21"), Some("events-00"));
    check(&header, Record::of("v").header("id", "foobar"), Some("events-06"));
    check(&header, Record::of("v"), None);
    let json = config(json!({ "json": "/id" }), json!({ "hash": "murmur2" }));
    check(&json, Record::of(r#"{"id":"abc"}"#), Some("events-03"));
    check(&json, Record::of(r#"{"id":"\u0061bc"}"#), Some("events-03"));
    check(&json, Record::of(r#"{"id":21}"#), Some("events-00"));
    check(&json, Record::of(r#"{"id":null}"#), None);
}

#[test]
fn a_record_without_an_id_follows_missing_and_is_counted() {
    let outcome = |missing: Value| {
        let config = config(json!({ "json": "/userId" }), json!({ "missing": missing }));
        bench(&config).run(&[Record::of("x")]).unwrap().remove(0)
    };
    take_said();
    let dead = outcome(json!("dead-letter"));
    assert_eq!(dead.verdict, Verdict::DeadLetter("no integer at `/userId` of the value".to_owned()));
    assert_eq!(take_said().counts["missing"], 1);
    let kept = outcome(json!("keep"));
    assert_eq!((kept.verdict, kept.topic), (Verdict::Keep, None));
    let routed = outcome(json!({ "topic": "rest" }));
    assert_eq!((routed.verdict, routed.topic.as_deref()), (Verdict::Keep, Some("rest")));
    assert_eq!(take_said().counts["missing"], 2);
}

#[test]
fn a_tombstone_reaches_every_bucket_wherever_the_batch_is_cut() {
    let config = json!({
        "from": { "header": "id" }, "buckets": 3, "topic": "t-{bucket}", "tombstone": "all-buckets", "missing": "keep",
    });
    let records = [
        Record::of("a").header("id", "4"),
        Record::tombstone(),
        Record::of("b"),
        Record::tombstone().header("id", "2"),
    ];
    let records = records.map(|record| if record.value.is_none() { record.null_cell(1) } else { record });
    for size in [1, 2, 3, 4] {
        let outcomes = bench(&config).run_cut(size, &records).unwrap();
        let routes: Vec<_> = outcomes.iter().map(|outcome| (outcome.input, outcome.topic.as_deref())).collect();
        let expected =
            [(0, Some("t-1")), (1, Some("t-0")), (1, Some("t-1")), (1, Some("t-2")), (2, None), (3, Some("t-2"))];
        assert_eq!(routes, expected, "cut at {size}");
    }
    assert_eq!(take_said().counts["tombstones"], 4);
}

#[test]
fn the_plan_names_every_bucket_and_nothing_else() {
    let from = json!({ "json": "/userId" });
    let plan = |more: Value| bench(&config(from.clone(), more)).plan().clone();
    let default = plan(json!({}));
    assert_eq!(default.declared_inputs(), [Input::json_int("/userId"), Input::json("/userId")]);
    assert_eq!(default.declared_effects(), Effects::ROUTE | Effects::DEAD_LETTER);
    assert_eq!(default.declared_topics().len(), 12);
    assert_eq!(default.declared_topics()[9..], ["events-09", "events-10", "events-11"]);
    let other = plan(json!({ "missing": { "topic": "rest" }, "tombstone": "all-buckets", "hash": "murmur2" }));
    assert_eq!(other.declared_inputs(), [Input::json("/userId"), Input::capture("^", 0)]);
    assert_eq!(other.declared_effects(), Effects::ROUTE | Effects::EXPAND);
    assert_eq!(other.declared_topics()[11..], ["events-11", "rest"]);
}

#[test]
fn every_mistake_is_said_with_its_place() {
    let check = |config: Value, expected: &[&str]| {
        let mistakes = Bench::<ModRouter>::new(&config).err().unwrap_or_default();
        let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    };
    let with = |topic: &str, buckets: u32| json!({ "from": { "key": true }, "buckets": buckets, "topic": topic });
    check(with("t", 1), &[]);
    check(with("t", 2), &["/topic: names one topic only: write `{bucket}` or `{bucket:02}` in it"]);
    check(with("t{bucket", 2), &["/topic: has a `{` without a `}`"]);
    check(with("t}", 2), &["/topic: has a `}` without a `{`"]);
    check(with("{bucket}{bucket}", 2), &["/topic: has more braces than those of one `{bucket}`"]);
    for wrong in ["{bukket}", "{bucket:2}", "{bucket:0}", "{bucket:0x}", "{}"] {
        check(
            with(wrong, 2),
            &[&format!("/topic: `{wrong}`: write `{{bucket}}`, or with leading zeros `{{bucket:02}}`")],
        );
    }
    check(
        with("t {bucket}", 2),
        &["/topic: `t 1` is not a valid topic name: Kafka allows letters, digits, `.`, `_` and `-`, but no space"],
    );
    check(
        json!({ "from": { "json": "userId" }, "buckets": 0, "topic": "t-{bucket}", "missing": { "topic": "" } }),
        &[
            "/buckets: 0 buckets: write a number from 1 to 65536",
            "/missing/topic: `` is not a valid topic name: it is empty",
            "/from/json: `userId` is not a JSON pointer: a JSON pointer begins with `/`: write \"/userId\"",
        ],
    );
    check(
        json!({ "from": { "key": false }, "buckets": 2, "topic": "t-{bucket}" }),
        &["/from/key: write `key = true`, or name another part"],
    );
    check(
        json!({ "from": { "key": true }, "buckets": 2, "topic": "t-{bucket}", "hash": "murmur2", "binary": true }),
        &["/binary: goes with `hash = \"none\"` only: murmur2 takes the bytes as they are; leave it out"],
    );
}
