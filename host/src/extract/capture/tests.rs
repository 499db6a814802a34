#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use regex::bytes::Regex;

use super::*;

/// Expressions of the plan's form, with what makes each of them treacherous.
const PLANNED: &[&str] = &[
    r#""sceneId":"(.+?)""#,
    r#""actionTime":(\d+)"#,
    r#"a(.+?)a"#,
    r#"a(.*?)ab"#,
    r#"aa(.*?)a"#,
    r#"aba([ab]*?)ab"#,
    r#"ab([^b]+)b"#,
    r#"ab([^b]*)b"#,
    r#"a(\d*)"#,
    r#"a(\d{2,})b"#,
    r#"a(.{2,}?)b"#,
    r#"é([^"é\n]+)é"#,
    r#"a(\w+)-"#,
    r#"a(?s:(.+?))b"#,
    r#"a(?P<name>[é-ü]+)b"#,
    r#"a([^a]+?)é"#,
];

/// Forms that the plan must leave to the regex crate.
const UNPLANNED: &[&str] = &[
    r#"a(.+)b"#,
    r#"a(\w+)é"#,
    r#"a(.+?)"#,
    r#"(a+)b"#,
    r#"a(b)c"#,
    r#"a(?-u:.+?)b"#,
    r#"a((?-u:.)+?)b"#,
    r#"a(b|c)+d"#,
    r#"(?i)a(.+?)b"#,
    r#"^a(.+?)b"#,
    r#"a(\d+)$"#,
    r#"a(\d{2,4})b"#,
];

fn plan(pattern: &str) -> Option<LiteralPlan> {
    LiteralPlan::new(&regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).ok()?)
}

fn with_regex(regex: &Regex, bytes: &[u8]) -> Option<literal::Found> {
    let captures = regex.captures(bytes)?;
    Some(literal::Found { whole: captures.get(0)?.range(), group: captures.get(1)?.range() })
}

const LETTERS: &[&[u8]] = &[b"a", b"b", b"ab", b"aba", b"\"", b"1", b"23", b"\n", "é".as_bytes(), "ü".as_bytes()];
const WORDS: &[&[u8]] = &[b"\"sceneId\":\"", b"\"actionTime\":", "\u{0663}".as_bytes(), "\u{10FFFF}".as_bytes()];
const NOT_UTF8: &[&[u8]] = &[b"\xFF", b"\xC3", b"\xA9", b"\xED\xA0\x80", b"\xC0\x80", b"\xF4\x90\x80\x80"];

/// Bytes in which the literals above and half-matches of them are common.
fn haystack() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(LETTERS).prop_map(<[u8]>::to_vec),
        2 => prop::sample::select(WORDS).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 1..4),
        1 => prop::sample::select(NOT_UTF8).prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn plans_are_made_for_literal_group_literal() {
    for pattern in PLANNED {
        assert!(plan(pattern).is_some(), "{pattern}");
    }
    for pattern in UNPLANNED {
        assert!(plan(pattern).is_none(), "{pattern}");
    }
}

#[test]
fn a_failing_tail_goes_on_at_an_overlapping_prefix() {
    let plan = plan("aba([0-9]+)b").unwrap();
    assert_eq!(plan.find(b"ababa1b"), Some(literal::Found { whole: 2..7, group: 5..6 }));
}

#[test]
fn invalid_utf8_ends_a_dot() {
    let plan = plan(r#""v":"(.+?)""#).unwrap();
    assert_eq!(plan.find(b"\"v\":\"\xFF\" \"v\":\"x\""), Some(literal::Found { whole: 8..15, group: 13..14 }));
}

#[test]
fn long_literals_are_left_to_automata() {
    assert!(plan(&format!("{}(.+?)b", "a".repeat(64))).is_some());
    assert!(plan(&format!("{}(.+?)b", "a".repeat(65))).is_none());
    assert!(plan(&format!("a(.+?)b{}", "a".repeat(64))).is_none());
}

#[test]
fn many_failing_suffixes_beyond_ascii_cost_linear_time() {
    let plan = plan("a(.+?)éx").unwrap();
    for text in ["éж", "é\u{FFFD}"] {
        let text = format!("a{}", text.repeat(500_000));
        assert_eq!(plan.find(text.as_bytes()), None);
    }
    let broken = ["é".as_bytes(), b"\xFF"].concat().repeat(300_000);
    assert_eq!(self::plan("é(.+?)x").unwrap().find(&broken), None);
}

#[test]
fn many_failing_prefixes_cost_linear_time() {
    let plan = plan("a(.+?)\"").unwrap();
    let bytes = vec![b'a'; 4_000_000];
    assert_eq!(plan.find(&bytes), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_plan_finds_what_the_regex_crate_finds(pattern in prop::sample::select(PLANNED), bytes in haystack()) {
        let plan = plan(pattern).unwrap();
        let regex = Regex::new(pattern).unwrap();
        prop_assert_eq!(plan.find(&bytes), with_regex(&regex, &bytes), "{} in {:?}", pattern, bytes);
    }

    #[test]
    fn any_pattern_of_the_form_finds_what_the_regex_crate_finds(
        prefix in "[abé\"]{1,3}",
        class in prop::sample::select(&[".", "\\d", "\\w", "[^\"]", "[ab]", "[^a]", "\\PN", "[é\"]"][..]),
        repeat in prop::sample::select(&["+?", "*?", "+", "*", "{2,}", "{2,}?"][..]),
        suffix in "[abé\"]{0,2}",
        bytes in haystack(),
    ) {
        let pattern = format!("{prefix}({class}{repeat}){suffix}");
        if let Some(plan) = plan(&pattern) {
            let regex = Regex::new(&pattern).unwrap();
            prop_assert_eq!(plan.find(&bytes), with_regex(&regex, &bytes), "{} in {:?}", pattern, bytes);
        }
    }
}
