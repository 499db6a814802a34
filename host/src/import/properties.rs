//! Java's properties files, with the line of each property.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use super::{
    ImportError,
    report::{Grade, Report},
};

/// One property.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) key: String,
    pub(super) value: String,
    /// Where it begins, from 1.
    pub(super) line: usize,
    /// Whether the translation looked at it.
    is_read: Cell<bool>,
}

impl Property {
    pub(super) fn new(key: String, value: String, line: usize) -> Self {
        Self { key, value, line, is_read: Cell::new(false) }
    }

    /// The value's words, which commas or white space separate.
    pub(super) fn words(&self) -> Vec<&str> {
        self.value
            .split(|letter: char| letter == ',' || letter.is_whitespace())
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// What commas separate, without the white space round it.
    pub(super) fn list(&self) -> Vec<&str> {
        self.value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
    }

    pub(super) fn is_true(&self) -> bool {
        self.value.trim().eq_ignore_ascii_case("true")
    }
}

/// All of a file, in its order, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Properties {
    all: Vec<Property>,
    /// The last of each key.
    by_key: BTreeMap<String, usize>,
    report: RefCell<Report>,
}

impl Properties {
    /// Reads a text as `java.util.Properties.load` does; white space at the end of a value is cut off, as Flume does.
    pub(super) fn parse(text: &str) -> Result<Self, ImportError> {
        let mut all = Vec::new();
        let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let mut logical = line.trim_start_matches(WHITE).to_owned();
            if logical.is_empty() || logical.starts_with(['#', '!']) {
                continue;
            }
            while ends_open(&logical) {
                logical.pop();
                let Some((_, next)) = lines.next() else { break };
                logical.push_str(next.trim_start_matches(WHITE));
            }
            let (key, value) = split(&logical);
            let read = |text| unescape(text).map_err(|message| ImportError::Syntax { line: at + 1, message });
            all.push(Property::new(read(key)?.trim().to_owned(), read(value)?.trim_end().to_owned(), at + 1));
        }
        Ok(Self::of(all))
    }

    pub(super) fn of(all: Vec<Property>) -> Self {
        let mut properties = Self::default();
        for (at, property) in all.iter().enumerate() {
            if let Some(before) = properties.by_key.insert(property.key.clone(), at) {
                let text = format!("it is written again in line {}, which counts", property.line);
                properties.say(&all[before], Grade::Differs, text);
            }
        }
        properties.all = all;
        properties
    }

    pub(super) fn all(&self) -> &[Property] {
        &self.all
    }

    /// The property of this key, which counts as read from now on.
    pub(super) fn get(&self, key: &str) -> Option<&Property> {
        let property = &self.all[*self.by_key.get(key)?];
        property.is_read.set(true);
        Some(property)
    }

    /// The properties whose keys begin with this prefix, each with the rest of its key. They do not count as read.
    pub(super) fn below<'p>(&'p self, prefix: &str) -> impl Iterator<Item = (&'p str, &'p Property)> {
        let counts =
            |property: &&Property| self.by_key.get(&property.key).is_some_and(|at| self.all[*at].line == property.line);
        self.all.iter().filter(counts).filter_map(move |property| Some((property.key.strip_prefix(prefix)?, property)))
    }

    /// Notes what became of a property, which counts as read from now on.
    pub(super) fn say(&self, property: &Property, grade: Grade, text: impl Into<String>) {
        property.is_read.set(true);
        self.report.borrow_mut().add(property.line, &property.key, grade, text);
    }

    /// Notes something that no property says.
    pub(super) fn say_of(&self, subject: &str, grade: Grade, text: impl Into<String>) {
        self.report.borrow_mut().add(0, subject, grade, text);
    }

    /// The report. Every property is in it: one that was read and of which nothing was said is translated; what `unread`
    /// says becomes of the others.
    pub(super) fn finish(&self, unread: impl Fn(&Property) -> (Grade, String)) -> Report {
        let mut report = self.report.take();
        let told: BTreeSet<(usize, String)> =
            report.entries.iter().map(|entry| (entry.line, entry.key.clone())).collect();
        for property in &self.all {
            if told.contains(&(property.line, property.key.clone())) {
                continue;
            }
            let (grade, text) =
                if property.is_read.get() { (Grade::Translated, "read".to_owned()) } else { unread(property) };
            report.add(property.line, &property.key, grade, text);
        }
        report.sort();
        report
    }
}

const WHITE: [char; 3] = [' ', '\t', '\u{c}'];

/// Whether a line goes on in the next: it ends in an odd number of backslashes.
fn ends_open(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// The key ends at the first `=`, `:` or white space that no backslash stands before.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == '=' || letter == ':' {
            return (&line[..at], line[at + 1..].trim_start_matches(WHITE));
        } else if WHITE.contains(&letter) {
            let rest = line[at..].trim_start_matches(WHITE);
            let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
            return (&line[..at], rest.trim_start_matches(WHITE));
        }
    }
    (line, "")
}

/// Takes the backslashes out; `\uXXXX` are UTF-16 units.
fn unescape(text: &str) -> Result<String, String> {
    let mut units: Vec<u16> = Vec::new();
    let mut letters = text.chars();
    let mut buffer = [0; 2];
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            units.extend_from_slice(letter.encode_utf16(&mut buffer));
            continue;
        }
        let plain = match letters.next() {
            None => break,
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('f') => '\u{c}',
            Some('u') => {
                let digits: String = letters.by_ref().take(4).collect();
                let unit = Some(&digits).filter(|digits| digits.len() == 4);
                match unit.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
                    Some(unit) => units.push(unit),
                    None => return Err(format!("`\\u{digits}` is not four hexadecimal digits")),
                }
                continue;
            }
            Some(other) => other,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    Ok(String::from_utf16_lossy(&units))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests;
