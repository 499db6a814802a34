#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

/// The text at `pointer`.
fn at(source: impl AsRef<[u8]>, pointer: &str) -> Option<Vec<u8>> {
    let source = source.as_ref();
    find(source, pointer).ok().flatten().and_then(|value| text(&source[value]).map(Cow::into_owned))
}

fn why(source: impl AsRef<[u8]>, pointer: &str) -> String {
    why_null(source.as_ref(), pointer, true, Reading::Whole).unwrap().to_string()
}

#[test]
fn a_mark_and_a_frame_before_a_document_are_skipped() {
    let cases: [(&[u8], usize); 12] = [
        (b"{}", 0),
        (b"", 0),
        (b"\xEF\xBB\xBF{}", 3),
        (b"\xEF\xBB\xBF", 3),
        (b"\xEF\xBB", 0),
        (b"\xEF\xBB\xBF\xEF\xBB\xBF{}", 3),
        (b"\0\0\0\0\x07{}", 5),
        (b"\0\xFF{\"}{}", 5),
        (b"\0\0\0\0\x07", 5),
        (b"\0\0\0\x07", 0),
        (b"\0\0\0\0\x07\xEF\xBB\xBF{}", 8),
        // No frame stands behind a mark.
        (b"\xEF\xBB\xBF\0\0\0\0\x07{}", 3),
    ];
    for (source, start) in cases {
        assert_eq!(document_start(source), start, "{}", source.escape_ascii());
    }
    assert_eq!(at(b"\xEF\xBB\xBF {\"a\":1}\r\n", "/a").unwrap(), b"1");
    assert_eq!(at(b"\0\0\0\0\x07{\"a\":1}", "").unwrap(), b"{\"a\":1}");
}

#[test]
fn foreign_bytes_and_half_surrogates_hide_nothing() {
    assert_eq!(at(b"{\"x\":\"\xFF\\ud800\",\"\xC3\":\"\\udc00\",\"a\":7}", "/a").unwrap(), b"7");
    assert_eq!(at(b"{\"a\":\"\xFFb\xC3\"}", "/a").unwrap(), b"\xFFb\xC3");
    let half = |string: &str| String::from_utf8(at(format!("[\"{string}\"]"), "/0").unwrap()).unwrap();
    assert_eq!(half(r"\ud83d\ude00"), "😀");
    assert_eq!(half(r"\ud83d"), "\u{FFFD}");
    assert_eq!(half(r"\ude00\ud83d"), "\u{FFFD}\u{FFFD}");
    assert_eq!(half(r"\ud83dA\u0041"), "\u{FFFD}AA");
    assert_eq!(half(r"\ud83d\ud83d\ude00"), "\u{FFFD}😀");
    // A name means the same as a text.
    assert_eq!(at(r#"{"\ud83d":1,"\ufffd":2}"#, "/\u{FFFD}").unwrap(), b"2");
}

#[test]
fn every_place_where_a_document_breaks_is_named() {
    let deep = "[".repeat(129);
    let cases: [(&str, usize, Expected); 24] = [
        ("", 0, Expected::Value),
        (" nul", 1, Expected::Value),
        ("{\"a\":NaN}", 5, Expected::Value),
        ("{\"a\":1,}", 7, Expected::Name),
        ("{a:1}", 1, Expected::NameOrEnd),
        ("{\"a\" 1}", 5, Expected::Colon),
        ("{\"a\":1", 6, Expected::CommaOrBrace),
        ("{\"a\":1]", 6, Expected::CommaOrBrace),
        ("{\"a\":01}", 6, Expected::CommaOrBrace),
        ("[1,]", 3, Expected::Value),
        ("[,", 1, Expected::ValueOrEnd),
        ("[1 2]", 3, Expected::CommaOrBracket),
        ("-", 1, Expected::Digit),
        ("[1.]", 3, Expected::Digit),
        ("1e+", 3, Expected::Digit),
        ("\"a\nb\"", 2, Expected::Character),
        ("\"a\\\"", 4, Expected::Character),
        ("\"\\x\"", 2, Expected::Escape),
        ("\"\\", 2, Expected::Escape),
        ("\"\\u00g0\"", 5, Expected::HexDigit),
        ("{} x", 3, Expected::End),
        ("1 2", 2, Expected::End),
        ("\u{FEFF}\u{FEFF}1", 3, Expected::Value),
        (&deep, 128, Expected::Shallower),
    ];
    for (document, at, expected) in cases {
        let broken = find(document.as_bytes(), "/a").unwrap_err();
        assert_eq!(broken, Break { at, is_end: at == document.len(), expected }, "{document}");
    }
    assert!(find(format!("{}{}", "[".repeat(128), "]".repeat(128)).as_bytes(), "").is_ok());
}

#[test]
fn a_reason_says_what_is_there_instead() {
    let reasons = [
        ("", "it is empty"),
        (" \n", "the JSON ends at byte 2, where a value should stand"),
        ("plain text", "it is not JSON, which begins otherwise"),
        ("\u{FEFF}x", "it is not JSON, which begins otherwise"),
        ("\0\0\0\0\x01\x02x", "no JSON stands behind its Schema Registry frame (Avro or Protobuf, perhaps)"),
        ("\0\0\0\0\x01", "the JSON ends at byte 5, where a value should stand"),
        ("\0{}", "it is not JSON, which begins otherwise"),
        ("{\"id\":7", "the JSON ends at byte 7, where `,` or `}` should stand"),
        ("{\"id\":NaN}", "the JSON breaks at byte 6, where a value should stand"),
        ("{\"id\":7 \"b\":1}", "the JSON breaks at byte 8, where `,` or `}` should stand"),
        ("{\"uid\":7}", "there is no such member"),
        ("[7]", "there is no such member"),
        ("{\"id\":null}", "the member is `null`"),
        ("{\"id\":true}", "the member is `true` or `false`"),
        ("{\"id\":{}}", "the member is an object"),
        ("{\"id\":[1]}", "the member is an array"),
        ("{\"id\":\"\"}", "the member is an empty text"),
        ("{\"id\":\"abc\"}", "the member is a text that is no integer"),
        ("{\"id\":\"+\"}", "the member is a text that is no integer"),
        ("{\"id\":1.5}", "the member is a number with a fraction or an exponent"),
        ("{\"id\":1e3}", "the member is a number with a fraction or an exponent"),
        ("{\"id\":9223372036854775808}", "the member is an integer beyond 64 bits"),
        ("{\"id\":\"-9223372036854775809\"}", "the member is an integer beyond 64 bits"),
    ];
    for (source, reason) in reasons {
        assert_eq!(why(source, "/id"), reason, "{source:?}");
    }
    assert_eq!(why(b"\xFF\xFE{\0", "/id"), "it is UTF-16 text, and JSON is UTF-8");
    assert_eq!(why_null(b"{\"id\":\"abc\"}", "/id", false, Reading::Whole), None);
    assert_eq!(why_null(b"{\"id\":\"+7\"}", "/id", true, Reading::Whole), None);
}

#[test]
fn where_the_first_counts_what_stands_behind_it_is_not_looked_at() {
    let at = |source: &str, pointer| {
        find_first(source.as_bytes(), pointer).map(|found| found.map(|value| source[value].to_owned()))
    };
    let found = |source, pointer| at(source, pointer).unwrap();
    assert_eq!(found(r#"{"a":1,"a":2}"#, "/a").as_deref(), Some("1"));
    assert_eq!(found(r#"{"a":{},"a":{"b":2}}"#, "/a/b"), None);
    assert_eq!(found(r#"{"a":{"b":[1,{"c":2 #"#, "/a/b/1/c").as_deref(), Some("2"));
    assert_eq!(found(r#"{"a":[{}]#"#, "/a").as_deref(), Some("[{}]"));
    assert_eq!(found("17", "").as_deref(), Some("17"));
    // A number may go on, and so may a word; a text may not.
    assert_eq!(found(r#"{"a":"17""#, "/a").as_deref(), Some(r#""17""#));
    assert_eq!(found(r#"{"a":17 "#, "/a").as_deref(), Some("17"));
    for cut in [r#"{"a":17"#, r#"{"a":17x"#, r#"{"a":true"#, r#"{"a":17.5.3,"#, r#"{"a":[17]"#] {
        let broken = at(cut, "/a/0");
        assert_eq!(broken.is_err(), !cut.contains('['), "{cut}: {broken:?}");
        assert_eq!(at(cut, "/a").is_err(), !cut.contains('['), "{cut}");
    }
    // What is missing may stand at the end.
    assert!(at(r#"{"a":1,"b":2"#, "/c").is_err());
}

#[test]
fn where_the_first_counts_a_reason_is_of_the_member_before_it_is_of_the_document() {
    let why = |source: &str, pointer| {
        why_null(source.as_bytes(), pointer, true, Reading::First).map(|reason| reason.to_string())
    };
    assert_eq!(why(r#"{"a":null,"a":1}"#, "/a").unwrap(), "the member is `null`");
    assert_eq!(why(r#"{"a":1,"a":null}"#, "/a"), None);
    assert_eq!(why(r#"{"a":"x",#"#, "/a").unwrap(), "the member is a text that is no integer");
    assert_eq!(why(r#"{"b":1}"#, "/a").unwrap(), "there is no such member");
    let broken = "the JSON breaks at byte 7, where a name in double quotes should stand";
    assert_eq!(why(r#"{"b":1,#"#, "/a").unwrap(), broken);
    // It is there; another one that was looked for is not.
    assert_eq!(why(r#"{"a":1,#"#, "/a").unwrap(), broken);
}
