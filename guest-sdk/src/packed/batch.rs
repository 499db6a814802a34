//! Reads batches where they stand.

use crate::{
    batch::{Bytes, Ints},
    bindings::types::{BytesColumn, HeaderTable},
};

/// Of a column's kind: integers, else bytes; null marks follow.
const INTS: u32 = 2;
const WITH_NULLS: u32 = 1;

/// Numbers of the head before those of the columns.
const HEAD: usize = 6;

/// A packed batch. What its numbers say is believed as far as the words reach.
#[derive(Debug)]
pub(crate) struct Packed {
    words: Vec<u64>,
    rows: usize,
    /// The header table, copied: what goes over names wants them as texts.
    headers: Option<HeaderTable>,
}

/// A column where it stands.
pub(crate) enum Column<'a> {
    Bytes(Bytes<'a>),
    Ints(Ints<'a>),
}

impl Packed {
    /// None where the words end before what they speak of.
    pub(crate) fn new(words: Vec<u64>) -> Option<Self> {
        let head: [u32; HEAD] = *numbers(&words).first_chunk()?;
        let [rows, _, _, _, table, _] = head;
        let headers = match table {
            0 => None,
            at => Some(Parts(words.get(at as usize..)?).header_table(rows as usize)?),
        };
        Some(Self { rows: rows as usize, words, headers })
    }

    fn head(&self) -> [u32; HEAD] {
        numbers(&self.words).first_chunk().copied().unwrap_or_default()
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn partition(&self) -> i32 {
        self.head()[1].cast_signed()
    }

    pub(crate) fn topic(&self) -> &str {
        let [_, _, length, columns, ..] = self.head();
        let from = (HEAD + columns as usize).div_ceil(2);
        let topic = self.words.get(from..).and_then(|words| Parts(words).bytes(length as usize));
        topic.and_then(|topic| str::from_utf8(topic).ok()).unwrap_or_default()
    }

    pub(crate) fn headers(&self) -> Option<&HeaderTable> {
        self.headers.as_ref()
    }

    /// Column `at` of the plan; none where there is no such column.
    ///
    /// A call asks for each column once or twice, and most batches are small: handed on piece by piece, a column would cost
    /// more than a look at its cells.
    #[inline(always)]
    pub(crate) fn column(&self, at: usize) -> Option<Column<'_>> {
        let numbers = numbers(&self.words);
        let columns = numbers.get(HEAD..HEAD + numbers[3] as usize)?;
        Parts(self.words.get(*columns.get(at)? as usize..)?).column(self.rows)
    }
}

fn numbers(words: &[u64]) -> &[u32] {
    bytemuck::cast_slice(words)
}

/// Parts that follow one another.
struct Parts<'a>(&'a [u64]);

impl<'a> Parts<'a> {
    #[inline(always)]
    fn words(&mut self, words: usize) -> Option<&'a [u64]> {
        let (part, rest) = self.0.split_at_checked(words)?;
        self.0 = rest;
        Some(part)
    }

    #[inline(always)]
    fn pair(&mut self) -> Option<[u32; 2]> {
        numbers(self.words(1)?).first_chunk().copied()
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: usize) -> Option<&'a [u8]> {
        bytemuck::cast_slice(self.words(bytes.div_ceil(size_of::<u64>()))?).get(..bytes)
    }

    #[inline(always)]
    fn numbers(&mut self, many: usize) -> Option<&'a [u32]> {
        numbers(self.words(many.div_ceil(2))?).get(..many)
    }

    #[inline(always)]
    fn nulls(&mut self, kind: u32, rows: usize) -> Option<&'a [u8]> {
        if kind & WITH_NULLS == 0 { Some(&[]) } else { self.bytes(rows) }
    }

    #[inline(always)]
    fn column(&mut self, rows: usize) -> Option<Column<'a>> {
        let [kind, length] = self.pair()?;
        if kind & INTS != 0 {
            let values = bytemuck::cast_slice(self.words(rows)?);
            return Some(Column::Ints(Ints::new(values, self.nulls(kind, rows)?)));
        }
        let (offsets, nulls) = (self.numbers(rows.checked_add(1)?)?, self.nulls(kind, rows)?);
        Some(Column::Bytes(Bytes::new(offsets, self.bytes(length as usize)?, nulls)))
    }

    fn header_table(mut self, rows: usize) -> Option<HeaderTable> {
        let [entries, names] = self.pair()?.map(|number| number as usize);
        let starts = self.numbers(rows.checked_add(1)?)?.to_vec();
        let name_index = self.numbers(entries)?.to_vec();
        let ends = self.numbers(names)?;
        let text = self.bytes(ends.last().copied().unwrap_or_default() as usize)?;
        let text = str::from_utf8(text).ok()?;
        let mut start = 0;
        let mut name = |end: &u32| {
            let name = text.get(start..*end as usize)?.to_owned();
            start = *end as usize;
            Some(name)
        };
        let names = ends.iter().map(&mut name).collect::<Option<_>>()?;
        let Column::Bytes(cells) = self.column(entries)? else { return None };
        let (offsets, data, nulls) = (cells.offsets().to_vec(), cells.data().to_vec(), cells.marks().to_vec());
        Some(HeaderTable { starts, names, name_index, cells: BytesColumn { offsets, data, nulls } })
    }
}
