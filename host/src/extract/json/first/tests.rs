//! `tests/extraction` holds all of it against a model, on documents of all kinds.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::{
    batch::Batch,
    extract::{Expressions, Extractor, Payer, Reading, Registers, Want},
    record::Timestamp,
};

/// What is extracted from a document of which the beginning is read.
fn extracted(document: &[u8], wants: Vec<Want>) -> Vec<Option<String>> {
    let count = wants.len();
    let numbered = wants.into_iter().zip(0..).collect();
    let mut extractor = Extractor::new(numbered, &mut Expressions::default()).unwrap().reading(Reading::First);
    let mut batch = Batch::default();
    batch.start("t".into(), 0);
    batch.push(0, Timestamp::None, 0, None, Some(document), std::iter::empty()).unwrap();
    // A text that is cut off would end here.
    batch.push(1, Timestamp::None, 0, None, Some(br#"","z":1}"#), std::iter::empty()).unwrap();
    let source = batch.inputs()[0].value;
    let mut registers = Registers::new(count, 0);
    registers.resize(1);
    let mut read = || {
        extractor.run(&mut batch, source, 0, &mut registers).unwrap();
        let cells = (0..count).map(|at| batch.bytes(registers.cells(at)[0]));
        cells.map(|cell| cell.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())).collect::<Vec<_>>()
    };
    let cells = read();
    assert_eq!(read(), cells, "the second time every name is where it is expected");
    cells
}

fn texts(document: &str, pointers: &[&str]) -> Vec<Option<String>> {
    extracted(document.as_bytes(), pointers.iter().map(|pointer| Want::Json((*pointer).to_owned())).collect())
}

fn text(document: &str, pointer: &str) -> Option<String> {
    texts(document, &[pointer]).remove(0)
}

fn some(cells: &[&str]) -> Vec<Option<String>> {
    cells.iter().map(|cell| Some((*cell).to_owned())).collect()
}

#[test]
fn of_a_name_that_stands_twice_the_first_counts() {
    assert_eq!(text(r#"{"a":1,"a":2}"#, "/a").as_deref(), Some("1"));
    assert_eq!(texts(r#"{"a":1,"\u0061":2,"b":3}"#, &["/a", "/b"]), some(&["1", "3"]));
    assert_eq!(text(r#"{"a":null,"a":2}"#, "/a"), None);
    for first in ["{}", "[]", "1", "null", r#"{"c":{"b":1}}"#, r#"{"b":null}"#] {
        assert_eq!(text(&format!(r#"{{"a":{first},"a":{{"b":2}}}}"#), "/a/b"), None, "{first}");
    }
    assert_eq!(text(r#"{"a":{"b":1,"b":2},"a":{"b":3}}"#, "/a/b").as_deref(), Some("1"));
    assert_eq!(texts(r#"{"a":{"b":1},"a":[2],"c":3}"#, &["/a", "/a/b", "/a/0", "/c"])[..2], some(&[r#"{"b":1}"#, "1"]));
    assert_eq!(texts(r#"{"a":{"b":1},"a":[2],"c":3}"#, &["/a/0", "/c"]), [None, Some("3".to_owned())]);
    assert_eq!(text(r#"{"a":[[1],[{"b":2},{"b":3}]],"a":0}"#, "/a/1/1/b").as_deref(), Some("3"));
}

#[test]
fn what_stands_behind_the_last_wanted_member_is_not_looked_at() {
    for rest in ["", ",", "}", "]", " #", ",\"b\":\"\n", ":1}}", ",\"x\":01,", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
        for value in [r#""x\n""#, r#""""#, r#"{"b":[1]}"#, "[]", "[[{}]]"] {
            let cell = text(&format!(r#"{{"c":1,"a":{value}{rest}"#), "/a").unwrap();
            let plain = value.trim_matches('"').replace(r"\n", "\n");
            assert_eq!(cell, plain, "{value}{rest}");
        }
    }
    assert_eq!(texts(r#"{"a":{"b":1},"c":[2]#"#, &["/c", "/a/b", "/a"]), some(&["[2]", "1", r#"{"b":1}"#]));
    assert_eq!(text("{\"a\":1} {}", "").as_deref(), Some(r#"{"a":1}"#));
}

#[test]
fn what_may_go_on_has_not_ended() {
    for whole in ["17", "-1.5e3", "0", "true", "null"] {
        for behind in ["", "0", "x", ".", "e", ":", "\"", "#", "{"] {
            assert_eq!(text(&format!(r#"{{"b":{whole}{behind}"#), "/b"), None, "{whole}{behind}");
        }
        for behind in [" ", "\n#", ",", "]#", "}#"] {
            let cell = text(&format!(r#"{{"b":{whole}{behind}"#), "/b");
            assert_eq!(cell.as_deref(), Some(whole).filter(|whole| *whole != "null"), "{whole}{behind}");
        }
    }
    assert_eq!(text(" 17", "").as_deref(), Some("17"));
    // What stands behind it in the batch ends no text.
    assert_eq!(texts(r#"{"b":1,"a":"x"#, &["/a", "/b"]), [None, None]);
    assert_eq!(text("17 17", "").as_deref(), Some("17"));
}

#[test]
fn a_document_without_a_wanted_member_is_read_to_its_end() {
    let nothing = [None, None];
    assert_eq!(texts(r#"{"a":1,"b":2}"#, &["/a", "/c"]), [Some("1".to_owned()), None]);
    assert_eq!(texts(r#"{"a":1,"b":2,}"#, &["/a", "/c"]), nothing);
    assert_eq!(texts(r#"{"a":1,"b":2} #"#, &["/a", "/c"]), nothing);
    assert_eq!(texts(r#"{"a":1,"b":{},"b":{"c":1},}"#, &["/a", "/b/c"]), nothing);
    // What stands before the last one is looked at.
    assert_eq!(texts(r#"{"a":1,"x":01,"b":2}"#, &["/a", "/b"]), nothing);
    assert_eq!(texts(r#"{"a":1,"x":[}],"b":2}"#, &["/a", "/b"]), nothing);
}

#[test]
fn captures_find_what_stands_behind_the_last_wanted_member_too() {
    let capture = |pattern: &str| Want::Capture { pattern: pattern.to_owned(), group: 1, payer: Payer::NOBODY };
    let wants = || vec![capture(r#""a":"(.+?)""#), capture(r#""b":(\d+)"#), Want::Json("/c".to_owned())];
    let cases: [(&str, [Option<&str>; 3]); 6] = [
        (r#"{"a":"x","c":1,"a":"y","b":2}"#, [Some("x"), Some("2"), Some("1")]),
        (r#"{"a":"x","c":1,"b":2 #"#, [Some("x"), Some("2"), Some("1")]),
        (r#"{"c":1,#"a":"y","b":"b":2"#, [Some("y"), Some("2"), Some("1")]),
        // A match that begins with the value itself, where no name can stand.
        (r#"{"c":"a":"z"#, [None, None, Some("a")]),
        (r#"{"c":"a":"z""#, [Some("z"), None, Some("a")]),
        (r#"{"c" #"a":"y","b":2"#, [Some("y"), Some("2"), None]),
    ];
    for (document, expected) in cases {
        let expected = expected.map(|cell| cell.map(str::to_owned));
        assert_eq!(extracted(document.as_bytes(), wants()), expected, "{document}");
    }
}
