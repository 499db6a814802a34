//! A pattern as its characters, those between `\Q` and `\E` marked as standing for themselves.

use std::ops::Range;

/// A character of a pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// Where it stands, in bytes.
    pub(super) at: usize,
    pub(super) character: char,
    pub(super) is_quoted: bool,
}

/// A pattern that is read from left to right.
#[derive(Debug)]
pub(super) struct Units<'a> {
    pub(super) pattern: &'a str,
    units: Vec<Unit>,
    next: usize,
}

impl<'a> Units<'a> {
    pub(super) fn new(pattern: &'a str) -> Self {
        let mut units = Vec::with_capacity(pattern.len());
        let mut is_quoted = false;
        let mut characters = pattern.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let following = (character == '\\').then(|| characters.peek().copied()).flatten();
            match following {
                Some((_, 'E')) if is_quoted => {
                    is_quoted = false;
                    characters.next();
                }
                Some((_, 'Q')) if !is_quoted => {
                    is_quoted = true;
                    characters.next();
                }
                Some((following_at, following)) if !is_quoted => {
                    units.push(Unit { at, character, is_quoted });
                    units.push(Unit { at: following_at, character: following, is_quoted });
                    characters.next();
                }
                _ => units.push(Unit { at, character, is_quoted }),
            }
        }
        Self { pattern, units, next: 0 }
    }

    /// The next character, whatever it is.
    pub(super) fn peek_unit(&self) -> Option<Unit> {
        self.units.get(self.next).copied()
    }

    /// The next character, if it is not quoted.
    pub(super) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    /// The character that many places ahead, if it is not quoted.
    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.units.get(self.next + ahead).filter(|unit| !unit.is_quoted).map(|unit| unit.character)
    }

    pub(super) fn bump(&mut self) -> Option<Unit> {
        let unit = self.peek_unit()?;
        self.next += 1;
        Some(unit)
    }

    /// Takes the next character where it is this one.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.next += usize::from(is_there);
        is_there
    }

    /// Takes these characters where they are next.
    pub(super) fn take_all(&mut self, wanted: &str) -> bool {
        let is_there = wanted.chars().enumerate().all(|(ahead, wanted)| self.peek_at(ahead) == Some(wanted));
        self.next += if is_there { wanted.chars().count() } else { 0 };
        is_there
    }

    /// Where the next character stands, in bytes.
    pub(super) fn at(&self) -> usize {
        self.peek_unit().map_or(self.pattern.len(), |unit| unit.at)
    }

    /// From there to the next character.
    pub(super) fn since(&self, from: usize) -> Range<usize> {
        from..self.at()
    }

    /// Passes white space and comments over, as under `(?x)`.
    pub(super) fn skip_comments(&mut self) {
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t'..='\r' => self.next += 1,
                '#' => {
                    while self.peek_unit().is_some_and(|unit| !is_line_end(unit.character)) {
                        self.next += 1;
                    }
                }
                _ => return,
            }
        }
    }
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
