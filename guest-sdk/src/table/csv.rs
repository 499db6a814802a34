//! CSV, as RFC 4180 writes it: a line of the columns' names, and a line for each row.

use std::borrow::Cow;

use super::{
    Columns,
    draft::{Draft, quoted},
};

/// Columns that are named in a mistake.
const SHOWN: usize = 12;

/// Reads all rows into the draft.
///
/// # Errors
/// The first line has no such columns.
pub(super) fn read(bytes: &[u8], columns: &Columns, draft: &mut Draft) -> Result<(), String> {
    let mut lines = Lines { bytes, at: 0, line: 1 };
    let mut cells = Vec::new();
    let (head, first) = match lines.next(&mut cells) {
        Some((line, Ok(()))) => (line, std::mem::take(&mut cells)),
        Some((line, Err(wrong))) => return Err(format!("line {line} {wrong}")),
        None => (1, Vec::new()),
    };
    let (key, value) = positions(&first, columns).map_err(|wrong| format!("line {head} {wrong}"))?;
    while let Some((line, read)) = lines.next(&mut cells) {
        match (read, cells.get(key), cells.get(value)) {
            (Err(wrong), ..) => draft.mistake(line, wrong),
            (Ok(()), Some(key), Some(value)) if cells.len() == first.len() => draft.add(line, key, value),
            _ => draft.mistake(
                line,
                &format!(
                    "has {} and line {head} has {}: put a cell with a comma in it between quotes",
                    cells_of(cells.len()),
                    first.len()
                ),
            ),
        }
    }
    Ok(())
}

fn cells_of(count: usize) -> String {
    format!("{count} cell{}", if count == 1 { "" } else { "s" })
}

/// Which of the columns hold the keys and the values.
///
/// # Errors
/// What is wrong with the line of names.
fn positions(names: &[Cow<'_, [u8]>], columns: &Columns) -> Result<(usize, usize), String> {
    let place = |wanted: &str| {
        let mut places = names.iter().enumerate().filter(|(_, name)| ***name == *wanted.as_bytes()).map(|(at, _)| at);
        match (places.next(), places.next()) {
            (Some(at), None) => Ok(at),
            (None, _) => Err(format!("names no column `{wanted}`, but {}", shown(names))),
            (Some(_), Some(_)) => Err(format!("names several columns `{wanted}`: give each a name of its own")),
        }
    };
    let key = columns.key.as_deref().map_or(Ok(0), place)?;
    let value = match (&columns.value, names) {
        (Some(wanted), _) => place(wanted)?,
        (None, [_, _]) => usize::from(key == 0),
        (None, [only]) => {
            let other = [b';', b'\t'].into_iter().find(|separator| only.contains(separator));
            let why = match other {
                Some(b'\t') => "write commas between its cells, not tabs",
                Some(_) => "write commas between its cells, not semicolons",
                None => "a table has a column of keys and one of values at least, with a comma between them",
            };
            return Err(format!("names one column only: {why}"));
        }
        (None, _) => {
            let hole = Columns { value: Some("NAME".to_owned()), ..columns.clone() };
            return Err(format!("names {}: say which of them is the value, `{{lookup:{hole}}}`", shown(names)));
        }
    };
    Ok((key, value))
}

fn shown(names: &[Cow<'_, [u8]>]) -> String {
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{}`", quoted(name))).collect();
    format!("{}{}", shown.join(", "), if names.len() > SHOWN { ", …" } else { "" })
}

/// The lines that are left.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    /// Reads the next line that is not empty, which is several where line ends stand in quotes, into `cells`. Returns the
    /// number of the first and whether it could be read; none at the end.
    fn next(&mut self, cells: &mut Vec<Cow<'a, [u8]>>) -> Option<(usize, Result<(), &'static str>)> {
        cells.clear();
        while let Some(b'\n' | b'\r') = self.peek() {
            self.pass();
        }
        self.peek()?;
        let line = self.line;
        loop {
            match self.cell() {
                Ok(cell) => cells.push(cell),
                Err(wrong) => {
                    // What follows is told as well.
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.pass();
                    }
                    return Some((line, Err(wrong)));
                }
            }
            if self.peek() != Some(b',') {
                return Some((line, Ok(())));
            }
            self.pass();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn pass(&mut self) {
        self.line += usize::from(self.peek() == Some(b'\n'));
        self.at += 1;
    }

    /// Reads a cell up to the comma or the line end behind it.
    fn cell(&mut self) -> Result<Cow<'a, [u8]>, &'static str> {
        if self.peek() == Some(b'"') {
            return self.quoted();
        }
        let rest = self.rest();
        let length = rest.iter().position(|byte| matches!(byte, b',' | b'\n')).unwrap_or(rest.len());
        self.at += length;
        let cell = rest.get(..length).unwrap_or_default();
        let ends_line = self.peek() != Some(b',');
        Ok(Cow::Borrowed(if ends_line { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell }))
    }

    fn quoted(&mut self) -> Result<Cow<'a, [u8]>, &'static str> {
        self.at += 1;
        let mut text = Cow::Borrowed(&[][..]);
        loop {
            let rest = self.rest();
            let Some(length) = rest.iter().position(|byte| *byte == b'"') else {
                self.at = self.bytes.len();
                return Err("opens a quote that is never closed: close it, and double a quote that is text");
            };
            let piece = rest.get(..length).unwrap_or_default();
            self.line += piece.iter().filter(|byte| **byte == b'\n').count();
            self.at += length + 1;
            if text.is_empty() {
                text = Cow::Borrowed(piece);
            } else {
                text.to_mut().extend_from_slice(piece);
            }
            match self.rest() {
                [b'"', ..] => {
                    text.to_mut().push(b'"');
                    self.at += 1;
                }
                [] | [b',' | b'\n', ..] => return Ok(text),
                [b'\r'] | [b'\r', b'\n', ..] => {
                    self.at += 1;
                    return Ok(text);
                }
                _ => return Err("has text behind a closing quote: double a quote that is text"),
            }
        }
    }
}
