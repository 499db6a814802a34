//! Edits of rows' headers.

use super::cells::{Cursor, Writes};
use crate::{
    abi::{HeaderEdit, HeaderOp},
    batch::{Batch, Cell, Full, HeaderRef, NameId},
    chain::flow::Span,
};

/// One edit, made ready.
#[derive(Debug)]
pub(in crate::chain) struct HeaderWrites {
    pub(in crate::chain) name: NameId,
    op: HeaderOp,
    pub(in crate::chain) writes: Writes,
}

impl HeaderWrites {
    /// Makes edits ready, behind those in `ready`.
    pub(in crate::chain) fn make(
        batch: &mut Batch,
        edits: Vec<HeaderEdit<'_>>,
        ready: &mut Vec<Self>,
    ) -> Result<(), Full> {
        ready.reserve(edits.len());
        for HeaderEdit { name, op, cells } in edits {
            let name = batch.intern(name.as_bytes())?;
            let stored = match op {
                HeaderOp::Remove => Cell::EMPTY,
                HeaderOp::Set | HeaderOp::Append => Writes::store(batch, &cells)?,
            };
            ready.push(Self { name, op, writes: Writes::new(cells, stored) });
        }
        Ok(())
    }

    /// Whether headers are written, and not removed.
    pub(in crate::chain) fn is_written(&self) -> bool {
        self.op != HeaderOp::Remove
    }

    /// Whether it sets a header of every row, which an earlier header of that name would not outlive.
    pub(in crate::chain) fn sets_all(&self) -> bool {
        self.op == HeaderOp::Set && self.writes.is_for_all()
    }

    /// The edit as what every row gets, if no row is left alone.
    pub(in crate::chain) fn whole(&self) -> Option<Whole<'_>> {
        let (same, offsets) = match &self.writes {
            Writes::Constant(cell) => (*cell, &[][..]),
            Writes::Each(column) if column.nulls().is_empty() => (column.data(), column.offsets()),
            _ => return None,
        };
        Some(Whole { name: self.name, same, offsets })
    }

    /// The value that the row's last header of [this name](Self::name) has after the edit; none: as before.
    pub(in crate::chain) fn last(&self, row: usize, cursor: &mut Cursor) -> Option<Cell> {
        let value = self.writes.at(row, cursor)?;
        Some(if self.is_written() { value } else { Cell::NULL })
    }
}

/// A header that every row gets.
#[derive(Clone, Copy, Debug)]
pub(in crate::chain) struct Whole<'a> {
    name: NameId,
    /// The value, or, where there are offsets, all rows' values one after the other.
    same: Cell,
    /// Where each row's value begins and ends in `same`; empty where all rows have the same.
    offsets: &'a [u32],
}

impl Whole<'_> {
    #[inline(always)]
    fn header(&self, row: u32) -> HeaderRef {
        let row = row as usize;
        let value = match self.offsets.get(row..row + 2).and_then(<[u32]>::first_chunk) {
            Some(&[from, to]) => Cell::new(self.same.start() as u32 + from, to - from),
            None => self.same,
        };
        HeaderRef { name: self.name, value }
    }
}

/// Appends to `pool` what `edits` make of the headers in `base`, those of row `row`; where no edit looks at them, that
/// is `base` itself. One cursor an edit.
pub(in crate::chain) fn edited(
    edits: &[HeaderWrites],
    cursors: &mut [Cursor],
    row: usize,
    base: Span,
    pool: &mut Vec<HeaderRef>,
) -> Span {
    copied(base, pool, |pool, from| {
        let seen = pool[from..].iter().fold(0, |seen, header| seen | bit(header.name));
        let mut list = List { pool, from, seen };
        let mut changed = false;
        for (edit, cursor) in edits.iter().zip(cursors) {
            let Some(value) = edit.writes.at(row, cursor) else { continue };
            changed = true;
            match edit.op {
                HeaderOp::Append => list.push(edit.name, value),
                HeaderOp::Remove => list.remove(edit.name, 0),
                HeaderOp::Set => list.set(edit.name, value),
            }
        }
        changed
    })
}

/// As [`edited`], of edits of which each writes a name that is neither in `base` nor another's: nothing is looked for.
/// First come those that every row gets, `whole`.
#[inline]
pub(in crate::chain) fn appended<'a>(
    whole: &[Whole<'_>],
    edits: impl Iterator<Item = (&'a HeaderWrites, &'a mut Cursor)>,
    row: u32,
    base: Span,
    pool: &mut Vec<HeaderRef>,
) -> Span {
    copied(base, pool, |pool, _| {
        let own = pool.len();
        pool.extend(whole.iter().map(|edit| edit.header(row)));
        for (edit, cursor) in edits {
            if let Some(value) = edit.writes.at(row as usize, cursor) {
                pool.push(HeaderRef { name: edit.name, value });
            }
        }
        pool.len() > own
    })
}

/// Copies the headers in `base` to the end of the pool and has them changed from there on; `base` itself where `change`
/// says that it did not.
#[inline]
fn copied(base: Span, pool: &mut Vec<HeaderRef>, change: impl FnOnce(&mut Vec<HeaderRef>, usize) -> bool) -> Span {
    let from = pool.len();
    // A handful, which costs less one by one than by a call that copies any number.
    for at in base.range() {
        pool.push(pool[at]);
    }
    if change(pool, from) {
        return Span { from: from as u32, to: pool.len() as u32 };
    }
    pool.truncate(from);
    base
}

/// One row's headers at the end of the pool.
struct List<'a> {
    pool: &'a mut Vec<HeaderRef>,
    from: usize,
    /// The [bits](bit) of all names: a name whose bit is not here is not in the list, which saves most searches.
    seen: u64,
}

fn bit(name: NameId) -> u64 {
    1 << (name.0 % u64::BITS)
}

impl List<'_> {
    #[inline]
    fn push(&mut self, name: NameId, value: Cell) {
        self.seen |= bit(name);
        self.pool.push(HeaderRef { name, value });
    }

    #[inline]
    fn set(&mut self, name: NameId, value: Cell) {
        let headers = &mut self.pool[self.from..];
        let first = if self.seen & bit(name) == 0 { None } else { headers.iter().position(|it| it.name == name) };
        match first {
            None => self.push(name, value),
            Some(first) => {
                headers[first].value = value;
                self.remove(name, first + 1);
            }
        }
    }

    /// Removes all headers of a name from place `after` on.
    fn remove(&mut self, name: NameId, after: usize) {
        let first = self.from + after;
        let mut kept = first;
        for at in first..self.pool.len() {
            let header = self.pool[at];
            self.pool[kept] = header;
            kept += usize::from(header.name != name);
        }
        self.pool.truncate(kept);
    }
}
