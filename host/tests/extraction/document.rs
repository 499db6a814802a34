//! Documents by number.

/// Numbers that look thrown and are the same for the same seed (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static [u8] {
        from[self.below(from.len())].as_bytes()
    }
}

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
    to.extend_from_slice(dice.pick(&SPACES));
    if dice.below(20) == 0 {
        value(dice, to, 0);
    } else {
        object(dice, to, 0);
    }
    to.extend_from_slice(dice.pick(&SPACES));
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
                to.extend_from_slice(dice.pick(&SPACES));
                value(dice, to, depth + 1);
            }
            to.push(b']');
        }
        _ => to.extend_from_slice(dice.pick(&VALUES)),
    }
}

fn object(dice: &mut Dice, to: &mut Vec<u8>, depth: usize) {
    to.push(b'{');
    for at in 0..dice.below(6) {
        if at > 0 {
            to.push(b',');
        }
        to.extend_from_slice(dice.pick(&SPACES));
        to.extend_from_slice(dice.pick(&NAMES));
        to.extend_from_slice(dice.pick(&SPACES));
        to.push(b':');
        to.extend_from_slice(dice.pick(&SPACES));
        value(dice, to, depth);
        to.extend_from_slice(dice.pick(&SPACES));
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
        let at = dice.below(document.len());
        let byte = if dice.below(2) == 0 { ODD[dice.below(ODD.len())] } else { dice.below(256) as u8 };
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
