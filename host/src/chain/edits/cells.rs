//! Cells of an answer, copied into the batch's arena once and then read row by row.

use crate::{
    abi::{BytesColumn, Cells},
    batch::{Batch, Cell, Full},
};

/// What an edit writes, row by row.
#[derive(Debug)]
pub(in crate::chain) enum Writes {
    /// The same to every row.
    Constant(Cell),
    /// One cell a row; a null cell leaves its row alone.
    Each(Column),
    /// To the listed rows, ascending.
    Sparse { rows: Vec<u32>, cells: Column },
}

/// A checked column whose data stands in the arena from `base` on.
#[derive(Debug)]
pub(in crate::chain) struct Column {
    offsets: Vec<u32>,
    /// Empty where no cell is null.
    nulls: Vec<u8>,
    base: u32,
}

/// Where in its list of rows a [`Writes`] is; a default one begins.
pub(in crate::chain) type Cursor = usize;

impl Column {
    fn at(base: u32, BytesColumn { offsets, nulls, .. }: BytesColumn<'_>) -> Self {
        let nulls = if nulls.contains(&1) { nulls.into_owned() } else { Vec::new() };
        Self { offsets, nulls, base }
    }

    #[inline(always)]
    fn cell(&self, at: usize) -> Cell {
        if self.nulls.get(at).is_some_and(|mark| *mark != 0) {
            return Cell::NULL;
        }
        let (from, to) = (self.offsets[at], self.offsets[at + 1]);
        Cell::new(self.base + from, to - from)
    }

    /// Where its cells stand within [`Column::data`].
    pub(in crate::chain) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// One mark a cell, 1 where it is null; empty where none is.
    pub(in crate::chain) fn nulls(&self) -> &[u8] {
        &self.nulls
    }

    /// All cells in the arena.
    pub(in crate::chain) fn data(&self) -> Cell {
        Cell::new(self.base, self.offsets.last().copied().unwrap_or_default())
    }
}

impl Writes {
    /// Copies the cells' bytes into the arena and says where they stand, one after the other; null of a constant null.
    pub(super) fn store(batch: &mut Batch, cells: &Cells<'_>) -> Result<Cell, Full> {
        let mut append = |column: &BytesColumn<'_>| {
            let used = column.offsets.last().map_or(0, |last| *last as usize);
            batch.append(&column.data[..used])
        };
        match cells {
            Cells::Constant(None) => Ok(Cell::NULL),
            Cells::Constant(Some(bytes)) => batch.append(bytes),
            Cells::Each(column) => append(column),
            Cells::Sparse(sparse) => append(&sparse.cells),
        }
    }

    /// Cells whose bytes are [stored](Self::store). For an edit that looks at which rows only, nothing is, and
    /// [`Cell::EMPTY`] will do.
    ///
    /// Storing is what can fail, and stands apart: a result of something this large is moved piece by piece, and the
    /// processor waits for each.
    pub(super) fn new(cells: Cells<'_>, stored: Cell) -> Self {
        let base = stored.start() as u32;
        match cells {
            Cells::Constant(_) => Self::Constant(stored),
            Cells::Each(column) => Self::Each(Column::at(base, column)),
            Cells::Sparse(sparse) => Self::Sparse { rows: sparse.rows, cells: Column::at(base, sparse.cells) },
        }
    }

    /// Bytes that rows have together of a constant, beyond the one time that it is in the arena.
    pub(super) fn repeated(&self, rows: usize) -> usize {
        match self {
            Self::Constant(cell) => cell.len().saturating_mul(rows),
            _ => 0,
        }
    }

    /// Whether no row is left alone.
    pub(in crate::chain) fn is_for_all(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Each(column) => column.nulls.is_empty(),
            Self::Sparse { .. } => false,
        }
    }

    /// What row `row` gets (may be null); none: it is left alone. With one cursor rows are asked for in ascending order.
    #[inline(always)]
    pub(in crate::chain) fn at(&self, row: usize, cursor: &mut Cursor) -> Option<Cell> {
        match self {
            Self::Constant(cell) => Some(*cell),
            Self::Each(column) => Some(column.cell(row)).filter(|cell| !cell.is_null()),
            Self::Sparse { rows, cells } => {
                while rows.get(*cursor).is_some_and(|listed| (*listed as usize) < row) {
                    *cursor += 1;
                }
                (rows.get(*cursor).copied() == Some(row as u32)).then(|| cells.cell(*cursor))
            }
        }
    }
}
