//! Gathers what a call reads: columns of the rows that it is about.

use super::flow::{Flow, Row};
use crate::{
    batch::{Cell, HeaderRef, NameId},
    extract::Registers,
    record::Timestamp,
    wasm::types::{self, BytesColumnParam, Column, HeaderTable, IntColumnParam},
};

/// A bytes column that is filled again and again.
#[derive(Debug, Default)]
pub(super) struct BytesBuffer {
    offsets: Vec<u32>,
    data: Vec<u8>,
    nulls: Vec<u8>,
}

impl BytesBuffer {
    pub(super) fn clear(&mut self) {
        self.offsets.clear();
        self.offsets.push(0);
        self.data.clear();
        self.nulls.clear();
    }

    pub(super) fn push(&mut self, bytes: Option<&[u8]>) {
        self.data.extend_from_slice(bytes.unwrap_or_default());
        self.offsets.push(self.data.len() as u32);
        self.nulls.push(u8::from(bytes.is_none()));
    }

    pub(super) fn column(&self) -> BytesColumnParam<'_> {
        BytesColumnParam { offsets: &self.offsets, data: &self.data, nulls: &self.nulls }
    }
}

/// An integer column that is filled again and again.
#[derive(Debug, Default)]
pub(super) struct IntBuffer {
    values: Vec<i64>,
    nulls: Vec<u8>,
}

impl IntBuffer {
    fn clear(&mut self) {
        self.values.clear();
        self.nulls.clear();
    }

    fn push(&mut self, value: Option<i64>) {
        self.values.push(value.unwrap_or_default());
        self.nulls.push(u8::from(value.is_none()));
    }

    fn column(&self) -> IntColumnParam<'_> {
        IntColumnParam { values: &self.values, nulls: &self.nulls }
    }
}

/// Where a column comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Key,
    Value,
    Header(Vec<u8>),
    Timestamp,
    TimestampType,
    Received,
    Offset,
    /// Register of cells.
    Cells(usize),
    /// Register of integers.
    Ints(usize),
}

/// Buffers of one call's columns; they keep their room from call to call.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    bytes: Vec<BytesBuffer>,
    ints: Vec<IntBuffer>,
    /// Which buffer each column is: true for bytes.
    order: Vec<(bool, usize)>,
    headers: HeaderBuffer,
}

#[derive(Debug, Default)]
struct HeaderBuffer {
    starts: Vec<u32>,
    /// Of the batch's name number: which of `names` it is; u32::MAX not yet, u32::MAX - 1 not UTF-8.
    numbers: Vec<u32>,
    names: Vec<String>,
    name_index: Vec<u32>,
    cells: BytesBuffer,
    used: usize,
}

const UNSEEN: u32 = u32::MAX;
const UNNAMEABLE: u32 = u32::MAX - 1;

impl Gathered {
    /// Fills the buffers with what `origins` say of `rows`.
    pub(super) fn gather(
        &mut self,
        flow: &Flow,
        rows: &[Row],
        origins: &[Origin],
        registers: &Registers,
        all_headers: bool,
    ) {
        self.order.clear();
        let (mut bytes, mut ints) = (0, 0);
        for origin in origins {
            let is_bytes = matches!(origin, Origin::Key | Origin::Value | Origin::Header(_) | Origin::Cells(_));
            let used = if is_bytes { &mut bytes } else { &mut ints };
            self.order.push((is_bytes, *used));
            *used += 1;
            if is_bytes {
                let buffer = nth(&mut self.bytes, bytes - 1);
                buffer.clear();
                fill_bytes(buffer, flow, rows, origin, registers);
            } else {
                let buffer = nth(&mut self.ints, ints - 1);
                buffer.clear();
                fill_ints(buffer, flow, rows, origin, registers);
            }
        }
        if all_headers {
            self.headers.fill(flow, rows);
        }
    }

    /// Calls `then` with the batch that the buffers hold.
    pub(super) fn with_batch<R>(
        &self,
        flow: &Flow,
        count: usize,
        all_headers: bool,
        then: impl FnOnce(&types::Batch<'_>) -> R,
    ) -> R {
        let columns: Vec<Column<'_>> =
            self.order
                .iter()
                .map(|&(is_bytes, at)| {
                    if is_bytes { Column::Bytes(self.bytes[at].column()) } else { Column::Ints(self.ints[at].column()) }
                })
                .collect();
        let headers = &self.headers;
        let names: Vec<&str> = headers.names[..headers.used].iter().map(String::as_str).collect();
        let table = all_headers.then(|| HeaderTable {
            starts: &headers.starts,
            names: &names,
            name_index: &headers.name_index,
            cells: headers.cells.column(),
        });
        then(&types::Batch {
            topic: flow.batch.topic(),
            partition: flow.batch.partition(),
            count: count as u32,
            columns: &columns,
            headers: table,
        })
    }
}

fn nth<T: Default>(buffers: &mut Vec<T>, at: usize) -> &mut T {
    if buffers.len() <= at {
        buffers.resize_with(at + 1, T::default);
    }
    &mut buffers[at]
}

fn fill_bytes(buffer: &mut BytesBuffer, flow: &Flow, rows: &[Row], origin: &Origin, registers: &Registers) {
    let batch = &flow.batch;
    match origin {
        Origin::Key => rows.iter().for_each(|row| buffer.push(batch.bytes(row.key))),
        Origin::Value => rows.iter().for_each(|row| buffer.push(batch.bytes(row.value))),
        Origin::Header(name) => {
            let name = batch.find_name(name);
            rows.iter().for_each(|row| buffer.push(batch.bytes(last_header(&flow.headers, row, name))));
        }
        Origin::Cells(register) => {
            let cells = registers.cells(*register);
            rows.iter().for_each(|row| buffer.push(cells.get(row.slot as usize).and_then(|cell| batch.bytes(*cell))));
        }
        Origin::Timestamp | Origin::TimestampType | Origin::Received | Origin::Offset | Origin::Ints(_) => {}
    }
}

fn fill_ints(buffer: &mut IntBuffer, flow: &Flow, rows: &[Row], origin: &Origin, registers: &Registers) {
    let inputs = flow.batch.inputs();
    let input = |row: &Row| &inputs[row.input as usize];
    match origin {
        Origin::Timestamp => rows.iter().for_each(|row| buffer.push(row.timestamp.millis())),
        Origin::TimestampType => rows.iter().for_each(|row| {
            buffer.push(match row.timestamp {
                Timestamp::None => None,
                Timestamp::Create(_) => Some(0),
                Timestamp::LogAppend(_) => Some(1),
            });
        }),
        Origin::Received => rows.iter().for_each(|row| buffer.push(input(row).received)),
        Origin::Offset => rows.iter().for_each(|row| buffer.push(Some(input(row).offset))),
        Origin::Ints(register) => {
            let ints = registers.ints(*register);
            rows.iter().for_each(|row| buffer.push(ints.get(row.slot as usize).copied().flatten()));
        }
        Origin::Key | Origin::Value | Origin::Header(_) | Origin::Cells(_) => {}
    }
}

/// The value of the row's last header of that name; null where there is none, or where its value is null.
pub(super) fn last_header(headers: &[HeaderRef], row: &Row, name: Option<NameId>) -> Cell {
    let Some(id) = name else { return Cell::NULL };
    let headers = &headers[row.headers.range()];
    headers.iter().rev().find(|header| header.name == id).map_or(Cell::NULL, |header| header.value)
}

impl HeaderBuffer {
    /// Headers whose names are not UTF-8 are left out: the interface names headers by strings. They stay on the record.
    fn fill(&mut self, flow: &Flow, rows: &[Row]) {
        self.starts.clear();
        self.numbers.clear();
        self.name_index.clear();
        self.cells.clear();
        self.used = 0;
        self.starts.push(0);
        for row in rows {
            for header in &flow.headers[row.headers.range()] {
                let number = self.number(flow, header.name.0);
                if number != UNNAMEABLE {
                    self.name_index.push(number);
                    self.cells.push(flow.batch.bytes(header.value));
                }
            }
            self.starts.push(self.name_index.len() as u32);
        }
    }

    fn number(&mut self, flow: &Flow, name: u32) -> u32 {
        let at = name as usize;
        if self.numbers.len() <= at {
            self.numbers.resize(at + 1, UNSEEN);
        }
        if self.numbers[at] == UNSEEN {
            self.numbers[at] = match std::str::from_utf8(flow.batch.name(NameId(name))) {
                Ok(text) => {
                    let slot = nth(&mut self.names, self.used);
                    slot.clear();
                    slot.push_str(text);
                    self.used += 1;
                    self.used as u32 - 1
                }
                Err(_) => UNNAMEABLE,
            };
        }
        self.numbers[at]
    }
}
