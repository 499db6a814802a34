//! What a record becomes, natively.

#![allow(clippy::unwrap_used, reason = "tests")]

mod language;
mod mistakes;
mod numbers;
mod records;

use serde_json::{Value, json};
use weir_sdk::testing::{Bench, Outcome, Record, Verdict, take_said};

use super::*;

fn run(config: &Value, records: &[Record]) -> Vec<Outcome> {
    Bench::<Jq>::new(config).unwrap().run(records).unwrap()
}

/// What comes of a value by a program: values as they are written, or the reason of the dead letter.
fn outputs(config: &Value, value: &str) -> Result<Vec<String>, String> {
    let mut outputs = Vec::new();
    for outcome in run(config, &[Record::of(value)]) {
        match outcome.verdict {
            Verdict::Keep => outputs.push(String::from_utf8(outcome.record.value.unwrap()).unwrap()),
            Verdict::Drop => {}
            Verdict::DeadLetter(reason) => return Err(reason),
        }
    }
    Ok(outputs)
}

#[track_caller]
fn check(program: &str, value: &str, expected: &[&str]) {
    let outputs = outputs(&json!({ "program": program }), value);
    assert_eq!(outputs.as_ref().map(Vec::as_slice), Ok(expected.map_to_strings().as_slice()), "{program}");
}

#[track_caller]
fn check_dead(program: &str, value: &str, reason: &str) {
    assert_eq!(outputs(&json!({ "program": program }), value), Err(reason.to_owned()), "{program}");
}

trait Strings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl Strings for [&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn each_output_is_a_value() {
    check(".", "{\"b\":1,\"a\":[true,null,\"x\"]}", &["{\"b\":1,\"a\":[true,null,\"x\"]}"]);
    check(".items[] | {id}", "{\"items\":[{\"id\":1,\"x\":0},{\"id\":2}]}", &["{\"id\":1}", "{\"id\":2}"]);
    check(".a, .b", "{\"a\":\"x\"}", &["\"x\"", "null"]);
    check("select(.level != \"debug\")", "{\"level\":\"debug\"}", &[]);
    check("# a comment\n.a", " { \"a\" : { \"b\" : [ 1 , 2 ] } } ", &["{\"b\":[1,2]}"]);
}

#[test]
fn raw_writes_strings_without_quotes() {
    let raw = |program: &str, value| outputs(&json!({ "program": program, "raw": true }), value);
    assert_eq!(raw(".a, .b", "{\"a\":\"x\\n\\\"y\",\"b\":1}").unwrap(), ["x\n\"y", "1"]);
    assert_eq!(raw("[.a, .b] | @csv", "{\"a\":\"x,\\\"y\",\"b\":1.50}").unwrap(), ["\"x,\"\"y\",1.50"]);
    let bytes = run(&json!({ "program": "@base64d | tobytes", "raw": true }), &[Record::of("\"/wA=\"")]);
    assert_eq!(bytes[0].record.value.as_deref(), Some(b"\xff\0".as_slice()));
}

#[test]
fn outputs_keep_the_envelope_and_their_order() {
    let record = Record::of("[1,2]").key("k").header("h", "1").timestamp(5);
    let records = [Record::tombstone().key("t"), record, Record::of("[]"), Record::of("[3]"), Record::of("{")];
    take_said();
    let outcomes = run(&json!({ "program": ".[]" }), &records);
    let shown: Vec<_> =
        outcomes.iter().map(|one| (one.input, one.record.value.as_deref(), one.verdict.clone())).collect();
    let broken = Verdict::DeadLetter("the JSON breaks at byte 1, where a name in quotes should stand".to_owned());
    assert_eq!(
        shown,
        [
            (0, None, Verdict::Keep),
            (1, Some(b"1".as_slice()), Verdict::Keep),
            (1, Some(b"2".as_slice()), Verdict::Keep),
            (2, Some(b"[]".as_slice()), Verdict::Drop),
            (3, Some(b"3".as_slice()), Verdict::Keep),
            (4, Some(b"{".as_slice()), broken),
        ]
    );
    let second = &outcomes[2].record;
    assert_eq!((second.key.as_deref(), second.timestamp), (Some(b"k".as_slice()), Some(5)));
    assert_eq!(second.headers.len(), 1);
    let counts = take_said().counts;
    assert_eq!((counts["empty"], counts["invalid"], counts.get("failed")), (1, 1, None));
}

#[test]
fn what_fails_is_a_dead_letter_with_jqs_own_words() {
    check_dead(".a + 1", "{\"a\":\"x\"}", "cannot calculate \"x\" + 1");
    check_dead(".a.b", "{\"a\":[1]}", "cannot index [1] with \"b\"");
    check_dead("error(\"no id in \\(.a)\")", "{\"a\":1}", "no id in 1");
    check_dead("error({code: 7})", "{}", "{\"code\":7}");
    check_dead("error", "null", "null");
    check_dead(".[]", "1", "cannot use 1 as iterable (array or object)");
    // Nothing of a record goes on whose second output fails.
    check_dead(".[] | 1 / . | if . > 1 then error(\"much\") else . end", "[2,0.1]", "much");
    check("try error(\"x\") catch .", "{}", &["\"x\""]);
    check(".a? // \"none\"", "[]", &["\"none\""]);
    take_said();
    check_dead("error(\"x\")", "{}", "x");
    assert_eq!(take_said().counts["failed"], 1);
}

#[test]
fn outputs_are_bounded_in_number_and_bytes() {
    let endless = json!({ "program": "repeat(.)", "max_outputs": 3 });
    assert_eq!(outputs(&endless, "1"), Err("it has more than 3 outputs (`max_outputs`)".to_owned()));
    assert_eq!(outputs(&json!({ "program": "range(3)", "max_outputs": 3 }), "1").unwrap(), ["0", "1", "2"]);
    check_dead("range(infinite)", "1", "it has more than 16384 outputs (`max_outputs`)");
    check_dead("range(9) | \"x\" * 1000000", "1", "its outputs have more than 8 MiB");
    check_dead("reduce range(128) as $i (0; [.]) | ., [.]", "1", "an output is nested deeper than 128 levels");
    // weir halves such a batch.
    let mut bench = Bench::<Jq>::new(json!({ "program": "range(.)" })).unwrap();
    let many = [Record::of("16384"), Record::of("1")];
    assert_eq!(bench.run(&many).unwrap_err(), "more than 16384 records or 8 MiB would come of this batch");
    assert_eq!(bench.run_cut(1, &many).unwrap().len(), 16_385);
    let mut bench = Bench::<Jq>::new(json!({ "program": "\"x\" * ." })).unwrap();
    assert!(bench.run(&[Record::of("5000000"), Record::of("5000000")]).is_err());
}

#[test]
fn a_tombstone_and_what_is_no_json_follow_their_policies() {
    let program = "[.]";
    let of =
        |key: &str, policy: &str, record: Record| run(&json!({ "program": program, key: policy }), &[record]).remove(0);
    let tombstone = || Record::tombstone().key("k");
    assert_eq!(of("tombstone", "keep", tombstone()).record, tombstone());
    assert_eq!(of("tombstone", "drop", tombstone()).verdict, Verdict::Drop);
    assert_eq!(
        of("tombstone", "dead-letter", tombstone()).verdict,
        Verdict::DeadLetter("the value is null".to_owned())
    );
    assert_eq!(of("tombstone", "run", tombstone()).record.value.as_deref(), Some(b"[null]".as_slice()));
    let text = || Record::of("not JSON");
    let kept = of("invalid", "keep", text());
    assert_eq!((kept.verdict, kept.record), (Verdict::Keep, text()));
    let reason = "the JSON breaks at byte 0, where a value should stand".to_owned();
    assert_eq!(of("invalid", "dead-letter", text()).verdict, Verdict::DeadLetter(reason));
    for (value, at) in [("", 0), ("{}{}", 2), ("NaN", 0), ("[1,]", 3), ("nullx", 4)] {
        let verdict = of("invalid", "dead-letter", Record::of(value)).verdict;
        assert!(
            matches!(&verdict, Verdict::DeadLetter(why) if why.contains(&format!("byte {at},"))),
            "{value}: {verdict:?}"
        );
    }
}

#[test]
fn json_is_read_as_everywhere_in_weir() {
    check(".a", "\u{feff}{\"a\":1}", &["1"]);
    check(".a", "\0\0\0\0\u{7}{\"a\":1}", &["1"]);
    check(".", "{\"a\":1,\"b\":2,\"a\":3}", &["{\"a\":3,\"b\":2}"]);
    check(".", "{\"a\":\"\\ud83d\",\"b\":\"\\ud83d\\ude00\"}", &["{\"a\":\"\u{fffd}\",\"b\":\"😀\"}"]);
    check(".", "\"\\u0000\\u001f\\/\\t\u{7f}é\"", &["\"\\u0000\\u001f/\\t\u{7f}é\""]);
    check("keys, (. | length)", "{\"\":1,\"\\\"\":2}", &["[\"\",\"\\\"\"]", "2"]);
    let bytes = run(&json!({ "program": ".a" }), &[Record::of(b"{\"a\":\"\xff\",\"\xfe\":0}")]);
    assert_eq!(bytes[0].record.value.as_deref(), Some(b"\"\xff\"".as_slice()));
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    check(".", &deep(128), &[&deep(128)]);
    check_dead(
        ".",
        &deep(129),
        "the JSON breaks at byte 128, where a value that is not nested deeper than 128 levels should stand",
    );
    let text = serde_json::to_string(&deep(100_000)).unwrap();
    assert!(outputs(&json!({ "program": "fromjson" }), &text).unwrap_err().contains("nested deeper than 128 levels"));
    check("fromjson", "\"[{\\\"a\\\":\\\"[[\\\\\\\"[\\\"}]\"", &["[{\"a\":\"[[\\\"[\"}]"]);
}

#[test]
fn the_cut_of_a_batch_changes_nothing() {
    let program = "if .n then range(.n) | {key: \"\\(.)\", value: ., headers: {n: .}} else error(\"no n\") end";
    let config = json!({ "program": program, "output": "record" });
    let values = ["{\"n\":2}", "{}", "{\"n\":0}", "{\"n\":1}", "x", "{\"n\":3}"];
    is_cut_anywhere(&config, &values);
    // New headers stand in an order that other records have no part in.
    let config = json!({ "program": "{headers: .}", "output": "record" });
    is_cut_anywhere(&config, &["{\"b\":1,\"a\":2}", "{\"a\":1,\"b\":2}", "{\"c\":0,\"a\":1}"]);
}

fn is_cut_anywhere(config: &Value, values: &[&str]) {
    let records: Vec<Record> = values.iter().map(Record::of).collect();
    let whole = Bench::<Jq>::new(config).unwrap().run(&records).unwrap();
    for cut in [1, 2, 4] {
        assert_eq!(Bench::<Jq>::new(config).unwrap().run_cut(cut, &records).unwrap(), whole);
    }
}
