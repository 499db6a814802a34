//! Bytes for some rows of a batch, in flat columns: a handful of allocations a batch, none a row.

mod joined;
mod shape;

use std::{fmt, ops::Range};

pub use self::joined::Segment;
use crate::{
    Bytes,
    batch::{SHORT, append},
};

/// The row was passed over; what `each` calls null.
const LEFT: u8 = 1;
/// Null is written to the row.
const NULL: u8 = 2;

/// No batch has so many rows: a number from here on is a mistake, and no room is made for the rows before it.
const ABSURD: usize = 1 << 20;

/// Bytes that room is made for at once: an estimate may be far off.
const MOST_ROOM: usize = 64 << 10;

/// What is written to the rows of a batch: the same to all, or to each row its own bytes or null.
///
/// Rows may be written in any order (ascending is cheapest); of a row written twice, the last counts. A row that is not
/// written is left alone. Which of the interface's three shapes carries it is decided when the batch is done.
#[derive(Debug, Default)]
pub struct Cells {
    all: Option<Option<Vec<u8>>>,
    /// Where each row's bytes begin in `data`, and where the last one's end, up to the last row that was written in
    /// ascending order; empty as long as none is.
    offsets: Vec<u32>,
    data: Vec<u8>,
    /// One a row of `offsets`: 0, [`LEFT`] or [`NULL`]. Empty as long as all are 0.
    marks: Vec<u8>,
    /// Rows of `offsets` that were written, [`NULL`] included.
    written: usize,
    nulls: usize,
    /// What came out of order, in the order in which it came: each of these counts more than what is above.
    late: Vec<(u32, Option<Vec<u8>>)>,
}

impl Cells {
    /// Writes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes nothing yet, and has room for that many rows and bytes: an estimate.
    pub fn with_room(rows: usize, bytes: usize) -> Self {
        // A short cell is written with zeros behind it.
        let (offsets, data) = (Vec::with_capacity(rows + 1), Vec::with_capacity(bytes.min(MOST_ROOM) + SHORT));
        Self { offsets, data, ..Self::default() }
    }

    /// Nothing is written; room stays for the next batch, but for that of an unusually large one.
    #[inline]
    pub(in crate::edits) fn clear(&mut self) {
        // As nearly all are, for each batch.
        let is_clear = self.all.is_none() && self.offsets.is_empty() && self.data.is_empty() && self.late.is_empty();
        if !is_clear {
            self.clear_written();
        }
    }

    #[inline(never)]
    fn clear_written(&mut self) {
        self.all = None;
        self.offsets.clear();
        self.data.clear();
        self.marks.clear();
        (self.written, self.nulls) = (0, 0);
        self.late.clear();
        if self.room() > MOST_ROOM || self.late.capacity() > 0 {
            *self = Self::default();
        }
    }

    /// Bytes that there is room for.
    pub(in crate::edits) fn room(&self) -> usize {
        self.data.capacity() + self.offsets.capacity() * size_of::<u32>()
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
        if row == self.rows() || self.reach(row) {
            append(&mut self.data, bytes);
            self.close();
        } else {
            self.late(row, Some(bytes));
        }
    }

    /// Writes to a row what a column has there; where that is null, the row is left alone.
    #[inline(always)]
    pub fn row_of(&mut self, row: usize, column: &Bytes<'_>) {
        if row != self.rows() {
            column.get(row).into_iter().for_each(|bytes| self.row(row, bytes));
        } else if column.append(row, &mut self.data) {
            self.close();
        }
    }

    /// Writes to these rows what a column has there; where that is null, the row is left alone. Much faster than row by
    /// row where none is.
    pub fn rows_of(&mut self, rows: Range<usize>, column: &Bytes<'_>) {
        let is_whole = column.marks().get(rows.clone()).is_none_or(|marks| marks.iter().all(|mark| *mark == 0));
        let (Some([from, ends @ ..]), true) = (column.offsets().get(rows.start..rows.end.saturating_add(1)), is_whole)
        else {
            return rows.for_each(|row| self.row_of(row, column));
        };
        let end = ends.last().unwrap_or(from);
        let bytes = column.data().get(*from as usize..*end as usize);
        let (Some(bytes), true) = (bytes, rows.start == self.rows()) else {
            return rows.for_each(|row| self.row_of(row, column));
        };
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        // Where the rows stand here, less where they stand there.
        let moved = (self.data.len() as u32).wrapping_sub(*from);
        self.data.extend_from_slice(bytes);
        self.offsets.extend(ends.iter().map(|end| end.wrapping_add(moved)));
        self.written += ends.len();
        if !self.marks.is_empty() {
            self.marks.resize(self.rows(), 0);
        }
    }

    /// Writes the parts, one after the other, to a row.
    pub fn row_parts<P: AsRef<[u8]>>(&mut self, row: usize, parts: impl IntoIterator<Item = P>) {
        self.row_with(row, |data| {
            parts.into_iter().for_each(|part| data.extend_from_slice(part.as_ref()));
            true
        });
    }

    /// Writes formatted text to a row: `cells.row_fmt(row, format_args!("{a}-{b}"))`.
    pub fn row_fmt(&mut self, row: usize, text: fmt::Arguments<'_>) {
        self.row_with(row, |data| {
            // Writing into a Vec cannot fail; a Display that fails leaves what it wrote so far.
            let _ = std::io::Write::write_fmt(data, text);
            true
        });
    }

    /// Writes to a row what `write` appends, without a copy in between; where it answers false the row is left alone.
    /// What is in the buffer already belongs to other rows.
    #[inline]
    pub fn row_with(&mut self, row: usize, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        if self.is_late(row) {
            let mut bytes = Vec::new();
            if write(&mut bytes) {
                self.late(row, Some(&bytes));
            }
            return;
        }
        let from = self.data.len();
        if write(&mut self.data) {
            self.skip_to(row, from);
            self.close();
        } else {
            self.data.truncate(from);
        }
    }

    /// Writes null to a row.
    pub fn row_null(&mut self, row: usize) {
        if !self.reach(row) {
            return self.late(row, None);
        }
        self.close();
        self.marks.resize(row, 0);
        self.marks.push(NULL);
        self.nulls += 1;
    }

    /// Writes a whole column, row by row: a cell that is null leaves its row alone. Much faster than cell by cell.
    pub fn column(&mut self, column: Bytes<'_>) {
        if !self.is_empty() || !self.offsets.is_empty() {
            for (row, cell) in column.iter().enumerate() {
                cell.into_iter().for_each(|cell| self.row(row, cell));
            }
            return;
        }
        let (rows, nulls) = (column.len(), column.nulls());
        if nulls == rows {
            return;
        }
        self.offsets.extend_from_slice(column.offsets());
        self.data.extend_from_slice(column.data());
        self.written = rows - nulls;
        if nulls > 0 {
            self.marks.extend_from_slice(column.marks());
        }
    }

    /// Bytes that were written to single rows: what to make [room](Cells::with_room) for the next time.
    pub fn bytes(&self) -> usize {
        self.data.len()
    }

    /// How many rows were written one by one, in ascending order.
    pub fn written(&self) -> usize {
        self.written
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.written == 0 && self.late.is_empty()
    }

    /// How many rows were written in ascending order, or passed over.
    #[inline]
    fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The next row ends here.
    #[inline]
    fn close(&mut self) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.offsets.push(self.data.len() as u32);
        if !self.marks.is_empty() {
            self.marks.push(0);
        }
        self.written += 1;
    }

    fn is_late(&self, row: usize) -> bool {
        row < self.rows() || row >= ABSURD
    }

    /// Passes over the rows before `row`; false where it is too late for it.
    #[inline(never)]
    fn reach(&mut self, row: usize) -> bool {
        if self.is_late(row) {
            return false;
        }
        self.skip_to(row, self.data.len());
        true
    }

    /// Passes over the rows before `row`; the bytes before it end at `end`.
    fn skip_to(&mut self, row: usize, end: usize) {
        if row > self.rows() {
            self.marks.reserve(self.offsets.capacity().saturating_sub(self.marks.len()));
            self.marks.resize(self.rows(), 0);
            self.marks.resize(row, LEFT);
            self.offsets.resize(row + 1, end as u32);
        }
    }

    /// A row that is not behind those that were written.
    #[inline(never)]
    fn late(&mut self, row: usize, bytes: Option<&[u8]>) {
        // A row above u32 is in no batch: it stays out of bounds, which is said when the batch is done.
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        self.late.push((row, bytes.map(<[u8]>::to_vec)));
    }
}
