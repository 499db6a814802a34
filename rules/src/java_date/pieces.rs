//! A date pattern, piece by piece.

use std::borrow::Cow;

/// A piece of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'p> {
    /// What stands for itself.
    Text { text: Cow<'p, str>, is_quoted: bool },
    /// A text whose closing quote is missing.
    Unclosed(String),
    /// A letter, so many times.
    Letters { letter: char, count: usize, text: &'p str },
}

/// What is left of a pattern.
#[derive(Debug)]
pub(super) struct Pieces<'p>(pub(super) &'p str);

impl Pieces<'_> {
    /// Takes `[.SSS]`, a fraction that may be missing, where it is next.
    pub(super) fn take_optional_fraction(&mut self) -> bool {
        let after = self.0.strip_prefix("[.S").and_then(|rest| rest.trim_start_matches('S').strip_prefix(']'));
        self.0 = after.unwrap_or(self.0);
        after.is_some()
    }
}

impl<'p> Iterator for Pieces<'p> {
    type Item = Piece<'p>;

    fn next(&mut self) -> Option<Piece<'p>> {
        let pattern = self.0;
        let letter = pattern.chars().next()?;
        if letter == '\'' {
            return Some(self.quoted());
        }
        if !letter.is_ascii_alphabetic() {
            let (text, rest) = pattern.split_at(letter.len_utf8());
            self.0 = rest;
            return Some(Piece::Text { text: text.into(), is_quoted: false });
        }
        self.0 = pattern.trim_start_matches(letter);
        let count = pattern.len() - self.0.len();
        Some(Piece::Letters { letter, count, text: pattern.get(..count).unwrap_or_default() })
    }
}

impl<'p> Pieces<'p> {
    /// Takes a text in quotes. Two quotes are one.
    fn quoted(&mut self) -> Piece<'p> {
        let inside = self.0.strip_prefix('\'').unwrap_or_default();
        if let Some(rest) = inside.strip_prefix('\'') {
            self.0 = rest;
            return Piece::Text { text: "'".into(), is_quoted: true };
        }
        let mut text = String::new();
        let mut letters = inside.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if letter != '\'' {
                text.push(letter);
            } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
                text.push('\'');
            } else {
                self.0 = inside.get(at + 1..).unwrap_or_default();
                return Piece::Text { text: text.into(), is_quoted: true };
            }
        }
        self.0 = "";
        Piece::Unclosed(text)
    }
}
