//! Bytes for some rows of a batch, in flat columns: a handful of allocations a batch, none a row.

use std::fmt;

use crate::bindings::types::{self, BytesColumn, SparseCells};

/// What is written to the rows of a batch: the same to all, or to each row its own bytes or null.
///
/// Rows may be written in any order (ascending is cheapest); of a row written twice, the last counts. A row that is not
/// written is left alone. Which of the interface's three shapes carries it is decided when the batch is done.
#[derive(Debug, Default)]
pub struct Cells {
    all: Option<Option<Vec<u8>>>,
    /// Entry `i` is for row `rows[i]`; its bytes are `data[offsets[i]..offsets[i + 1]]`.
    rows: Vec<u32>,
    offsets: Vec<u32>,
    data: Vec<u8>,
    /// The entries that write null.
    nulls: Vec<u32>,
    unordered: bool,
}

impl Cells {
    /// Writes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the same bytes to every row that is not written on its own.
    pub fn all(&mut self, bytes: impl Into<Vec<u8>>) {
        self.all = Some(Some(bytes.into()));
    }

    /// Writes null to every row that is not written on its own.
    pub fn all_null(&mut self) {
        self.all = Some(None);
    }

    /// Writes bytes (may be empty) to a row.
    #[inline]
    pub fn row(&mut self, row: usize, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.close(row);
    }

    /// Writes the parts, one after the other, to a row.
    pub fn row_parts<P: AsRef<[u8]>>(&mut self, row: usize, parts: impl IntoIterator<Item = P>) {
        for part in parts {
            self.data.extend_from_slice(part.as_ref());
        }
        self.close(row);
    }

    /// Writes formatted text to a row: `cells.row_fmt(row, format_args!("{a}-{b}"))`.
    pub fn row_fmt(&mut self, row: usize, text: fmt::Arguments<'_>) {
        // Writing into a Vec cannot fail; a Display that fails leaves what it wrote so far.
        let _ = std::io::Write::write_fmt(&mut self.data, text);
        self.close(row);
    }

    /// Writes null to a row.
    pub fn row_null(&mut self, row: usize) {
        self.nulls.push(self.rows.len() as u32);
        self.close(row);
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.rows.is_empty()
    }

    #[inline]
    fn close(&mut self, row: usize) {
        // A row above u32 is in no batch: it stays out of bounds, which is said when the batch is done.
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        self.unordered |= self.rows.last().is_some_and(|&last| last >= row);
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.rows.push(row);
        self.offsets.push(self.data.len() as u32);
    }

    fn entry(&self, at: usize) -> Option<&[u8]> {
        if self.nulls.binary_search(&(at as u32)).is_ok() {
            return None;
        }
        Some(&self.data[self.offsets[at] as usize..self.offsets[at + 1] as usize])
    }

    fn put(&mut self, row: u32, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.row(row as usize, bytes),
            None => self.row_null(row as usize),
        }
    }

    /// Entries by row, and where a row has several, in the order they were written.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by_key(|&at| self.rows[at]);
        order
    }

    fn ordered(self) -> Self {
        if !self.unordered {
            return self;
        }
        let mut tidy = Self { all: self.all.clone(), ..Self::default() };
        let order = self.order();
        for (at, &entry) in order.iter().enumerate() {
            let last = order.get(at + 1).is_none_or(|&next| self.rows[next] != self.rows[entry]);
            if last {
                tidy.put(self.rows[entry], self.entry(entry));
            }
        }
        tidy
    }

    fn within(&self, rows: usize) -> Result<(), String> {
        match self.rows.iter().max() {
            Some(&row) if row as usize >= rows => Err(super::no_row(row as usize, rows)),
            _ => Ok(()),
        }
    }

    /// The shape that says it in the fewest bytes; `None` if nothing was written.
    pub(super) fn into_wit(self, rows: usize) -> Result<Option<types::Cells>, String> {
        self.within(rows)?;
        let mut cells = self.ordered();
        if let Some(all) = cells.all.take() {
            if cells.rows.is_empty() {
                return Ok(Some(types::Cells::Constant(all)));
            }
            cells = cells.spread(all.as_deref(), rows);
        }
        if cells.rows.is_empty() {
            return Ok(None);
        }
        if cells.nulls.is_empty() && (cells.rows.len() == rows || cells.rows.len() * 4 > rows) {
            return Ok(Some(types::Cells::Each(cells.into_column(rows))));
        }
        let mut nulls = Vec::new();
        if !cells.nulls.is_empty() {
            nulls.resize(cells.rows.len(), 0);
            cells.nulls.iter().for_each(|&at| nulls[at as usize] = 1);
        }
        let column = BytesColumn { offsets: cells.offsets, data: cells.data, nulls };
        Ok(Some(types::Cells::Sparse(SparseCells { rows: cells.rows, cells: column })))
    }

    /// Every row written: those that were not, with `rest`.
    fn spread(self, rest: Option<&[u8]>, rows: usize) -> Self {
        let mut full = Self::default();
        let mut next = 0;
        for row in 0..rows as u32 {
            if self.rows.get(next) == Some(&row) {
                full.put(row, self.entry(next));
                next += 1;
            } else {
                full.put(row, rest);
            }
        }
        full
    }

    /// One cell a row, null where nothing was written. Rows are ascending and within bounds.
    fn into_column(self, rows: usize) -> BytesColumn {
        if self.rows.len() == rows && self.nulls.is_empty() {
            return BytesColumn { offsets: self.offsets, data: self.data, nulls: Vec::new() };
        }
        let mut offsets = Vec::with_capacity(rows + 1);
        let mut nulls = vec![1; rows];
        let mut end = 0;
        for (at, &row) in self.rows.iter().enumerate() {
            offsets.resize(row as usize + 1, end);
            end = self.offsets[at + 1];
            nulls[row as usize] = 0;
        }
        self.nulls.iter().for_each(|&at| nulls[self.rows[at as usize] as usize] = 1);
        offsets.resize(rows + 1, end);
        BytesColumn { offsets, data: self.data, nulls }
    }

    /// One cell a row, for what the interface wants whole.
    pub(super) fn into_whole_column(self, rows: usize) -> Result<BytesColumn, String> {
        self.within(rows)?;
        Ok(self.ordered().into_column(rows))
    }

    /// The same for appending, where a row that was written twice gets both: in as many edits as the fullest row needs.
    pub(super) fn into_appended(mut self, rows: usize) -> Result<Vec<types::Cells>, String> {
        self.within(rows)?;
        let all = self.all.take();
        let mut rounds: Vec<Self> = Vec::new();
        let (mut round, mut before) = (0, None);
        for entry in self.order() {
            round = if before == Some(self.rows[entry]) { round + 1 } else { 0 };
            before = Some(self.rows[entry]);
            if rounds.len() == round {
                rounds.push(Self::default());
            }
            rounds[round].put(self.rows[entry], self.entry(entry));
        }
        let mut appended: Vec<types::Cells> = all.map(types::Cells::Constant).into_iter().collect();
        for round in rounds {
            appended.extend(round.into_wit(rows)?);
        }
        Ok(appended)
    }
}
