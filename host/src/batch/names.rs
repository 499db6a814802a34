//! The header names of a batch, each of which has a number.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
};

use super::{Cell, Full, NameId, short};

/// Up to here a linear search over short slices beats hashing, and a topic has a handful of names. Beyond, somebody
/// writes a name of its own into every record, and a linear search would take the square of their number.
const FEW: usize = 64;

/// Names by their cells in the batch's arena.
#[derive(Debug, Default)]
pub(super) struct Names {
    cells: Vec<Cell>,
    /// By its hash the last name that has it, from which `before` leads to the others; empty while there are few. The
    /// hash has a random key, since names come from others.
    last: HashMap<u64, u32>,
    /// For each name the one before it that has the same hash, itself where there is none; empty while there are few.
    before: Vec<u32>,
    hashes: RandomState,
}

impl Names {
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn clear(&mut self) {
        self.truncate(0);
    }

    #[inline]
    pub(super) fn cell(&self, id: NameId) -> Option<Cell> {
        self.cells.get(id.0 as usize).copied()
    }

    /// By the names' numbers.
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Forgets all names but the first `count`.
    pub(super) fn truncate(&mut self, count: usize) {
        if count == self.cells.len() {
            return;
        }
        self.cells.truncate(count);
        // Found anew when the next name comes: this happens once a batch, and after a record that does not fit.
        self.last.clear();
        self.before.clear();
    }

    pub(super) fn find(&self, name: &[u8], arena: &[u8]) -> Option<NameId> {
        // Most names differ in length, for which their bytes need not be found.
        let is_it = |cell: &Cell| cell.len() == name.len() && short::same(&arena[cell.range()], name);
        if self.before.len() < self.cells.len() {
            return self.cells.iter().position(is_it).map(|at| NameId(at as u32));
        }
        let mut at = *self.last.get(&self.hashes.hash_one(name))?;
        loop {
            if is_it(self.cells.get(at as usize)?) {
                return Some(NameId(at));
            }
            let before = *self.before.get(at as usize)?;
            if before == at {
                return None;
            }
            at = before;
        }
    }

    /// The number of `name`, which is appended to the arena and gets one if it has none.
    ///
    /// # Errors
    /// [`Full`].
    pub(super) fn intern(&mut self, name: &[u8], arena: &mut Vec<u8>) -> Result<NameId, Full> {
        if let Some(id) = self.find(name, arena) {
            return Ok(id);
        }
        let cell = short::append(arena, name)?;
        Ok(self.add(cell, arena))
    }

    /// Adds a name that is not there yet.
    fn add(&mut self, cell: Cell, arena: &[u8]) -> NameId {
        self.cells.push(cell);
        if self.cells.len() > FEW {
            for at in self.before.len()..self.cells.len() {
                let hash = self.hashes.hash_one(&arena[self.cells[at].range()]);
                let before = self.last.insert(hash, at as u32);
                self.before.push(before.unwrap_or(at as u32));
            }
        }
        NameId(self.cells.len() as u32 - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of four digits, one behind the other in the arena.
    fn filled(count: u32) -> (Names, Vec<u8>) {
        let (mut names, mut arena) = (Names::default(), Vec::new());
        for number in 0..count {
            let start = arena.len() as u32;
            arena.extend_from_slice(format!("{number:04}").as_bytes());
            assert_eq!(names.add(Cell::new(start, 4), &arena), NameId(number));
        }
        (names, arena)
    }

    #[test]
    fn names_keep_their_numbers_however_many_there_are() {
        for count in [1, 63, 64, 65, 66, 5000] {
            let (names, arena) = filled(count);
            for number in [0, count / 2, count - 1] {
                assert_eq!(names.find(format!("{number:04}").as_bytes(), &arena), Some(NameId(number)), "of {count}");
            }
            assert_eq!(names.find(b"none", &arena), None);
        }
    }

    #[test]
    fn what_is_forgotten_is_not_found_and_comes_back_with_a_new_number() {
        for keep in [10, 64, 65, 90] {
            let (mut names, mut arena) = filled(100);
            names.truncate(keep);
            assert_eq!(names.find(b"0095", &arena), None);
            assert_eq!(names.find(b"0005", &arena), Some(NameId(5)));
            let start = arena.len() as u32;
            arena.extend_from_slice(b"0095");
            assert_eq!(names.add(Cell::new(start, 4), &arena), NameId(keep as u32));
            assert_eq!(names.find(b"0095", &arena), Some(NameId(keep as u32)));
            assert_eq!(names.find(b"0005", &arena), Some(NameId(5)));
        }
    }
}
