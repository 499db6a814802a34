#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod mutants;
mod reference;

use proptest::prelude::*;

use super::*;
use crate::record::{Header, Timestamp};

const DEFAULTS: Defaults<'_> = Defaults { topic: "from", partition: Some(0), offset: Some(41) };

fn read(line: &str) -> Record {
    read_line(line.as_bytes(), &DEFAULTS).unwrap()
}

fn mistake(line: &str) -> String {
    read_line(line.as_bytes(), &DEFAULTS).unwrap_err().to_string()
}

#[test]
fn a_line_of_kcat_is_read_with_its_unknown_members_ignored() {
    let line = r#"{"topic":"t","partition":3,"offset":9,"tstype":"logappend","ts":17,"broker":1,"headers":["a","1","a",null],"key":"","payload":"x\ny"}"#;
    let expected = Record {
        topic: "t".into(),
        partition: Some(3),
        offset: Some(9),
        timestamp: Timestamp::LogAppend(17),
        received: None,
        key: Some(Vec::new()),
        value: Some(b"x\ny".to_vec()),
        headers: vec![
            Header { name: b"a".to_vec(), value: Some(b"1".to_vec()) },
            Header { name: b"a".to_vec(), value: None },
        ],
    };
    assert_eq!(read(line), expected);
}

#[test]
fn what_a_line_leaves_out_comes_from_the_defaults() {
    let expected = Record { topic: "from".into(), partition: Some(0), offset: Some(41), ..Record::default() };
    assert_eq!(read("{}"), expected);
    assert_eq!(read(r#"{"topic":null,"partition":null,"offset":null,"ts":null,"headers":null}"#), expected);
}

#[test]
fn a_line_that_is_no_record_is_not_read_as_a_tombstone() {
    let cure = "write `payload` (null is a tombstone), or `--format lines` if each line is a record's value";
    for line in [
        r#"{"userId":5}"#,
        r#"{"userId":{"a":[1]},"kind":"buy"}"#,
        r#"{"topic":"t","key":"k","value":"v"}"#,
        r#"{"topic":"t","v\u0061lue":null}"#,
        r#"{"headers":[],"ts":5,"message":"x"}"#,
        r#"{"Payload":"x"}"#,
    ] {
        assert!(mistake(line).ends_with(cure), "{line}: {}", mistake(line));
    }
    assert!(mistake(r#"{"key":"k","value":"v"}"#).starts_with("it has `value` and no `payload`"));
    assert!(mistake(r#"{"userId":5}"#).starts_with("it has none of a record's members (topic, "));
    assert!(read_line(b"{\"userId\":\"\xff\"}", &DEFAULTS).is_err());
    for tombstone in [
        "{}",
        r#"{"key":"k"}"#,
        r#"{"key":"k","headers":["a","b"]}"#,
        r#"{"topic":"t","broker":1}"#,
        r#"{"payload":null}"#,
        r#"{"payload":null,"value":"v","userId":5}"#,
    ] {
        assert_eq!(read(tombstone).value, None, "{tombstone}");
    }
    let mut reader = Reader::new("{\"key\":\"k\"}\n{\"a\":1}\n".as_bytes(), Format::Records, "t");
    assert!(reader.next_record().unwrap().is_some());
    assert!(reader.next_record().unwrap_err().to_string().starts_with("line 2: it has none"));
}

#[test]
fn a_timestamp_is_none_where_it_is_null_or_minus_one_or_of_unknown_type() {
    for none in [r#"{"ts":null}"#, r#"{"ts":-1,"tstype":"create"}"#, r#"{"ts":5,"tstype":"unknown"}"#] {
        assert_eq!(read(none).timestamp, Timestamp::None, "{none}");
    }
    for below in [r#"{"ts":-2}"#, r#"{"ts":-9223372036854775808,"tstype":"logappend"}"#] {
        assert!(mistake(below).contains("`ts`"), "{}", mistake(below));
    }
    assert_eq!(read(r#"{"ts":0,"received":7}"#).received, Some(7));
}

#[test]
fn raw_bytes_inside_a_line_of_kcat_are_the_records_own() {
    let line =
        b"{\"topic\":\"t\",\"headers\":[\"h\",\"\xfe\"],\"key\":null,\"payload\":\"a\\\"\xff\xc3\xa4\",\"x\":\"\xff\"}";
    let record = read_line(line, &DEFAULTS).unwrap();
    assert_eq!(record.value.unwrap(), b"a\"\xff\xc3\xa4");
    assert_eq!(record.headers, [Header { name: b"h".to_vec(), value: Some(b"\xfe".to_vec()) }]);
    assert_eq!(record.key, None);
}

#[test]
fn base64_is_read_with_and_without_padding() {
    assert_eq!(read(r#"{"payload":{"base64":"/w=="}}"#).value.unwrap(), [255]);
    assert_eq!(read(r#"{"payload":{"base64":"/w"}}"#).value.unwrap(), [255]);
}

#[test]
fn a_bad_line_says_what_is_wrong_and_what_to_write() {
    assert!(mistake("plain text").contains("--format lines"), "{}", mistake("plain text"));
    assert!(mistake(r#"["a"]"#).contains("--format lines"));
    assert!(mistake(r#"{"payload":"x"#).contains("ends within the object"));
    assert!(mistake(r#"{"payload":5}"#).contains("a string, `{\"base64\": \"…\"}` or null"));
    assert!(mistake(r#"{"payload":{"id":5}}"#).contains("`base64`"));
    assert!(mistake(r#"{"payload":{"base64":"~"}}"#).contains("is not base64"));
    assert!(mistake(r#"{"headers":["a"]}"#).contains("odd number"));
    assert!(mistake(r#"{"headers":[null,"a"]}"#).contains("in place of a name"));
    assert!(mistake(r#"{"partition":-1}"#).contains("leave them out"));
    assert!(mistake(r#"{"tstype":"now"}"#).contains("`logappend`"));
    assert!(mistake(r#"{"key":"a","key":"b"}"#).contains("duplicate field `key`"));
    assert!(mistake(r#"{"payload":"\ud800"}"#).starts_with("column "));
}

#[test]
fn an_output_line_has_every_member_in_one_order() {
    let mut out = Vec::new();
    write_record(&Record { topic: "t".into(), value: Some(vec![0xff]), ..Record::default() }, &mut out);
    let expected = "{\"topic\":\"t\",\"partition\":null,\"offset\":null,\"tstype\":\"unknown\",\"ts\":null,\
                    \"headers\":[],\"key\":null,\"payload\":{\"base64\":\"/w==\"}}\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn a_record_file_is_read_with_blank_lines_skipped_and_line_numbers_kept() {
    let text = "\u{feff}{\"payload\":\"a\"}\n\n \r\n{\"payload\":\"b\"}\r\nnonsense\n{}";
    let mut reader = Reader::new(text.as_bytes(), Format::Records, "t");
    assert_eq!(reader.next_record().unwrap().unwrap().offset, Some(0));
    assert_eq!(reader.next_record().unwrap().unwrap().offset, Some(3));
    assert!(reader.next_record().unwrap_err().to_string().starts_with("line 5: column 2: "));
    assert_eq!(reader.next_record().unwrap().unwrap().value, None);
    assert_eq!(reader.next_record().unwrap(), None);
    assert_eq!(reader.line(), 6);
}

/// The values of plain lines, with their offsets.
fn lines(text: &[u8]) -> Vec<(i64, Vec<u8>)> {
    let mut reader = Reader::new(text, Format::Lines, "t");
    let values = std::iter::from_fn(|| reader.next_record().unwrap());
    values.map(|record| (record.offset.unwrap(), record.value.unwrap())).collect()
}

#[test]
fn plain_lines_are_values_without_their_line_ends() {
    assert_eq!(lines(b"a\r\n\n\xff"), [(0, b"a".to_vec()), (1, Vec::new()), (2, vec![0xff])]);
    // A carriage return that ends no line belongs to the value.
    assert_eq!(lines(b"\r\r\n\ra\nb\r"), [(0, b"\r".to_vec()), (1, b"\ra".to_vec()), (2, b"b\r".to_vec())]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_line_and_a_value_in_every_other() {
    let mark = "\u{feff}";
    let text = format!("{mark}a\r\n{mark}b\r\n");
    assert_eq!(lines(text.as_bytes()), [(0, b"a".to_vec()), (1, format!("{mark}b").into_bytes())]);
    assert_eq!(lines(mark.as_bytes()), []);
    assert_eq!(lines(format!("{mark}\n").as_bytes()), [(0, Vec::new())]);
    assert_eq!(lines(format!("{mark}{mark}").as_bytes()), [(0, mark.as_bytes().to_vec())]);
}

#[test]
fn a_file_of_utf_16_is_refused_with_the_cure() {
    for (format, text) in [(Format::Lines, b"\xff\xfea\0\n\0"), (Format::Records, b"\xfe\xff\0{\0}")] {
        let refused = Reader::new(text.as_slice(), format, "t").next_record().unwrap_err().to_string();
        assert_eq!(refused, "line 1: the file is UTF-16 text; write it as UTF-8 (`iconv -f UTF-16 -t UTF-8`)");
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![".{0,12}".prop_map(String::into_bytes), proptest::collection::vec(any::<u8>(), 0..12)]
}

fn record() -> impl Strategy<Value = Record> {
    let timestamp = prop_oneof![
        Just(Timestamp::None),
        (0..=i64::MAX).prop_map(Timestamp::Create),
        (0..=i64::MAX).prop_map(Timestamp::LogAppend),
    ];
    let header = (bytes(), proptest::option::of(bytes())).prop_map(|(name, value)| Header { name, value });
    let place = (".{0,8}", 0..i32::MAX, 0..i64::MAX, proptest::option::of(any::<i64>()));
    let content =
        (proptest::option::of(bytes()), proptest::option::of(bytes()), proptest::collection::vec(header, 0..4));
    (place, timestamp, content).prop_map(|((topic, partition, offset, received), timestamp, (key, value, headers))| {
        Record { topic, partition: Some(partition), offset: Some(offset), timestamp, received, key, value, headers }
    })
}

proptest! {
    #[test]
    fn whatever_is_written_reads_back_as_the_same_record(record in record()) {
        let mut line = Vec::new();
        write_record(&record, &mut line);
        prop_assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
        prop_assert_eq!(Reader::new(line.as_slice(), Format::Records, "t").next_record().unwrap(), Some(record));
    }
}
