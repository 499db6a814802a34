//! Header edits that do not stand in the rows' own lists yet.
//!
//! Most interceptors change headers of all rows alike and the next one reads some of them. Each edit is a column, so it
//! is kept as one: reading it again costs nothing, and the lists of the rows are written once at the end, not once per
//! interceptor.

use super::{
    edits::{Column, Cursor, HeaderWrites, Whole, Writes, appended, edited},
    flow::Row,
};
use crate::batch::{Cell, HeaderRef, NameId};

/// Of fewer rows to look at each one's headers takes less than to find out that there is no need.
const APART: usize = 4;

/// Edits by the rows' positions, in their order. While there are any, no row may come, go or move.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    edits: Vec<HeaderWrites>,
    /// Names from this number on are in no row's own list.
    unlisted: u32,
    /// How many headers the rows' own lists have together.
    listed: usize,
    cursors: Vec<Cursor>,
    /// Scratch of [`Overlay::settle`]: by the headers' places, the edit that has the last word.
    writers: Vec<usize>,
}

impl Overlay {
    /// Forgets everything. The rows' lists have `listed` headers together, whose names are below number `names`.
    pub(super) fn begin(&mut self, names: usize, listed: usize) {
        self.edits.clear();
        self.unlisted = names as u32;
        self.listed = listed;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// How many headers all `rows` may have together once `more` edits were added and settled.
    pub(super) fn bound(&self, rows: usize, more: usize) -> usize {
        self.listed.saturating_add(rows.saturating_mul(self.edits.len() + more))
    }

    pub(super) fn extend(&mut self, edits: impl IntoIterator<Item = HeaderWrites>) {
        self.edits.extend(edits);
    }

    /// Writes the edits into the rows' lists. `names`: how many the batch has.
    pub(super) fn settle(&mut self, rows: &mut [Row], pool: &mut Vec<HeaderRef>, names: usize) {
        if self.edits.is_empty() {
            return;
        }
        self.cursors.clear();
        self.cursors.resize(self.edits.len(), 0);
        let apart = rows.len() >= APART && self.are_apart();
        pool.reserve(self.bound(rows.len(), 0));
        if apart {
            // Those of all rows that come first are the same step for every row, whatever writes them.
            let writers = self.writers.iter().map(|writer| &self.edits[*writer]);
            let mut whole: Vec<Whole<'_>> = Vec::with_capacity(self.writers.len());
            whole.extend(writers.clone().map_while(|edit| edit.whole()));
            let others: Vec<&HeaderWrites> = writers.skip(whole.len()).collect();
            for (at, row) in (0..).zip(rows.iter_mut()) {
                let edits = others.iter().copied().zip(&mut self.cursors);
                row.headers = appended(&whole, edits, at, row.headers, pool);
            }
        } else {
            for (at, row) in rows.iter_mut().enumerate() {
                row.headers = edited(&self.edits, &mut self.cursors, at, row.headers, pool);
            }
        }
        self.listed = rows.iter().map(|row| row.headers.range().len()).sum();
        self.edits.clear();
        self.unlisted = names as u32;
    }

    /// Whether every edit writes a name that no row has and no other edit writes, but for edits of all rows that are
    /// overwritten by another one of all rows: then the lists get the headers of `writers`, one after the other.
    fn are_apart(&mut self) -> bool {
        self.writers.clear();
        for (at, edit) in self.edits.iter().enumerate() {
            if !edit.is_written() || edit.name.0 < self.unlisted {
                return false;
            }
            match self.writers.iter_mut().find(|writer| self.edits[**writer].name == edit.name) {
                None => self.writers.push(at),
                Some(writer) if edit.sets_all() && self.edits[*writer].writes.is_for_all() => *writer = at,
                Some(_) => return false,
            }
        }
        true
    }

    /// The number of the edit whose [column](Self::column) says what all rows' last header of that name is, where there is
    /// such a one.
    pub(super) fn deciding(&self, name: NameId) -> Option<usize> {
        let mut writers = self.edits.iter().enumerate().rev().filter(|(_, edit)| edit.name == name);
        let (number, last) = writers.next()?;
        match &last.writes {
            Writes::Each(column) if last.is_written() => {
                let decides = column.nulls().is_empty() || (name.0 >= self.unlisted && writers.next().is_none());
                decides.then_some(number)
            }
            _ => None,
        }
    }

    /// What an edit writes, one cell a row, where it does.
    pub(super) fn column(&self, edit: usize) -> Option<&Column> {
        match &self.edits.get(edit)?.writes {
            Writes::Each(column) => Some(column),
            _ => None,
        }
    }

    /// Calls `each` for every row with what its last header of that name holds; null where there is none.
    pub(super) fn last_of(&self, name: NameId, rows: &[Row], pool: &[HeaderRef], mut each: impl FnMut(Cell)) {
        let mut writers: Vec<(&HeaderWrites, Cursor)> =
            self.edits.iter().rev().filter(|edit| edit.name == name).map(|edit| (edit, 0)).collect();
        for (at, row) in rows.iter().enumerate() {
            let written = writers.iter_mut().find_map(|(edit, cursor)| edit.last(at, cursor));
            each(written.unwrap_or_else(|| last_listed(pool, row, name)));
        }
    }
}

/// The value of the last header of that name in the row's own list; null where there is none, or where it is null.
pub(super) fn last_listed(pool: &[HeaderRef], row: &Row, name: NameId) -> Cell {
    let headers = &pool[row.headers.range()];
    headers.iter().rev().find(|header| header.name == name).map_or(Cell::NULL, |header| header.value)
}
