//! Cells of an answer, copied into the batch's arena once and then read row by row.

use crate::{
    batch::{Batch, Cell, Full},
    wasm::types::{BytesColumnResult, Cells},
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
    fn new(batch: &mut Batch, column: BytesColumnResult) -> Result<Self, Full> {
        let used = column.offsets.last().map_or(0, |last| *last as usize);
        let base = batch.append(&column.data[..used])?.start() as u32;
        Ok(Self::at(base, column))
    }

    fn at(base: u32, BytesColumnResult { offsets, mut nulls, .. }: BytesColumnResult) -> Self {
        if !nulls.contains(&1) {
            nulls.clear();
        }
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
    /// Copies the cells' bytes into the arena.
    pub(super) fn new(batch: &mut Batch, cells: Cells) -> Result<Self, Full> {
        Ok(match cells {
            Cells::Constant(None) => Self::Constant(Cell::NULL),
            Cells::Constant(Some(bytes)) => Self::Constant(batch.append(&bytes)?),
            Cells::Each(column) => Self::Each(Column::new(batch, column)?),
            Cells::Sparse(sparse) => Self::Sparse { rows: sparse.rows, cells: Column::new(batch, sparse.cells)? },
        })
    }

    /// As [`Writes::new`], for an edit that looks at which rows only: copies nothing, and its cells mean nothing.
    pub(super) fn marks(cells: Cells) -> Self {
        match cells {
            Cells::Constant(_) => Self::Constant(Cell::NULL),
            Cells::Each(column) => Self::Each(Column::at(0, column)),
            Cells::Sparse(sparse) => Self::Sparse { rows: sparse.rows, cells: Column::at(0, sparse.cells) },
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
