//! Inputs to begin with, by the generator of `host/tests/extraction`.

use weir_tests::dice::Dice;

use crate::{
    SEPARATOR, WANTS,
    document::{generated, mutated},
    wants::{PATTERNS, POINTERS},
};

/// An input of [`crate::json`].
pub fn json(number: u64) -> Vec<u8> {
    let mut dice = Dice::new(Dice::new(number).throw());
    let mut input = lines(&mut dice, &POINTERS);
    for _ in 0..=dice.below(3) {
        input.push(SEPARATOR);
        generated(&mut dice, &mut input);
    }
    input
}

/// An input of [`crate::captures`].
pub fn captures(number: u64) -> Vec<u8> {
    let mut dice = Dice::new(Dice::new(number).throw());
    let mut input = lines(&mut dice, &PATTERNS.map(|(pattern, _)| pattern));
    let mut value = Vec::new();
    generated(&mut dice, &mut value);
    if dice.below(2) == 0 {
        mutated(&mut dice, &mut value);
    }
    input.push(SEPARATOR);
    input.extend(value);
    input
}

fn lines(dice: &mut Dice, these: &[&str]) -> Vec<u8> {
    let lines: Vec<&str> = (0..=dice.below(WANTS as u64 - 1)).map(|_| dice.pick(these)).collect();
    lines.join("\n").into_bytes()
}
