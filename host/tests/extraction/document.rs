//! Documents by number.

use weir_tests::dice::Dice;

/// Names that patterns wait for, near misses of them, and such that hold a quote or are written with escapes.
const NAMES: [&str; 14] = [
    r#""a""#,
    r#""a""#,
    r#""ab""#,
    r#""b""#,
    r#""id""#,
    r#""user_id""#,
    r#""A""#,
    r#""\u0061""#,
    r#""x\"a""#,
    r#""\\""#,
    r#""aa""#,
    r#""""#,
    r#""é""#,
    r#""0""#,
];

/// Values in which the patterns' literals stand, or nearly.
const VALUES: [&str; 22] = [
    r#""x""#,
    r#""""#,
    r#""17""#,
    r#""\"a\":\"x\"""#,
    r#""\"a\":5""#,
    r#""xyz""#,
    r#""yz""#,
    r#""\ud83d\ude00""#,
    r#""\\\"""#,
    r#""é😀""#,
    r#""\u0000 \n""#,
    r#""xx\\""#,
    "0",
    "-0",
    "17",
    "1.50",
    "1E2",
    "9223372036854775808",
    "true",
    "false",
    "null",
    r#""a long text that is longer than two chunks of sixteen bytes""#,
];

const SPACES: [&str; 12] = ["", "", "", "", "", "", "", "", " ", "\n\t", "  ", "\r"];

/// Appends a document, mostly an object.
pub(crate) fn generated(dice: &mut Dice, to: &mut Vec<u8>) {
    to.extend_from_slice(dice.pick(&SPACES).as_bytes());
    if dice.below(20) == 0 {
        value(dice, to, 0);
    } else {
        object(dice, to, 0);
    }
    to.extend_from_slice(dice.pick(&SPACES).as_bytes());
}

fn value(dice: &mut Dice, to: &mut Vec<u8>, depth: usize) {
    match dice.below(8) {
        0 if depth < 5 => object(dice, to, depth + 1),
        1 if depth < 5 => {
            to.push(b'[');
            for at in 0..dice.below(4) {
                if at > 0 {
                    to.push(b',');
                }
                to.extend_from_slice(dice.pick(&SPACES).as_bytes());
                value(dice, to, depth + 1);
            }
            to.push(b']');
        }
        _ => to.extend_from_slice(dice.pick(&VALUES).as_bytes()),
    }
}

fn object(dice: &mut Dice, to: &mut Vec<u8>, depth: usize) {
    to.push(b'{');
    for at in 0..dice.below(6) {
        if at > 0 {
            to.push(b',');
        }
        to.extend_from_slice(dice.pick(&SPACES).as_bytes());
        to.extend_from_slice(dice.pick(&NAMES).as_bytes());
        to.extend_from_slice(dice.pick(&SPACES).as_bytes());
        to.push(b':');
        to.extend_from_slice(dice.pick(&SPACES).as_bytes());
        value(dice, to, depth);
        to.extend_from_slice(dice.pick(&SPACES).as_bytes());
    }
    to.push(b'}');
}

/// Changes, adds or removes up to three bytes, or cuts the end off.
pub(crate) fn mutated(dice: &mut Dice, document: &mut Vec<u8>) {
    const ODD: &[u8] = b"\"\"\\{}[]:,0-.eu \na\xFF\xC3\x00";
    for _ in 0..=dice.below(3) {
        if document.is_empty() {
            return;
        }
        let at = dice.below(document.len() as u64) as usize;
        let byte = if dice.below(2) == 0 { dice.pick(ODD) } else { dice.below(256) as u8 };
        match dice.below(10) {
            0 => document.truncate(at),
            1..4 => document[at] = byte,
            4..7 => document.insert(at, byte),
            _ => {
                document.remove(at);
            }
        }
    }
}
