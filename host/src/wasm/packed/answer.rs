//! Reads answers. What they say is checked by the chain; here only that they are laid out as they must be.

use std::borrow::Cow;

use super::batch::bytes_column;
use crate::{
    abi::{BytesColumn, BytesView, Cells, Edits, HeaderEdit, HeaderOp, IntColumn, Routing, SparseCells, Topics},
    wasm::limits::ANSWER_BYTES,
};

/// An answer that is not laid out as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// It ends before a part of it does.
    #[error("its packed answer of {0} bytes is cut off")]
    Short(usize),
    /// There is more of it.
    #[error("its packed answer goes on for {0} bytes behind its end")]
    Long(usize),
    /// A byte that says which of several is none of them.
    #[error("its packed answer has {kind} {value}, which there is not")]
    Unknown { kind: &'static str, value: u32 },
    /// A name that is no text.
    #[error("its packed answer has a {0} that is not UTF-8")]
    Text(&'static str),
    /// Topics that end before they begin, or behind the text.
    #[error("its packed answer has topics whose ends are not within their text, in ascending order")]
    Topics,
    /// It names more than it could have had in lists.
    #[error("hands over more than {} MiB in one call", ANSWER_BYTES >> 20)]
    Large,
}

/// The parts, by the bit that says that they are there.
const EXPAND: u32 = 1;
const VERDICTS: u32 = 1 << 1;
const REASONS: u32 = 1 << 2;
const HEADERS: u32 = 1 << 3;
const KEY: u32 = 1 << 4;
const VALUE: u32 = 1 << 5;
const TIMESTAMPS: u32 = 1 << 6;
const ROUTE: u32 = 1 << 7;
const PARTITIONS: u32 = 1 << 8;
const ALL: u32 = (1 << 9) - 1;

/// The bytes of a header edit at least: its operation, the length of its name, the kind of its cells.
const HEADER_EDIT: usize = 6;

/// Reads a whole answer about a batch that was written as these words. Room is made only for what is there, and for no more
/// than lists could have told.
///
/// # Errors
/// [`Malformed`].
pub(super) fn read<'a>(answer: &'a [u8], batch: &'a [u64]) -> Result<Box<Edits<'a>>, Malformed> {
    let left = ANSWER_BYTES.saturating_sub(answer.len());
    let mut input = Input { rest: answer, all: answer.len(), batch, left };
    let parts = input.number()?;
    if parts & !ALL != 0 {
        return Err(Malformed::Unknown { kind: "parts", value: parts });
    }
    let has = |part: u32| parts & part != 0;
    let mut edits = Box::<Edits>::default();
    if has(EXPAND) {
        edits.expand = Some(input.list(u32::from_le_bytes)?);
        // Rows are others from here on.
        input.batch = &[];
    }
    if has(VERDICTS) {
        edits.verdicts = input.bytes()?.to_vec();
    }
    if has(REASONS) {
        edits.reasons = Some(input.column()?);
    }
    if has(HEADERS) {
        edits.headers = input.headers()?;
    }
    if has(KEY) {
        edits.key = Some(input.cells()?);
    }
    if has(VALUE) {
        edits.value = Some(input.cells()?);
    }
    if has(TIMESTAMPS) {
        edits.timestamps = Some(IntColumn { values: input.list(i64::from_le_bytes)?, nulls: input.bytes()?.to_vec() });
    }
    if has(ROUTE) {
        edits.route = Some(input.routing()?);
    }
    if has(PARTITIONS) {
        edits.partitions = Some(input.list(i32::from_le_bytes)?);
    }
    if input.rest.is_empty() { Ok(edits) } else { Err(Malformed::Long(input.rest.len())) }
}

/// What is not read yet.
struct Input<'a> {
    rest: &'a [u8],
    /// Bytes of the whole answer.
    all: usize,
    /// Whose cells may be named.
    batch: &'a [u64],
    /// Bytes that what takes more room than it has in the answer may still take.
    left: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(Malformed::Short(self.all))?;
        self.rest = rest;
        Ok(taken)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.left = self.left.checked_sub(bytes).ok_or(Malformed::Large)?;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (byte, rest) = self.rest.split_first().ok_or(Malformed::Short(self.all))?;
        self.rest = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u32, Malformed> {
        let (number, rest) = self.rest.split_first_chunk().ok_or(Malformed::Short(self.all))?;
        self.rest = rest;
        Ok(u32::from_le_bytes(*number))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.number()?;
        self.take(length as usize)
    }

    fn list<T, const BYTES: usize>(&mut self, element: fn([u8; BYTES]) -> T) -> Result<Vec<T>, Malformed> {
        let elements = self.number()? as usize;
        let bytes = elements.checked_mul(BYTES).ok_or(Malformed::Short(self.all))?;
        let (elements, _) = self.take(bytes)?.as_chunks();
        Ok(elements.iter().map(|bytes| element(*bytes)).collect())
    }

    fn text(&mut self, what: &'static str) -> Result<&'a str, Malformed> {
        str::from_utf8(self.bytes()?).map_err(|_not_utf8| Malformed::Text(what))
    }

    fn column(&mut self) -> Result<BytesColumn<'a>, Malformed> {
        let offsets = self.list(u32::from_le_bytes)?;
        let nulls = Cow::Borrowed(self.bytes()?);
        Ok(BytesColumn { offsets, nulls, data: Cow::Borrowed(self.bytes()?) })
    }

    fn cells(&mut self) -> Result<Cells<'a>, Malformed> {
        Ok(match self.byte()? {
            0 => Cells::Constant(None),
            1 => Cells::Constant(Some(Cow::Borrowed(self.bytes()?))),
            2 => Cells::Each(self.column()?),
            3 => Cells::Sparse(SparseCells { rows: self.list(u32::from_le_bytes)?, cells: self.column()? }),
            4 => Cells::Each(self.same_as()?),
            other => return Err(Malformed::Unknown { kind: "cells of kind", value: u32::from(other) }),
        })
    }

    fn same_as(&mut self) -> Result<BytesColumn<'a>, Malformed> {
        let number = self.number()?;
        let Some(BytesView { offsets, data, nulls }) = bytes_column(self.batch, number) else {
            return Err(Malformed::Unknown { kind: "cells of the column", value: number });
        };
        // As much as lists would take, with a mark a cell.
        self.spend(size_of_val(offsets) + data.len() + offsets.len() - 1)?;
        Ok(BytesColumn { offsets: offsets.to_vec(), data: Cow::Borrowed(data), nulls: Cow::Borrowed(nulls) })
    }

    fn headers(&mut self) -> Result<Vec<HeaderEdit<'a>>, Malformed> {
        let count = self.number()? as usize;
        self.spend(count.saturating_mul(size_of::<HeaderEdit>()))?;
        let mut headers = Vec::with_capacity(count.min(self.rest.len() / HEADER_EDIT));
        for _ in 0..count {
            headers.push(self.header()?);
        }
        Ok(headers)
    }

    fn header(&mut self) -> Result<HeaderEdit<'a>, Malformed> {
        let op = match self.byte()? {
            0 => HeaderOp::Set,
            1 => HeaderOp::Append,
            2 => HeaderOp::Remove,
            other => return Err(Malformed::Unknown { kind: "the header operation", value: u32::from(other) }),
        };
        Ok(HeaderEdit { op, name: Cow::Borrowed(self.text("header's name")?), cells: self.cells()? })
    }

    fn routing(&mut self) -> Result<Routing, Malformed> {
        let ends = self.list(u32::from_le_bytes)?;
        // The chain keeps about so much of each.
        self.spend(ends.len().saturating_mul(size_of::<String>()))?;
        let text = self.text("topic")?.to_owned();
        let topics = Topics::new(text, ends).ok_or(Malformed::Topics)?;
        Ok(Routing { topics, index: self.list(i32::from_le_bytes)? })
    }
}
