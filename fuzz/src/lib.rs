//! What the fuzz targets run: weir's rooms of extraction (links into `host/src`), compiled alone so that neither librdkafka
//! nor the engine is built for it, and the comparison of `host/tests/extraction`.
#![allow(dead_code, unreachable_pub, reason = "the rooms offer more than is fuzzed")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a finding is a panic")]

// The comparison speaks of weir.
extern crate self as weir;

#[path = "../../host/tests/extraction"]
mod extraction {
    pub(crate) mod comparison;
    pub(crate) mod document;
    pub(crate) mod first;
    pub(crate) mod wants;
}
pub mod batch;
pub mod cpu;
pub mod extract;
pub mod record;

pub mod seeds;

use std::{cell::RefCell, collections::HashMap, str};

use extract::{Expressions, Extractor, Payer, Want};
use extraction::{comparison::Comparison, document, first::First, wants};
use regex::bytes::Regex;

/// Separates the parts of an input; it stands in no UTF-8.
const SEPARATOR: u8 = 0xFF;
/// Declared at most.
const WANTS: usize = 4;
/// An expression's length at most: what takes long is to compile it, and that is the regex crate's.
const PATTERN: usize = 48;

/// Fuzzes pointers. The input: pointers, a line each, then documents of one batch, each behind a separator.
///
/// # Panics
/// Something else is found than serde_json finds, or, of the beginnings of documents, than the model finds, or another pointer is refused than RFC 6901 says.
pub fn json(input: &[u8]) {
    let mut parts = input.split(|byte| *byte == SEPARATOR);
    let Some(lines) = lines(parts.next()) else { return };
    for pointer in &lines {
        let valid = pointer.is_empty() || pointer.starts_with('/');
        let valid = valid && pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        let wanted = Extractor::new(vec![(Want::Json((*pointer).to_owned()), 0)], &mut Expressions::default());
        assert_eq!(wanted.is_ok(), valid, "the pointer {pointer:?}");
        if !valid {
            return;
        }
    }
    let documents: Vec<Option<&[u8]>> = parts.map(Some).collect();
    Comparison::new(&[], &lines).batch(&documents, &"of the input");
    let pointers = lines.iter().map(|line| (*line).to_owned()).collect();
    First::new(&[], vec![pointers]).batch(&documents, 0, &"of the input");
}

/// Fuzzes captures, beside members and alone. The input: expressions, a line each, then a value behind a separator.
///
/// # Panics
/// Something else is found than the regex crate finds, or another expression is refused than it refuses.
pub fn captures(input: &[u8]) {
    let mut parts = input.splitn(2, |byte| *byte == SEPARATOR);
    let (Some(declared), Some(value)) = (parts.next(), parts.next()) else { return };
    // A clone for each input: what one learnt must not decide what another finds.
    let comparison = KNOWN.with_borrow_mut(|known| {
        if known.len() > KNOWN_AT_MOST {
            known.clear();
        }
        known.entry(declared.to_vec()).or_insert_with(|| expressions(declared)).clone()
    });
    let Some(mut comparison) = comparison else { return };
    // The same value twice: what was learnt from the first is tried at the second.
    comparison.batch(&[Some(value), None, Some(value)], &"of the input");
}

thread_local! {
    /// To compile expressions takes longer than all the rest: comparisons by the bytes that declare them, none where these
    /// are nothing to compare.
    static KNOWN: RefCell<HashMap<Vec<u8>, Option<Comparison>>> = RefCell::default();
}

const KNOWN_AT_MOST: usize = 1000;

fn expressions(declared: &[u8]) -> Option<Comparison> {
    let mut patterns = Vec::new();
    for pattern in lines(Some(declared))? {
        if pattern.len() > PATTERN || takes_long(pattern) {
            return None;
        }
        let Ok(theirs) = Regex::new(pattern) else {
            // What they take is taken below, or that is a finding.
            let want = Want::Capture { pattern: pattern.to_owned(), group: 0, payer: Payer::NOBODY };
            let wanted = Extractor::new(vec![(want, 0)], &mut Expressions::default());
            assert!(wanted.is_err(), "the expression `{pattern}`");
            return None;
        };
        patterns.push((pattern, groups(&theirs, declared.len())));
    }
    let patterns: Vec<(&str, &[u32])> =
        patterns.iter().map(|(pattern, groups)| (*pattern, groups.as_slice())).collect();
    Some(Comparison::new(&patterns, &["", "/a"]))
}

/// What is declared; none where it is no text, or too much.
fn lines(part: Option<&[u8]>) -> Option<Vec<&str>> {
    let lines: Vec<&str> = str::from_utf8(part?).ok()?.split('\n').collect();
    (lines.len() <= WANTS).then_some(lines)
}

/// All groups, the last or the whole match alone: they are found in different ways.
fn groups(regex: &Regex, choice: usize) -> Vec<u32> {
    let groups = regex.captures_len() as u32;
    match choice % 3 {
        0 => vec![0],
        1 => vec![groups - 1],
        _ => (0..groups).collect(),
    }
}

/// Repetitions of many times, and of repetitions.
fn takes_long(pattern: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let counts = pattern.split(['{', ',']).skip(1).map(digits);
    counts.clone().any(|count| count > 1) || counts.filter(|count| *count > 0).count() > 2
}
