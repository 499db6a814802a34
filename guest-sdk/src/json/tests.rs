//! Against serde_json, which makes values of all of it.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;

use super::*;

/// What the pointer leads to, as a `json` input gives it; the document is valid.
fn text_at(document: &[u8], pointer: &str) -> Option<Vec<u8>> {
    locate(document, &Pointer::new(pointer)).unwrap();
    member(document, &Pointer::new(pointer)).map(std::borrow::Cow::into_owned)
}

#[track_caller]
fn check(document: &str, pointer: &str, expected: Option<&str>) {
    let found = text_at(document.as_bytes(), pointer);
    assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{document} {pointer}");
}

#[test]
fn a_pointer_leads_to_a_value() {
    let document = r#" {"a": {"b": [1, {"c": "x\u0041\n"}, -1.50e3]}, "": 0, "a/b": true, "~": null, "\u0064": 4} "#;
    check(document, "/a/b/0", Some("1"));
    check(document, "/a/b/1/c", Some("xA\n"));
    check(document, "/a/b/2", Some("-1.50e3"));
    check(document, "/a/b/1", Some(r#"{"c": "x\u0041\n"}"#));
    check(document, "/", Some("0"));
    check(document, "/a~1b", Some("true"));
    check(document, "/~0", None);
    check(document, "/d", Some("4"));
    check(document, "", Some(document.trim()));
    for missing in ["/b", "/a/c", "/a/b/3", "/a/b/01", "/a/b/-", "/a/b/0/x", "/d/e", "/a/b/1/c/0"] {
        check(document, missing, None);
    }
}

#[test]
fn of_a_name_that_stands_twice_the_last_counts() {
    check(r#"{"a":1,"a":2}"#, "/a", Some("2"));
    check(r#"{"a":{"b":1},"\u0061":{}}"#, "/a/b", None);
    check(r#"{"a":{},"a":{"b":1,"b":{"c":3}}}"#, "/a/b/c", Some("3"));
    let mut hits = Vec::new();
    let document = br#"{"a":{"b":1},"a":{"b":2}}"#;
    find(document, &Pointer::new("/a/b"), &mut hits).unwrap();
    let values: Vec<&[u8]> = hits.iter().map(|hit| &document[hit.value.clone()]).collect();
    assert_eq!(values, [b"1", b"2"]);
}

#[test]
fn marks_and_frames_are_passed_over_and_bytes_that_are_no_text_do_no_harm() {
    for before in ["", "\u{feff}", "\0\0\0\0\u{7}", "\0\0\0\0\u{7}\u{feff}", "\0[]{}", "\u{feff} \n"] {
        check(&format!("{before}{{\"a\":1}}"), "/a", Some("1"));
    }
    let document = b"{\"\xFF\":1,\"a\":\"\xFF\",\"b\":\"\\ud800\",\"c\":\"\\ud83d\\ude00\\udc00\"}";
    assert_eq!(text_at(document, "/a").unwrap(), b"\xFF");
    assert_eq!(text_at(document, "/b").unwrap(), "\u{fffd}".as_bytes());
    assert_eq!(text_at(document, "/c").unwrap(), "😀\u{fffd}".as_bytes());
}

#[test]
fn what_is_broken_says_where() {
    let check = |document: &str, at: usize, expected: &str| {
        for pointer in ["", "/a", "/a/b"] {
            let broken = locate(document.as_bytes(), &Pointer::new(pointer)).unwrap_err();
            assert_eq!((broken.at, broken.expected), (at, expected), "{document}");
            let broken = find(document.as_bytes(), &Pointer::new(pointer), &mut Vec::new()).unwrap_err();
            assert_eq!((broken.at, broken.expected), (at, expected), "{document}");
        }
    };
    check("", 0, "a value");
    check("\0\0\0\0\u{7}", 5, "a value");
    check("{", 1, "a name in quotes");
    check("{\"a\"}", 4, "`:`");
    check("{\"a\":}", 5, "a value");
    check("{\"a\":{\"b\":1]}", 11, "`,` or `}`");
    check("{\"a\":1,}", 7, "a name in quotes");
    check("[1,]", 3, "a value");
    check("[1 2]", 3, "`,` or `]`");
    check("{} x", 3, "the end");
    check("{\"a\":1}{", 7, "the end");
    check("[01]", 2, "`,` or `]`");
    check("[1.]", 3, "a digit");
    check("[-]", 2, "a digit");
    check("[1e+]", 4, "a digit");
    check("[nul]", 1, "a value");
    check("[NaN]", 1, "a value");
    check("[\"\n\"]", 2, "an escape in place of a control character");
    check("[\"\\x\"]", 2, "an escape that JSON has, such as `\\n`");
    check("[\"\\u00g0\"]", 2, "`\\u` and four hexadecimal digits");
    check("[\"abc", 5, "the closing quote of a text");
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(locate(deep(DEPTH).as_bytes(), &Pointer::new("/0/0")).is_ok());
    check(&deep(DEPTH + 1), DEPTH, "a value that is not nested deeper than 128 levels");
    let broken = Broken { at: 7, expected: "`:`" };
    assert_eq!(broken.to_string(), "the JSON breaks at byte 7, where `:` should stand");
}

#[test]
fn what_is_quoted_is_read_back() {
    let mut text: Vec<u8> = (0..=255).collect();
    text.extend_from_slice("ünï😀".as_bytes());
    let mut quoted = Vec::new();
    quote(&text, &mut quoted);
    assert_eq!(text_of(&quoted, 0..quoted.len()).unwrap(), text);
    assert!(Reader::new(&quoted).skip().is_ok());
    let valid: Vec<u8> = "\0\u{1f}\"\\/\n\r\t\u{8}\u{c}\u{7f}ünï".into();
    quoted.clear();
    quote(&valid, &mut quoted);
    assert_eq!(serde_json::from_slice::<String>(&quoted).unwrap().as_bytes(), valid);
}

#[test]
fn it_takes_what_serde_json_takes() {
    // Random edits of valid documents: mostly broken, in every way.
    let seeds = [
        r#"{"a":[1,-2.5e+10,{"b":"x\n\u00e9\"y"},true,false,null],"c":{},"d":[],"e":{"f":{"g":0}}}"#,
        r#" [ "0123456789abcdef\\0123456789abcdef" , 0.0 , -0 , 1E5 , { "a" : "b" , "c" : [ [ ] ] } ] "#,
    ];
    let bytes = br#"{}[]",:\0-+.eEntu1aA/ "#;
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) as usize % below
    };
    let mut valid = 0;
    for turn in 0..200_000 {
        let mut document = seeds[turn % 2].as_bytes().to_vec();
        for _ in 0..=next(3) {
            let at = next(document.len());
            match next(3) {
                0 => drop(document.remove(at)),
                1 => document.insert(at, bytes[next(bytes.len())]),
                _ => document[at] = bytes[next(bytes.len())],
            }
        }
        let read = serde_json::from_slice::<Value>(&document);
        let ours = locate(&document, &Pointer::new("/a"));
        // It refuses half of a surrogate pair and numbers that no float holds; here neither is an error.
        let strict = ["surrogate", "range", "hex escape"];
        if read.as_ref().is_err_and(|error| strict.iter().any(|word| error.to_string().contains(word))) && ours.is_ok()
        {
            continue;
        }
        assert_eq!(ours.is_ok(), read.is_ok(), "{}: {ours:?}, {read:?}", String::from_utf8_lossy(&document));
        let Ok(read) = read else { continue };
        valid += 1;
        for pointer in ["/a", "/a/2/b", "/e/f/g", "/0", "/4/c"] {
            let expected = match read.pointer(pointer) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => Some(Value::String(text.clone())),
                Some(other) => Some(other.clone()),
            };
            let found = match locate(&document, &Pointer::new(pointer)).unwrap() {
                Place::Found(value) => Some(serde_json::from_slice::<Value>(&document[value]).unwrap()),
                Place::Missing(_) => None,
            };
            assert_eq!(found.filter(|found| !found.is_null()), expected);
        }
    }
    assert!(valid > 10_000, "{valid}");
}
