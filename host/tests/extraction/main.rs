//! A million documents, generated and real, whole and broken: everything extracted from them is what serde_json finds and
//! what the regex crate finds, cell by cell.
//!
//! One extractor sees them all, one after the other, so that whatever it remembers of earlier documents is tried. The
//! numbers of the batches are their seeds: a failure names the one. The same comparison is fuzzed: see `fuzz/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod comparison;
mod document;
mod first;
mod wants;

use std::{fs, thread};

use comparison::Comparison;
use document::{generated, mutated};
use first::First;
use wants::{AWAITED, COMMON, PATTERNS, POINTERS};
use weir_tests::{
    paths::{project, shared_data},
    rng::Rng,
};

const DOCUMENTS: u64 = 1_000_000;

/// How many documents there are: `WEIR_DOCUMENTS` says otherwise.
fn documents() -> u64 {
    std::env::var("WEIR_DOCUMENTS").map_or(DOCUMENTS, |many| many.parse().unwrap())
}
const THREADS: u64 = 2;
/// Documents in a batch.
const RECORDS: u64 = 4;

/// Real documents beside the project, and the example's; of a machine that has only the latter, those.
fn real() -> Vec<Vec<u8>> {
    let files = ["github_events.ndjson", "twitter_statuses.ndjson"];
    let texts = files.into_iter().filter_map(shared_data).map(|file| fs::read(file).unwrap());
    let lines = |text: Vec<u8>| text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut real: Vec<Vec<u8>> = texts.flat_map(lines).filter(|line| !line.is_empty()).collect();
    let events = fs::read(project().join("examples/recom/events.ndjson")).unwrap();
    real.extend(lines(events).into_iter().filter(|line| !line.is_empty()).take(500));
    real
}

/// A record's value.
fn thrown(rng: &mut Rng, real: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut document = Vec::new();
    match rng.below(200) {
        0 => return None,
        // Real ones are long: one in a hundred.
        1 | 2 => document.clone_from(&real[rng.below(real.len() as u64) as usize]),
        _ => generated(rng, &mut document),
    }
    if rng.below(3) == 0 {
        mutated(rng, &mut document);
    }
    Some(document)
}

#[test]
fn a_million_documents_give_what_serde_json_and_the_regex_crate_find() {
    let real = real();
    let share = |thread: u64| {
        let real = &real;
        move || {
            let mut comparison = Comparison::new(&PATTERNS, &POINTERS);
            for number in (thread..documents() / RECORDS).step_by(THREADS as usize) {
                // Thrown once more: the throws of seeds beside each other are the same, one later.
                let mut rng = Rng::new(Rng::new(number).next_u64());
                let documents: Vec<_> = (0..RECORDS).map(|_| thrown(&mut rng, real)).collect();
                let documents: Vec<_> = documents.iter().map(Option::as_deref).collect();
                comparison.batch(&documents, &number);
            }
            (comparison.valid, comparison.matched)
        }
    };
    let (valid, matched) = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(share(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    });
    // Else the generator makes nothing worth comparing.
    assert!(valid > documents() / 2 && valid < documents(), "{valid} valid documents");
    assert!(matched > documents(), "{matched} matches");
}

#[test]
fn a_million_documents_of_which_the_beginning_is_read_give_what_the_model_finds() {
    let real = real();
    let share = |thread: u64| {
        let real = &real;
        move || {
            let mut first = First::new(&AWAITED, first::sets(&COMMON));
            for number in (thread..documents() / RECORDS).step_by(THREADS as usize) {
                let mut rng = Rng::new(Rng::new(number).next_u64());
                let mut thrown = || {
                    let mut document = thrown(&mut rng, real)?;
                    if rng.below(2) == 0 {
                        first::broken(&mut rng, &mut document);
                    }
                    Some(document)
                };
                let documents: Vec<_> = (0..RECORDS).map(|_| thrown()).collect();
                let documents: Vec<_> = documents.iter().map(Option::as_deref).collect();
                first.batch(&documents, number / THREADS, &number);
            }
            first.broken
        }
    };
    let broken: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(share(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(broken > documents() / 200, "{broken} documents that are not valid gave something");
}

#[test]
fn a_document_full_of_beginnings_is_searched_once_not_once_for_each_of_them() {
    // From every `"a":` the first runs to the end of the line and finds no `z` there.
    let patterns: [(&str, &[u32]); 2] = [(r#""a":(.+?)z"#, &[1]), (r#""a":([^z]+)z"#, &[1])];
    let document = format!("{{{}\"b\":0}}", "\"a\":1,".repeat(1_000_000));
    Comparison::new(&patterns, &["/b"]).batch(&[Some(document.as_bytes())], &"of beginnings");
}
