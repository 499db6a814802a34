#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use proptest::prelude::*;
use regex::bytes::Regex;

use super::*;

/// Expressions whose searches take different ways, with what makes each of them treacherous.
const PATTERNS: &[&str] = &[
    "a+b",
    "(a+)(b*)",
    "(a|ab)(c|bcd)(d*)",
    "(a*?)(a*)b",
    "^a|b$",
    "(?m)^(a+)$",
    r"\b(a+)\b",
    r"(?-u:\b)(\w+)",
    r"(\w+)-(\w+)",
    "((a)|(b))*c",
    "(a?)*b",
    "(|a)+",
    "",
    "x*",
    r"[ab]*a[ab]{6}x(.)",
    "(?s:.)b(é)?",
    r"(\PN{2,5}?)a",
    r"(?-u:[\x80-\xFF])+(a)?",
    "(a)(?:b(c)|d)?$",
    "a{2,4}?(b)",
];

fn automata(pattern: &str, cache: Option<usize>) -> Guarded {
    let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).unwrap();
    let guarded = Guarded::new(&hir, 10 << 20).unwrap();
    match cache {
        Some(cache) => guarded.with_automata(&hir, cache),
        None => guarded,
    }
}

/// The bounds of all groups; none: no match.
type Found = Option<Vec<Option<(usize, usize)>>>;

fn theirs(pattern: &str, bytes: &[u8]) -> Found {
    let captures = Regex::new(pattern).unwrap().captures(bytes)?;
    Some(captures.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect())
}

fn ours(guarded: &Guarded, groups: usize, bytes: &[u8], scratch: &mut Scratch) -> Found {
    let found = guarded.search(bytes, true, scratch, &mut Clock::new(Duration::MAX)).unwrap();
    let all = found.then(|| (0..groups).map(|group| scratch.group(group)).collect::<Vec<_>>());
    let whole = guarded.search(bytes, false, scratch, &mut Clock::new(Duration::MAX)).unwrap();
    assert_eq!(whole.then(|| scratch.group(0)), all.as_ref().map(|all| all[0]));
    all
}

fn haystack() -> impl Strategy<Value = Vec<u8>> {
    const LETTERS: &[&[u8]] =
        &[b"a", b"a", b"b", b"ab", b"c", b"d", b"x", b"-", b" ", b"\n", b"1", "é".as_bytes(), b"\xFF", b"\xC3"];
    prop::collection::vec(prop::sample::select(LETTERS), 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_guarded_search_finds_what_the_regex_crate_finds(
        pattern in prop::sample::select(PATTERNS),
        haystacks in prop::collection::vec(haystack(), 1..4),
    ) {
        let groups = Regex::new(pattern).unwrap().captures_len();
        // With the lazy DFAs and without.
        for guarded in [automata(pattern, Some(2 << 20)), automata(pattern, None)] {
            let mut scratch = Scratch::default();
            for bytes in &haystacks {
                prop_assert_eq!(
                    ours(&guarded, groups, bytes, &mut scratch), theirs(pattern, bytes), "{} in {:?}", pattern, bytes
                );
            }
        }
    }
}

#[test]
fn a_search_whose_states_do_not_suffice_finds_the_same() {
    // Every window of ten letters is a state of its own.
    let pattern = "[ab]*a[ab]{10}x(.)";
    let mut rng = 1_u32;
    let mut bytes: Vec<u8> = std::iter::repeat_with(|| {
        rng ^= rng << 13;
        rng ^= rng >> 17;
        rng ^= rng << 5;
        if rng & 1 == 0 { b'a' } else { b'b' }
    })
    .take(20_000)
    .collect();
    bytes.extend_from_slice(b"aaaaaaaaaaaaxy");
    let guarded = automata(pattern, Some(64 << 10));
    assert_eq!(ours(&guarded, 2, &bytes, &mut Scratch::default()), theirs(pattern, &bytes));
}

#[test]
fn a_search_that_would_take_a_minute_ends_with_its_budget() {
    let guarded = automata("[ab]*a[ab]{20000}x(.)", Some(2 << 20));
    let mut clock = Clock::new(Duration::from_millis(50));
    let bytes = b"ab".repeat(450_000);
    assert_eq!(guarded.search(&bytes, true, &mut Scratch::default(), &mut clock), Err(Late));
    assert!(clock.spent() < Duration::from_millis(500), "{:?}", clock.spent());
}
