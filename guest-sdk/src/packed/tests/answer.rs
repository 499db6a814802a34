//! Reads a packed answer, as `wit-packed/packed.wit` says it is laid out.

use crate::bindings::types::{
    Batch, BytesColumn, Cells, Column, Edits, HeaderEdit, HeaderOp, IntColumn, Routing, SparseCells,
};

/// What the answer says in lists; cells of a column of the batch are spelled out.
pub(super) fn read(answer: &[u8], batch: &Batch) -> Edits {
    let mut input = Input(answer);
    let parts = input.number();
    assert!(parts < 1 << 9, "parts {parts:#x}");
    let mut part = {
        let mut bit = 0;
        move || {
            bit += 1;
            parts & 1 << (bit - 1) != 0
        }
    };
    let expand = part().then(|| input.u32s());
    let columns = if expand.is_some() { &[][..] } else { &batch.columns };
    let edits = Edits {
        verdicts: if part() { input.bytes() } else { Vec::new() },
        reasons: part().then(|| input.column()),
        headers: if part() { (0..input.number()).map(|_| input.header(columns)).collect() } else { Vec::new() },
        key: part().then(|| input.cells(columns)),
        value: part().then(|| input.cells(columns)),
        timestamps: part().then(|| IntColumn { values: input.numbers(i64::from_le_bytes), nulls: input.bytes() }),
        route: part().then(|| input.routing()),
        partitions: part().then(|| input.numbers(i32::from_le_bytes)),
        expand,
    };
    assert!(input.0.is_empty(), "{} bytes behind the end", input.0.len());
    edits
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        *taken
    }

    fn number(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn numbers<T, const N: usize>(&mut self, number: fn([u8; N]) -> T) -> Vec<T> {
        (0..self.number()).map(|_| number(self.take())).collect()
    }

    fn u32s(&mut self) -> Vec<u32> {
        self.numbers(u32::from_le_bytes)
    }

    fn bytes(&mut self) -> Vec<u8> {
        self.numbers(u8::from_le_bytes)
    }

    fn text(&mut self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    fn column(&mut self) -> BytesColumn {
        let (offsets, nulls, data) = (self.u32s(), self.bytes(), self.bytes());
        BytesColumn { offsets, data, nulls }
    }

    fn cells(&mut self, columns: &[Column]) -> Cells {
        match self.take() {
            [0] => Cells::Constant(None),
            [1] => Cells::Constant(Some(self.bytes())),
            [2] => Cells::Each(self.column()),
            [3] => Cells::Sparse(SparseCells { rows: self.u32s(), cells: self.column() }),
            [4] => match &columns[self.number() as usize] {
                Column::Bytes(column) => Cells::Each(column.clone()),
                Column::Ints(_) => panic!("cells of integers"),
            },
            [other] => panic!("cells of kind {other}"),
        }
    }

    fn header(&mut self, columns: &[Column]) -> HeaderEdit {
        let op = match self.take() {
            [0] => HeaderOp::Set,
            [1] => HeaderOp::Append,
            [2] => HeaderOp::Remove,
            [other] => panic!("operation {other}"),
        };
        HeaderEdit { op, name: self.text(), cells: self.cells(columns) }
    }

    fn routing(&mut self) -> Routing {
        let (ends, text) = (self.u32s(), self.text());
        let starts = [0].into_iter().chain(ends.clone());
        let topics = starts.zip(&ends).map(|(start, end)| text[start as usize..*end as usize].to_owned()).collect();
        assert_eq!(ends.last().copied().unwrap_or_default() as usize, text.len());
        Routing { topics, index: self.numbers(i32::from_le_bytes) }
    }
}
