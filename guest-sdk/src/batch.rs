//! A batch as a plugin sees it: the columns it declared.

use std::ops::Range;

use crate::{
    bindings::types::{self, BytesColumn},
    packed::{Column, Packed},
};

/// Consecutive records of one partition: the columns that the plan declared, in its order. Never empty.
#[derive(Debug)]
pub struct Batch(Held);

/// How a batch came.
#[derive(Debug)]
enum Held {
    Lists(types::Batch),
    Packed(Packed),
}

impl Batch {
    pub(crate) fn from_wit(batch: types::Batch) -> Self {
        Self(Held::Lists(batch))
    }

    /// A packed one.
    ///
    /// # Errors
    /// It is cut off.
    pub(crate) fn from_words(words: Vec<u64>) -> Result<Self, String> {
        let packed = Packed::new(words).ok_or("the packed batch is cut off")?;
        Ok(Self(Held::Packed(packed)))
    }

    /// The topic the records came from.
    pub fn topic(&self) -> &str {
        match &self.0 {
            Held::Lists(batch) => &batch.topic,
            Held::Packed(batch) => batch.topic(),
        }
    }

    /// The partition the records came from.
    pub fn partition(&self) -> i32 {
        match &self.0 {
            Held::Lists(batch) => batch.partition,
            Held::Packed(batch) => batch.partition(),
        }
    }

    /// How many records: rows are numbered from 0.
    #[allow(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        match &self.0 {
            Held::Lists(batch) => batch.count as usize,
            Held::Packed(batch) => batch.rows(),
        }
    }

    /// The rows' numbers.
    pub fn rows(&self) -> Range<usize> {
        0..self.len()
    }

    /// Column `at` of the plan, one of bytes.
    ///
    /// # Errors
    /// The plan has no such column, or it is one of integers: a mistake of the plugin.
    pub fn bytes(&self, at: usize) -> Result<Bytes<'_>, String> {
        match self.column(at) {
            Some(Column::Bytes(column)) => Ok(column),
            Some(Column::Ints(_)) => Err(mistaken(at, "holds integers, not bytes")),
            None => Err(format!("the plan has no column {at}")),
        }
    }

    /// Column `at` of the plan, one of integers.
    ///
    /// # Errors
    /// The plan has no such column, or it is one of bytes: a mistake of the plugin.
    pub fn ints(&self, at: usize) -> Result<Ints<'_>, String> {
        match self.column(at) {
            Some(Column::Ints(column)) => Ok(column),
            Some(Column::Bytes(_)) => Err(mistaken(at, "holds bytes, not integers")),
            None => Err(format!("the plan has no column {at}")),
        }
    }

    /// Every header of every record; `None` unless the plan asked for [all](crate::Plan::all_headers).
    pub fn headers(&self) -> Option<Headers<'_>> {
        let table = match &self.0 {
            Held::Lists(batch) => batch.headers.as_ref(),
            Held::Packed(batch) => batch.headers(),
        };
        table.map(|table| Headers { table, cells: Bytes::of(&table.cells) })
    }

    #[inline(always)]
    fn column(&self, at: usize) -> Option<Column<'_>> {
        match &self.0 {
            Held::Lists(batch) => Some(match batch.columns.get(at)? {
                types::Column::Bytes(column) => Column::Bytes(Bytes::of(column)),
                types::Column::Ints(column) => Column::Ints(Ints::new(&column.values, &column.nulls)),
            }),
            Held::Packed(batch) => match batch.column(at)? {
                Column::Bytes(column) => Some(Column::Bytes(column.numbered(at))),
                ints @ Column::Ints(_) => Some(ints),
            },
        }
    }
}

#[cold]
fn mistaken(at: usize, holds: &str) -> String {
    format!("column {at} {holds}")
}

/// Bytes that are copied at once, whether they are all needed or not.
pub(crate) const SHORT: usize = 16;
const HALF: usize = SHORT / 2;
const QUARTER: usize = SHORT / 4;

/// Appends bytes; short ones without a call of the engine, which copying a number of bytes that varies is.
#[inline(always)]
pub(crate) fn append(data: &mut Vec<u8>, bytes: &[u8]) {
    if append_overlapping::<HALF, SHORT>(data, bytes) || append_overlapping::<QUARTER, HALF>(data, bytes) {
        return;
    }
    if bytes.len() < QUARTER {
        bytes.iter().for_each(|byte| data.push(*byte));
    } else {
        data.extend_from_slice(bytes);
    }
}

/// Appends `PART` to `WHOLE` bytes, twice `PART`: their first and their last ones, some of which may be the same. Of more
/// or fewer none is appended, which is false.
#[inline(always)]
fn append_overlapping<const PART: usize, const WHOLE: usize>(data: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let (Some(head), Some(tail)) = (bytes.first_chunk::<PART>(), bytes.last_chunk::<PART>()) else { return false };
    if bytes.len() > WHOLE {
        return false;
    }
    let (from, to) = (data.len(), data.len() + bytes.len());
    data.extend_from_slice(&[0; WHOLE]);
    data.truncate(to);
    if let Some(place) = data[from..].first_chunk_mut() {
        *place = *head;
    }
    if let Some(place) = data.last_chunk_mut() {
        *place = *tail;
    }
    true
}

/// A column of byte strings, each of which may be null.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    offsets: &'a [u32],
    data: &'a [u8],
    nulls: &'a [u8],
    /// Which column of a packed batch it is.
    column: Option<u32>,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(offsets: &'a [u32], data: &'a [u8], nulls: &'a [u8]) -> Self {
        Self { offsets, data, nulls, column: None }
    }

    /// The same as column `at` of a packed batch.
    pub(crate) fn numbered(self, at: usize) -> Self {
        Self { column: Some(at as u32), ..self }
    }

    /// Which column of a packed batch it is; none where it is made otherwise.
    pub(crate) fn column(&self) -> Option<u32> {
        self.column
    }

    pub(crate) fn of(column: &'a BytesColumn) -> Self {
        Self::new(&column.offsets, &column.data, &column.nulls)
    }

    /// The cell of a row; `None` where it is null (or there is no such row). Empty is not null.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&'a [u8]> {
        if self.nulls.get(row).is_some_and(|&null| null != 0) {
            return None;
        }
        let (from, to) = (*self.offsets.get(row)?, *self.offsets.get(row + 1)?);
        self.data.get(from as usize..to as usize)
    }

    /// Appends the cell of a row; false, and nothing is appended, where it is null.
    #[inline(always)]
    pub fn append(&self, row: usize, out: &mut Vec<u8>) -> bool {
        if self.nulls.get(row).is_some_and(|&null| null != 0) {
            return false;
        }
        let (Some(&from), Some(&to)) = (self.offsets.get(row), self.offsets.get(row + 1)) else { return false };
        let (from, to) = (from as usize, to as usize);
        // Copying a fixed number of bytes is a load and a store; copying so many as there are is a call of the engine.
        match self.data.get(from..).and_then(<[u8]>::first_chunk::<SHORT>) {
            Some(chunk) if to.wrapping_sub(from) <= SHORT => {
                let end = out.len() + (to - from);
                out.extend_from_slice(chunk);
                out.truncate(end);
            }
            _ => match self.data.get(from..to) {
                Some(bytes) => out.extend_from_slice(bytes),
                None => return false,
            },
        }
        true
    }

    /// Whether two rows have the same cell; nulls are the same.
    #[inline]
    pub fn is_same(&self, row: usize, other: usize) -> bool {
        match (self.get(row), self.get(other)) {
            (Some(one), Some(other)) => are_same(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }

    /// The cell of a row as text; `None` where it is null or not UTF-8.
    #[inline]
    pub fn text(&self, row: usize) -> Option<&'a str> {
        std::str::from_utf8(self.get(row)?).ok()
    }

    /// Whether the cell of a row is null; so is a row that is not there.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.get(row).is_none()
    }

    /// How many cells are null.
    #[inline]
    pub fn nulls(&self) -> usize {
        // A packed column has no marks where none is.
        if self.nulls.is_empty() { 0 } else { self.count_nulls() }
    }

    #[inline(never)]
    fn count_nulls(&self) -> usize {
        // Mostly there are none, which is found out many cells at a time.
        if self.nulls.iter().fold(0, |all, null| all | null) == 0 {
            return 0;
        }
        self.nulls.iter().filter(|&&null| null != 0).count()
    }

    /// The bytes of all cells, one after the other.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Where each cell begins in [`Bytes::data`], and where the last one ends.
    pub(crate) fn offsets(&self) -> &'a [u32] {
        self.offsets
    }

    /// One a cell, 1 where it is null; or empty.
    pub(crate) fn marks(&self) -> &'a [u8] {
        self.nulls
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells, in the order of the rows.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'a [u8]>> {
        let column = *self;
        (0..self.len()).map(move |row| column.get(row))
    }
}

/// Whether two texts are the same: by words of eight bytes. `==` goes byte by byte where a plugin runs.
#[inline]
pub fn are_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    if let Some(tail) = one.last_chunk::<8>() {
        let ((words, _), (others, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
        // The last eight bytes may have been looked at in part.
        return other.last_chunk() == Some(tail) && words.iter().zip(others).all(|(word, other)| word == other);
    }
    if let (Some(head), Some(tail)) = (one.first_chunk::<4>(), one.last_chunk::<4>()) {
        return other.first_chunk() == Some(head) && other.last_chunk() == Some(tail);
    }
    one.iter().zip(other).all(|(one, other)| one == other)
}

/// A column of integers, each of which may be null.
#[derive(Clone, Copy, Debug)]
pub struct Ints<'a> {
    values: &'a [i64],
    nulls: &'a [u8],
}

impl<'a> Ints<'a> {
    pub(crate) fn new(values: &'a [i64], nulls: &'a [u8]) -> Self {
        Self { values, nulls }
    }

    /// The cell of a row; `None` where it is null (or there is no such row).
    #[inline]
    pub fn get(&self, row: usize) -> Option<i64> {
        if self.nulls.get(row).is_some_and(|&null| null != 0) {
            return None;
        }
        self.values.get(row).copied()
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The cells, in the order of the rows.
    pub fn iter(&self) -> impl Iterator<Item = Option<i64>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }
}

/// Every header of every record of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    table: &'a types::HeaderTable,
    cells: Bytes<'a>,
}

impl<'a> Headers<'a> {
    /// A row's headers, in their order: name and value, which may be null. Names may repeat.
    pub fn row(&self, row: usize) -> impl DoubleEndedIterator<Item = (&'a str, Option<&'a [u8]>)> {
        let Headers { table, cells } = *self;
        let start = |at: usize| table.starts.get(at).copied().unwrap_or_default() as usize;
        (start(row)..start(row + 1)).filter_map(move |entry| {
            let name = table.names.get(*table.name_index.get(entry)? as usize)?;
            Some((name.as_str(), cells.get(entry)))
        })
    }

    /// The names of all headers of the batch, each once, in the order of their numbers.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &'a str> {
        self.table.names.iter().map(String::as_str)
    }

    /// The numbers of the names of a row's headers, in their order.
    pub fn numbers(&self, row: usize) -> impl Iterator<Item = usize> {
        let table = self.table;
        let start = |at: usize| table.starts.get(at).copied().unwrap_or_default() as usize;
        table.name_index.get(start(row)..start(row + 1)).unwrap_or_default().iter().map(|number| *number as usize)
    }

    /// The last of a row's headers of that name: outer `None` where there is none, inner where its value is null.
    pub fn last(&self, row: usize, name: &str) -> Option<Option<&'a [u8]>> {
        self.row(row).rev().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::are_same;

    #[test]
    fn texts_are_the_same_as_the_standard_library_says() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..40 {
            for at in 0..=length {
                let mut other = text[..length].to_vec();
                assert!(are_same(&text[..length], &other));
                if let Some(byte) = other.get_mut(at) {
                    *byte ^= 0x80;
                    assert!(!are_same(&text[..length], &other), "{length} {at}");
                }
                assert!(!are_same(&text[..length], &text[..=length]));
            }
        }
    }
}
