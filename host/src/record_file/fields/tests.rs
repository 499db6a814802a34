#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Format, ReadError, Reader};

/// Every record's offset and value, or the mistake.
fn read(format: Format, text: &[u8]) -> Vec<Result<(i64, Value), String>> {
    // A small buffer, so that records stand across its end.
    let mut reader = Reader::new(std::io::BufReader::with_capacity(7, text), format, "t");
    let mut all = Vec::new();
    loop {
        match reader.next_record() {
            Ok(None) => return all,
            Ok(Some(record)) => {
                assert_eq!((record.topic.as_str(), record.partition, &record.key), ("t", Some(0), &None));
                assert_eq!(record.offset, Some(reader.line() as i64 - 1));
                let value = serde_json::from_slice(&record.value.unwrap()).unwrap();
                all.push(Ok((record.offset.unwrap(), value)));
            }
            Err(error @ ReadError::Line { .. }) => all.push(Err(error.to_string())),
            Err(error) => panic!("{error}"),
        }
    }
}

fn values(format: Format, text: &str) -> Vec<Value> {
    read(format, text.as_bytes()).into_iter().map(|read| read.unwrap().1).collect()
}

fn mistake(format: Format, text: &str) -> String {
    read(format, text.as_bytes()).into_iter().find_map(Result::err).unwrap()
}

fn one(format: Format, line: &str) -> Value {
    let mut all = values(format, line);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn csv_takes_its_names_from_the_header_line() {
    let text = "\u{feff}id,name\r\n1,a\r\n\r\n\"2\",\"x, \"\"y\"\"\nz\"\r\n3,\n4,ende";
    let expected = [
        (1, json!({"id": "1", "name": "a"})),
        (3, json!({"id": "2", "name": "x, \"y\"\nz"})),
        (5, json!({"id": "3", "name": ""})),
        (6, json!({"id": "4", "name": "ende"})),
    ];
    assert_eq!(read(Format::Csv, text.as_bytes()), expected.map(Ok));
    assert!(read(Format::Csv, b"").is_empty() && read(Format::Csv, b"\n\n").is_empty());
    assert!(read(Format::Csv, b"id,name").is_empty());
}

#[test]
fn the_delimiter_of_csv_is_what_stands_in_the_header_line() {
    let expected = [json!({"a": "1", "b,c": "2"})];
    for text in ["a;\"b,c\"\n1;2\n", "a\t\"b,c\"\n1\t2\n", "a|\"b,c\"\n1|2"] {
        assert_eq!(values(Format::Csv, text), expected, "{text}");
    }
    assert_eq!(values(Format::Csv, "a,b;c\n1,2"), [json!({"a": "1", "b;c": "2"})]);
    assert_eq!(values(Format::Csv, "\n alone\n1\n\n2"), [json!({" alone": "1"}), json!({" alone": "2"})]);
}

#[test]
fn a_broken_record_of_csv_is_named_and_the_next_is_read() {
    let all = read(Format::Csv, b"a,b\n1,2\n\n3\n4,5,6\n7,8\n");
    assert!(all[1].as_ref().unwrap_err().starts_with("line 4: there are 1 fields, but 2 in the header line"));
    assert!(all[2].as_ref().unwrap_err().starts_with("line 5: there are 3 fields"));
    assert_eq!(all[3], Ok((5, json!({"a": "7", "b": "8"}))));
    assert!(mistake(Format::Csv, "a,b\n1,2\n3,\"4\n5,6\n").starts_with("line 3: the record ends within quotes"));
    assert!(mistake(Format::Csv, "\na,b,a\n1,2,3\n").starts_with("line 2: the header line has two columns `a`"));
    let utf16: Vec<u8> = "\u{feff}a,b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read(Format::Csv, &utf16)[0].as_ref().unwrap_err().contains("iconv"));
}

#[test]
fn a_quote_left_open_is_told_before_memory_is_full() {
    let text = format!("a\n\"{}", "x\n".repeat(10 << 20));
    assert!(mistake(Format::Csv, &text).starts_with("line 2: a record longer than 16 MiB begins here"));
}

#[test]
fn bytes_that_are_not_utf_8_stay_as_they_are() {
    let mut reader = Reader::new(&b"a\n\xff\n"[..], Format::Csv, "t");
    assert_eq!(reader.next_record().unwrap().unwrap().value.unwrap(), b"{\"a\":\"\xff\"}");
    let mut reader = Reader::new(&b"a=\xff b=\"\xfe\""[..], Format::Logfmt, "t");
    assert_eq!(reader.next_record().unwrap().unwrap().value.unwrap(), b"{\"a\":\"\xff\",\"b\":\"\xfe\"}");
}

proptest! {
    #[test]
    fn csv_that_was_written_is_read(
        columns in 1_usize..5,
        cells in proptest::collection::vec("[a-c,;\"\r\n é]{0,6}", 0..20),
        end in "\r?\n",
    ) {
        let rows: Vec<&[String]> = cells.chunks_exact(columns).collect();
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |cells: Vec<String>| cells.join(",") + &end;
        let mut text = line((0..columns).map(|column| format!("c{column}")).collect());
        text.extend(rows.iter().map(|row| line(row.iter().map(quoted).collect())));
        let expected: Vec<Value> = rows
            .iter()
            .map(|row| row.iter().enumerate().map(|(column, cell)| (format!("c{column}"), json!(cell))).collect())
            .collect();
        prop_assert_eq!(values(Format::Csv, &text), expected);
    }

    #[test]
    fn no_line_of_any_format_brings_a_reader_down(
        text in r#"([a-c=" \[\]<>0-9:\\\r\n,-]|Oct 11 22:14:15 |<34>1 |\\u|[ ]a=|="|é){0,60}"#,
    ) {
        for format in [Format::Csv, Format::Logfmt, Format::Syslog] {
            read(format, text.as_bytes());
        }
    }
}

#[test]
fn logfmt_is_read_with_quotes_flags_and_values_that_hold_anything() {
    let line = r#"level=info msg="a \"b\" c\n\u00e9\ud83d\ude00 C:\dir" url=/a?b=c empty= none="" ok  dur=1.5ms"#;
    let expected = json!({
        "level": "info", "msg": "a \"b\" c\né😀 C:\\dir", "url": "/a?b=c", "empty": "", "none": "", "ok": true, "dur": "1.5ms",
    });
    assert_eq!(one(Format::Logfmt, line), expected);
    assert_eq!(read(Format::Logfmt, b"\n\r\na=1\r\n"), [Ok((2, json!({"a": "1"})))]);
    assert_eq!(one(Format::Logfmt, "a=1 b=2 a=3"), json!({"a": "3", "b": "2"}));
    assert_eq!(one(Format::Logfmt, r#"a="\ud800x\u12""#), json!({"a": "\u{fffd}x\\u12"}));
}

#[test]
fn a_broken_line_of_logfmt_is_named_with_its_place() {
    let told = |line: &str| mistake(Format::Logfmt, line);
    assert!(told("a=1\nb=\"x").starts_with("line 2: column 3: this quote is never closed"), "{}", told("a=1\nb=\"x"));
    assert!(told("a=\"x\"y").starts_with("line 1: column 5: behind a closing quote"));
    assert!(told("a=1 =2").starts_with("line 1: column 5: a name should stand here"));
    assert!(told("a\"b=1").contains("column 2: a quote within a name"));
    assert!(told("plain text").contains("--format lines"));
}

#[test]
fn syslog_of_rfc_5424_is_read() {
    // The RFC's own examples, section 6.5.
    let line =
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{feff}'su root' failed on /dev/pts/8";
    let expected = json!({
        "facility": "auth", "severity": "crit", "version": 1, "timestamp": "2003-10-11T22:14:15.003Z",
        "hostname": "mymachine.example.com", "appname": "su", "msgid": "ID47", "message": "'su root' failed on /dev/pts/8",
    });
    assert_eq!(one(Format::Syslog, line), expected);
    let line = "<165>1 2003-10-11T22:14:15.003Z host evntslog 7 ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Appl\\\"\\]\\\\\\x\"][p@1 ip=\"a\" ip=\"b\"][empty@1]";
    let expected = json!({
        "facility": "local4", "severity": "notice", "version": 1, "timestamp": "2003-10-11T22:14:15.003Z",
        "hostname": "host", "appname": "evntslog", "procid": "7", "msgid": "ID47",
        "structured_data": {
            "exampleSDID@32473": {"iut": "3", "eventSource": "Appl\"]\\\\x"}, "p@1": {"ip": ["a", "b"]}, "empty@1": {},
        },
    });
    assert_eq!(one(Format::Syslog, line), expected);
    assert_eq!(one(Format::Syslog, "<0>1 - - - - - -"), json!({"facility": "kern", "severity": "emerg", "version": 1}));
}

#[test]
fn syslog_of_rfc_3164_is_read_and_what_is_like_it() {
    let line = "<34>Oct 11 22:14:15 mymachine su: 'su root' failed";
    let expected = json!({
        "facility": "auth", "severity": "crit", "timestamp": "Oct 11 22:14:15", "hostname": "mymachine", "appname": "su",
        "message": "'su root' failed",
    });
    assert_eq!(one(Format::Syslog, line), expected);
    let line = "Oct  1 22:14:15 web-1 postfix/smtpd[4711]: connect from unknown[10.0.0.1]: ok";
    let expected = json!({
        "timestamp": "Oct  1 22:14:15", "hostname": "web-1", "appname": "postfix/smtpd", "procid": "4711",
        "message": "connect from unknown[10.0.0.1]: ok",
    });
    assert_eq!(one(Format::Syslog, line), expected);
    // rsyslog's own file format, a sender that leaves the host out, a router, and a message that has no tag.
    let line = "2023-11-14T22:13:20.123456+01:00 fe80::1 kernel: [1.5] x";
    let expected = json!({
        "timestamp": "2023-11-14T22:13:20.123456+01:00", "hostname": "fe80::1", "appname": "kernel", "message": "[1.5] x",
    });
    assert_eq!(one(Format::Syslog, line), expected);
    let expected = json!({"timestamp": "Oct 11 22:14:15", "appname": "sshd", "procid": "1", "message": "x y"});
    assert_eq!(one(Format::Syslog, "Oct 11 22:14:15 sshd[1]: x y"), expected);
    let expected = json!({
        "facility": "local7", "severity": "notice", "timestamp": "Oct 11 2023 22:14:15.123", "appname": "%SYS-5-CONFIG_I",
        "message": "Configured",
    });
    assert_eq!(one(Format::Syslog, "<189>Oct 11 2023 22:14:15.123: %SYS-5-CONFIG_I: Configured"), expected);
    let expected = json!({"timestamp": "Oct 11 22:14:15", "hostname": "host", "message": "no tag here"});
    assert_eq!(one(Format::Syslog, "Oct 11 22:14:15 host no tag here"), expected);
    let expected = json!({"facility": "user", "severity": "notice", "message": "anything at all"});
    assert_eq!(one(Format::Syslog, "<13>anything at all"), expected);
}

#[test]
fn a_broken_line_of_syslog_is_named_with_its_place() {
    let told = |line: &str| mistake(Format::Syslog, line);
    assert!(told("Oct 11 22:14:15 h t: m\nplain text").starts_with("line 2: column 1: no syslog line"));
    assert!(told("<192>1 - - - - - -").contains("from 0 to 191"));
    assert!(told("<x>").contains("`<` begins a priority"));
    assert!(told("<34>1 - host").contains("`hostname` of RFC 5424"));
    assert!(told("<34>1 - - - - - x").contains("column 17: structured data"));
    assert!(told("<34>1 - - - - - [a b=\"c]").contains("column 22: this quote is never closed"));
    assert!(told("<34>1 - - - - - [a][a]").contains("stands twice"));
    assert!(told("<34>1 - - - - - -x").contains("a space and the message"));
}
