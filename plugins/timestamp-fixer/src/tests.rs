#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use weir_sdk::{
    Effects, Input, Level,
    testing::{Bench, Record, take_said},
};

use crate::Fixer;

const NOW: i64 = 1_700_000_000_000;

fn bench(config: Value) -> Bench<Fixer> {
    Bench::new(config).unwrap()
}

fn example() -> Value {
    json!({
        "from": { "header": "timestamp" },
        "unit": "auto",
        "reference": "record",
        "max_ahead": "5m",
        "max_behind": "24h",
        "keep_original": "client-timestamp",
        "set_header": "timestamp",
    })
}

/// The record's time and headers after the config.
fn after(config: Value, record: &Record) -> (Option<i64>, Vec<String>) {
    let outcomes = bench(config).run(std::slice::from_ref(record)).unwrap();
    let headers = outcomes[0].record.headers.iter();
    let shown = headers
        .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value.as_deref().unwrap_or_default())));
    (outcomes[0].record.timestamp, shown.collect())
}

fn counts(config: Value, records: &[Record]) -> BTreeMap<String, u64> {
    take_said();
    bench(config).run(records).unwrap();
    take_said().counts
}

fn said(text: &str) -> Record {
    Record::of("x").timestamp(NOW).header("timestamp", text)
}

#[test]
fn a_client_s_time_within_the_window_becomes_the_record_s() {
    let (time, headers) = after(example(), &said("1699999999123"));
    assert_eq!(time, Some(1_699_999_999_123));
    assert_eq!(headers, ["timestamp=1699999999123"]);
    assert_eq!(
        after(example(), &said("1699999999.5")),
        (Some(1_699_999_999_500), vec!["timestamp=1699999999500".to_owned()])
    );
}

#[test]
fn the_header_tells_every_time_in_decimal() {
    let config = json!({ "from": { "header": "t" }, "unit": "ms", "set_header": "out" });
    for ms in [0, 9, 10, 1_700_000_000_000, i64::MAX] {
        let record = Record::of("x").timestamp(NOW).header("t", ms.to_string());
        assert_eq!(after(config.clone(), &record).1[1], format!("out={ms}"));
    }
}

#[test]
fn a_clock_that_is_wrong_is_replaced_and_what_it_said_is_kept() {
    for wrong in ["1700000300001", "1699913599999", "0", "4102444800", " x", "", "-1"] {
        let (time, headers) = after(example(), &said(wrong));
        assert_eq!(time, Some(NOW), "{wrong}");
        assert_eq!(headers, [format!("timestamp={NOW}"), format!("client-timestamp={wrong}")], "{wrong}");
    }
}

#[test]
fn the_ends_of_the_window_belong_to_it() {
    assert_eq!(after(example(), &said("1700000300000")).0, Some(NOW + 300_000));
    assert_eq!(after(example(), &said("1699913600000")).0, Some(NOW - 86_400_000));
}

#[test]
fn a_client_that_said_nothing_gets_the_reference_and_leaves_no_original() {
    let silent = Record::of("x").timestamp(NOW);
    assert_eq!(after(example(), &silent), (Some(NOW), vec![format!("timestamp={NOW}")]));
}

#[test]
fn without_a_reference_the_client_s_time_is_kept_unchecked() {
    let record = Record::of("x").header("timestamp", "4102444800000");
    assert_eq!(after(example(), &record), (Some(4_102_444_800_000), vec!["timestamp=4102444800000".to_owned()]));
    assert_eq!(counts(example(), &[record]), BTreeMap::from([("unchecked".to_owned(), 1)]));
    let minus_one = Record::of("x").timestamp(-1).header("timestamp", "4102444800000");
    assert_eq!(after(example(), &minus_one).0, Some(4_102_444_800_000));
}

#[test]
fn without_any_time_nothing_changes() {
    let record = Record::of("x").header("timestamp", "soon");
    assert_eq!(after(example(), &record), (None, vec!["timestamp=soon".to_owned()]));
    assert_eq!(counts(example(), &[record]), BTreeMap::from([("untimed".to_owned(), 1)]));
}

#[test]
fn every_record_is_counted_once_and_replacements_by_reason() {
    let records = ["1700000000", "1700000000", "1800000000", "1500000000", "1500000000", "?"].map(said);
    let mut records = records.to_vec();
    records.push(Record::of("x").timestamp(NOW));
    let expected = [
        ("kept", 2),
        ("replaced", 5),
        ("replaced_ahead", 1),
        ("replaced_behind", 2),
        ("replaced_missing", 1),
        ("replaced_unreadable", 1),
    ];
    assert_eq!(counts(example(), &records), expected.map(|(name, by)| (name.to_owned(), by)).into());
}

#[test]
fn a_json_member_may_be_a_number_or_a_string() {
    let config = json!({ "from": { "json": "/actionTime" } });
    for value in [
        r#"{"actionTime":1699999999123}"#,
        r#"{"actionTime":"1699999999123"}"#,
        r#"{"actionTime":1699999999.1234}"#,
        r#"{"actionTime":" 1.699999999123E9 "}"#,
    ] {
        assert_eq!(after(config.clone(), &Record::of(value).timestamp(NOW)).0, Some(1_699_999_999_123), "{value}");
    }
    for value in [r#"{"actionTime":null}"#, r#"{"actionTime":true}"#, r#"{"actionTime":[1]}"#, "no json", "{}"] {
        assert_eq!(after(config.clone(), &Record::of(value).timestamp(NOW)).0, Some(NOW), "{value}");
    }
}

#[test]
fn a_capture_is_declared_with_the_group_that_is_meant() {
    let declared = |from: Value| bench(json!({ "from": from })).plan().declared_inputs()[0].clone();
    assert_eq!(declared(json!({ "capture": r"t=(\d+)" })), Input::capture(r"t=(\d+)", 1));
    assert_eq!(declared(json!({ "capture": r"\d+" })), Input::capture(r"\d+", 0));
    assert_eq!(declared(json!({ "capture": r"(a)(\d+)", "group": 2 })), Input::capture(r"(a)(\d+)", 2));
    assert_eq!(declared(json!({ "capture": r"\d+", "source": "key" })), Input::capture(r"\d+", 0).of_key());
    let of_header = json!({ "json": "/t", "source": { "header": "meta" } });
    assert_eq!(declared(of_header), Input::json("/t").of_header("meta"));
    let mut bench = bench(json!({ "from": { "capture": r"\[(.+?)\]" }, "unit": "%d/%b/%Y:%H:%M:%S %z" }));
    let record = Record::of("x").timestamp(NOW).cell(0, "17/May/2015:10:05:03 +0000");
    assert_eq!(bench.run(&[record]).unwrap()[0].record.timestamp, Some(1_431_857_103_000));
}

#[test]
fn the_time_may_stand_in_any_part_of_the_record() {
    let record = || {
        Record::of(r#"{"log":"{\"t\":1699999999124}","d":"2023-11-14","c":"22:13:18"}"#)
            .key("1699999999123")
            .timestamp(NOW)
            .header("client", "x")
    };
    let config = |from: Value, unit: &str| json!({ "from": from, "unit": unit, "set_header": "ms" });
    for (from, unit, expected) in [
        (json!({ "key": true }), "auto", 1_699_999_999_123),
        (json!({ "json": "/t", "source": { "json": "/log" } }), "ms", 1_699_999_999_124),
        (json!({ "template": "{json:/d}T{json:/c}Z" }), "rfc3339", NOW - 2_000),
        (json!({ "timestamp": true }), "ms", NOW),
    ] {
        let (time, headers) = after(config(from.clone(), unit), &record());
        assert_eq!((time, headers.last()), (Some(expected), Some(&format!("ms={expected}"))), "{from}");
    }
    // What was replaced is kept as it was said.
    let config = json!({ "from": { "template": "{key} {client}" }, "max_ahead": "1s", "keep_original": "said" });
    let (time, headers) = after(config, &record());
    assert_eq!((time, headers), (Some(NOW), vec!["client=x".to_owned(), "said=1699999999123 x".to_owned()]));
}

#[test]
fn the_reference_can_be_when_weir_fetched_the_record() {
    let config = json!({ "from": { "header": "t" }, "reference": "received", "max_ahead": "1s", "set_header": "t2" });
    let record = Record::of("x").timestamp(5).received(NOW);
    assert_eq!(after(config.clone(), &record.clone().header("t", "1700000001")).0, Some(NOW + 1_000));
    let (time, headers) = after(config.clone(), &record.header("t", "1700000002"));
    assert_eq!((time, headers), (Some(NOW), vec!["t=1700000002".to_owned(), format!("t2={NOW}")]));
    assert_eq!(bench(config).plan().declared_inputs(), [Input::header("t"), Input::received()]);
}

#[test]
fn the_window_is_off_unless_given() {
    let config = json!({ "from": { "header": "timestamp" } });
    assert_eq!(after(config.clone(), &said("1")).0, Some(1_000));
    assert_eq!(after(config.clone(), &said("9223372036854775807")).0, Some(9_223_372_036_854));
    assert_eq!(after(config, &said("99999999999")).0, Some(99_999_999_999_000));
}

#[test]
fn the_plan_wants_no_more_than_the_config() {
    let plan = bench(json!({ "from": { "header": "t" } }));
    assert_eq!(plan.plan().declared_inputs(), [Input::header("t"), Input::timestamp()]);
    assert_eq!(plan.plan().declared_effects(), Effects::TIMESTAMP);
    let plan = bench(example());
    assert_eq!(plan.plan().declared_headers(), ["timestamp", "client-timestamp"]);
    assert_eq!(plan.plan().declared_effects(), Effects::TIMESTAMP | Effects::HEADERS);
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let pointers = |config: Value| {
        let mistakes = Bench::<Fixer>::new(config).unwrap_err();
        mistakes.into_iter().map(|mistake| mistake.pointer).collect::<Vec<_>>()
    };
    let config = json!({
        "from": { "json": "actionTime", "group": 1 }, "unit": "seconds", "max_ahead": "5", "max_behind": "-1h",
        "set_header": "t", "keep_original": "t",
    });
    assert_eq!(pointers(config), ["/from/group", "/from/json", "/unit", "/max_ahead", "/max_behind", "/keep_original"]);
    assert_eq!(pointers(json!({ "from": {} })), ["/from"]);
    assert_eq!(pointers(json!({ "from": { "header": "a", "json": "/b" } })), ["/from"]);
    assert_eq!(pointers(json!({ "from": { "header": "", "source": "key" } })), ["/from/source", "/from/header"]);
    assert_eq!(pointers(json!({ "from": { "header": "a" }, "zone": "UTC" })), ["/zone"]);
    assert_eq!(pointers(json!({ "from": { "header": "a" }, "unit": "%F", "zone": "Mars" })), ["/zone"]);
    assert_eq!(pointers(json!({ "from": { "header": "a" }, "unit": "%Y-%m" })), ["/unit"]);
    assert_eq!(pointers(json!({ "from": { "header": "a" }, "set_header": "" })), ["/set_header"]);
}

#[test]
fn of_several_units_each_is_counted_and_what_none_reads_is_replaced_once() {
    let config = json!({
        "from": { "header": "timestamp" }, "unit": ["rfc3339", "ms", "%Y-%m-%d %H:%M:%S,%f"], "keep_original": "client",
    });
    let records = ["2023-11-14T22:13:20Z", "1700000000000", "1700000000001", "2023-11-14 22:13:20,5", "junk"].map(said);
    let expected =
        [("kept", 4), ("replaced", 1), ("replaced_unreadable", 1), ("read_1", 1), ("read_2", 2), ("read_3", 1)];
    assert_eq!(counts(config.clone(), &records), expected.map(|(name, by)| (name.to_owned(), by)).into());
    assert_eq!(
        after(config.clone(), &records[3]),
        (Some(NOW + 500), vec!["timestamp=2023-11-14 22:13:20,5".to_owned()])
    );
    assert_eq!(after(config, &records[4]), (Some(NOW), vec!["timestamp=junk".to_owned(), "client=junk".to_owned()]));
    // Also where the window leaves nothing to the short way.
    let config = json!({ "from": { "header": "timestamp" }, "unit": ["iso8601", "auto"], "max_ahead": "0s", "max_behind": "0s" });
    let expected = [("kept", 1), ("replaced", 1), ("replaced_ahead", 1), ("read_2", 2)];
    assert_eq!(counts(config, &records[1..3]), expected.map(|(name, by)| (name.to_owned(), by)).into());
}

#[test]
fn what_a_format_leaves_out_is_taken_from_the_reference() {
    let config = json!({ "from": { "header": "timestamp" }, "unit": "%b %e %H:%M:%S", "zone": "Asia/Shanghai" });
    assert_eq!(after(config.clone(), &said("Nov 15 06:13:19")).0, Some(NOW - 1_000));
    let silent = Record::of("x").header("timestamp", "Nov 15 06:13:19");
    assert_eq!(after(config.clone(), &silent).0, None);
    assert_eq!(counts(config, &[silent]), BTreeMap::from([("untimed".to_owned(), 1)]));
    let config = json!({ "from": { "header": "timestamp" }, "unit": "%H:%M", "reference": "received" });
    assert_eq!(after(config, &said("23:59").timestamp(5).received(NOW)).0, Some(NOW + 106 * 60_000 - 20_000));
}

#[test]
fn eight_bytes_are_a_time_without_being_told() {
    let config = json!({ "from": { "header": "timestamp" }, "set_header": "ms" });
    let record = Record::of("x").timestamp(NOW).header("timestamp", (NOW - 877).to_be_bytes());
    let (time, headers) = after(config, &record);
    assert_eq!((time, headers[1].as_str()), (Some(NOW - 877), "ms=1699999999123"));
}

#[test]
fn auto_without_a_window_is_warned_of() {
    let warnings = |config: Value| {
        take_said();
        bench(config);
        take_said().logs
    };
    let said = warnings(json!({ "from": { "header": "t" } }));
    assert!(matches!(&said[..], [(Level::Warn, message)] if message.starts_with("/unit: `auto`")), "{said:?}");
    let said = warnings(json!({ "from": { "header": "t" }, "unit": ["rfc3339", "auto"] }));
    assert!(matches!(&said[..], [(Level::Warn, message)] if message.starts_with("/unit/1: ")), "{said:?}");
    assert_eq!(warnings(json!({ "from": { "header": "t" }, "max_behind": "24h" })), []);
    assert_eq!(warnings(json!({ "from": { "header": "t" }, "unit": "ms" })), []);
}

#[test]
fn a_unit_that_is_never_reached_is_warned_of() {
    let warnings = |units: &[&str]| {
        take_said();
        // No window makes it reachable: it judges what the first unit has read.
        bench(json!({ "from": { "header": "t" }, "unit": units, "max_ahead": "5m", "max_behind": "9000d" }));
        take_said().logs.into_iter().map(|(_, line)| line).collect::<Vec<_>>()
    };
    for (units, says) in [
        (["s", "ms"], "`ms` is never reached: `s` before it reads 1700000000000 already; write \"auto\" for both"),
        (["ms", "s"], "`s` is never reached"),
        (["ms", "ns"], "`ns` is never reached"),
        (["s", "us"], "`us` is never reached"),
        (["auto", "ms"], "`auto` before it reads 1700000000000 already; leave it out"),
        (["s", "d"], "write one of them alone"),
    ] {
        let said = warnings(&units);
        assert!(said.len() == 1 && said[0].starts_with("/unit/1: ") && said[0].contains(says), "{units:?}: {said:?}");
    }
    // A number that would be beyond 64 bits in the first unit is left to the second.
    for units in [["iso8601", "ms"], ["s", "ns"], ["d", "ms"], ["ms", "iso8601"], ["ms", "ms-be"], ["%s", "ms"]] {
        assert_eq!(warnings(&units), [""; 0], "{units:?}");
    }
}

#[test]
fn no_answer_depends_on_where_a_batch_was_cut() {
    let texts = ["1700000000", "1800000000", "x", "1699999999999", "1500000000", ""];
    let records: Vec<_> = (0..60).map(|n| said(texts[n % texts.len()]).offset(n as i64)).collect();
    let whole = bench(example()).run(&records).unwrap();
    for size in [1, 2, 7] {
        assert_eq!(bench(example()).run_cut(size, &records).unwrap(), whole, "{size}");
    }
}
