//! Inputs to begin with, by the generator of `host/tests/extraction`.

use weir_tests::rng::Rng;

use crate::{
    SEPARATOR, WANTS,
    document::{generated, mutated},
    wants::{PATTERNS, POINTERS},
};

/// An input of [`crate::json`].
pub fn json(number: u64) -> Vec<u8> {
    let mut rng = Rng::new(Rng::new(number).next_u64());
    let mut input = lines(&mut rng, &POINTERS);
    for _ in 0..=rng.below(3) {
        input.push(SEPARATOR);
        generated(&mut rng, &mut input);
    }
    input
}

/// An input of [`crate::captures`].
pub fn captures(number: u64) -> Vec<u8> {
    let mut rng = Rng::new(Rng::new(number).next_u64());
    let mut input = lines(&mut rng, &PATTERNS.map(|(pattern, _)| pattern));
    let mut value = Vec::new();
    generated(&mut rng, &mut value);
    if rng.below(2) == 0 {
        mutated(&mut rng, &mut value);
    }
    input.push(SEPARATOR);
    input.extend(value);
    input
}

fn lines(rng: &mut Rng, these: &[&str]) -> Vec<u8> {
    let lines: Vec<&str> = (0..=rng.below(WANTS as u64 - 1)).map(|_| rng.pick(these)).collect();
    lines.join("\n").into_bytes()
}
