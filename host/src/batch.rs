//! Consecutive records of one partition, in offset order, held in one buffer that is used again.
//!
//! A [`Batch`] owns every byte of its records in an append-only arena. A [`Cell`] names a range of it, so that
//! extraction, edits and output hand around eight bytes and copy nothing. What an interceptor writes is appended to
//! the same arena; the input records ([`Input`]) stay as they came until the batch is cleared, which is what dead
//! letters and re-runs rely on.

mod arena;
mod names;
mod short;

use std::{fmt, sync::Arc};

use arena::Arena;
use names::Names;

use crate::record::Timestamp;

/// A range of a batch's arena, or null. Null differs from empty.
///
/// The start is in the upper half, the length in the lower one: as a single number a cell stays in a register wherever
/// it goes. Two halves are written to memory one by one and read back as one, for which the processor has to wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cell(u64);

impl Cell {
    /// No value.
    pub const NULL: Self = Self::new(u32::MAX, 0);
    /// A value of no bytes.
    pub const EMPTY: Self = Self::new(0, 0);

    /// The range `start..start + len` of the arena.
    #[inline]
    pub const fn new(start: u32, len: u32) -> Self {
        Self((start as u64) << 32 | len as u64)
    }

    /// Whether this is null.
    #[inline]
    pub fn is_null(self) -> bool {
        self.start() == u32::MAX as usize
    }

    /// Where the range begins; meaningless for null.
    #[inline]
    pub fn start(self) -> usize {
        (self.0 >> 32) as usize
    }

    /// The range of the arena; meaningless for null.
    #[inline]
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start()..self.start() + self.len()
    }

    /// How many bytes; 0 for null.
    #[inline]
    pub fn len(self) -> usize {
        self.0 as u32 as usize
    }

    /// Whether it has no bytes (null has none either).
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The part `from..to` of this cell, counted from its own beginning. The caller has checked the bounds.
    #[inline]
    pub fn slice(self, from: usize, to: usize) -> Self {
        debug_assert!(from <= to && to <= self.len());
        Self::new((self.start() + from) as u32, (to - from) as u32)
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_null() { f.write_str("null") } else { write!(f, "{:?}", self.range()) }
    }
}

/// A header's name within one batch: equal names have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameId(pub u32);

/// A header of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderRef {
    /// Its name; look it up with [`Batch::name`].
    pub name: NameId,
    /// Its value, or null.
    pub value: Cell,
}

/// A record as it came.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// When weir fetched it, ms since the epoch; none only in replay, of a record with neither `received` nor timestamp.
    pub received: Option<i64>,
    /// Its key.
    pub key: Cell,
    /// Its value.
    pub value: Cell,
    headers: (u32, u32),
}

impl Input {
    /// Which of the batch's [headers](Batch::headers) are its own: from, to.
    pub(crate) fn headers(&self) -> (u32, u32) {
        self.headers
    }
}

/// The arena is full: it would pass 4 GiB. A batch is cut long before, so only a single absurd record gets here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the batch's buffer would grow past 4 GiB")]
pub struct Full;

/// Consecutive records of one partition.
#[derive(Debug, Default)]
pub struct Batch {
    topic: Arc<str>,
    partition: i32,
    arena: Arena,
    names: Names,
    headers: Vec<HeaderRef>,
    inputs: Vec<Input>,
}

impl Batch {
    /// Empties the batch for records of `topic` and `partition`; buffers keep their room.
    pub fn start(&mut self, topic: Arc<str>, partition: i32) {
        self.topic = topic;
        self.partition = partition;
        self.arena.clear();
        self.names.clear();
        self.headers.clear();
        self.inputs.clear();
    }

    /// Adds a record; offsets must ascend.
    ///
    /// # Errors
    /// [`Full`], and then the batch is as before.
    pub fn push<'a>(
        &mut self,
        offset: i64,
        timestamp: Timestamp,
        received: impl Into<Option<i64>>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> Result<(), Full> {
        debug_assert!(self.inputs.last().is_none_or(|last| last.offset < offset));
        let (arena, names, first) = (self.arena.len(), self.names.len(), self.headers.len());
        let pushed = self.push_parts(offset, timestamp, received.into(), key, value, headers, first);
        if pushed.is_err() {
            self.arena.own().truncate(arena);
            self.names.truncate(names);
            self.headers.truncate(first);
        }
        pushed
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one record")]
    fn push_parts<'a>(
        &mut self,
        offset: i64,
        timestamp: Timestamp,
        received: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        first: usize,
    ) -> Result<(), Full> {
        let arena = self.arena.own();
        let key = append_cell(arena, key)?;
        let value = append_cell(arena, value)?;
        // Records of one topic mostly carry the same headers in the same places: look there before searching.
        let (mut hint, end) = self.inputs.last().map_or((0, 0), |last| last.headers);
        for (name, value) in headers {
            let known = self.headers.get(hint as usize).filter(|_| hint < end).map(|header| header.name);
            hint += 1;
            let name = match known {
                Some(known) if self.names.cell(known).is_some_and(|cell| short::same(&arena[cell.range()], name)) => {
                    known
                }
                _ => self.names.intern(name, arena)?,
            };
            let value = append_cell(arena, value)?;
            self.headers.push(HeaderRef { name, value });
        }
        let headers = (first as u32, self.headers.len() as u32);
        self.inputs.push(Input { offset, timestamp, received, key, value, headers });
        Ok(())
    }

    /// The number of `name`, which gets one if it has none.
    ///
    /// # Errors
    /// [`Full`].
    pub fn intern(&mut self, name: &[u8]) -> Result<NameId, Full> {
        self.names.intern(name, self.arena.own())
    }

    /// The number of `name`, if any header of the batch ever had it.
    pub fn find_name(&self, name: &[u8]) -> Option<NameId> {
        self.names.find(name, &self.arena)
    }

    /// A name's bytes.
    #[inline]
    pub fn name(&self, id: NameId) -> &[u8] {
        self.names.cell(id).map_or(&[], |cell| self.raw(cell))
    }

    /// Appends bytes (may be empty) and says where they stand.
    ///
    /// # Errors
    /// [`Full`].
    #[inline]
    pub fn append(&mut self, bytes: &[u8]) -> Result<Cell, Full> {
        short::append(self.arena.own(), bytes)
    }

    /// Makes sure that at least `more` bytes stand behind a cell, whatever they are; nothing of null.
    pub(crate) fn pad(&mut self, cell: Cell, more: usize) {
        let end = cell.range().end + more;
        if self.arena.len() < end && !cell.is_null() {
            self.arena.own().resize(end, 0);
        }
    }

    /// The bytes of a cell that was [padded](Self::pad), and so many behind it; or null.
    pub(crate) fn padded(&self, cell: Cell, more: usize) -> Option<&[u8]> {
        if cell.is_null() { None } else { self.arena.get(cell.start()..cell.range().end + more) }
    }

    /// A cell's bytes, or null.
    #[inline]
    pub fn bytes(&self, cell: Cell) -> Option<&[u8]> {
        if cell.is_null() { None } else { Some(self.raw(cell)) }
    }

    #[inline]
    fn raw(&self, cell: Cell) -> &[u8] {
        &self.arena[cell.range()]
    }

    /// The names and values (or null) of headers, in their order.
    #[inline]
    pub fn named<'a>(
        &'a self,
        headers: &'a [HeaderRef],
    ) -> impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)> {
        // Looked up once for all of them.
        let (arena, names): (&[u8], _) = (&self.arena, self.names.cells());
        headers.iter().map(move |header| {
            let name = names.get(header.name.0 as usize).map_or(&[][..], |cell| &arena[cell.range()]);
            (name, (!header.value.is_null()).then(|| &arena[header.value.range()]))
        })
    }

    /// The topic the records came from.
    pub fn topic(&self) -> &Arc<str> {
        &self.topic
    }

    /// The partition the records came from.
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// The records as they came, in offset order.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The headers that an input record came with, in their order.
    #[inline]
    pub fn headers_of(&self, input: &Input) -> &[HeaderRef] {
        &self.headers[input.headers.0 as usize..input.headers.1 as usize]
    }

    /// The headers that all input records came with, one record after the other.
    pub(crate) fn headers(&self) -> &[HeaderRef] {
        &self.headers
    }

    /// How many names there are: they have the numbers below.
    pub(crate) fn names(&self) -> usize {
        self.names.len()
    }

    /// Everything that cells are ranges of.
    pub(crate) fn arena(&self) -> &[u8] {
        &self.arena
    }

    /// Everything that cells are ranges of, which stays as it is now for whoever keeps it: what is appended later stands
    /// elsewhere then.
    pub(crate) fn lend(&mut self) -> Arc<Vec<u8>> {
        self.arena.lend()
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether it has no records.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Bytes of memory that its buffers take, used or not; names apart, of which there are few.
    pub fn room(&self) -> usize {
        let headers = self.headers.capacity() * size_of::<HeaderRef>();
        self.arena.room() + headers + self.inputs.capacity() * size_of::<Input>()
    }

    /// Bytes held, inputs and what was appended.
    pub fn size(&self) -> usize {
        self.arena.len()
    }
}

// Three or more times a record: whether it is inlined must not depend on what else there is in the crate.
#[inline(always)]
fn append_cell(arena: &mut Vec<u8>, bytes: Option<&[u8]>) -> Result<Cell, Full> {
    match bytes {
        Some(bytes) => short::append(arena, bytes),
        None => Ok(Cell::NULL),
    }
}
