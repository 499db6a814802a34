//! The fast ways against the plain ones: the scanner against serde's reading, the writer against serde_json's writing.

use std::{fmt::Write as _, io::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;

/// A record as serde_json writes it.
fn plainly_written(record: &Record) -> String {
    fn bytes(bytes: Option<&[u8]>) -> String {
        match bytes.map(std::str::from_utf8) {
            None => "null".into(),
            Some(Ok(text)) => serde_json::to_string(text).unwrap(),
            Some(Err(_)) => format!("{{\"base64\":\"{}\"}}", STANDARD.encode(bytes.unwrap())),
        }
    }
    let number = |number: Option<i64>| number.map_or("null".into(), |number| number.to_string());
    let tstype = match record.timestamp {
        Timestamp::None => "unknown",
        Timestamp::Create(_) => "create",
        Timestamp::LogAppend(_) => "logappend",
    };
    let headers: Vec<String> =
        record.headers.iter().flat_map(|header| [bytes(Some(&header.name)), bytes(header.value.as_deref())]).collect();
    let mut line = format!(
        "{{\"topic\":{},\"partition\":{},\"offset\":{},\"tstype\":\"{tstype}\",\"ts\":{},\"headers\":[{}],\"key\":{},\"payload\":{}",
        serde_json::to_string(&record.topic).unwrap(),
        number(record.partition.map(i64::from)),
        number(record.offset),
        number(record.timestamp.millis()),
        headers.join(","),
        bytes(record.key.as_deref()),
        bytes(record.value.as_deref()),
    );
    if let Some(received) = record.received {
        write!(line, ",\"received\":{received}").unwrap();
    }
    line + "}\n"
}

/// What the scanner makes of a line; none where it leaves it to serde.
fn scanned(line: &[u8]) -> Option<Record> {
    let mut rows = Rows::new();
    rows.push_record(1, &Record { topic: "before".into(), key: Some(b"before".to_vec()), ..Record::default() });
    let before = format!("{rows:?}");
    if scan::scan(line, 2, &DEFAULTS, &mut rows) {
        assert_eq!(rows.len(), 2);
        return rows.get(1).map(|row| row.record());
    }
    // Topics apart, nothing of a line that is left to serde stays.
    rows.topics.truncate(1);
    rows.numbers.retain(|_, number| *number == 0);
    rows.topic_bytes = rows.topics.iter().map(|topic| topic.len()).sum();
    assert_eq!(format!("{rows:?}"), before);
    None
}

/// What the scanner takes means what serde reads.
pub(super) fn is_scanned_as_read(line: &[u8]) -> bool {
    match scanned(line) {
        Some(record) => {
            assert_eq!(Ok(&record), read_line(line, &DEFAULTS).as_ref(), "{}", String::from_utf8_lossy(line));
            true
        }
        None => false,
    }
}

#[test]
fn lines_of_kcat_and_of_weir_are_scanned() {
    let lines: [&[u8]; 12] = [
        br#"{"topic":"t","partition":3,"offset":9,"tstype":"logappend","ts":17,"broker":1,"headers":["a","1","a",null],"key":"","payload":"x\ny"}"#,
        br#"{"topic":"t","partition":0,"offset":0,"tstype":"create","ts":-1,"broker":-1,"key":null,"payload":"{\"id\":\"\u00e9\ud83d\ude00\/\b\f\r\t\\\"}"}"#,
        br#"{"payload":{"base64":"/w=="},"key":{"base64":""},"headers":["h",{"base64":"AAEC"}],"received":1700000000001}"#,
        br#"{"payload" : { "base64" :"/w" } }"#,
        b" { \"headers\" : [ ] , \"x\" : true , \"y\" : \"\\u0000\" , \"z\" : null , \"a\" : false } \t\r",
        b"{\"topic\":\"t\",\"headers\":[\"h\",\"\xfe\"],\"payload\":\"a\\\"\xff\xc3\xa4\",\"x\":\"\xff\"}",
        br#"{"ts":9223372036854775807,"received":-9223372036854775808,"offset":9223372036854775807}"#,
        br#"{"topic":null,"partition":null,"offset":null,"tstype":null,"ts":null,"headers":null,"received":null}"#,
        br#"{"ts":5,"tstype":"unknown"}"#,
        br#"{"ts":0}"#,
        b"{}",
        "{\"topic\":\"größe\",\"größe\":\"größe\",\"key\":\"größe\"}".as_bytes(),
    ];
    for line in lines {
        assert!(is_scanned_as_read(line), "{}", String::from_utf8_lossy(line));
    }
}

#[test]
fn what_serde_refuses_the_scanner_leaves_to_it() {
    let lines: [&[u8]; 24] = [
        br#"{"key":"a","key":"b"}"#,
        br#"{"key":null,"key":"b"}"#,
        br#"{"ts":-2}"#,
        br#"{"partition":-1}"#,
        br#"{"partition":2147483648}"#,
        br#"{"offset":9223372036854775808}"#,
        br#"{"offset":01}"#,
        br#"{"offset":-0}"#,
        br#"{"offset":1.0}"#,
        br#"{"offset":1e3}"#,
        br#"{"tstype":"creat"}"#,
        br#"{"headers":["a"]}"#,
        br#"{"headers":["a","b",]}"#,
        br#"{"headers":[null,"a"]}"#,
        br#"{"payload":"\ud800"}"#,
        br#"{"payload":"\ud800\u0041"}"#,
        br#"{"payload":"\udc00"}"#,
        br#"{"payload":"\x"}"#,
        b"{\"payload\":\"\n\"}",
        br#"{"payload":{"base64":"/w==","x":1}}"#,
        br#"{"payload":{"base64":"~"}}"#,
        br#"{"payload":"a"} x"#,
        br#"{"payload":"a",}"#,
        b"{\"\xff\":1,\"payload\":\"\xff\"}",
    ];
    for line in lines {
        assert!(read_line(line, &DEFAULTS).is_err(), "{}", String::from_utf8_lossy(line));
        assert!(!is_scanned_as_read(line), "{}", String::from_utf8_lossy(line));
    }
}

/// A value of a member, right or wrong.
fn value() -> impl Strategy<Value = String> {
    let fixed = prop_oneof![
        "null",
        "true",
        "-?[0-9]{1,3}",
        "-?[0-9]{9,20}",
        "-?[0-9]{1,2}([.]5|e2)",
        "\"(create|logappend|unknown)\"",
        r#"\{ ?"base64" ?: ?"[A-Za-z0-9+/]{0,6}={0,2}" ?\}"#,
        r#""([ -!#-\[\]-~é😀]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00){0,40}""#,
        r#"\{"a":\[1,\{\}\]\}"#,
    ];
    let flat = prop_oneof![r#""[a-z"\\]{0,20}""#, Just("null".to_owned()), Just("\"h\"".to_owned())];
    prop_oneof![4 => fixed, 1 => proptest::collection::vec(flat, 0..5).prop_map(|flat| format!("[{}]", flat.join(" ,")))]
}

fn line() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        "topic|partition|offset|tstype|ts|received|headers|key|payload|broker",
        "key|payload|headers",
        "[a-zé\\\\]{0,3}"
    ];
    let member = (name, value()).prop_map(|(name, value)| format!("\"{name}\" : {value}"));
    proptest::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(", ")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_writer_gives_the_bytes_that_serde_json_gives(record in record()) {
        let mut line = Vec::new();
        write_record(&record, &mut line);
        prop_assert_eq!(String::from_utf8(line).unwrap(), plainly_written(&record));
    }

    #[test]
    fn a_line_that_weir_wrote_is_scanned_as_the_same_record(record in record()) {
        let mut line = Vec::new();
        write_record(&record, &mut line);
        let scanned = scanned(line.trim_ascii_end());
        // An escape within the topic is serde's.
        if !record.topic.contains(|character: char| character < ' ' || character == '"' || character == '\\') {
            prop_assert_eq!(scanned, Some(record));
        }
    }

    #[test]
    fn whatever_the_line_the_scanner_reads_what_serde_reads_or_nothing(line in line()) {
        is_scanned_as_read(line.as_bytes());
        // And with bytes that are not UTF-8.
        is_scanned_as_read(&line.replace('é', "\u{1}").bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect::<Vec<_>>());
    }

    #[test]
    fn records_read_into_rows_are_those_read_one_by_one(records in proptest::collection::vec(record(), 0..20), cut in 1_usize..5) {
        let mut text = Vec::new();
        for (index, record) in records.iter().enumerate() {
            write_record(record, &mut text);
            if index % 3 == 0 {
                text.write_all(b"\r\n").unwrap();
            }
        }
        let (mut reader, mut rows, mut read) = (Reader::new(&text[..], Format::Records, "t"), Rows::new(), Vec::new());
        loop {
            rows.clear();
            let goes_on = reader.fill(cut, usize::MAX, &mut rows).unwrap();
            prop_assert!(rows.len() <= cut);
            read.extend(rows.iter().map(|row| row.record()));
            if !goes_on {
                break;
            }
        }
        prop_assert_eq!(read, records);
    }
}
