//! Records as tests write them, and what became of them.

use std::collections::BTreeMap;

/// A record of a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value; null in a tombstone.
    pub value: Option<Vec<u8>>,
    /// Its headers, in order.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// Its timestamp, ms since the epoch.
    pub timestamp: Option<i64>,
    /// 0 create time, 1 log append time.
    pub timestamp_type: Option<i64>,
    /// When it was fetched, ms since the epoch.
    pub received: i64,
    /// Its offset; where none is given, its place among the records of the call.
    pub offset: Option<i64>,
    pub(super) cells: BTreeMap<usize, Option<Vec<u8>>>,
}

impl Record {
    /// A record with a value, and nothing else.
    pub fn of(value: impl AsRef<[u8]>) -> Self {
        Self { value: Some(value.as_ref().to_vec()), ..Self::default() }
    }

    /// A record without a value.
    pub fn tombstone() -> Self {
        Self::default()
    }

    /// With a key.
    #[must_use]
    pub fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.key = Some(key.as_ref().to_vec());
        self
    }

    /// With one header more.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.into(), Some(value.as_ref().to_vec())));
        self
    }

    /// With one header more whose value is null.
    #[must_use]
    pub fn null_header(mut self, name: impl Into<String>) -> Self {
        self.headers.push((name.into(), None));
        self
    }

    /// With a timestamp (create time), ms since the epoch.
    #[must_use]
    pub fn timestamp(mut self, ms: i64) -> Self {
        self.timestamp = Some(ms);
        self.timestamp_type = Some(0);
        self
    }

    /// Fetched at that time, ms since the epoch.
    #[must_use]
    pub fn received(mut self, ms: i64) -> Self {
        self.received = ms;
        self
    }

    /// With that offset.
    #[must_use]
    pub fn offset(mut self, offset: i64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// With that cell in a column of the plan, instead of what its input would give.
    #[must_use]
    pub fn cell(mut self, column: usize, bytes: impl AsRef<[u8]>) -> Self {
        self.cells.insert(column, Some(bytes.as_ref().to_vec()));
        self
    }

    /// With a null cell in a column of the plan, instead of what its input would give.
    #[must_use]
    pub fn null_cell(mut self, column: usize) -> Self {
        self.cells.insert(column, None);
        self
    }

    /// The value of the last header of that name as text: `None` where there is none or its value is null.
    pub fn last(&self, name: &str) -> Option<String> {
        let value = self.headers.iter().rev().find(|(known, _)| known == name)?.1.as_ref()?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// What is to become of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Keep,
    /// It goes nowhere.
    Drop,
    /// It is set aside, with the reason.
    DeadLetter(String),
}

/// A row after the edits.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Which of the records it came from.
    pub input: usize,
    /// What is to become of it.
    pub verdict: Verdict,
    /// The record as edited.
    pub record: Record,
    /// Where it was routed; `None` where nothing was said.
    pub topic: Option<String>,
    /// Its partition; `None` where nothing was said.
    pub partition: Option<i32>,
}
