//! Bytes that are no UTF-8. Java sees each as U+FFFD, which `.` and `[^"]` match; the regex crate's classes do not.
//!
//! What is added here never matches within a valid character: a byte that begins one is taken alone only where the class
//! holds all characters that begin so (the next piece then fails at the byte that continues it) or where an ASCII
//! character follows; one that continues a character only behind an ASCII letter or digit, at a line's beginning, or in a
//! loop whose class lacks no character with that byte.

use std::fmt::Write as _;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// Characters beyond ASCII that a class may lack for its loops to take single continuing bytes.
const LACKING: u32 = 64;

/// Returns what a class matches beside its characters where bytes are no UTF-8, as a list of alternatives in the regex
/// crate's syntax; none for a class without U+FFFD. `in_loop`: the class alone is repeated without a limit.
pub(super) fn foreign_units(class: &ClassUnicode, in_loop: bool) -> Option<String> {
    let holds = |wanted: char| class.iter().any(|range| (range.start()..=range.end()).contains(&wanted));
    if !holds('\u{fffd}') {
        return None;
    }
    let mut lacking = class.clone();
    lacking.negate();
    lacking.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\u{80}', char::MAX)]));
    let is_full = |lead: u8| {
        let (first, last) = characters(lead);
        !lacking.iter().any(|range| (range.start() as u32) <= last && first <= range.end() as u32)
    };
    // Bytes that no character has, or alone.
    let mut single = String::new();
    let mut partial = String::new();
    let mut of_three = String::new();
    let mut of_four = String::new();
    for lead in 0xC0..=0xFF_u8 {
        let list = match lead {
            0xC2..=0xF4 if !is_full(lead) => &mut partial,
            0xE0..=0xEF => &mut of_three,
            0xF0..=0xF4 => &mut of_four,
            _ => &mut single,
        };
        push(list, lead);
    }
    let mut units = format!("(?-u:[{single}]");
    for (list, continued) in [(of_three, "?"), (of_four, "{0,2}")] {
        if !list.is_empty() {
            let _ = write!(units, r"|[{list}][\x80-\xBF]{continued}");
        }
    }
    if !partial.is_empty() {
        let _ = write!(units, r"|[{partial}](?:\b|(?Rm:$))");
    }
    let _ = write!(units, r"|(?:\b|(?Rm:^))[\x80-\xBF]");
    if in_loop {
        units += &continuing(&lacking);
    }
    units.push(')');
    Some(units)
}

/// A loop's class as bytes, where it lacks no character beyond ASCII: whole characters and single bytes are then alike.
pub(super) fn bytes(class: &ClassUnicode) -> Option<String> {
    let ascii = ClassUnicode::new([ClassUnicodeRange::new('\0', '\u{7f}')]);
    let mut lacking = class.clone();
    lacking.negate();
    lacking.difference(&ascii);
    if !lacking.ranges().is_empty() {
        return None;
    }
    let mut lacking = class.clone();
    lacking.negate();
    let mut text = String::new();
    for range in lacking.iter() {
        (range.start()..=range.end()).for_each(|character| push(&mut text, character as u8));
    }
    Some(if text.is_empty() { r"(?s-u:.)".to_owned() } else { format!("(?-u:[^{text}])") })
}

/// The bytes that continue none of these characters.
fn continuing(lacking: &ClassUnicode) -> String {
    let count: u32 = lacking.iter().map(|range| range.end() as u32 - range.start() as u32 + 1).sum();
    if count > LACKING {
        return String::new();
    }
    let mut is_free = [true; 64];
    for character in lacking.iter().flat_map(|range| range.start()..=range.end()) {
        for byte in character.encode_utf8(&mut [0; 4]).bytes().skip(1) {
            is_free[usize::from(byte & 0x3F)] = false;
        }
    }
    let mut bytes = String::new();
    (0x80..=0xBF_u8).filter(|byte| is_free[usize::from(byte & 0x3F)]).for_each(|byte| push(&mut bytes, byte));
    format!("|[{bytes}]")
}

/// The first and the last character that begin with a byte.
fn characters(lead: u8) -> (u32, u32) {
    let lead_bits = u32::from(lead);
    match lead {
        ..=0xDF => ((lead_bits & 0x1F) << 6, ((lead_bits & 0x1F) << 6) + 0x3F),
        0xE0 => (0x800, 0xFFF),
        0xED => (0xD000, 0xD7FF),
        0xE1..=0xEF => ((lead_bits & 0xF) << 12, ((lead_bits & 0xF) << 12) + 0xFFF),
        0xF0 => (0x1_0000, 0x3_FFFF),
        0xF4.. => (0x10_0000, 0x10_FFFF),
        _ => ((lead_bits & 7) << 18, ((lead_bits & 7) << 18) + 0x3_FFFF),
    }
}

/// Adds a byte to a list between brackets, joining it to a range that ends before it.
fn push(list: &mut String, byte: u8) {
    let before = byte.checked_sub(1).map_or_else(|| "none".to_owned(), |before| format!(r"\x{before:02X}"));
    match list.strip_suffix(&before) {
        Some(head) if head.ends_with('-') => *list = format!(r"{head}\x{byte:02X}"),
        Some(_) => {
            let _ = write!(list, r"-\x{byte:02X}");
        }
        None => {
            let _ = write!(list, r"\x{byte:02X}");
        }
    }
}
