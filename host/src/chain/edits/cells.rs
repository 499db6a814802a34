//! Cells of an answer, copied into the batch's arena once and then read row by row.

use crate::{
    batch::{Batch, Cell, Full},
    wasm::types::{BytesColumnResult, Cells},
};

/// What an edit writes, row by row; rows must be asked for in ascending order.
#[derive(Debug)]
pub(super) enum Writes<'a> {
    Nothing,
    Constant(Cell),
    Each(Column<'a>),
    Sparse { rows: &'a [u32], cells: Column<'a>, next: usize },
}

/// A checked column whose data stands in the arena from `base` on.
#[derive(Debug)]
pub(super) struct Column<'a> {
    column: &'a BytesColumnResult,
    base: u32,
}

impl<'a> Column<'a> {
    fn new(batch: &mut Batch, column: &'a BytesColumnResult) -> Result<Self, Full> {
        let used = column.offsets.last().map_or(0, |last| *last as usize);
        let base = batch.append(&column.data[..used])?.start() as u32;
        Ok(Self { column, base })
    }

    fn cell(&self, at: usize) -> Cell {
        if self.column.nulls.get(at).is_some_and(|mark| *mark == 1) {
            return Cell::NULL;
        }
        let (from, to) = (self.column.offsets[at], self.column.offsets[at + 1]);
        Cell::new(self.base + from, to - from)
    }
}

impl<'a> Writes<'a> {
    /// Copies the cells' bytes into the arena.
    pub(super) fn new(batch: &mut Batch, cells: &'a Cells) -> Result<Self, Full> {
        Ok(match cells {
            Cells::Constant(None) => Self::Constant(Cell::NULL),
            Cells::Constant(Some(bytes)) => Self::Constant(batch.append(bytes)?),
            Cells::Each(column) => Self::Each(Column::new(batch, column)?),
            Cells::Sparse(sparse) => {
                Self::Sparse { rows: &sparse.rows, cells: Column::new(batch, &sparse.cells)?, next: 0 }
            }
        })
    }

    /// As [`Writes::new`], for an edit that looks at which rows only: copies nothing, and its cells mean nothing.
    pub(super) fn marks(cells: &'a Cells) -> Self {
        match cells {
            Cells::Constant(_) => Self::Constant(Cell::NULL),
            Cells::Each(column) => Self::Each(Column { column, base: 0 }),
            Cells::Sparse(sparse) => {
                Self::Sparse { rows: &sparse.rows, cells: Column { column: &sparse.cells, base: 0 }, next: 0 }
            }
        }
    }

    /// What row `row` gets (may be null); none: it is left alone.
    pub(super) fn at(&mut self, row: usize) -> Option<Cell> {
        match self {
            Self::Nothing => None,
            Self::Constant(cell) => Some(*cell),
            Self::Each(column) => Some(column.cell(row)).filter(|cell| !cell.is_null()),
            Self::Sparse { rows, cells, next } => {
                while rows.get(*next).is_some_and(|listed| (*listed as usize) < row) {
                    *next += 1;
                }
                (rows.get(*next).copied() == Some(row as u32)).then(|| cells.cell(*next))
            }
        }
    }
}
