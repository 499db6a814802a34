//! A million documents, generated and real, whole and broken: everything extracted from them is what serde_json finds and
//! what the regex crate finds, cell by cell.
//!
//! One extractor sees them all, one after the other, so that whatever it remembers of earlier documents is tried. The
//! numbers of the documents are their seeds: a failure names the one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod document;

use std::{fs, path::Path, thread};

use document::{generated, mutated};
use regex::bytes::Regex;
use serde_json::Value;
use weir::{
    batch::{Batch, Cell},
    extract::{Extractor, Registers, Want},
    record::Timestamp,
};
use weir_tests::dice::Dice;

const DOCUMENTS: u64 = 1_000_000;
const THREADS: u64 = 2;

const PATTERNS: [&str; 10] = [
    r#""a":"(.+?)""#,
    r#""a":(\d+)"#,
    r#""ab":"(.*?)""#,
    r#""ab":"x(.+?)"b"#,
    r#""id":"?(\d+)"#,
    r#""b":\{"a":"(.+?)""#,
    r#""b":([^,}]+)"#,
    r#"a":"(.+?)""#,
    r#"\\"a":(\d+)"#,
    r#""user_id":(\d+)"#,
];

const POINTERS: [&str; 9] = ["", "/a", "/ab", "/b", "/b/a", "/a/0", "/b/1/a", "/id", "/user_id"];

/// Extracts and compares.
struct Comparison {
    extractor: Extractor,
    /// The captures alone: nothing reads the document as a whole then.
    alone: Extractor,
    registers: Registers,
    batch: Batch,
    regexes: Vec<Regex>,
    /// Documents that were valid.
    valid: u64,
    /// Captures that matched.
    matched: u64,
}

impl Comparison {
    fn new() -> Self {
        let capture = |(register, pattern): (usize, &&str)| {
            (Want::Capture { pattern: (*pattern).to_owned(), group: 1 }, register)
        };
        let captures: Vec<(Want, usize)> = PATTERNS.iter().enumerate().map(capture).collect();
        let mut wants = captures.clone();
        for (at, pointer) in POINTERS.iter().enumerate() {
            wants.push((Want::Json((*pointer).to_owned()), PATTERNS.len() + at));
            wants.push((Want::JsonInt((*pointer).to_owned()), at));
        }
        let mut registers = Registers::new(PATTERNS.len() + POINTERS.len(), POINTERS.len());
        registers.resize(1);
        Self {
            extractor: Extractor::new(wants).unwrap(),
            alone: Extractor::new(captures).unwrap(),
            registers,
            batch: Batch::default(),
            regexes: PATTERNS.iter().map(|pattern| Regex::new(pattern).unwrap()).collect(),
            valid: 0,
            matched: 0,
        }
    }

    fn document(&mut self, bytes: &[u8], number: u64) {
        self.batch.start("t".into(), 0);
        self.batch.push(0, Timestamp::None, 0, None, Some(bytes), std::iter::empty()).unwrap();
        let source = self.batch.inputs()[0].value;
        self.alone.run(&mut self.batch, source, 0, &mut self.registers).unwrap();
        self.captures(bytes, number, source);
        self.extractor.run(&mut self.batch, source, 0, &mut self.registers).unwrap();
        self.captures(bytes, number, source);
        self.members(bytes, number);
    }

    fn captures(&mut self, bytes: &[u8], number: u64, source: Cell) {
        for (at, regex) in self.regexes.iter().enumerate() {
            let expected = regex.captures(bytes).and_then(|captures| Some(captures.get(1)?.range()));
            let cell = self.registers.cells(at)[0];
            let got = (!cell.is_null()).then(|| {
                let from = cell.start() - source.start();
                from..from + cell.len()
            });
            self.matched += u64::from(got.is_some());
            assert_eq!(got, expected, "document {number}: {regex} in {}", String::from_utf8_lossy(bytes));
        }
    }

    fn members(&mut self, bytes: &[u8], number: u64) {
        let whole = match serde_json::from_slice::<Value>(bytes) {
            Ok(whole) => whole,
            // A number that is no f64 is valid JSON; what follows it they have not looked at.
            Err(error) if error.to_string().starts_with("number out of range") => return,
            Err(_) => Value::Null,
        };
        self.valid += u64::from(!whole.is_null());
        for (at, pointer) in POINTERS.iter().enumerate() {
            let value = whole.pointer(pointer).unwrap_or(&Value::Null);
            let cell = self.batch.bytes(self.registers.cells(PATTERNS.len() + at)[0]);
            let int = self.registers.ints(at)[0];
            let same = match value {
                Value::Null => cell.is_none(),
                Value::String(text) => cell == Some(text.as_bytes()),
                // It stands as in the document, not as serde_json would write it: compare the meanings.
                other => {
                    cell.is_some_and(|cell| serde_json::from_slice::<Value>(cell).is_ok_and(|cell| cell == *other))
                }
            };
            let number_of =
                |number: &serde_json::Number| number.as_i64().or((number.as_f64() == Some(-0.0)).then_some(0));
            let expected = match value {
                Value::Number(number) if cell.is_some_and(|cell| !cell.iter().any(|byte| b".eE".contains(byte))) => {
                    number_of(number)
                }
                Value::String(text) => text.parse().ok(),
                _ => None,
            };
            assert!(
                same && int == expected,
                "document {number}: {pointer} is {:?} and {int:?}, not {value} in {}",
                cell.map(String::from_utf8_lossy),
                String::from_utf8_lossy(bytes)
            );
        }
    }
}

/// Real documents beside the project, and the example's; of a machine that has only the latter, those.
fn real() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = ["../shared/data/github_events.ndjson", "../shared/data/twitter_statuses.ndjson"];
    let texts = files.iter().filter_map(|file| fs::read(root.join(file)).ok());
    let lines = |text: Vec<u8>| text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut real: Vec<Vec<u8>> = texts.flat_map(lines).filter(|line| !line.is_empty()).collect();
    let events = fs::read(root.join("examples/recom/events.ndjson")).unwrap();
    real.extend(lines(events).into_iter().filter(|line| !line.is_empty()).take(500));
    real
}

#[test]
fn a_million_documents_give_what_serde_json_and_the_regex_crate_find() {
    let real = real();
    let share = |thread: u64| {
        let real = &real;
        move || {
            let mut comparison = Comparison::new();
            let mut document = Vec::new();
            for number in (thread..DOCUMENTS).step_by(THREADS as usize) {
                let mut dice = Dice::new(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                // Real ones are long: one in a hundred.
                if dice.below(100) == 0 {
                    document.clone_from(&real[dice.below(real.len() as u64) as usize]);
                } else {
                    document.clear();
                    generated(&mut dice, &mut document);
                }
                if dice.below(3) == 0 {
                    mutated(&mut dice, &mut document);
                }
                comparison.document(&document, number);
            }
            (comparison.valid, comparison.matched)
        }
    };
    let (valid, matched) = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(share(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    });
    // Else the generator makes nothing worth comparing.
    assert!(valid > DOCUMENTS / 2 && valid < DOCUMENTS, "{valid} valid documents");
    assert!(matched > DOCUMENTS, "{matched} matches");
}
