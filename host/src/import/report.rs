//! What became of each line of the other system's configuration.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

/// How far something could be translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// The configuration does the same.
    Translated,
    /// weir needs nothing of the kind.
    Unneeded,
    /// The configuration does something near to it; the text says what differs.
    Differs,
    /// It cannot be said; the text says what to do instead.
    Impossible,
}

impl Grade {
    /// The word of the text report.
    fn word(self) -> &'static str {
        match self {
            Self::Translated => "translated",
            Self::Unneeded => "not needed",
            Self::Differs => "differs",
            Self::Impossible => "cannot be",
        }
    }
}

/// What became of one property.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entry {
    /// Where it stands, from 1; 0 where it speaks of the whole.
    pub line: usize,
    /// The property.
    pub key: String,
    /// How far.
    pub grade: Grade,
    /// What it is now, what differs, or what to do instead.
    pub text: String,
}

/// Of a whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// By line.
    pub entries: Vec<Entry>,
}

impl Report {
    /// Whether everything could be said, if not in the same way.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| entry.grade != Grade::Impossible)
    }

    /// How many entries have this grade.
    #[must_use]
    pub fn count(&self, grade: Grade) -> usize {
        self.entries.iter().filter(|entry| entry.grade == grade).count()
    }

    pub(super) fn add(&mut self, line: usize, key: &str, grade: Grade, text: impl Into<String>) {
        self.entries.push(Entry { line, key: key.to_owned(), grade, text: text.into() });
    }

    /// Brings the entries into the order of the lines, each once.
    pub(super) fn sort(&mut self) {
        let mut seen = BTreeSet::new();
        self.entries.retain(|entry| seen.insert(entry.clone()));
        self.entries.sort_by_key(|entry| entry.line);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Entry { line, key, grade, text } in &self.entries {
            let line = if *line == 0 { "-".to_owned() } else { line.to_string() };
            writeln!(f, "{line:>4}  {:<10}  {key}: {text}", grade.word())?;
        }
        let count = |grade| self.count(grade);
        writeln!(
            f,
            "{} translated, {} not needed, {} differ, {} cannot be",
            count(Grade::Translated),
            count(Grade::Unneeded),
            count(Grade::Differs),
            count(Grade::Impossible),
        )
    }
}
