#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use weir_sdk::testing::{Bench, Record, Verdict, take_said};

use super::*;

fn bench(config: Value) -> Bench<TopicRouter> {
    Bench::new(config).unwrap().from("in", 3)
}

/// The topic, or the reason for which the record is set aside.
fn topic(config: Value, record: Record) -> Result<Option<String>, String> {
    let outcome = bench(config).run(&[record]).unwrap().remove(0);
    match outcome.verdict {
        Verdict::DeadLetter(reason) => Err(reason),
        _ => Ok(outcome.topic),
    }
}

#[track_caller]
fn check(config: Value, record: Record, expected: &str) {
    assert_eq!(topic(config, record), Ok(Some(expected.to_owned())));
}

fn typed(name: &str) -> Record {
    Record::of(r#"{"country":"de"}"#).header("type", name).timestamp(1_700_006_399_999)
}

#[test]
fn the_topic_is_made_of_the_record() {
    check(json!({ "topic": "events-{type}" }), typed("click"), "events-click");
    check(json!({ "topic": "{topic}.{json:/country}" }), typed("x"), "in.de");
    check(json!({ "topic": "d-{timestamp:%Y%m%d}", "zone": "Asia/Shanghai" }), typed("x"), "d-20231115");
    check(json!({ "topic": "fixed" }), typed("x"), "fixed");
    check(json!({ "topic": "{type}", "topics": ["events-*", "x"] }), typed("events-1"), "events-1");
}

#[test]
fn the_topic_is_looked_up() {
    let files = Files::of([("topics", "type,topic\nclick,web\nview,web\ntap,app\n")]);
    let config = json!({ "topic": "{topic}-{lookup:topics:{type}}" });
    let mut bench = Bench::<TopicRouter>::with_files(config, &files).unwrap().from("in", 3);
    assert_eq!(bench.plan().declared_topics(), ["*-*"]);
    let records = ["click", "click", "tap", "view", "swipe"].map(typed);
    let outcomes = bench.run(&records).unwrap();
    let topics: Vec<_> = outcomes.iter().map(|outcome| outcome.topic.as_deref()).collect();
    assert_eq!(topics, [Some("in-web"), Some("in-web"), Some("in-app"), Some("in-web"), None]);
    let reason = "no topic: `{lookup:topics:{header:type}}` has no value".to_owned();
    assert_eq!(outcomes[4].verdict, Verdict::DeadLetter(reason));
    let outcome = bench.run(&[Record::of("x")]).unwrap().remove(0);
    assert_eq!(outcome.verdict, Verdict::DeadLetter("no topic: `{header:type}` has no value".to_owned()));
}

#[test]
fn a_part_without_a_value_follows_missing_and_is_counted() {
    let with = |missing: Value| json!({ "topic": "events-{type}", "missing": missing });
    let reason = "no topic: `{header:type}` has no value".to_owned();
    take_said();
    assert_eq!(topic(json!({ "topic": "events-{type}" }), Record::of("x")), Err(reason));
    assert_eq!(topic(with(json!("keep")), Record::of("x")), Ok(None));
    check(with(json!({ "topic": "rest" })), Record::of("x"), "rest");
    assert_eq!(take_said().counts["missing"], 3);
}

#[test]
fn a_name_that_cannot_be_follows_invalid_and_is_counted() {
    let with = |invalid: Value| json!({ "topic": "events-{type}", "invalid": invalid });
    take_said();
    let said = topic(with(json!("dead-letter")), typed("a b")).unwrap_err();
    assert_eq!(
        said,
        "`events-a b` is not a valid topic name: Kafka allows letters, digits, `.`, `_` and `-`, but no space"
    );
    let long = topic(with(json!("dead-letter")), typed(&"x".repeat(250))).unwrap_err();
    assert!(long.contains("longer than 249") && long.len() < 200, "{long}");
    check(with(json!({ "topic": "rest" })), typed("a b"), "rest");
    assert_eq!(take_said().counts["invalid"], 3);
    check(with(json!("replace")), typed("a b/ü"), "events-a_b__");
    check(with(json!("replace")), typed(&"x".repeat(300)), &format!("events-{}", "x".repeat(242)));
    check(json!({ "topic": "{type}", "invalid": "replace" }), typed(".."), "__");
    assert!(topic(json!({ "topic": "{type}", "invalid": "replace" }), typed("")).is_err());
}

#[test]
fn a_name_outside_of_topics_cannot_be() {
    let with = |invalid: Value| json!({ "topic": "{type}-e", "topics": ["a-*", "b-*"], "invalid": invalid });
    check(with(json!("dead-letter")), typed("b-1"), "b-1-e");
    assert_eq!(topic(with(json!("dead-letter")), typed("c")), Err("topic `c-e` is none of `a-*`, `b-*`".to_owned()));
    check(with(json!({ "topic": "rest" })), typed("c"), "rest");
    check(with(json!("replace")), typed("a- "), "a-_-e");
    assert!(topic(with(json!("replace")), typed(" a-")).is_err());
    let cut = json!({ "topic": "{type}-e", "invalid": "replace" });
    assert!(topic(cut, typed(&"x".repeat(300))).is_err(), "what is cut has no end");
}

#[test]
fn no_answer_depends_on_where_a_batch_was_cut() {
    let config = json!({ "topic": "events-{type}" });
    let records: Vec<_> = (0..200_u32)
        .map(|at| match at % 11 {
            5 => Record::of("x"),
            7 => typed("a b"),
            _ => typed(&(at * at % 67).to_string()),
        })
        .collect();
    let whole = bench(config.clone()).run(&records).unwrap();
    assert_eq!(whole[64].topic.as_deref(), Some("events-9"));
    let twice: Vec<_> = records.iter().flat_map(|record| [record.clone(), record.clone()]).collect();
    let topics = |outcomes: &[weir_sdk::testing::Outcome]| {
        outcomes.iter().map(|outcome| (outcome.topic.clone(), outcome.verdict.clone())).collect::<Vec<_>>()
    };
    let doubled = bench(config.clone()).run(&twice).unwrap();
    assert_eq!(topics(&doubled.into_iter().step_by(2).collect::<Vec<_>>()), topics(&whole));
    for size in [1, 2, 7] {
        assert_eq!(bench(config.clone()).run_cut(size, &records).unwrap(), whole, "{size}");
    }
}

#[test]
fn the_plan_names_exactly_what_may_happen() {
    let plan = |config: Value| bench(config).plan().clone();
    let default = plan(json!({ "topic": "events-{type}-{key}" }));
    assert_eq!(default.declared_topics(), ["events-*-*"]);
    assert_eq!(default.declared_effects(), Effects::ROUTE | Effects::DEAD_LETTER);
    let fixed = plan(json!({ "topic": "events" }));
    assert_eq!((fixed.declared_topics(), fixed.declared_effects()), (&["events".to_owned()][..], Effects::ROUTE));
    let others =
        json!({ "topic": "{type}", "topics": ["a-*"], "missing": { "topic": "m" }, "invalid": { "topic": "i" } });
    let others = plan(others);
    assert_eq!(others.declared_topics(), ["a-*", "m", "i"]);
    assert_eq!(others.declared_effects(), Effects::ROUTE);
}

#[test]
fn every_mistake_is_said_with_its_place() {
    let config = json!({
        "topic": "events {type}", "topics": ["a b"], "missing": { "topic": "" }, "invalid": { "topic": ".." }, "zone": "Mars",
    });
    let mistakes = Bench::<TopicRouter>::new(config).unwrap_err();
    let pointers: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
    assert_eq!(pointers, ["/zone", "/topics/0", "/topic", "/missing/topic", "/invalid/topic"]);
    let refused = |topic: &str, invalid: Value| {
        let config = json!({ "topic": topic, "topics": ["a-*", "b"], "invalid": invalid });
        Bench::<TopicRouter>::new(config).err()
    };
    let wrong = refused("a", json!("replace")).unwrap().remove(0);
    assert!(wrong.pointer == "/topic" && wrong.message.starts_with("`a` is none of `topics`"), "{wrong:?}");
    assert!(refused("a", json!({ "topic": "b" })).is_none());
    assert!(refused("a-1", json!("dead-letter")).is_none() && refused("b", json!("dead-letter")).is_none());
    for (wrong, words) in [("{", "closed"), ("", "empty"), ("{timestamp:%!}", "%!"), ("a{{b", "Kafka allows")] {
        let mistakes = Bench::<TopicRouter>::new(json!({ "topic": wrong })).unwrap_err();
        assert_eq!(mistakes[0].pointer, "/topic");
        assert!(mistakes[0].message.contains(words), "{mistakes:?}");
    }
}
