//! Gathers what a call reads: columns of the rows that it is about.

use super::{
    edits::Column as Written,
    flow::{Flow, Row},
    overlay::last_listed,
};
use crate::{
    abi::{BatchView, BytesView, ColumnView, HeaderTable, IntsView},
    batch::{Cell, NameId},
    extract::Registers,
    record::Timestamp,
};

/// Bytes that are copied at once, whether they are all needed or not: most cells have fewer, and copying a number that
/// is known beforehand takes two instructions.
const SHORT: usize = 16;

/// A bytes column that is filled again and again.
#[derive(Debug, Default)]
struct BytesBuffer {
    offsets: Vec<u32>,
    /// The cells' bytes up to the last offset, and behind them what was there before.
    data: Vec<u8>,
    nulls: Vec<u8>,
}

impl BytesBuffer {
    fn begin(&mut self) {
        self.offsets.clear();
        self.offsets.push(0);
        self.nulls.clear();
    }

    fn fill(&mut self, arena: &[u8], cells: impl ExactSizeIterator<Item = Cell>) {
        // Not emptied before: mostly there are as many as there were, and each is written.
        self.offsets.resize(cells.len() + 1, 0);
        self.offsets[0] = 0;
        self.nulls.resize(cells.len(), 0);
        let mut end = 0;
        for ((cell, offset), null) in cells.zip(&mut self.offsets[1..]).zip(&mut self.nulls) {
            end = place(&mut self.data, end, arena, cell);
            *offset = end;
            *null = u8::from(cell.is_null());
        }
    }

    fn fill_null(&mut self, cells: usize) {
        self.begin();
        self.offsets.resize(cells + 1, 0);
        self.nulls.resize(cells, 1);
    }

    fn push(&mut self, arena: &[u8], cell: Cell) {
        let end = self.end();
        let end = place(&mut self.data, end, arena, cell);
        self.offsets.push(end);
        self.nulls.push(u8::from(cell.is_null()));
    }

    fn end(&self) -> u32 {
        self.offsets.last().copied().unwrap_or_default()
    }

    fn column(&self) -> BytesView<'_> {
        BytesView { offsets: &self.offsets, data: &self.data[..self.end() as usize], nulls: &self.nulls }
    }
}

/// Copies a cell to place `end` of `data`, which grows if need be, and returns where it ends there.
#[inline]
fn place(data: &mut Vec<u8>, end: u32, arena: &[u8], cell: Cell) -> u32 {
    let (from, to) = (cell.start(), end as usize);
    let chunk = arena.get(from..from + SHORT).and_then(<[u8]>::first_chunk::<SHORT>);
    let room = data.get_mut(to..to + SHORT).and_then(<[u8]>::first_chunk_mut::<SHORT>);
    match (chunk, room) {
        (Some(chunk), Some(room)) if cell.len() <= SHORT => *room = *chunk,
        _ if cell.is_null() => {}
        _ => place_long(data, to, &arena[cell.range()]),
    }
    end + cell.len() as u32
}

/// The same where the cell is long, stands at the very end of the arena, or does not fit in.
#[inline(never)]
fn place_long(data: &mut Vec<u8>, end: usize, bytes: &[u8]) {
    let room = end + bytes.len();
    if data.len() < room {
        data.resize((room + SHORT).next_power_of_two(), 0);
    }
    data[end..room].copy_from_slice(bytes);
}

/// An integer column that is filled again and again.
#[derive(Debug, Default)]
struct IntBuffer {
    values: Vec<i64>,
    nulls: Vec<u8>,
}

impl IntBuffer {
    fn fill(&mut self, cells: impl Iterator<Item = Option<i64>> + Clone) {
        self.values.clear();
        self.values.extend(cells.clone().map(Option::unwrap_or_default));
        self.nulls.clear();
        self.nulls.extend(cells.map(|cell| u8::from(cell.is_none())));
    }

    fn column(&self) -> IntsView<'_> {
        IntsView { values: &self.values, nulls: &self.nulls }
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
    order: Vec<Place>,
    /// The null marks of columns that have none.
    zeros: Vec<u8>,
    headers: HeaderBuffer,
}

/// Where a column stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    Bytes(usize),
    Ints(usize),
    /// As an interceptor before wrote it: by that edit of headers, which is held back.
    Written(usize),
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
    /// Fills the buffers with what `origins` say of `rows`: all of the flow's, unless its headers are settled.
    pub(super) fn gather(
        &mut self,
        flow: &Flow,
        rows: &[Row],
        origins: &[Origin],
        registers: &Registers,
        all_headers: bool,
    ) {
        self.order.clear();
        if self.zeros.len() < rows.len() {
            self.zeros.resize(rows.len(), 0);
        }
        // As in most batches: then registers are read as they are, and not by way of the rows.
        let in_order = rows.iter().zip(0..).all(|(row, slot)| row.slot == slot);
        let (mut bytes, mut ints) = (0, 0);
        for origin in origins {
            let place = match origin {
                Origin::Key | Origin::Value | Origin::Cells(_) | Origin::Header(_) => {
                    let name = if let Origin::Header(name) = origin { flow.batch.find_name(name) } else { None };
                    if let Some(edit) = name.and_then(|name| flow.overlay.deciding(name)) {
                        Place::Written(edit)
                    } else {
                        fill_bytes(nth(&mut self.bytes, bytes), flow, (rows, in_order), (origin, name), registers);
                        bytes += 1;
                        Place::Bytes(bytes - 1)
                    }
                }
                Origin::Timestamp | Origin::TimestampType | Origin::Received | Origin::Offset | Origin::Ints(_) => {
                    fill_ints(nth(&mut self.ints, ints), flow, (rows, in_order), origin, registers);
                    ints += 1;
                    Place::Ints(ints - 1)
                }
            };
            self.order.push(place);
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
        then: impl FnOnce(BatchView<'_>) -> R,
    ) -> R {
        let column = |place: &Place| match *place {
            Place::Bytes(at) => ColumnView::Bytes(self.bytes[at].column()),
            Place::Ints(at) => ColumnView::Ints(self.ints[at].column()),
            Place::Written(edit) => ColumnView::Bytes(match flow.overlay.column(edit) {
                Some(column) => self.written(flow, column, count),
                // It was there when the columns were gathered.
                None => BytesView { offsets: &[], data: &[], nulls: &[] },
            }),
        };
        let columns: Vec<ColumnView<'_>> = self.order.iter().map(column).collect();
        let headers = &self.headers;
        let names = if all_headers { &headers.names[..headers.used] } else { &[] };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let table = all_headers.then(|| HeaderTable {
            starts: &headers.starts,
            names: &names,
            name_index: &headers.name_index,
            cells: headers.cells.column(),
        });
        then(BatchView {
            topic: flow.batch.topic(),
            partition: flow.batch.partition(),
            count: count as u32,
            columns,
            headers: table,
        })
    }

    fn written<'a>(&'a self, flow: &'a Flow, column: &'a Written, count: usize) -> BytesView<'a> {
        let nulls = if column.nulls().is_empty() { &self.zeros[..count] } else { column.nulls() };
        let data = flow.batch.bytes(column.data()).unwrap_or_default();
        BytesView { offsets: column.offsets(), data, nulls }
    }
}

fn nth<T: Default>(buffers: &mut Vec<T>, at: usize) -> &mut T {
    if buffers.len() <= at {
        buffers.resize_with(at + 1, T::default);
    }
    &mut buffers[at]
}

/// `rows` come with whether their slots are their places, `origin` with the number of the header's name, if the batch knows
/// it.
fn fill_bytes(
    buffer: &mut BytesBuffer,
    flow: &Flow,
    (rows, in_order): (&[Row], bool),
    (origin, name): (&Origin, Option<NameId>),
    registers: &Registers,
) {
    let arena = flow.batch.arena();
    match (origin, name) {
        (Origin::Key, _) => buffer.fill(arena, rows.iter().map(|row| row.key)),
        (Origin::Value, _) => buffer.fill(arena, rows.iter().map(|row| row.value)),
        (Origin::Cells(register), _) => {
            let cells = registers.cells(*register);
            match cells.get(..rows.len()).filter(|_| in_order) {
                Some(cells) => buffer.fill(arena, cells.iter().copied()),
                None => {
                    let cells = rows.iter().map(|row| cells.get(row.slot as usize).copied().unwrap_or(Cell::NULL));
                    buffer.fill(arena, cells);
                }
            }
        }
        (Origin::Header(_), Some(name)) => {
            buffer.begin();
            if flow.overlay.is_empty() {
                rows.iter().for_each(|row| buffer.push(arena, last_listed(&flow.headers, row, name)));
            } else {
                flow.overlay.last_of(name, rows, &flow.headers, |cell| buffer.push(arena, cell));
            }
        }
        _ => buffer.fill_null(rows.len()),
    }
}

fn fill_ints(
    buffer: &mut IntBuffer,
    flow: &Flow,
    (rows, in_order): (&[Row], bool),
    origin: &Origin,
    registers: &Registers,
) {
    let inputs = flow.batch.inputs();
    let input = |row: &Row| &inputs[row.input as usize];
    match origin {
        Origin::Timestamp => buffer.fill(rows.iter().map(|row| row.timestamp.millis())),
        Origin::TimestampType => buffer.fill(rows.iter().map(|row| match row.timestamp {
            Timestamp::None => None,
            Timestamp::Create(_) => Some(0),
            Timestamp::LogAppend(_) => Some(1),
        })),
        Origin::Received => buffer.fill(rows.iter().map(|row| input(row).received)),
        Origin::Offset => buffer.fill(rows.iter().map(|row| Some(input(row).offset))),
        Origin::Ints(register) => {
            let ints = registers.ints(*register);
            match ints.get(..rows.len()).filter(|_| in_order) {
                Some(ints) => buffer.fill(ints.iter().copied()),
                None => buffer.fill(rows.iter().map(|row| ints.get(row.slot as usize).copied().flatten())),
            }
        }
        Origin::Key | Origin::Value | Origin::Header(_) | Origin::Cells(_) => {}
    }
}

impl HeaderBuffer {
    /// Headers whose names are not UTF-8 are left out: the interface names headers by strings. They stay on the record.
    fn fill(&mut self, flow: &Flow, rows: &[Row]) {
        self.starts.clear();
        self.numbers.clear();
        self.name_index.clear();
        self.cells.begin();
        self.used = 0;
        self.starts.push(0);
        for row in rows {
            for header in &flow.headers[row.headers.range()] {
                let number = self.number(flow, header.name.0);
                if number != UNNAMEABLE {
                    self.name_index.push(number);
                    self.cells.push(flow.batch.arena(), header.value);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_its_cells_whatever_the_buffer_held_before() {
        let arena: Vec<u8> = (0..100).collect();
        let cells = [
            Cell::new(3, 5),
            Cell::NULL,
            Cell::new(0, 0),
            Cell::new(10, 16),
            Cell::new(20, 17),
            Cell::new(30, 70),
            Cell::new(98, 2),
            Cell::new(100, 0),
        ];
        let (mut filled, mut pushed) = (BytesBuffer::default(), BytesBuffer::default());
        // Backwards and shorter, then whole again: old bytes stand behind the new ones.
        for cells in [&cells[..], &cells[4..], &[], &cells[..2], &cells[..]] {
            filled.fill(&arena, cells.iter().copied());
            pushed.begin();
            cells.iter().for_each(|cell| pushed.push(&arena, *cell));
            let bytes: Vec<u8> =
                cells.iter().filter(|cell| !cell.is_null()).flat_map(|cell| arena[cell.range()].to_vec()).collect();
            let marks: Vec<u8> = cells.iter().map(|cell| u8::from(cell.is_null())).collect();
            for column in [filled.column(), pushed.column()] {
                assert_eq!((column.data, column.nulls), (bytes.as_slice(), marks.as_slice()));
                let lengths: Vec<usize> = column.offsets.windows(2).map(|pair| (pair[1] - pair[0]) as usize).collect();
                assert_eq!(lengths, cells.iter().map(|cell| cell.len()).collect::<Vec<_>>());
                assert_eq!(column.offsets.first(), Some(&0));
            }
        }
    }
}
