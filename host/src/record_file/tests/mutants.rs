//! Lines of record files, damaged: each is a record that Kafka could hold, or a mistake within the line.
//!
//! `WEIR_SEED=… cargo test -p weir mutants` repeats a run; the seed is printed.

use std::time::SystemTime;

use weir_tests::rng::Rng;

use super::*;

const MUTANTS: usize = 2000;

const ORIGINALS: &[&str] = &[
    r#"{"topic":"t","partition":3,"offset":9,"tstype":"logappend","ts":17,"broker":1,"headers":["a","1","a",null],"key":"","payload":"x\ny"}"#,
    r#"{"topic":"client-events","partition":3,"offset":17,"tstype":"create","ts":1700000000000,"headers":["timestamp","1893456000"],"key":"u42","payload":"{\"a\":[1,2,{\"b\":null}]}"}"#,
    r#"{"payload":{"base64":"/w=="},"key":{"base64":""},"headers":["h",{"base64":"AAEC"}],"received":1700000000001}"#,
    r#"{"ts":-1,"tstype":"unknown","key":null,"payload":null,"headers":null}"#,
    r#"{}"#,
];

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "-0",
    "-1",
    "-2",
    "1e400",
    "0.5",
    "9223372036854775808",
    "-9223372036854775809",
    "2147483648",
    "\"ts\":-5,",
    "\"partition\":-1,",
    "\"offset\":1e3,",
    "{\"base64\":\"~\"}",
    "\u{feff}",
    "\u{0}",
    "é",
    "\n",
    "\r",
    " ",
];

fn mutated(rng: &mut Rng) -> Vec<u8> {
    let mut line = rng.pick(ORIGINALS).as_bytes().to_vec();
    for _ in 0..=rng.below(2) {
        let at = rng.below(line.len() as u64 + 1) as usize;
        match rng.below(7) {
            0 if at < line.len() => line[at] ^= 1 << rng.below(8),
            1 => line.truncate(at),
            2 => drop(line.splice(at..at, rng.pick(TOKENS).bytes())),
            3 => {
                let depth = rng.pick(&[3, 200, 20_000]);
                let open = rng.pick(&["[", "{\"a\":", "\""]);
                line.splice(at..at, open.repeat(depth).into_bytes());
            }
            4 => {
                let digits: Vec<usize> = (0..line.len()).filter(|at| line[*at].is_ascii_digit()).collect();
                if let Some(at) = digits.get(rng.below(digits.len().max(1) as u64) as usize) {
                    line.splice(*at..*at, rng.pick(&["-", "99999999999", ".", "e", "0"]).bytes());
                }
            }
            5 => {
                let end = (at + rng.below(20) as usize).min(line.len());
                line.drain(at..end);
            }
            _ => {
                let end = (at + rng.below(60) as usize).min(line.len());
                let piece = line[at..end].to_vec();
                line.splice(at..at, piece);
            }
        }
    }
    line
}

/// What a record that came out of a line must be.
fn could_be_kafkas(record: &Record) -> bool {
    record.timestamp.millis().is_none_or(|ms| ms >= 0)
        && record.partition.is_none_or(|partition| partition >= 0)
        && record.offset.is_none_or(|offset| offset >= 0)
}

#[test]
#[allow(clippy::print_stdout, reason = "the seed repeats the run")]
fn no_mutant_of_a_line_brings_it_down() {
    let seed = std::env::var("WEIR_SEED").ok().and_then(|seed| seed.parse().ok());
    let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    let seed: u64 = seed.unwrap_or_else(clock);
    println!("WEIR_SEED={seed}");
    let mut rng = Rng::new(seed);
    let mut refused = 0;
    for number in 0..MUTANTS {
        let line = mutated(&mut rng);
        let told = || format!("WEIR_SEED={seed}, mutant {number}: {}", String::from_utf8_lossy(&line));
        reference::is_scanned_as_read(&line);
        match read_line(&line, &DEFAULTS) {
            Ok(record) => {
                assert!(could_be_kafkas(&record), "{record:?}\n{}", told());
                let mut written = Vec::new();
                write_record(&record, &mut written);
                let again = read_line(written.trim_ascii_end(), &DEFAULTS);
                assert_eq!(again.as_ref(), Ok(&record), "{}", told());
            }
            Err(error) => {
                refused += 1;
                let text = error.to_string();
                assert!(!text.is_empty(), "{}", told());
                if let Some(column) = text.strip_prefix("column ").and_then(|rest| rest.split(':').next()) {
                    let column: usize = column.parse().unwrap();
                    assert!(column <= line.len() + 1, "column {column} is outside: {}", told());
                }
            }
        }
    }
    assert!(
        refused > MUTANTS / 10 && refused < MUTANTS,
        "{refused} of {MUTANTS}: the mutations are too weak or too strong"
    );
}
