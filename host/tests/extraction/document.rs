//! Documents that are thrown.

use weir_tests::rng::Rng;

/// Names that patterns wait for, near misses of them, and such that hold a quote or are written with escapes.
const NAMES: [&str; 24] = [
    r#""a""#,
    r#""a""#,
    r#""a""#,
    r#""ab""#,
    r#""b""#,
    r#""id""#,
    r#""user_id""#,
    r#""A""#,
    r#""\u0061""#,
    r#""\u0061\u0062""#,
    r#""x\"a""#,
    r#""x\u0022a""#,
    r#""\\""#,
    r#""aa""#,
    r#""""#,
    r#""é""#,
    r#""\u00e9""#,
    r#""0""#,
    r#""~""#,
    r#""/""#,
    r#""~1""#,
    r#""\u0000""#,
    r#""\ud83d""#,
    "\"\u{FFFD}\"",
];

/// Values in which the patterns' literals stand, or nearly, and such at the limits of what is an integer.
const VALUES: [&str; 46] = [
    r#""x""#,
    r#""""#,
    r#""17""#,
    r#""-17""#,
    r#""+17""#,
    r#""007""#,
    r#"" 17""#,
    r#""1\u0037""#,
    r#""9223372036854775807""#,
    r#""9223372036854775808""#,
    r#""\"a\":\"x\"""#,
    r#""\"a\":5""#,
    r#""xyz""#,
    r#""yz""#,
    r#""x  y""#,
    r#""\ud83d\ude00""#,
    r#""\ud83d""#,
    r#""\\\"""#,
    r#""é😀""#,
    r#""éxé""#,
    r#""\u0000 \n""#,
    r#""\b\f\r\t\/""#,
    r#""xx\\""#,
    "0",
    "-0",
    "17",
    "-17",
    "1.50",
    "-0.0",
    "1E2",
    "12e-1",
    "1e999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "1000000000000000",
    "10000000000000000",
    "123456789012345678901234567890123456789.5",
    "true",
    "false",
    "null",
    "null",
    r#""a long text that is longer than two chunks of sixteen bytes""#,
];

/// Strings that strict readers refuse: bytes that are no UTF-8, halves of surrogate pairs.
const ODD_STRINGS: [&[u8]; 12] = [
    b"\"\xFF\"",
    b"\"x\xFFy\"",
    b"\"x\xC3\"",
    b"\"\xED\xA0\x80\"",
    b"\"7\xFF\"",
    b"\"xyz \xE2\x82 a long text that is longer than two chunks of sixteen bytes\"",
    br#""\ud83d\ud83d\ude00""#,
    br#""\ude00\ud83d""#,
    br#""\ud83d\u0041""#,
    br#""\udbffx\udfff""#,
    br#""\uD83D\n""#,
    b"\"\\ud83d\xFF\"",
];

/// What may stand before a document, and what seems to.
const BEGINNINGS: [&[u8]; 10] = [
    b"\xEF\xBB\xBF",
    b"\xEF\xBB\xBF",
    b"\0\0\0\0\x07",
    b"\0\0\0\0\x07",
    b"\0\0\0\0\x07\xEF\xBB\xBF",
    b"\0\"a\":",
    b"\0{{\"a",
    b"\0\0\0\x07",
    b"\xEF\xBB",
    b"\xFF\xFE",
];

const SPACES: [&str; 13] = ["", "", "", "", "", "", "", "", " ", "\n\t", "  ", "\r", " \n                     "];

/// What no document is made of: the patterns' literals, half of them, and bytes that are no UTF-8.
const PIECES: [&[u8]; 36] = [
    b"\"a\":\"",
    b"\"a\":",
    b"\"a\": \"",
    b"\"ab\":\"",
    b"\"b\":",
    b"\"b\":{",
    b"\"id\":",
    b"\"user_id\":",
    b"\\\"a\":",
    b"\"",
    b"\"",
    b"\"b",
    b"a",
    b"aa",
    b"ab",
    b"b",
    b"x",
    b"y",
    b"1",
    b"17",
    b"-",
    b" ",
    b",",
    b"}",
    b"\n",
    b"\r\n",
    b"\0",
    "é".as_bytes(),
    "٣".as_bytes(),
    "\u{10FFFF}".as_bytes(),
    b"\xFF",
    b"\xC3",
    b"\xA9",
    b"\xED\xA0\x80",
    b"\xC0\x80",
    b"\xF4\x90\x80\x80",
];

/// Appends a document: mostly an object, sometimes another value, one of great depth, or no JSON at all.
pub(crate) fn generated(rng: &mut Rng, to: &mut Vec<u8>) {
    if rng.below(12) == 0 {
        to.extend_from_slice(rng.pick(&BEGINNINGS));
    }
    to.extend_from_slice(rng.pick(&SPACES).as_bytes());
    match rng.below(40) {
        0 => value(rng, to, 0),
        1 => deep(rng, to),
        2..8 => (0..rng.below(24)).for_each(|_| to.extend_from_slice(rng.pick(&PIECES))),
        _ => object(rng, to, 0),
    }
    to.extend_from_slice(rng.pick(&SPACES).as_bytes());
}

fn value(rng: &mut Rng, to: &mut Vec<u8>, depth: usize) {
    match rng.below(24) {
        0..3 if depth < 5 => object(rng, to, depth + 1),
        3..6 if depth < 5 => {
            to.push(b'[');
            for at in 0..rng.below(4) {
                if at > 0 {
                    to.push(b',');
                }
                to.extend_from_slice(rng.pick(&SPACES).as_bytes());
                value(rng, to, depth + 1);
            }
            to.push(b']');
        }
        6 => {
            to.push(b'"');
            long(rng, to);
            to.push(b'"');
        }
        7 => to.extend_from_slice(rng.pick(&ODD_STRINGS)),
        _ => to.extend_from_slice(rng.pick(&VALUES).as_bytes()),
    }
}

fn object(rng: &mut Rng, to: &mut Vec<u8>, depth: usize) {
    to.push(b'{');
    for at in 0..rng.below(6) {
        if at > 0 {
            to.push(b',');
        }
        to.extend_from_slice(rng.pick(&SPACES).as_bytes());
        name(rng, to);
        to.extend_from_slice(rng.pick(&SPACES).as_bytes());
        to.push(b':');
        to.extend_from_slice(rng.pick(&SPACES).as_bytes());
        value(rng, to, depth);
        to.extend_from_slice(rng.pick(&SPACES).as_bytes());
    }
    to.push(b'}');
}

fn name(rng: &mut Rng, to: &mut Vec<u8>) {
    match rng.below(100) {
        // More of them than are remembered.
        0 => to.extend_from_slice(format!("\"k{}\"", rng.below(10_000)).as_bytes()),
        1 => {
            to.push(b'"');
            long(rng, to);
            to.push(b'"');
        }
        2 => to.extend_from_slice(rng.pick(&ODD_STRINGS)),
        _ => to.extend_from_slice(rng.pick(&NAMES).as_bytes()),
    }
}

/// What stands between quotes: up to 80 characters, so that what is special stands at every place of a chunk.
fn long(rng: &mut Rng, to: &mut Vec<u8>) {
    let at = rng.below(40);
    (0..at).for_each(|_| to.push(b'l'));
    let special: [&[u8]; 11] = [
        b"",
        "é".as_bytes(),
        "😀".as_bytes(),
        b"\\\"",
        b"\\u00e9",
        b"\\\\",
        b"\\ud83d\\ude00",
        b"\x7F",
        b"\xFF",
        b"\xE2\x82",
        b"\\udead",
    ];
    to.extend_from_slice(rng.pick(&special));
    (0..rng.below(40)).for_each(|_| to.push(b'r'));
}

/// Containers within containers, about as many as a document may have.
fn deep(rng: &mut Rng, to: &mut Vec<u8>) {
    let mut closing = Vec::new();
    for _ in 0..120 + rng.below(12) {
        if rng.below(2) == 0 {
            to.push(b'[');
            closing.push(b']');
        } else {
            to.extend_from_slice(b"{\"a\":");
            closing.push(b'}');
        }
    }
    to.extend_from_slice(rng.pick(&VALUES).as_bytes());
    to.extend(closing.iter().rev());
}

/// Changes, adds or removes up to three bytes, or cuts the end off.
pub(crate) fn mutated(rng: &mut Rng, document: &mut Vec<u8>) {
    const ODD: &[u8] = b"\"\"\\{}[]:,0-.eu \na\xFF\xC3\x00";
    for _ in 0..=rng.below(3) {
        if document.is_empty() {
            return;
        }
        let at = rng.below(document.len() as u64) as usize;
        let byte = if rng.below(2) == 0 { rng.pick(ODD) } else { rng.below(256) as u8 };
        match rng.below(10) {
            0 => document.truncate(at),
            1..4 => document[at] = byte,
            4..7 => document.insert(at, byte),
            _ => {
                document.remove(at);
            }
        }
    }
}
