#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::record::Timestamp;

#[test]
fn one_extractor_fills_captures_and_members_of_a_source() {
    let capture = |pattern: &str, group| Want::Capture { pattern: pattern.to_owned(), group, payer: Payer::NOBODY };
    let wants = vec![
        (capture(r#""(a)":(\d+)"#, 2), 0),
        (capture(r#""(a)":(\d+)"#, 0), 1),
        (capture(r#""b":"(.+?)""#, 1), 2),
        (capture("x", 0), 3),
        (Want::Json("/b".to_owned()), 4),
        (Want::JsonInt("/a".to_owned()), 0),
    ];
    let mut extractor = Extractor::new(wants, &mut Expressions::default()).unwrap();
    let mut batch = Batch::default();
    batch.start("t".into(), 0);
    let value = br#"{"a":12,"b":"\u0079\n"}"#;
    batch.push(0, Timestamp::None, 0, None, Some(value), std::iter::empty()).unwrap();
    let mut registers = Registers::new(5, 1);
    registers.resize(2);
    let source = batch.inputs()[0].value;
    extractor.run(&mut batch, source, 0, &mut registers).unwrap();
    extractor.run(&mut batch, Cell::NULL, 1, &mut registers).unwrap();

    let cells: Vec<Option<&[u8]>> = (0..5).map(|at| batch.bytes(registers.cells(at)[0])).collect();
    assert_eq!(cells, [Some(&b"12"[..]), Some(br#""a":12"#), Some(br"\u0079\n"), None, Some(b"y\n")]);
    assert_eq!(registers.ints(0), [Some(12), None]);
    assert!((0..5).all(|at| registers.cells(at)[1].is_null()));
}

#[test]
fn captures_see_what_stands_before_a_document_and_foreign_bytes_in_it() {
    let capture = |pattern: &str| Want::Capture { pattern: pattern.to_owned(), group: 1, payer: Payer::NOBODY };
    let patterns = [r#""a":"(.+?)""#, r#""a":(\d+)"#];
    type Captured<'a> = [Option<&'a [u8]>; 3];
    let cases: [(&[u8], Captured<'_>); 6] = [
        (b"\xEF\xBB\xBF{\"a\":\"x\"}", [Some(b"x"), None, Some(b"x")]),
        (b"\0\0\0\0\x07{\"a\":\"x\"}", [Some(b"x"), None, Some(b"x")]),
        // The name stands in the frame, or half of it.
        (b"\0\"a\":17", [None, Some(b"17"), None]),
        (b"\0{{\"a\":1\"", [None, Some(b"1"), None]),
        // A dot takes no foreign bytes.
        (b"{\"a\":\"\xFFx\"}", [None, None, Some(b"\xFFx")]),
        ("{\"a\":\"é\"}".as_bytes(), [Some("é".as_bytes()), None, Some("é".as_bytes())]),
    ];
    for (value, expected) in cases {
        let wants = vec![(capture(patterns[0]), 0), (capture(patterns[1]), 1), (Want::Json("/a".to_owned()), 2)];
        let mut extractor = Extractor::new(wants, &mut Expressions::default()).unwrap();
        let mut batch = Batch::default();
        batch.start("t".into(), 0);
        batch.push(0, Timestamp::None, 0, None, Some(value), std::iter::empty()).unwrap();
        let mut registers = Registers::new(3, 0);
        registers.resize(1);
        let source = batch.inputs()[0].value;
        // The second time every name is where it is expected.
        for _ in 0..2 {
            extractor.run(&mut batch, source, 0, &mut registers).unwrap();
        }
        let cells: Vec<Option<&[u8]>> = (0..3).map(|at| batch.bytes(registers.cells(at)[0])).collect();
        assert_eq!(cells, expected, "{}", value.escape_ascii());
    }
}

#[test]
fn a_capture_sees_foreign_bytes_in_a_string_that_is_as_long_as_those_before_it() {
    let pattern = r#""a":"(.+?)""#.to_owned();
    let wants = vec![(Want::Capture { pattern, group: 1, payer: Payer::NOBODY }, 0), (Want::Json("/a".to_owned()), 1)];
    let mut extractor = Extractor::new(wants, &mut Expressions::default()).unwrap();
    let mut registers = Registers::new(2, 0);
    registers.resize(1);
    let mut cells = |value: &[u8]| {
        let mut batch = Batch::default();
        batch.start("t".into(), 0);
        batch.push(0, Timestamp::None, 0, None, Some(value), std::iter::empty()).unwrap();
        let source = batch.inputs()[0].value;
        extractor.run(&mut batch, source, 0, &mut registers).unwrap();
        [0, 1].map(|at| batch.bytes(registers.cells(at)[0]).map(<[u8]>::to_vec))
    };
    for _ in 0..5 {
        assert_eq!(cells(br#"{"a":"xy","b":12,"c":[true]}"#), [Some(b"xy".to_vec()), Some(b"xy".to_vec())]);
    }
    // A dot takes no foreign bytes.
    assert_eq!(cells(b"{\"a\":\"\xFFy\",\"b\":12,\"c\":[true]}"), [None, Some(b"\xFFy".to_vec())]);
}

#[test]
fn a_group_that_took_no_part_is_null() {
    let want = |group| (Want::Capture { pattern: "a(b)?(c)?".to_owned(), group, payer: Payer::NOBODY }, group as usize);
    let mut extractor = Extractor::new(vec![want(0), want(1), want(2)], &mut Expressions::default()).unwrap();
    let mut batch = Batch::default();
    batch.start("t".into(), 0);
    batch.push(0, Timestamp::None, 0, Some(b"ac"), None, std::iter::empty()).unwrap();
    let mut registers = Registers::new(3, 0);
    registers.resize(1);
    let source = batch.inputs()[0].key;
    extractor.run(&mut batch, source, 0, &mut registers).unwrap();
    let cells: Vec<Option<&[u8]>> = (0..3).map(|at| batch.bytes(registers.cells(at)[0])).collect();
    assert_eq!(cells, [Some(&b"ac"[..]), None, Some(b"c")]);
}

#[test]
fn what_cannot_be_extracted_is_said() {
    let says = |want| Extractor::new(vec![(want, 0)], &mut Expressions::default()).err().unwrap().to_string();
    let capture = |pattern: &str, group| Want::Capture { pattern: pattern.to_owned(), group, payer: Payer::NOBODY };
    assert_eq!(
        says(capture("(a", 1)),
        "`(a` is not a valid regular expression: `(` at character 1: no `)` closes it; a parenthesis itself is `\\(`"
    );
    assert_eq!(says(capture("(a)", 2)), "`(a)` has no group 2");
    assert!(says(Want::Json("a".to_owned())).starts_with("`a` is no JSON pointer"));
}
