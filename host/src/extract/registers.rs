//! Columns of extracted cells.

use crate::batch::Cell;

/// Columns of what was extracted; they keep their room from batch to batch.
#[derive(Debug, Default)]
pub struct Registers {
    cells: Vec<Vec<Cell>>,
    ints: Vec<Vec<Option<i64>>>,
}

impl Registers {
    /// So many columns of cells and of integers.
    pub fn new(cells: usize, ints: usize) -> Self {
        Self { cells: vec![Vec::new(); cells], ints: vec![Vec::new(); ints] }
    }

    /// Makes every column `slots` long; what stands there is not to be read before it is set.
    pub fn resize(&mut self, slots: usize) {
        self.cells.iter_mut().for_each(|column| column.resize(slots, Cell::NULL));
        self.ints.iter_mut().for_each(|column| column.resize(slots, None));
    }

    /// A column of cells; empty if there is none of that number.
    pub fn cells(&self, register: usize) -> &[Cell] {
        self.cells.get(register).map_or(&[], |column| column)
    }

    /// A column of integers, none being null; empty if there is none of that number.
    pub fn ints(&self, register: usize) -> &[Option<i64>] {
        self.ints.get(register).map_or(&[], |column| column)
    }

    #[inline]
    pub(super) fn set_cell(&mut self, register: usize, slot: usize, cell: Cell) {
        self.cells[register][slot] = cell;
    }

    #[inline]
    pub(super) fn set_int(&mut self, register: usize, slot: usize, int: Option<i64>) {
        self.ints[register][slot] = int;
    }
}
