//! A table while its file is read, and what is wrong in the file.

use super::rows::{self, Added, Rows};

/// Mistakes that are told of one file; the others are counted.
const TOLD: usize = 5;
/// How much of a key stands in a mistake.
const QUOTED: usize = 40;
/// Bytes of a value at most: one of them may become a part of every record of a batch, in a plugin's memory.
const LONGEST: usize = 16 << 10;

/// The rows so far.
#[derive(Debug)]
pub(super) struct Draft {
    rows: Rows,
    /// The line of each row.
    lines: Vec<usize>,
    told: Vec<String>,
    others: usize,
}

impl Draft {
    /// Nothing yet of a file of these bytes.
    pub(super) fn of(file: &[u8]) -> Self {
        Self { rows: Rows::seeded(rows::hash(0, file)), lines: Vec::new(), told: Vec::new(), others: 0 }
    }

    /// Adds a row of that line.
    pub(super) fn add(&mut self, line: usize, key: &[u8], value: &[u8]) {
        if value.len() > LONGEST {
            return self.mistake(line, &format!("has a value of {} bytes; a table's may have {LONGEST}", value.len()));
        }
        match self.rows.add(key, value) {
            Added::New => self.lines.push(line),
            Added::Same => {}
            Added::Differs(row) => {
                let first = self.lines.get(row).copied().unwrap_or_default();
                let message =
                    format!("gives `{}` another value than line {first} does: leave one of them out", quoted(key));
                self.mistake(line, &message);
            }
            Added::Full => self.mistake(line, "is beyond what a table may hold, 4 GiB"),
        }
    }

    /// Keeps what is wrong in a line.
    pub(super) fn mistake(&mut self, line: usize, message: &str) {
        if self.told.len() < TOLD {
            self.told.push(format!("line {line} {message}"));
        } else {
            self.others += 1;
        }
    }

    pub(super) fn has_mistakes(&self) -> bool {
        !self.told.is_empty()
    }

    /// # Errors
    /// What is wrong, by line.
    pub(super) fn finish(mut self) -> Result<Rows, String> {
        if self.told.is_empty() {
            self.rows.shrink();
            return Ok(self.rows);
        }
        let others = match self.others {
            0 => String::new(),
            others => format!("; and {others} more"),
        };
        Err(format!("{}{others}", self.told.join("; ")))
    }
}

/// A cell as it is told.
pub(super) fn quoted(key: &[u8]) -> String {
    let more = if key.len() > QUOTED { "…" } else { "" };
    format!("{}{more}", String::from_utf8_lossy(key.get(..QUOTED).unwrap_or(key)).escape_debug())
}
