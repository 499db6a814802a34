//! What the clients of a batch said.

use std::{borrow::Cow, ops::Range};

use weir_sdk::{Bytes, Cells, part::PartView};

/// A text for each row, or none.
pub(crate) trait Texts {
    fn get(&self, row: usize) -> Option<&[u8]>;

    /// Writes the row's text into its cell.
    fn copy(&self, row: usize, cells: &mut Cells);

    /// Writes the texts of these rows into their cells.
    fn copy_rows(&self, rows: Range<usize>, cells: &mut Cells) {
        rows.for_each(|row| self.copy(row, cells));
    }

    /// The column that holds them, where one does.
    fn column(&self) -> Option<Bytes<'_>> {
        None
    }
}

impl Texts for Bytes<'_> {
    #[inline(always)]
    fn get(&self, row: usize) -> Option<&[u8]> {
        Bytes::get(self, row)
    }

    #[inline(always)]
    fn copy(&self, row: usize, cells: &mut Cells) {
        cells.row_of(row, self);
    }

    fn copy_rows(&self, rows: Range<usize>, cells: &mut Cells) {
        cells.rows_of(rows, self);
    }

    fn column(&self) -> Option<Bytes<'_>> {
        Some(*self)
    }
}

/// Texts that no column holds.
#[derive(Debug)]
pub(crate) struct Made<'a>(Vec<Option<Cow<'a, [u8]>>>);

impl<'a> Made<'a> {
    /// Reads the part in so many rows.
    pub(crate) fn of(part: &PartView<'a>, rows: usize) -> Self {
        Self((0..rows).map(|row| part.get(row)).collect())
    }
}

impl Texts for Made<'_> {
    fn get(&self, row: usize) -> Option<&[u8]> {
        self.0.get(row)?.as_deref()
    }

    fn copy(&self, row: usize, cells: &mut Cells) {
        if let Some(text) = self.get(row) {
            cells.row(row, text);
        }
    }
}
