//! Random patterns of Java's grammar, and texts that they may match.

/// Numbers that look random: the same for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const LITERALS: &[&str] =
    &["a", "b", "A", "B", "k", "1", "0", "_", "-", " ", ",", "=", "\"", "é", "É", "中", "σ", "&", "]", "}"];
const ESCAPES: &[&str] = &[
    r"\d",
    r"\w",
    r"\s",
    r"\D",
    r"\W",
    r"\S",
    r"\h",
    r"\v",
    r"\H",
    r"\V",
    r"\t",
    r"\n",
    r"\r",
    r"\.",
    r"\\",
    r"\x41",
    r"\u00e9",
    r"\x{1F600}",
    r"\uD83D\uDE00",
    r"\0101",
    r"\cA",
    r"\p{L}",
    r"\pL",
    r"\P{Lu}",
    r"\p{Alpha}",
    r"\p{Lower}",
    r"\p{IsAlphabetic}",
    r"\p{IsGreek}",
    r"\p{InGreek}",
    r"\p{javaLowerCase}",
    r"\p{Punct}",
    r"\p{Lu}",
    r"\e",
    r"\-",
];
const PLACES: &[&str] = &["^", "$", r"\b", r"\B", r"\A", r"\z", r"\Z", "$", "$"];
const QUANTIFIERS: &[&str] =
    &["*", "+", "?", "{2}", "{1,2}", "{1,}", "{0,3}", "*?", "+?", "??", "{1,2}?", "{1,}?", "*+", "++", "?+", "{1,2}+"];
const FLAGS: &[&str] = &["(?i)", "(?s)", "(?m)", "(?d)", "(?u)", "(?iu)", "(?x)", "(?U)", "(?-i)", "(?is-m)"];
const TEXTS: &[&str] = &[
    "a",
    "b",
    "A",
    "B",
    "k",
    "K",
    "\u{212a}",
    "1",
    "0",
    "_",
    "-",
    " ",
    ",",
    "=",
    "\"",
    "é",
    "É",
    "中",
    "σ",
    "ς",
    "Σ",
    "1",
    "a",
    "b",
    "\n",
    "\r",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\t",
    "\u{b}",
    "\u{a0}",
    "\u{1F600}",
    ".",
    "\\",
    "&",
    "]",
    "١",
    "ı",
    "İ",
];

/// A pattern.
pub(crate) fn pattern(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(20) {
        text += random.pick(FLAGS);
    }
    let mut groups = 0;
    alternation(random, 3, &mut groups, &mut text);
    if random.chance(15) {
        text.push('$');
    }
    text
}

fn alternation(random: &mut Random, depth: usize, groups: &mut usize, text: &mut String) {
    sequence(random, depth, groups, text);
    while random.chance(if depth == 3 { 8 } else { 25 }) {
        text.push('|');
        sequence(random, depth, groups, text);
    }
}

fn sequence(random: &mut Random, depth: usize, groups: &mut usize, text: &mut String) {
    for _ in 0..random.below(5) {
        match random.below(20) {
            0 => text.push_str(random.pick(PLACES)),
            1 if depth > 0 => text.push_str(random.pick(FLAGS)),
            2 => {
                text.push_str(r"\Q");
                text.push_str(random.pick(&["a.", "b", "1", "[a", "é"]));
                text.push_str(r"\E");
            }
            _ => {
                atom(random, depth, groups, text);
                if random.chance(35) {
                    text.push_str(random.pick(QUANTIFIERS));
                }
            }
        }
    }
}

fn atom(random: &mut Random, depth: usize, groups: &mut usize, text: &mut String) {
    match random.below(14) {
        0..=4 => text.push_str(random.pick(LITERALS)),
        5 | 6 => text.push_str(random.pick(ESCAPES)),
        7 => text.push('.'),
        8 => text.push_str(random.pick(&[r"\R", r"\R", ".", r"\w"])),
        9 | 10 => class(random, 2, text),
        _ if depth > 0 => {
            *groups += 1;
            match random.below(6) {
                0..=2 => text.push('('),
                3 => text.push_str("(?:"),
                4 => text.push_str(random.pick(&["(?>", "(?i:", "(?s:", "(?m:", "(?d:"])),
                _ => text.push_str(&format!("(?<g{groups}>")),
            }
            alternation(random, depth - 1, groups, text);
            text.push(')');
        }
        _ => text.push('b'),
    }
}

fn class(random: &mut Random, depth: usize, text: &mut String) {
    text.push('[');
    if random.chance(30) {
        text.push('^');
    }
    for _ in 0..=random.below(3) {
        match random.below(8) {
            0 => text.push_str(random.pick(ESCAPES)),
            1 | 2 => text.push_str(random.pick(&["a-z", "A-Z", "0-9", "a-b", "Z-a", "à-ÿ", r"\x00-\x7f", "一-龥"])),
            3 if depth > 0 => class(random, depth - 1, text),
            _ => text.push_str(random.pick(&LITERALS[..18])),
        }
    }
    if random.chance(15) {
        text.push_str("&&");
        if depth > 0 && random.chance(60) {
            class(random, depth - 1, text);
        } else {
            text.push_str(random.pick(&["a-z", r"\w", "a", r"\P{L}", "ab"]));
        }
    }
    text.push(']');
}

/// A text.
pub(crate) fn text(random: &mut Random) -> String {
    let mut text: String = (0..random.below(9)).map(|_| random.pick(TEXTS)).collect();
    if random.chance(25) {
        text.push_str(random.pick(&["\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\n\n"]));
    }
    text
}

/// A text of some bytes that are no UTF-8.
pub(crate) fn foreign(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=random.below(4) {
        bytes.extend_from_slice(random.pick(&["a", "b", "name=", "é", "中", "x ", "1"]).as_bytes());
        if random.chance(60) {
            bytes.push([0xe9, 0xfc, 0xf6, 0xe4, 0xe0, 0xdf, 0xff, 0xc9, 0xf1][random.below(9)]);
            bytes.extend_from_slice(random.pick(&["r", " ", "s", ",", "", "t "]).as_bytes());
        }
    }
    bytes
}
