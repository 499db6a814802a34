//! What a plugin's answer changes. It is what a guest said: nothing of it holds before the chain has checked it.
//!
//! Bytes and names may stand where the answer came, until they are applied.

#[cfg(test)]
mod owned;

use std::borrow::Cow;

use super::Topics;

/// What changes; none or an empty list = unchanged, except where said. Applied in this order.
#[derive(Clone, Debug, Default)]
pub struct Edits<'a> {
    /// Output row `j` is a copy of input row `expand[j]`; a row left out is dropped. The rest speaks of output rows.
    pub expand: Option<Vec<u32>>,
    /// One a row: 0 keep, 1 drop, 2 dead-letter.
    pub verdicts: Vec<u8>,
    /// Why, for dead letters.
    pub reasons: Option<BytesColumn<'a>>,
    /// Applied in this order.
    pub headers: Vec<HeaderEdit<'a>>,
    /// Keys.
    pub key: Option<Cells<'a>>,
    /// Values.
    pub value: Option<Cells<'a>>,
    /// Milliseconds since the epoch; null = unchanged.
    pub timestamps: Option<IntColumn>,
    /// Destinations.
    pub route: Option<Routing>,
    /// Output partitions, one a row; -1 = by the pipeline's rule.
    pub partitions: Option<Vec<i32>>,
}

/// Cell `i` is `data[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Debug)]
pub struct BytesColumn<'a> {
    /// One more than there are cells.
    pub offsets: Vec<u32>,
    /// All cells, one after the other.
    pub data: Cow<'a, [u8]>,
    /// One a cell: 1 = null; empty where none is.
    pub nulls: Cow<'a, [u8]>,
}

/// Integers, some of them null.
#[derive(Clone, Debug)]
pub struct IntColumn {
    /// One a cell.
    pub values: Vec<i64>,
    /// One a cell: 1 = null; empty where none is.
    pub nulls: Vec<u8>,
}

/// Cells of the listed rows.
#[derive(Clone, Debug)]
pub struct SparseCells<'a> {
    /// Ascending, each once.
    pub rows: Vec<u32>,
    /// One a listed row.
    pub cells: BytesColumn<'a>,
}

/// What is written to which rows.
#[derive(Clone, Debug)]
pub enum Cells<'a> {
    /// The same to every row; none writes null.
    Constant(Option<Cow<'a, [u8]>>),
    /// One a row; a null cell leaves its row alone.
    Each(BytesColumn<'a>),
    /// To the listed rows; a null cell writes null.
    Sparse(SparseCells<'a>),
}

/// What is done with the headers of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderOp {
    /// Keeps the place of the first of that name and removes the others.
    Set,
    /// Adds one behind all others.
    Append,
    /// Removes all of that name; the cells say from which rows.
    Remove,
}

/// An edit of the headers of one name.
#[derive(Clone, Debug)]
pub struct HeaderEdit<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// What is done.
    pub op: HeaderOp,
    /// To which rows, with which values.
    pub cells: Cells<'a>,
}

/// Where rows go.
#[derive(Clone, Debug)]
pub struct Routing {
    /// What `index` counts.
    pub topics: Topics,
    /// One a row; -1 = unchanged.
    pub index: Vec<i32>,
}
