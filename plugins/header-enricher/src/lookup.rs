//! What a header holds at a point of the config: after the renames, and after the entries above.

use weir_sdk::{Batch, Bytes};

use crate::rename::Moved;

/// Where a header's value is to be looked for, decided once.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// The entries above that write it, the nearest first.
    pub(crate) entries: Vec<usize>,
    /// The rename that makes it, and the column of its old name.
    pub(crate) made_by: Option<(usize, usize)>,
    /// The rename that takes it away.
    pub(crate) taken_by: Option<usize>,
    /// Its own column.
    pub(crate) column: usize,
}

/// What an entry wrote to the rows of a batch, for the entries below.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The same to all rows.
    pub(crate) all: Option<Vec<u8>>,
    data: Vec<u8>,
    /// From and to in `data`; none where the entry wrote nothing.
    cells: Vec<Option<(usize, usize)>>,
}

impl Written {
    /// Adds the next row.
    pub(crate) fn push(&mut self, value: Option<&[u8]>) {
        let from = self.data.len();
        self.data.extend_from_slice(value.unwrap_or_default());
        self.cells.push(value.map(|_| (from, self.data.len())));
    }

    fn get(&self, row: usize) -> Option<&[u8]> {
        if let Some(all) = &self.all {
            return Some(all);
        }
        let (from, to) = (*self.cells.get(row)?)?;
        self.data.get(from..to)
    }
}

/// A batch as an entry finds it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) batch: &'a Batch,
    pub(crate) moved: &'a Moved,
    /// Of the entries above, in their order.
    pub(crate) written: &'a [Written],
}

/// A [`Lookup`] in one batch.
pub(crate) enum Found<'a> {
    /// What its own column says, and nothing else.
    Column(Bytes<'a>),
    /// Boxed: there are many lookups, and nearly all of them are of columns.
    Several(Box<Several<'a>>),
}

/// What a lookup goes through.
pub(crate) struct Several<'a> {
    written: Vec<&'a Written>,
    made: Option<(&'a [bool], Bytes<'a>)>,
    taken: &'a [bool],
    column: Bytes<'a>,
}

impl Lookup {
    /// # Errors
    ///
    /// The batch does not have the columns of the plan.
    #[inline(always)]
    pub(crate) fn within<'a>(&self, view: View<'a>) -> Result<Found<'a>, String> {
        let column = view.batch.bytes(self.column)?;
        if self.entries.is_empty() && self.made_by.is_none() && self.taken_by.is_none() {
            return Ok(Found::Column(column));
        }
        self.among_several(column, view)
    }

    #[inline(never)]
    fn among_several<'a>(&self, column: Bytes<'a>, view: View<'a>) -> Result<Found<'a>, String> {
        let made = match self.made_by {
            Some((pair, column)) => Some((view.moved.by(pair), view.batch.bytes(column)?)),
            None => None,
        };
        Ok(Found::Several(Box::new(Several {
            written: self.entries.iter().filter_map(|&entry| view.written.get(entry)).collect(),
            made,
            taken: self.taken_by.map_or(&[], |pair| view.moved.by(pair)),
            column,
        })))
    }
}

impl<'a> Found<'a> {
    /// The value of the last header of that name; none where it is not there or null.
    pub(crate) fn get(&self, row: usize) -> Option<&'a [u8]> {
        match self {
            Self::Column(column) => column.get(row),
            Self::Several(several) => several.get(row),
        }
    }
}

impl<'a> Several<'a> {
    /// As [`Found::get`].
    pub(crate) fn get(&self, row: usize) -> Option<&'a [u8]> {
        let is_set = |rows: &[bool]| rows.get(row).copied().unwrap_or_default();
        if let Some(value) = self.written.iter().find_map(|written| written.get(row)) {
            return Some(value);
        }
        if let Some((made, column)) = &self.made
            && is_set(made)
        {
            return column.get(row);
        }
        if is_set(self.taken) {
            return None;
        }
        self.column.get(row)
    }
}
