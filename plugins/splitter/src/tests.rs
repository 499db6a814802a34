//! What a record becomes, natively.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use weir_sdk::{
    Input,
    testing::{Bench, Outcome, Record, Verdict, take_said},
};

use super::*;

fn run(config: &Value, records: &[Record]) -> Vec<Outcome> {
    Bench::<Splitter>::new(config).unwrap().run(records).unwrap()
}

#[track_caller]
fn check(by: Value, value: &str, expected: &[&str]) {
    let outcomes = run(&json!({ "by": by }), &[Record::of(value)]);
    let parts: Vec<String> =
        outcomes.iter().map(|one| String::from_utf8(one.record.value.clone().unwrap()).unwrap()).collect();
    assert_eq!(parts, expected, "{value}");
    assert!(outcomes.iter().all(|one| one.verdict == Verdict::Keep));
}

#[track_caller]
fn check_dead(config: Value, value: &str, reason: &str) {
    let outcomes = run(&config, &[Record::of(value)]);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].verdict, Verdict::DeadLetter(reason.to_owned()));
    assert_eq!(outcomes[0].record, Record::of(value));
}

#[test]
fn documents_stand_one_after_the_other() {
    let documents = || json!("documents");
    check(documents(), "{\"id\":1}\n{\"id\":2}\n", &["{\"id\":1}", "{\"id\":2}"]);
    check(
        documents(),
        "{\"id\":1}{\"id\":2}[3]\"4\"5 true\r\n null",
        &["{\"id\":1}", "{\"id\":2}", "[3]", "\"4\"", "5", "true", "null"],
    );
    check(documents(), " { \"a\\n\" : [ 1 , { } ] } ", &["{ \"a\\n\" : [ 1 , { } ] }"]);
    check(documents(), "\u{feff}{}\n{}", &["{}", "{}"]);
    check(documents(), "\0\0\0\0\u{7}{\"a\":1} {\"a\":2}", &["\0\0\0\0\u{7}{\"a\":1}", "\0\0\0\0\u{7}{\"a\":2}"]);
    let dead = |value: &str, reason: &str| check_dead(json!({ "by": "documents" }), value, reason);
    dead("{}\n{", "the JSON breaks at byte 4, where a name in quotes should stand");
    dead("{},{}", "the JSON breaks at byte 2, where a value should stand");
    dead("1-2", "the JSON breaks at byte 1, where the next document should stand");
    dead("truefalse", "the JSON breaks at byte 4, where the next document should stand");
}

#[test]
fn lines_end_as_unix_and_windows_write_them() {
    let lines = || json!("lines");
    check(lines(), "a\nb\r\n\r\n\nc", &["a", "b", "c"]);
    check(lines(), "a", &["a"]);
    check(lines(), " \n\ra\r\r\n", &[" ", "\ra\r"]);
}

#[test]
fn an_array_gives_its_items_as_they_stand() {
    check(
        json!({ "array": "" }),
        " [1.0, \"a\\u0062\" ,{ \"b\" : [2,3] },null, []] ",
        &["1.0", "\"a\\u0062\"", "{ \"b\" : [2,3] }", "null", "[]"],
    );
    check(
        json!({ "array": "/data/items" }),
        "{\"data\":{\"items\":[{\"a\":1},{\"a\":2}]},\"x\":[0]}",
        &["{\"a\":1}", "{\"a\":2}"],
    );
    // Of a name that stands twice the last counts.
    check(json!({ "array": "/a" }), "{\"a\":[1],\"a\":[2,3]}", &["2", "3"]);
    let dead = |value: &str, reason: &str| check_dead(json!({ "by": { "array": "/a" } }), value, reason);
    dead("{\"a\":{}}", "what stands at `/a` is no array");
    dead("{\"a\":null}", "what stands at `/a` is no array");
    dead("{\"b\":[]}", "nothing stands at `/a`");
    dead("[]", "nothing stands at `/a`");
    dead("{\"a\":[1]", "the JSON breaks at byte 8, where `,` or `}` should stand");
    dead("", "the JSON breaks at byte 0, where a value should stand");
}

#[test]
fn parts_are_numbered_and_keep_the_envelope() {
    let config = json!({ "by": "lines", "position_header": "part", "count_header": "parts" });
    let record = Record::of("a\nb").key("k").header("h", "1").header("part", "old").timestamp(5);
    let outcomes = run(&config, &[Record::tombstone().header("part", "9"), record, Record::of("c")]);
    let shown: Vec<_> = outcomes
        .iter()
        .map(|one| (one.input, one.record.value.as_deref(), one.record.last("part"), one.record.last("parts")))
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        shown,
        [
            (0, None, some("9"), None),
            (1, Some(b"a".as_slice()), some("0"), some("2")),
            (1, Some(b"b".as_slice()), some("1"), some("2")),
            (2, Some(b"c".as_slice()), some("0"), some("1")),
        ]
    );
    let second = &outcomes[2].record;
    assert_eq!((second.key.as_deref(), second.timestamp), (Some(b"k".as_slice()), Some(5)));
    assert_eq!(second.headers.len(), 3);
}

#[test]
fn a_record_without_parts_follows_empty() {
    let outcome =
        |by: &str, empty: &str, value: &str| run(&json!({ "by": by, "empty": empty }), &[Record::of(value)]).remove(0);
    take_said();
    for (by, value) in [("lines", ""), ("lines", "\r\n\n"), ("documents", ""), ("documents", " \n")] {
        assert_eq!(outcome(by, "drop", value).verdict, Verdict::Drop);
        let kept = outcome(by, "keep", value);
        assert_eq!((kept.verdict, kept.record), (Verdict::Keep, Record::of(value)));
        assert_eq!(outcome(by, "dead-letter", value).verdict, Verdict::DeadLetter("the value has no part".to_owned()));
    }
    assert_eq!(take_said().counts["empty"], 12);
    let array = run(&json!({ "by": { "array": "/a" } }), &[Record::of("{\"a\":[ ]}")]);
    assert_eq!(array[0].verdict, Verdict::Drop);
}

#[test]
fn a_record_that_cannot_be_split_follows_invalid_and_all_is_counted() {
    let config = json!({ "by": "documents", "invalid": "keep", "position_header": "p" });
    let records = [Record::of("{"), Record::of("{}{}"), Record::of("x"), Record::of(" "), Record::tombstone()];
    take_said();
    let outcomes = run(&config, &records);
    assert_eq!(outcomes.iter().map(|one| one.input).collect::<Vec<_>>(), [0, 1, 1, 2, 3, 4]);
    assert_eq!((&outcomes[0].record, &outcomes[3].record), (&records[0], &records[2]));
    let counts = take_said().counts;
    assert_eq!((counts["split"], counts["empty"], counts["invalid"]), (1, 1, 2));
}

#[test]
fn the_number_of_parts_is_bounded() {
    let config = json!({ "by": "lines", "max_parts": 2 });
    assert_eq!(run(&config, &[Record::of("a\nb")]).len(), 2);
    check_dead(config, "a\nb\nc", "it has more than 2 parts (`max_parts`)");
    let most = "a\n".repeat(16_384);
    assert_eq!(run(&json!({ "by": "lines" }), &[Record::of(&most)]).len(), 16_384);
    check_dead(json!({ "by": "lines" }), &format!("{most}b"), "it has more than 16384 parts (`max_parts`)");
    // More than weir takes at once: it asks again with half of the batch.
    let error = Bench::<Splitter>::new(json!({ "by": "lines" })).unwrap().run(&[Record::of(&most), Record::of("b")]);
    assert_eq!(error.unwrap_err(), "16385 records would come of this batch, and 16384 may");
}

#[test]
fn the_plan_names_exactly_what_may_happen() {
    let plan = |config: Value| Bench::<Splitter>::new(config).unwrap().plan().clone();
    let both = Effects::VALUE | Effects::EXPAND;
    let default = plan(json!({ "by": "lines" }));
    assert_eq!(default.declared_effects(), both | Effects::DROP | Effects::DEAD_LETTER);
    assert_eq!(default.declared_inputs(), [Input::value()]);
    let kept = plan(json!({ "by": "lines", "empty": "keep", "invalid": "keep", "count_header": "n" }));
    assert_eq!(kept.declared_effects(), both | Effects::HEADERS);
    assert_eq!(kept.declared_headers(), ["n"]);
}

#[test]
fn every_mistake_is_said_with_its_place() {
    let wrong = json!({ "by": { "array": "a" }, "position_header": "", "count_header": "", "max_parts": 0 });
    let mistakes = Bench::<Splitter>::new(wrong).unwrap_err();
    let places: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
    assert_eq!(places, ["/by/array", "/position_header", "/count_header", "/count_header", "/max_parts"]);
    let unknown = Bench::<Splitter>::new(json!({ "by": "words" })).unwrap_err().remove(0).to_string();
    assert!(unknown.starts_with("/by: unknown variant `words`"), "{unknown}");
}

#[test]
fn a_path_of_items_is_told_with_the_arrays_pointer() {
    let wrong = Bench::<Splitter>::new(json!({ "by": { "array": "$.items[*]" } })).unwrap_err();
    assert!(wrong[0].message.ends_with("write \"/items\""), "{wrong:?}");
    let several = Bench::<Splitter>::new(json!({ "by": { "array": "$.a[*].items[*]" } })).unwrap_err();
    assert!(several[0].message.contains("`jq`"), "{several:?}");
    take_said();
    let _ = Bench::<Splitter>::new(json!({ "by": { "array": "/items/*" } })).unwrap();
    let said = take_said().logs;
    assert!(said.len() == 1 && said[0].1.starts_with("/by/array: ") && said[0].1.contains("\"/items\""), "{said:?}");
}

#[track_caller]
fn check_from(from: Value, by: Value, record: Record, expected: &[&str]) {
    let outcomes = run(&json!({ "from": from, "by": by }), &[record]);
    let parts: Vec<String> =
        outcomes.iter().map(|one| String::from_utf8(one.record.value.clone().unwrap()).unwrap()).collect();
    assert_eq!(parts, expected, "{from}");
    assert!(outcomes.iter().all(|one| one.verdict == Verdict::Keep));
}

#[test]
fn any_part_of_a_record_may_come_apart() {
    let record =
        || Record::of(r#"{"log":"a\nb","items":[1,[2]],"inner":"{\"x\":[3]}"}"#).key("k\nl").header("h", "{}{}");
    check_from(json!({ "json": "/log" }), json!("lines"), record(), &["a", "b"]);
    check_from(json!({ "json": "/items" }), json!({ "array": "" }), record(), &["1", "[2]"]);
    check_from(json!({ "json": "/inner" }), json!({ "array": "/x" }), record(), &["3"]);
    check_from(json!({ "key": true }), json!("lines"), record(), &["k", "l"]);
    check_from(json!({ "header": "h" }), json!("documents"), record(), &["{}", "{}"]);
    check_from(json!({ "json": "/x", "source": { "json": "/inner" } }), json!({ "array": "" }), record(), &["3"]);
    check_from(json!({ "value": true }), json!({ "array": "/items" }), record(), &["1", "[2]"]);
    let Outcome { input, record: split, .. } =
        run(&json!({ "from": { "header": "h" }, "by": "documents" }), &[record()]).remove(1);
    assert_eq!((input, split.last("h"), split.key), (0, Some("{}{}".to_owned()), Some(b"k\nl".to_vec())));
}

#[test]
fn a_record_without_the_part_follows_missing_and_is_counted() {
    let records =
        [Record::of("{}").header("other", "a\nb"), Record::tombstone().header("h", "a\nb"), Record::tombstone()];
    let with = |missing: &str| json!({ "from": { "header": "h" }, "by": "lines", "missing": missing });
    let verdicts = |missing: &str| -> Vec<_> {
        run(&with(missing), &records).into_iter().map(|outcome| (outcome.input, outcome.verdict)).collect()
    };
    let split = [(1, Verdict::Keep), (1, Verdict::Keep)];
    let around = |verdict: Verdict| [&[(0, verdict.clone())][..], &split, &[(2, verdict)]].concat();
    take_said();
    assert_eq!(verdicts("keep"), around(Verdict::Keep));
    let counts = take_said().counts;
    assert_eq!((counts["missing"], counts["split"]), (2, 1));
    assert_eq!(verdicts("drop"), around(Verdict::Drop));
    assert_eq!(verdicts("dead-letter"), around(Verdict::DeadLetter("nothing to split: no header `h`".to_owned())));
    let tombstone = run(&json!({ "by": "lines", "missing": "drop" }), &[Record::tombstone()]).remove(0);
    assert_eq!(tombstone.verdict, Verdict::Drop);
    let effects = |config: Value| Bench::<Splitter>::new(config).unwrap().plan().declared_effects();
    let always = Effects::VALUE | Effects::EXPAND;
    let quiet = json!({ "by": "lines", "empty": "keep", "invalid": "keep" });
    assert_eq!(effects(quiet.clone()), always);
    let with = |missing: &str| {
        let mut config = quiet.clone();
        config["missing"] = json!(missing);
        effects(config)
    };
    assert_eq!((with("drop"), with("dead-letter")), (always | Effects::DROP, always | Effects::DEAD_LETTER));
}
