//! Tables of values by key, read from the files that an interceptor's config names: CSV with a line of names first, or an
//! object of JSON a line.
//!
//! ```
//! use weir_sdk::{Files, table::{Columns, Table}};
//!
//! let files = Files::of([("regions", "country,region\nde,Europe\njp,Asia\n")]);
//! let table = Table::read(&files, &Columns::of_file("regions")).unwrap();
//! assert_eq!(table.get(b"jp"), Some(&b"Asia"[..]));
//! assert_eq!(table.get(b"us"), None);
//! ```

mod csv;
mod draft;
mod json_lines;
mod rows;
#[cfg(test)]
mod tests;

use std::fmt;

use self::{draft::Draft, rows::Rows};
use crate::Files;

/// A file, and which of its columns are meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Columns {
    /// The file's name in the interceptor's `files`.
    pub file: String,
    /// The column of the keys. Left out: the first of CSV, the member `key` of JSON.
    pub key: Option<String>,
    /// The column of the values. Left out: the other one of two of CSV, the member `value` of JSON.
    pub value: Option<String>,
}

impl Columns {
    /// Those of a file that are meant where none is named.
    pub fn of_file(file: impl Into<String>) -> Self {
        Self { file: file.into(), key: None, value: None }
    }
}

/// As a template has it, with `…` for the key that is looked up: `regions[code]:…:name`.
impl fmt::Display for Columns {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, |out| out.write_str("…"))
    }
}

impl Columns {
    pub(crate) fn write(
        &self,
        out: &mut fmt::Formatter<'_>,
        key: impl FnOnce(&mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        out.write_str(&self.file)?;
        if let Some(column) = &self.key {
            write!(out, "[{column}]")?;
        }
        out.write_str(":")?;
        key(out)?;
        if let Some(column) = &self.value {
            write!(out, ":{column}")?;
        }
        Ok(())
    }
}

/// Values by key.
#[derive(Debug)]
pub struct Table(Rows);

impl Table {
    /// Reads the columns of a file.
    ///
    /// # Errors
    /// The file's name with what is wrong in it, by line; or that there is no such file.
    pub fn read(files: &Files, columns: &Columns) -> Result<Self, String> {
        let file = &columns.file;
        let bytes = files.named(file, "csv")?;
        Self::of(&bytes, columns).map_err(|wrong| format!("file `{file}`: {wrong}"))
    }

    /// The value of a key; none where the table does not have it.
    #[inline]
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.0.get(key)
    }

    /// Appends the value of the key that `write` appends, without the key; false, and nothing is appended, where it says
    /// that there is no key, or the table does not have it.
    pub fn append(&self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> bool) -> bool {
        let start = out.len();
        let is_key = write(out);
        let value = out.get(start..).filter(|_| is_key).and_then(|key| self.get(key));
        out.truncate(start);
        value.map(|value| out.extend_from_slice(value)).is_some()
    }

    fn of(bytes: &[u8], columns: &Columns) -> Result<Self, String> {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err("is UTF-16; save it as UTF-8".to_owned());
        }
        if bytes.contains(&0) {
            return Err("is no text; save it as CSV in UTF-8".to_owned());
        }
        if let Err(error) = std::str::from_utf8(bytes) {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            return Err(format!("line {line} is not UTF-8; save it as UTF-8"));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut draft = Draft::of(bytes);
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => return Err("is empty; it begins with a line of its columns' names, such as `key,value`".to_owned()),
            Some(b'[') => {
                return Err("is an array of JSON; write one object a line, without commas between them".to_owned());
            }
            Some(b'{') => json_lines::read(bytes, columns, &mut draft)?,
            Some(_) => csv::read(bytes, columns, &mut draft)?,
        }
        draft.finish().map(Self)
    }
}
