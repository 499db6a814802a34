//! Writes answers.

use crate::{
    batch::{SHORT, append},
    bindings::types::{BytesColumn, Cells, HeaderOp, SparseCells},
};

/// A part of an answer; the number is its bit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Expand = 0,
    Verdicts = 1,
    Reasons = 2,
    Headers = 3,
    Key = 4,
    Value = 5,
    Timestamps = 6,
    Route = 7,
    Partitions = 8,
}

/// An answer that is being written: its parts in their order.
pub(crate) struct Answer {
    out: Vec<u8>,
    parts: u32,
}

impl Answer {
    /// One with room for about so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        let mut out = Vec::with_capacity(bytes + SHORT);
        // Which parts there are is written when all are.
        out.extend_from_slice(&[0; size_of::<u32>()]);
        Self { out, parts: 0 }
    }

    /// What is written from here on is that part.
    pub(crate) fn begin(&mut self, part: Part) {
        self.parts |= 1 << part as u32;
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        if let Some(parts) = self.out.first_chunk_mut() {
            *parts = self.parts.to_le_bytes();
        }
        self.out
    }

    /// Writes a byte and a number behind it.
    fn kind_and_number(&mut self, kind: u8, number: u32) {
        let [first, second, third, fourth] = number.to_le_bytes();
        self.out.extend_from_slice(&[kind, first, second, third, fourth]);
    }

    pub(crate) fn number(&mut self, number: u32) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    /// Writes a number where one was written before, so many bytes from the beginning.
    pub(crate) fn replace_number(&mut self, at: usize, number: u32) {
        if let Some(place) = self.out.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = number.to_le_bytes();
        }
    }

    pub(crate) fn list<T: bytemuck::NoUninit>(&mut self, elements: &[T]) {
        self.number(elements.len() as u32);
        self.bytes(bytemuck::cast_slice(elements));
    }

    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8]) {
        append(&mut self.out, bytes);
    }

    /// The operation and the name of a header edit; its cells follow.
    pub(crate) fn header(&mut self, op: HeaderOp, name: &str) {
        let op = match op {
            HeaderOp::Set => 0,
            HeaderOp::Append => 1,
            HeaderOp::Remove => 2,
        };
        self.kind_and_number(op, name.len() as u32);
        self.bytes(name.as_bytes());
    }

    pub(crate) fn column(&mut self, offsets: &[u32], nulls: &[u8], data: &[u8]) {
        self.list(offsets);
        self.list(nulls);
        self.list(data);
    }

    /// Cells, one a row.
    pub(crate) fn each(&mut self, offsets: &[u32], nulls: &[u8], data: &[u8]) {
        self.out.push(2);
        self.column(offsets, nulls, data);
    }

    /// Cells, those of a column of the batch.
    pub(crate) fn same_as(&mut self, column: u32) {
        self.kind_and_number(4, column);
    }

    /// Cells, the same of all rows.
    pub(crate) fn constant(&mut self, cell: Option<&[u8]>) {
        match cell {
            None => self.out.push(0),
            Some(bytes) => {
                self.kind_and_number(1, bytes.len() as u32);
                self.bytes(bytes);
            }
        }
    }

    pub(crate) fn cells(&mut self, cells: &Cells) {
        match cells {
            Cells::Constant(cell) => self.constant(cell.as_deref()),
            Cells::Each(BytesColumn { offsets, data, nulls }) => self.each(offsets, nulls, data),
            Cells::Sparse(SparseCells { rows, cells: BytesColumn { offsets, data, nulls } }) => {
                self.out.push(3);
                self.list(rows);
                self.column(offsets, nulls, data);
            }
        }
    }

    /// Topics that rows are routed to, and to which each row is.
    pub(crate) fn routing<T: AsRef<str>>(&mut self, topics: &[T], index: &[i32]) {
        self.number(topics.len() as u32);
        let mut end = 0;
        for topic in topics {
            end += topic.as_ref().len() as u32;
            self.number(end);
        }
        self.number(end);
        topics.iter().for_each(|topic| self.bytes(topic.as_ref().as_bytes()));
        self.list(index);
    }
}
