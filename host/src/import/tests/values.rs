//! What the transforms of Apache Kafka and Confluent make of values, one by one.

use super::{connect::transform, *};

/// What one transform makes of values; `DEAD` where it sets them aside.
fn values(class: &str, lines: &str, values: &[&str]) -> Vec<String> {
    let records: Vec<String> = values.iter().map(|value| format!("\"payload\":{value:?}")).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let made = run(&transform(class, lines), &records);
    let value = |line: String| line.strip_prefix("c-out ").map_or("DEAD".to_owned(), str::to_owned);
    made.into_iter().map(value).collect()
}

#[test]
fn masked_members_keep_their_kind_and_no_others_appear() {
    let records = [r#"{"card":"1","b":2}"#, r#"{"b":2}"#, r#"{"card":null}"#, r#"{"card":5}"#, "{\"card\":\"a\\nb\"}"];
    let text = values("MaskField$Value", "fields = card\nreplacement = $x{y}", &records);
    let x = r#"{"card":"$x{y}"}"#;
    assert_eq!(text, [r#"{"card":"$x{y}","b":2}"#, r#"{"b":2}"#, r#"{"card":null}"#, x, x]);
    let number = values("MaskField$Value", "fields = card\nreplacement = 0", &records[3..4]);
    assert_eq!(number, [r#"{"card":0}"#]);
    let none = transform("MaskField$Value", "fields = card");
    assert!(none.report.to_string().contains("Connect adds a null"), "{}", none.report);
}

#[test]
fn flattened_members_are_those_of_connect() {
    let records =
        [r#"{"a":{"b":false,"c":null,"d":0}}"#, "{}", r#"{"a":{},"b":[{"c":1}],"d":{"e":{"f":1.50}}}"#, "[1]"];
    let expected = [r#"{"a_b":false,"a_c":null,"a_d":0}"#, "{}", r#"{"b":[{"c":1}],"d_e_f":1.50}"#, "DEAD"];
    assert_eq!(values("Flatten$Value", "delimiter = _", &records), expected);
    assert_eq!(values("Flatten$Value", "", &[r#"{"":{"b":1}}"#, r#"{"a":{"b":1}}"#]), [r#"{"b":1}"#, r#"{"a.b":1}"#]);
}

#[test]
fn casts_are_those_of_connect() {
    let records = [
        r#"{"a":-5.7,"b":5,"c":"True","d":1.50}"#,
        r#"{"a":"-57","b":"1.5","c":0,"d":true}"#,
        r#"{"a":true,"x":1}"#,
        "{}",
        r#"{"a":null}"#,
        r#"{"a":"5.7"}"#,
        r#"{"a":12345678901234567}"#,
    ];
    let expected = [
        r#"{"a":-5,"b":5.0,"c":true,"d":"1.50"}"#,
        r#"{"a":-57,"b":1.5,"c":false,"d":"true"}"#,
        r#"{"a":1,"x":1}"#,
        "{}",
        r#"{"a":null}"#,
        "DEAD",
        r#"{"a":12345678901234567}"#,
    ];
    assert_eq!(values("Cast$Value", "spec = a:int64, b:float64, c:boolean, d:string", &records), expected);
}

#[test]
fn times_are_converted_as_by_connect() {
    let time = |lines: &str, texts: &[&str]| values("TimestampConverter$Value", lines, texts);
    let to = |kind: &str, precision: &str| format!("target.type = {kind}\nunix.precision = {precision}");
    let moment = "1556204536123";
    assert_eq!(time(&to("unix", "milliseconds"), &[moment, "-1", "1.5", "true"]), [moment, "-1", "DEAD", "DEAD"]);
    // What is smaller than a millisecond goes, towards zero.
    let parts = ["1556204536123999", "-1556204536123999", "-999", "7"];
    assert_eq!(time(&to("unix", "microseconds"), &parts), ["1556204536123000", "-1556204536123000", "0", "0"]);
    assert_eq!(time(&to("unix", "nanoseconds"), &["1556204536122999999"]), ["1556204536122000000"]);
    assert_eq!(time(&to("unix", "seconds"), &["1556204536", "-3"]), ["1556204536", "-3"]);

    let iso = "format = yyyy-MM-dd'T'HH:mm:ss.SSSXXX";
    let text = time(&format!("target.type = string\n{iso}"), &[moment, "-1", "0", "1700000000001", "250000000000999"]);
    assert_eq!(
        text,
        [
            r#""2019-04-25T15:02:16.123Z""#,
            r#""1969-12-31T23:59:59.999Z""#,
            r#""1970-01-01T00:00:00.000Z""#,
            r#""2023-11-14T22:13:20.001Z""#,
            r#""9892-03-08T12:26:40.999Z""#,
        ]
    );
    let texts = [
        r#""2019-04-25T15:02:16.123Z""#,
        r#""2019-04-25T17:32:16.123+02:30""#,
        r#""2019-04-25T13:02:16.123-02""#,
        r#""2019-04-25T15:02:16.123""#,
        r#""soon""#,
        "null",
    ];
    let read = time(&format!("target.type = unix\n{iso}"), &texts);
    assert_eq!(read, [moment, moment, moment, "DEAD", "DEAD", "null"]);
    for (format, text, ms) in [
        ("yyyy-MM-dd", "2019-04-25", "1556150400000"),
        ("yyyy", "2019", "1546300800000"),
        ("HH:mm", "01:30", "5400000"),
        ("dd MMM yyyy hh:mm:ss a", "25 Apr 2019 03:02:16 PM", "1556204536000"),
        ("yyyyMMdd hh", "20190425 12", "1556150400000"),
        ("yyyy-DDD", "2019-115", "1556150400000"),
    ] {
        let read = time(&format!("target.type = unix\nformat = {format}"), &[&format!("\"{text}\"")]);
        assert_eq!(read, [ms], "{format}");
    }
    assert_eq!(time("target.type = unix", &[r#""2019-04-25""#]), ["DEAD"]);
    let member = time(&format!("{}\nfield = a", to("unix", "seconds")), &[r#"{"a":7,"b":1}"#, r#"{"b":1}"#, "7"]);
    assert_eq!(member, [r#"{"a":7,"b":1}"#, r#"{"b":1,"a":null}"#, "DEAD"]);
}

#[test]
fn a_member_that_is_renamed_twice_gets_its_last_name() {
    let renamed = |renames: &str, text: &str| values("ReplaceField$Value", &format!("renames = {renames}"), &[text]);
    assert_eq!(renamed("a:b,a:c", r#"{"a":1}"#), [r#"{"c":1}"#]);
    assert_eq!(renamed("a:b,a:a", r#"{"a":1}"#), [r#"{"a":1}"#]);
    assert_eq!(renamed("a:b,b:a", r#"{"a":1,"b":2,"c":3}"#), [r#"{"b":1,"a":2,"c":3}"#]);
    let double = transform("ReplaceField$Value", "renames = a:c,b:c");
    assert_eq!(grade_of(&double, "transforms.t.type"), Grade::Differs);
    assert!(double.report.to_string().contains("Connect: either of them"), "{}", double.report);
    assert_eq!(renamed("a:c,b:c", r#"{"a":1,"b":2}"#), [r#"{"c":2}"#]);
}

#[test]
fn text_that_looks_like_a_group_stays_text() {
    let masked = values("MaskField$Value", "fields = a\nreplacement = \\\\1$1", &[r#"{"a":"x"}"#]);
    assert_eq!(masked, [r#"{"a":"\\1$1"}"#]);
    let hoisted = values("HoistField$Value", "field = a\\\\1", &["5"]);
    assert_eq!(hoisted, [r#"{"a\\1":5}"#]);
}

#[test]
fn a_condition_of_confluents_filter_is_a_filters_where_it_compares_with_a_text() {
    let records = [r#"{"level":"error"}"#, r#"{"level":"info"}"#, "{}"];
    let filter = |operator: &str, lines: &str| {
        values("Filter$Value", &format!("filter.condition = $[?(@.level {operator} 'error')]\n{lines}"), &records)
    };
    let [error, info, none] = records;
    assert_eq!(filter("==", "filter.type = include"), [error, "DEAD"]);
    assert_eq!(filter("==", "filter.type = exclude"), [info, "DEAD"]);
    assert_eq!(filter("!=", "filter.type = include"), [info, "DEAD"]);
    for (operator, kind, missing, expected) in [
        ("==", "include", "include", vec![error, none]),
        ("==", "include", "exclude", vec![error]),
        ("==", "exclude", "include", vec![info, none]),
        ("==", "exclude", "exclude", vec![info]),
        ("!=", "include", "include", vec![info, none]),
        ("!=", "include", "exclude", vec![info]),
        ("!=", "exclude", "include", vec![error, none]),
        ("!=", "exclude", "exclude", vec![error]),
    ] {
        let lines = format!("filter.type = {kind}\nmissing.or.null.behavior = {missing}");
        assert_eq!(filter(operator, &lines), expected, "{operator} {lines}");
    }
    let other = transform("Filter$Value", "filter.condition = $[?(@.n > 5)]\nfilter.type = include");
    assert_eq!(grade_of(&other, "transforms.t.type"), Grade::Impossible);
    assert!(other.report.to_string().contains("docs/filter.md"), "{}", other.report);
}
