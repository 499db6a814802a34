//! A class of characters, asked about bytes that need not be UTF-8.

use regex_syntax::hir::ClassUnicode;

/// A class of Unicode scalar values.
#[derive(Clone, Debug)]
pub(super) struct Class {
    ascii: [bool; 128],
    /// What lies above ASCII, sorted.
    others: Vec<(char, char)>,
    /// Whether all that lies above ASCII belongs to it, as with `.`.
    all_others: bool,
}

impl Class {
    pub(super) fn new(class: &ClassUnicode) -> Self {
        let ranges: Vec<(char, char)> = class.iter().map(|range| (range.start(), range.end())).collect();
        let holds = |wanted: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&wanted));
        let mut ascii = [false; 128];
        for (at, entry) in ascii.iter_mut().enumerate() {
            *entry = char::from_u32(at as u32).is_some_and(holds);
        }
        let all_others = ranges.iter().any(|(from, to)| *from <= '\u{80}' && *to == char::MAX);
        let others = ranges.into_iter().filter(|(_, to)| *to >= '\u{80}').collect();
        Self { ascii, others, all_others }
    }

    pub(super) fn holds(&self, wanted: char) -> bool {
        match self.ascii.get(wanted as usize) {
            Some(holds) => *holds,
            None => self.all_others || self.others_hold(wanted),
        }
    }

    fn others_hold(&self, wanted: char) -> bool {
        let at = self.others.partition_point(|(_, to)| *to < wanted);
        self.others.get(at).is_some_and(|(from, _)| *from <= wanted)
    }

    /// Where the character that begins at `at` ends, if it is whole, valid and of this class.
    pub(super) fn step(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let first = *bytes.get(at)?;
        if let Some(holds) = self.ascii.get(first as usize) {
            return holds.then_some(at + 1);
        }
        let length = match first {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        let text = std::str::from_utf8(bytes.get(at..at + length)?).ok()?;
        let held = self.all_others || self.others_hold(text.chars().next()?);
        held.then_some(at + length)
    }
}
