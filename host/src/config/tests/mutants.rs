//! Configurations as the examples and the documentation have them, damaged: none brings weir down, keeps it busy, or gets
//! an answer that points outside of the file.
//!
//! `WEIR_SEED=… cargo test -p weir mutants` repeats a run; the seed is printed.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

use weir_tests::rng::Rng;

use super::*;

const MUTANTS: usize = 2000;

/// Texts that are right, or were once: every example, and every piece of TOML in the documentation.
fn originals() -> Vec<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts = Vec::new();
    for example in ["recom", "access-log", "plugin-rust"] {
        texts.extend(fs::read_to_string(root.join("examples").join(example).join("weir.toml")));
    }
    for page in fs::read_dir(root.join("docs")).unwrap() {
        let page = fs::read_to_string(page.unwrap().path()).unwrap_or_default();
        for block in page.split("```toml\n").skip(1) {
            texts.push(block.split("```").next().unwrap().to_owned());
        }
    }
    assert!(texts.len() > 6, "the documentation has its configurations elsewhere by now");
    // Much of the documentation shows a part only.
    let whole = "[kafka]\nbrokers = 'localhost:9092'\n[pipelines.recom]\nfrom = ['a']\ngroup = 'g'\nto = 'b'\n";
    let parts: Vec<String> =
        texts.iter().filter(|text| !text.contains("[kafka]")).map(|text| format!("{whole}{text}")).collect();
    texts.extend(parts);
    texts
}

const TOKENS: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "#",
    "\n",
    "\r\n",
    "\\",
    "\\u0000",
    "nan",
    "-inf",
    "1e400",
    "0x",
    "99999999999999999999999",
    "-9223372036854775808",
    "1979-05-27T07:32:00Z",
    "true",
    "é",
    "\u{feff}",
    "\u{0}",
    "\u{202e}",
    "^(a+)+$",
    "^[a-z]{1000}",
    "*",
    "**",
    "{ env = 'PATH' }",
    "{ file = '.' }",
    "{ file = '/dev/zero' }",
    "'./weir.toml'",
    "'regex-extractor'",
    "'header-enricher'",
    "''",
    "' '",
    "'10000w'",
    "[pipelines.recom]",
    "[[pipelines.recom.interceptors]]",
    "a.b.c.d = 1",
];

fn mutated(rng: &mut Rng, originals: &[String]) -> Vec<u8> {
    let mut text = originals[rng.below(originals.len() as u64) as usize].clone().into_bytes();
    for _ in 0..=rng.below(3) {
        let at = rng.below(text.len() as u64 + 1) as usize;
        match rng.below(9) {
            0 if at < text.len() => text[at] ^= 1 << rng.below(8),
            1 => text.truncate(at),
            2 => drop(text.splice(at..at, rng.pick(TOKENS).bytes())),
            3 => swap_words(rng, &mut text),
            4 => repeat_line(rng, &mut text),
            5 => nest(rng, &mut text, at),
            6 => replace_number(rng, &mut text),
            7 => {
                let end = (at + rng.below(40) as usize).min(text.len());
                text.drain(at..end);
            }
            _ => {
                let other = originals[rng.below(originals.len() as u64) as usize].as_bytes();
                let from = rng.below(other.len() as u64 + 1) as usize;
                text.truncate(at);
                text.extend_from_slice(&other[from..]);
            }
        }
    }
    text
}

fn words(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\'' | b'"');
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for at in (0..text.len()).filter(|at| is_word(&text[*at])) {
        match words.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + 1,
            None => words.push(at..at + 1),
        }
    }
    words
}

fn swap_words(rng: &mut Rng, text: &mut Vec<u8>) {
    let words = words(text);
    if words.len() < 2 {
        return;
    }
    let one = words[rng.below(words.len() as u64) as usize].clone();
    let two = text[words[rng.below(words.len() as u64) as usize].clone()].to_vec();
    text.splice(one, two);
}

fn repeat_line(rng: &mut Rng, text: &mut Vec<u8>) {
    let lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if let Some(line) = lines.get(rng.below(lines.len().max(1) as u64) as usize) {
        let times = rng.pick(&[1, 1, 2, 50]);
        text.extend(std::iter::repeat_n(line.as_slice(), times).flatten());
    }
}

fn nest(rng: &mut Rng, text: &mut Vec<u8>, at: usize) {
    let depth = rng.pick(&[3, 100, 5_000]);
    let (open, close) = rng.pick(&[("[", "]"), ("{ a = ", " }"), ("a.", ""), ("[a.", ""), ("'", "")]);
    let nested = [open.repeat(depth), "1".to_owned(), close.repeat(depth)].concat();
    text.splice(at..at, nested.into_bytes());
}

fn replace_number(rng: &mut Rng, text: &mut Vec<u8>) {
    let words: Vec<_> =
        words(text).into_iter().filter(|word| text[word.clone()].iter().any(u8::is_ascii_digit)).collect();
    if words.is_empty() {
        return;
    }
    let word = words[rng.below(words.len() as u64) as usize].clone();
    let number = rng.pick(&[
        "0",
        "-1",
        "4294967296",
        "9223372036854775807",
        "1e999",
        "'999999999999w'",
        "'99999999GiB'",
        "'0%'",
    ]);
    text.splice(word, number.bytes());
}

#[test]
#[allow(clippy::print_stdout, reason = "the seed repeats the run")]
fn no_mutant_of_a_configuration_brings_it_down() {
    let seed = std::env::var("WEIR_SEED").ok().and_then(|seed| seed.parse().ok());
    let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    let seed: u64 = seed.unwrap_or_else(clock);
    println!("WEIR_SEED={seed}");
    let mut rng = Rng::new(seed);
    let originals = originals();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.toml");
    let mut refused = 0;
    for number in 0..MUTANTS {
        let text = mutated(&mut rng, &originals);
        fs::write(&path, &text).unwrap();
        let begun = Instant::now();
        let read = load(&path);
        let told = || format!("WEIR_SEED={seed}, mutant {number}:\n{}", String::from_utf8_lossy(&text));
        if let Err(mistakes) = read {
            refused += 1;
            assert!(!mistakes.is_empty() && !mistakes.render(number % 2 == 0).is_empty(), "{}", told());
            for mistake in mistakes.listed() {
                let Some((source, range)) = &mistake.at else { continue };
                let inside = source.text.len() == text.len() && source.text.get(range.clone()).is_some();
                assert!(inside, "{range:?} is outside: {}\n{}", mistake.message, told());
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}: {}", begun.elapsed(), told());
    }
    assert!(
        refused > MUTANTS / 10 && refused < MUTANTS,
        "{refused} of {MUTANTS}: the mutations are too weak or too strong"
    );
}
