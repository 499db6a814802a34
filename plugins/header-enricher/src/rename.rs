//! Renames: done first, all of them looking at the record as it came.

use weir_sdk::{Batch, Edits};

/// Which names become which.
#[derive(Debug, Default)]
pub(crate) struct Renames {
    /// From, to; every name is a `from` once at most, and a `to` once at most.
    pub(crate) pairs: Vec<(String, String)>,
    /// A record that has the new name is left alone.
    pub(crate) preserve_existing: bool,
}

/// Which rows of a batch each pair renamed.
#[derive(Debug, Default)]
pub(crate) struct Moved(Vec<Vec<bool>>);

impl Moved {
    /// The rows that this pair renamed, one answer a row.
    pub(crate) fn by(&self, pair: usize) -> &[bool] {
        self.0.get(pair).map_or(&[], Vec::as_slice)
    }
}

impl Renames {
    /// Writes the renames of a batch.
    ///
    /// # Errors
    ///
    /// The plan did not ask for all headers.
    pub(crate) fn apply(&self, batch: &Batch, edits: &mut Edits) -> Result<Moved, String> {
        if self.pairs.is_empty() {
            return Ok(Moved::default());
        }
        let headers = batch.headers().ok_or("the batch came without its headers")?;
        let mut moved = vec![vec![false; batch.len()]; self.pairs.len()];
        for row in batch.rows() {
            for ((from, to), moved) in self.pairs.iter().zip(&mut moved) {
                let has = |name: &str| headers.row(row).any(|(known, _)| known == name);
                moved[row] = has(from) && !(self.preserve_existing && has(to));
            }
        }
        // All that goes goes first, so that two names may be swapped.
        for ((from, to), moved) in self.pairs.iter().zip(&moved) {
            for name in [from, to] {
                edits.remove_header(name).rows(batch.rows().filter(|&row| moved[row]));
            }
        }
        for ((from, to), moved) in self.pairs.iter().zip(&moved) {
            let cells = edits.append_header(to);
            for row in batch.rows().filter(|&row| moved[row]) {
                for (_, value) in headers.row(row).filter(|(name, _)| name == from) {
                    match value {
                        Some(value) => cells.row(row, value),
                        None => cells.row_null(row),
                    }
                }
            }
        }
        Ok(Moved(moved))
    }
}
