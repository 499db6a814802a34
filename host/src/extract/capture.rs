//! Groups of a regular expression's first match.

mod class;
mod literal;
mod watched;

use std::ops::Range;

use regex::bytes::{CaptureLocations, Regex};

use self::literal::{Found, LiteralPlan};
pub(super) use self::watched::Watched;
use super::{Registers, WantError};
use crate::batch::Cell;

/// One expression, run once over a source however many of its groups are wanted.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    regex: Regex,
    search: Search,
    /// Group and register.
    groups: Vec<(u32, usize)>,
}

/// How the first match is found: the results are equal.
#[derive(Clone, Debug)]
enum Search {
    /// Literal, one group, literal: no automaton needed.
    Literal(Box<LiteralPlan>),
    /// Only the whole match is wanted.
    Find,
    /// Groups are wanted.
    Captures(CaptureLocations),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Self, WantError> {
        let regex = Regex::new(text).map_err(|error| WantError::Pattern {
            pattern: text.to_owned(),
            // The crate draws the pattern with a marker below it over several lines; the last says what is wrong.
            message: last_line(&error.to_string()),
        })?;
        let search = LiteralPlan::new(text).map_or(Search::Find, |plan| Search::Literal(Box::new(plan)));
        Ok(Self { text: text.to_owned(), regex, search, groups: Vec::new() })
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    /// Also gives `group`.
    pub(super) fn want(&mut self, group: u32, register: usize) -> Result<(), WantError> {
        if group as usize >= self.regex.captures_len() {
            return Err(WantError::Group { pattern: self.text.clone(), group });
        }
        if group > 0 && matches!(self.search, Search::Find) {
            self.search = Search::Captures(self.regex.capture_locations());
        }
        self.groups.push((group, register));
        Ok(())
    }

    pub(super) fn run(&mut self, bytes: Option<&[u8]>, source: Cell, slot: usize, registers: &mut Registers) {
        let Some(bytes) = bytes else { return self.store(source, slot, registers, |_| None) };
        match &mut self.search {
            Search::Literal(plan) => {
                let found = plan.find(bytes);
                self.store_found(found.as_ref(), source, slot, registers);
            }
            Search::Find => {
                let found = self.regex.find(bytes).map(|found| found.range());
                self.store(source, slot, registers, |_| found.clone());
            }
            Search::Captures(locations) => {
                let matched = self.regex.captures_read(locations, bytes).is_some();
                for &(group, register) in &self.groups {
                    let range = if matched { locations.get(group as usize) } else { None };
                    registers.set_cell(register, slot, cell(source, range.map(|(from, to)| from..to)));
                }
            }
        }
    }

    fn plan(&self) -> Option<&LiteralPlan> {
        match &self.search {
            Search::Literal(plan) => Some(plan),
            _ => None,
        }
    }

    fn store_found(&self, found: Option<&Found>, source: Cell, slot: usize, registers: &mut Registers) {
        self.store(source, slot, registers, |group| {
            found.map(|found| if group == 0 { found.whole.clone() } else { found.group.clone() })
        });
    }

    fn store(&self, source: Cell, slot: usize, registers: &mut Registers, range: impl Fn(u32) -> Option<Range<usize>>) {
        for &(group, register) in &self.groups {
            registers.set_cell(register, slot, cell(source, range(group)));
        }
    }
}

fn cell(source: Cell, range: Option<Range<usize>>) -> Cell {
    range.map_or(Cell::NULL, |range| source.slice(range.start, range.end))
}

fn last_line(text: &str) -> String {
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests;
