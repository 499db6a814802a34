//! Values in one piece of memory, found by a hash of their keys.
//!
//! A file may have hundreds of thousands of rows, so that a row costs no allocation of its own: 12 bytes beside its cells,
//! and 8 to 16 more to find it.

use crate::are_same;

/// Rows by key.
#[derive(Debug)]
pub(super) struct Rows {
    /// What every key's hash begins with.
    seed: u64,
    /// The cells of all rows: a row's key, and its value behind it.
    cells: Vec<u8>,
    rows: Vec<Row>,
    /// By a key's hash, a row's number; a power of two of them, at least half of which are empty.
    slots: Vec<Option<Number>>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    start: u32,
    key: u32,
    value: u32,
}

/// A row's number and 1 more, so that none takes no room.
type Number = std::num::NonZeroU32;

/// What became of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added {
    New,
    /// There is the same one already.
    Same,
    /// The row of this number has another value for the key.
    Differs(usize),
    /// Positions are of 32 bits, as the memory of a plugin is.
    Full,
}

impl Rows {
    /// None yet.
    pub(super) fn seeded(seed: u64) -> Self {
        Self { seed, cells: Vec::new(), rows: Vec::new(), slots: Vec::new() }
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let (_, row) = self.find(key).ok()?;
        self.cell(row.start + row.key, row.value)
    }

    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) -> Added {
        if self.slots.len() < (self.rows.len() + 1) * 2 {
            self.grow();
        }
        let slot = match self.find(key) {
            Ok((_, row)) if self.cell(row.start + row.key, row.value) == Some(value) => return Added::Same,
            Ok((number, _)) => return Added::Differs(number),
            Err(slot) => slot,
        };
        let sizes = (u32::try_from(self.cells.len()), u32::try_from(key.len()), u32::try_from(value.len()));
        let (Ok(start), Ok(key_size), Ok(value_size)) = sizes else { return Added::Full };
        let Some(number) = number(self.rows.len()) else { return Added::Full };
        if u32::try_from(self.cells.len() + key.len() + value.len()).is_err() {
            return Added::Full;
        }
        self.rows.push(Row { start, key: key_size, value: value_size });
        self.cells.extend_from_slice(key);
        self.cells.extend_from_slice(value);
        self.set(slot, number);
        Added::New
    }

    /// Gives back what is held for rows to come.
    pub(super) fn shrink(&mut self) {
        self.cells.shrink_to_fit();
        self.rows.shrink_to_fit();
    }

    /// The row of a key, or the slot that one of that key would have.
    fn find(&self, key: &[u8]) -> Result<(usize, Row), usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = hash(self.seed, key) as usize & mask;
        // There are empty slots, or none at all.
        while let Some(Some(number)) = self.slots.get(slot) {
            let at = number.get() as usize - 1;
            if let Some(row) = self.rows.get(at)
                && self.cell(row.start, row.key).is_some_and(|known| are_same(known, key))
            {
                return Ok((at, *row));
            }
            slot = (slot + 1) & mask;
        }
        Err(slot)
    }

    fn cell(&self, start: u32, size: u32) -> Option<&[u8]> {
        self.cells.get(start as usize..)?.get(..size as usize)
    }

    fn set(&mut self, slot: usize, number: Number) {
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = Some(number);
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        // The old ones go before the new ones come.
        self.slots = Vec::new();
        self.slots = vec![None; size];
        for at in 0..self.rows.len() {
            let Some(key) = self.rows.get(at).and_then(|row| self.cell(row.start, row.key)) else { continue };
            if let (Err(slot), Some(number)) = (self.find(key), number(at)) {
                self.set(slot, number);
            }
        }
    }
}

fn number(at: usize) -> Option<Number> {
    u32::try_from(at + 1).ok().and_then(Number::new)
}

/// Keys may be names that others chose: with the hash of the whole file as the seed nobody chooses keys of one hash, and the
/// same file gives the same steps everywhere.
pub(super) fn hash(seed: u64, key: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| {
        let hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^ (hash >> 32)
    };
    let (words, rest) = key.as_chunks::<8>();
    let hash = words.iter().fold(seed ^ key.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    mix(hash, rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)))
}
