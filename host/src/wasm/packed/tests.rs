//! What a plugin makes of a batch, whether it comes packed or as lists, and answers that are none.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod exported;
mod layout;
mod malformed;
mod same;

use crate::abi::{BytesColumn, BytesView, IntsView};

/// A column as it is passed.
#[derive(Clone, Debug, Default)]
struct Bytes {
    offsets: Vec<u32>,
    data: Vec<u8>,
    nulls: Vec<u8>,
}

impl Bytes {
    fn of<T: AsRef<[u8]>>(cells: &[Option<T>]) -> Self {
        let mut column = Self { offsets: vec![0], ..Self::default() };
        for cell in cells {
            column.data.extend_from_slice(cell.as_ref().map(AsRef::as_ref).unwrap_or_default());
            column.offsets.push(column.data.len() as u32);
            column.nulls.push(u8::from(cell.is_none()));
        }
        column
    }

    fn view(&self) -> BytesView<'_> {
        BytesView { offsets: &self.offsets, data: &self.data, nulls: &self.nulls }
    }
}

/// A column of integers.
#[derive(Clone, Debug)]
struct Ints {
    values: Vec<i64>,
    nulls: Vec<u8>,
}

impl Ints {
    fn of(cells: &[Option<i64>]) -> Self {
        let (values, nulls) = cells.iter().map(|cell| (cell.unwrap_or_default(), u8::from(cell.is_none()))).unzip();
        Self { values, nulls }
    }

    fn view(&self) -> IntsView<'_> {
        IntsView { values: &self.values, nulls: &self.nulls }
    }
}

/// The cell of a column; none where it is null.
fn cell(column: &BytesColumn<'_>, at: usize) -> Option<Vec<u8>> {
    let is_null = column.nulls.get(at).is_some_and(|mark| *mark != 0);
    (!is_null).then(|| column.data[column.offsets[at] as usize..column.offsets[at + 1] as usize].to_vec())
}
