//! Edits of headers.

use super::{Cells, Edits, rename};
use crate::{Bytes, are_same, bindings::types::HeaderOp};

#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) op: HeaderOp,
    pub(super) cells: Cells,
    /// The column of a packed batch that is written instead of the cells.
    pub(super) column: Option<u32>,
    /// What is written to that name later is an edit of its own, however the batch came.
    is_closed: bool,
}

/// Rows whose headers of a name go.
#[derive(Debug)]
pub struct Removal<'a>(&'a mut Cells);

impl Removal<'_> {
    /// Removes them from every row.
    pub fn all(self) {
        self.0.all_null();
    }

    /// Removes them from one row.
    pub fn row(self, row: usize) {
        self.0.row(row, b"");
    }

    /// Removes them from these rows.
    pub fn rows(self, rows: impl IntoIterator<Item = usize>) {
        rows.into_iter().for_each(|row| self.0.row(row, b""));
    }
}

impl Edits {
    /// Sets the headers of that name: the first keeps its place and takes the value, the others go; a row without one
    /// gets it at the end. Called again with the same name it goes on with the same cells.
    pub fn set_header(&mut self, name: &str) -> &mut Cells {
        self.header(name, HeaderOp::Set)
    }

    /// Adds a header at the end, whatever is there. Called again with the same name it goes on with the same cells; a
    /// row written twice gets two headers. Of several names, all headers of the one that was mentioned first come first.
    pub fn append_header(&mut self, name: &str) -> &mut Cells {
        self.header(name, HeaderOp::Append)
    }

    /// Removes all headers of that name.
    pub fn remove_header(&mut self, name: &str) -> Removal<'_> {
        Removal(self.header(name, HeaderOp::Remove))
    }

    /// Removes all headers of that name from these rows, after all edits of headers so far: for a plugin that finds the
    /// names in the records, where there may be very many.
    pub fn remove_header_then(&mut self, name: &str, rows: impl IntoIterator<Item = usize>) {
        let mut cells = Cells::new();
        Removal(&mut cells).rows(rows);
        if !cells.is_empty() {
            self.new_header(name, HeaderOp::Remove).cells = cells;
        }
    }

    /// Adopts finished cells for [`set_header`](Self::set_header): for a plugin that fills several columns in one pass.
    pub fn set_header_cells(&mut self, name: &str, cells: Cells) {
        if !cells.is_empty() {
            self.new_header(name, HeaderOp::Set).cells = cells;
        }
    }

    /// Sets the headers of that name to what a column has, row by row; a cell that is null leaves its row alone. The
    /// cheapest way: weir has the column, and what it holds is not copied back. What is written to that name later is
    /// an edit of its own, which comes after this one.
    pub fn set_header_column(&mut self, name: &str, column: Bytes<'_>) {
        let nulls = column.nulls();
        if nulls == column.len() {
            return;
        }
        let number = column.column().filter(|_| self.expand.is_none() && column.len() == self.rows);
        let header = self.new_header(name, HeaderOp::Set);
        (header.column, header.is_closed) = (number, true);
        if number.is_none() {
            header.cells.column(column);
        }
    }

    fn header(&mut self, name: &str, op: HeaderOp) -> &mut Cells {
        // Only the last edit of a name may go on: an earlier one is applied before it, and must not see later cells.
        let edits = self.headers.get(..self.edited).unwrap_or_default();
        let last = edits.iter().rposition(|header| are_same(header.name.as_bytes(), name.as_bytes()));
        match last.filter(|at| edits[*at].op == op && !edits[*at].is_closed) {
            Some(at) => &mut self.headers[at].cells,
            None => &mut self.new_header(name, op).cells,
        }
    }

    /// An edit behind all others.
    fn new_header(&mut self, name: &str, op: HeaderOp) -> &mut Header {
        let at = self.edited;
        self.edited += 1;
        match self.headers.get_mut(at) {
            Some(header) => {
                rename(&mut header.name, name);
                (header.op, header.column, header.is_closed) = (op, None, false);
            }
            None => {
                let (name, cells) = (name.to_owned(), Cells::new());
                self.headers.push(Header { name, op, cells, column: None, is_closed: false });
            }
        }
        &mut self.headers[at]
    }
}
