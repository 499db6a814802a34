//! Columns of extracted cells.

use crate::batch::Cell;

/// Columns of what was extracted; they keep their room from batch to batch.
#[derive(Debug, Default)]
pub struct Registers {
    /// Column by column, as all integers stand in theirs.
    cells: Vec<Cell>,
    ints: Vec<Option<i64>>,
    /// How many columns of each.
    columns: (usize, usize),
    /// How long each is.
    slots: usize,
}

impl Registers {
    /// So many columns of cells and of integers.
    pub fn new(cells: usize, ints: usize) -> Self {
        Self { columns: (cells, ints), ..Self::default() }
    }

    /// Makes every column `slots` long; what stands there is not to be read before it is set.
    pub fn resize(&mut self, slots: usize) {
        let (cells, ints) = self.columns;
        self.cells.resize(cells * slots, Cell::NULL);
        self.ints.resize(ints * slots, None);
        self.slots = slots;
    }

    /// A column of cells; empty if there is none of that number.
    pub fn cells(&self, register: usize) -> &[Cell] {
        self.cells.get(self.column(register)).unwrap_or_default()
    }

    /// A column of integers, none being null; empty if there is none of that number.
    pub fn ints(&self, register: usize) -> &[Option<i64>] {
        self.ints.get(self.column(register)).unwrap_or_default()
    }

    fn column(&self, register: usize) -> std::ops::Range<usize> {
        register * self.slots..(register + 1) * self.slots
    }

    #[inline]
    pub(super) fn set_cell(&mut self, register: usize, slot: usize, cell: Cell) {
        debug_assert!(slot < self.slots);
        self.cells[register * self.slots + slot] = cell;
    }

    #[inline]
    pub(super) fn set_int(&mut self, register: usize, slot: usize, int: Option<i64>) {
        debug_assert!(slot < self.slots);
        self.ints[register * self.slots + slot] = int;
    }
}
