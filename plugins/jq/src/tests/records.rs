//! Outputs that are records, and programs that read more than the value.

use super::*;

fn record_config(program: &str) -> Value {
    json!({ "program": program, "output": "record", "topics": ["t-*", "other"] })
}

/// The only outcome of a record.
#[track_caller]
fn one(program: &str, record: Record) -> Outcome {
    let mut outcomes = run(&record_config(program), &[record]);
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

#[track_caller]
fn check_rejected(program: &str, reason: &str) {
    let outcome = one(program, Record::of("{}").key("k"));
    assert_eq!(outcome.verdict, Verdict::DeadLetter(reason.to_owned()), "{program}");
}

#[test]
fn a_record_is_written_as_far_as_an_output_says() {
    let input = || Record::of("{\"id\":7,\"to\":\"t-1\"}").key("old").header("h", "1");
    let outcome = one("{key: .id, topic: .to, value: {id}, headers: {a: \"x\", n: 1.50}}", input());
    assert_eq!(outcome.topic.as_deref(), Some("t-1"));
    let record = &outcome.record;
    assert_eq!(
        (record.key.as_deref(), record.value.as_deref()),
        (Some(b"7".as_slice()), Some(b"{\"id\":7}".as_slice()))
    );
    let headers: Vec<_> =
        record.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref().unwrap())).collect();
    assert_eq!(headers, [("h", b"1".as_slice()), ("a", b"x"), ("n", b"1.50")]);
    let left = one("{}", input());
    assert_eq!((left.record, left.topic), (input(), None));
    let nulls = one("{key: null, value: null}", input()).record;
    assert_eq!((nulls.key, nulls.value), (None, None));
    let texts = one("{key: \"a\\\"b\", value: \"a\\\"b\"}", input()).record;
    assert_eq!(
        (texts.key.as_deref(), texts.value.as_deref()),
        (Some(b"a\"b".as_slice()), Some(b"\"a\\\"b\"".as_slice()))
    );
}

#[test]
fn headers_are_set_by_name_and_null_removes() {
    let input = || Record::of("{}").header("a", "1").header("b", "2").header("a", "3").null_header("c");
    let shown = |program: &str| {
        let headers = one(&format!("{{headers: {program}}}"), input()).record.headers;
        let header = |(name, value): &(String, Option<Vec<u8>>)| {
            format!("{name}={}", value.as_deref().map_or("null".into(), String::from_utf8_lossy))
        };
        headers.iter().map(header).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown("{}"), "a=1 b=2 a=3 c=null");
    assert_eq!(shown("{a: \"x\"}"), "a=x b=2 c=null");
    assert_eq!(shown("{a: null, d: null}"), "b=2 c=null");
    assert_eq!(shown("{a: []}"), "b=2 c=null");
    assert_eq!(shown("{a: [\"x\", null, 7]}"), "a=x b=2 c=null a=null a=7");
    assert_eq!(shown("{b: [null], \"d e\": {k: 1}}"), "a=1 b=null a=3 c=null d e={\"k\":1}");
    // Rows of one batch that do different things to a name.
    let program = "{headers: {a: (.v | if . == 0 then null else . end)}}";
    let records = ["{\"v\":0}", "{\"v\":1}", "{\"v\":[2,3]}", "{\"v\":0}", "{\"v\":[4]}"]
        .map(|value| Record::of(value).header("a", "old"));
    let outcomes = run(&record_config(program), &records);
    let values: Vec<String> = outcomes
        .iter()
        .map(|one| {
            one.record
                .headers
                .iter()
                .map(|(_, value)| String::from_utf8_lossy(value.as_deref().unwrap()).into_owned())
                .collect::<Vec<_>>()
                .join(",")
        })
        .collect();
    assert_eq!(values, ["", "1", "2,3", "", "4"]);
}

#[test]
fn what_a_record_cannot_have_is_a_dead_letter() {
    check_rejected("1", "an output is a number, not an object with any of `key`, `headers`, `topic` and `value`");
    check_rejected("{valeu: 1}", "an output has the member `valeu`, not only `key`, `headers`, `topic` and `value`");
    check_rejected("{topic: null}", "`topic` is null, not a string");
    check_rejected("{topic: \"a b\"}", &weir_sdk::topic_mistake("a b").unwrap());
    check_rejected("{topic: \"secrets\"}", "topic `secrets` is none of `t-*`, `other`");
    check_rejected("{headers: [1]}", "`headers` is an array, not an object");
    check_rejected("{headers: {\" \": 1}}", &weir_sdk::header_mistake(" ").unwrap());
    check_rejected("{value: nan}", "an output has the number NaN, which JSON has not");
    check_rejected("{key: [infinite]}", "an output has the number Infinity, which JSON has not");
    check_rejected(
        "{value: {(\"a\"): 1, (1|tostring): (\"x\"|tobytes)}}",
        "an output has a byte string (`tobytes`), which JSON has not: write `@base64`",
    );
    let fenced = json!({ "program": "{headers: {a: 1, b: 2}}", "output": "record", "headers": ["a"] });
    let verdict = run(&fenced, &[Record::of("1")]).remove(0).verdict;
    assert_eq!(verdict, Verdict::DeadLetter("header `b` is none of `a`".to_owned()));
    let unrouted = json!({ "program": "{topic: \"a\"}", "output": "record" });
    let verdict = run(&unrouted, &[Record::of("1")]).remove(0).verdict;
    let reason = "topic `a`: this interceptor's `topics` name none that it may set";
    assert_eq!(verdict, Verdict::DeadLetter(reason.to_owned()));
}

#[test]
fn programs_read_the_rest_of_the_record() {
    let record =
        Record::of("1").key("k").header("a", "1").null_header("b").header("a", "2").timestamp(1_700_000_000_123);
    let record = record.offset(17).received(9);
    let config = json!({ "program": "[$key, $headers, $topic, $partition, $offset, $timestamp, $received]" });
    let mut bench = Bench::<Jq>::new(&config).unwrap().from("in", 3);
    let outcomes = bench.run(&[record, Record::of("1")]).unwrap();
    let values: Vec<Value> =
        outcomes.iter().map(|one| serde_json::from_slice(one.record.value.as_ref().unwrap()).unwrap()).collect();
    assert_eq!(values[0], json!(["k", { "a": "2", "b": null }, "in", 3, 17, 1_700_000_000_123_i64, 9]));
    assert_eq!(values[1], json!([null, {}, "in", 3, 1, null, 0]));
}

#[test]
fn the_plan_has_what_the_program_names_and_no_more() {
    let plan = |config: Value| Bench::<Jq>::new(config).unwrap().plan().clone();
    let value = plan(json!({ "program": ". as $key | $key" }));
    assert_eq!(value.declared_inputs(), [Input::value()]);
    assert!(!value.reads_all_headers() && value.declared_topics().is_empty() && value.declared_headers().is_empty());
    assert!(!value.declared_effects().contains(Effects::KEY));
    let named = plan(json!({ "program": "def f: $offset; [f, $topic, $key, $key]" }));
    assert_eq!(named.declared_inputs(), [Input::value(), Input::offset(), Input::key()]);
    assert!(plan(json!({ "program": "$headers.a" })).reads_all_headers());
    let record = plan(json!({ "program": ".", "output": "record", "topics": ["t-*"], "headers": ["a"] }));
    assert_eq!(
        (record.declared_topics(), record.declared_headers()),
        (["t-*".to_owned()].as_slice(), ["a".to_owned()].as_slice())
    );
    assert!(record.declared_effects().contains(Effects::KEY));
    assert!(!plan(json!({ "program": ".", "output": "record" })).declared_effects().contains(Effects::ROUTE));
}

#[test]
fn headers_of_a_batch_are_bounded_by_name() {
    let config = json!({ "program": "{headers: .}", "output": "record" });
    let record = |start: usize, count: usize| {
        let members: Vec<String> = (start..start + count).map(|number| format!("\"h{number}\":1")).collect();
        Record::of(format!("{{{}}}", members.join(",")))
    };
    let outcomes = run(&config, &[record(0, 341)]);
    assert_eq!((outcomes[0].verdict.clone(), outcomes[0].record.headers.len()), (Verdict::Keep, 341));
    let outcomes = run(&config, &[record(0, 342)]);
    assert_eq!(outcomes[0].verdict, Verdict::DeadLetter("it sets 342 headers, and may set 341".to_owned()));
    // weir halves what would set more together.
    let asked = Bench::<Jq>::new(&config).unwrap().run(&[record(0, 200), record(200, 200)]);
    assert_eq!(asked.unwrap_err(), "more than 341 headers would be set in this batch");
}
