//! Batches, in lists and in words, as `wit-packed/packed.wit` says these are laid out.

use proptest::prelude::*;

use crate::bindings::types::{Batch, BytesColumn, Column, HeaderTable, IntColumn};

type Cell = Option<Vec<u8>>;
/// The cells of the columns of bytes, those of integers, and the headers.
type Row = (Vec<Cell>, Vec<Option<i64>>, Vec<(String, Cell)>);

/// A batch before it has a form.
#[derive(Clone, Debug)]
pub(super) struct Given {
    topic: String,
    partition: i32,
    rows: Vec<Row>,
    all_headers: bool,
}

/// Of bytes, behind which are [`INTS`].
pub(super) const BYTES: usize = 4;
const INTS: usize = 2;

pub(super) fn given() -> impl Strategy<Value = Given> {
    let bytes = || {
        prop_oneof![
            1 => Just(None),
            3 => "[a-cé]{0,5}".prop_map(|text| Some(text.into_bytes())),
            1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Some),
        ]
    };
    // Whole columns of one kind, too: all null, none null.
    let columns = (0..=BYTES, 0..=INTS, any::<[bool; BYTES]>(), any::<[bool; BYTES]>());
    let row = (
        prop::collection::vec(bytes(), BYTES),
        prop::collection::vec(prop::option::of(any::<i64>()), INTS),
        prop_oneof![Just(Vec::new()), prop::collection::vec(("[abé]{0,2}", bytes()), 0..4)],
    );
    let rows = prop_oneof![prop::collection::vec(row.clone(), 1..5), prop::collection::vec(row, 1..40)];
    ("[tü]{0,9}", any::<i32>(), columns, rows, any::<bool>()).prop_map(
        |(topic, partition, (bytes, ints, filled, emptied), mut rows, all_headers)| {
            for (texts, numbers, _) in &mut rows {
                texts.truncate(bytes);
                numbers.truncate(ints);
                for (text, (fill, empty)) in texts.iter_mut().zip(filled.iter().zip(&emptied)) {
                    if *fill {
                        text.get_or_insert_default();
                    } else if *empty {
                        *text = None;
                    }
                }
            }
            Given { topic, partition, rows, all_headers }
        },
    )
}

fn column(cells: &[Cell]) -> BytesColumn {
    let mut column = BytesColumn { offsets: vec![0], data: Vec::new(), nulls: Vec::new() };
    for cell in cells {
        column.data.extend_from_slice(cell.as_deref().unwrap_or_default());
        column.offsets.push(column.data.len() as u32);
        column.nulls.push(u8::from(cell.is_none()));
    }
    column
}

impl Given {
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Those of bytes come first.
    pub(super) fn columns(&self) -> usize {
        self.rows[0].0.len() + self.rows[0].1.len()
    }

    pub(super) fn lists(&self) -> Batch {
        let bytes = (0..self.rows[0].0.len())
            .map(|at| Column::Bytes(column(&self.rows.iter().map(|row| row.0[at].clone()).collect::<Vec<_>>())));
        let ints = (0..self.rows[0].1.len()).map(|at| {
            let cells = self.rows.iter().map(|row| row.1[at]);
            let (values, nulls) = cells.map(|cell| (cell.unwrap_or_default(), u8::from(cell.is_none()))).unzip();
            Column::Ints(IntColumn { values, nulls })
        });
        Batch {
            topic: self.topic.clone(),
            partition: self.partition,
            count: self.rows() as u32,
            columns: bytes.chain(ints).collect(),
            headers: self.all_headers.then(|| self.header_table()),
        }
    }

    fn header_table(&self) -> HeaderTable {
        let (mut names, mut cells) = (Vec::<String>::new(), Vec::new());
        let (mut starts, mut name_index) = (vec![0], Vec::new());
        for (name, cell) in self.rows.iter().flat_map(|row| &row.2) {
            let at = names.iter().position(|known| known == name).unwrap_or(names.len());
            if at == names.len() {
                names.push(name.clone());
            }
            name_index.push(at as u32);
            cells.push(cell.clone());
        }
        for row in &self.rows {
            starts.push(starts.last().unwrap() + row.2.len() as u32);
        }
        HeaderTable { starts, names, name_index, cells: column(&cells) }
    }

    pub(super) fn words(&self) -> Vec<u64> {
        let lists = self.lists();
        let columns = lists.columns.len();
        let head = (6 + columns).div_ceil(2);
        let mut body = Words(Vec::new());
        body.part(lists.topic.as_bytes());
        let mut numbers =
            vec![lists.count, lists.partition.cast_unsigned(), lists.topic.len() as u32, columns as u32, 0, 0];
        for column in &lists.columns {
            numbers.push((head + body.0.len()) as u32);
            match column {
                Column::Bytes(column) => body.bytes(column),
                Column::Ints(IntColumn { values, nulls }) => {
                    let marked = nulls.contains(&1);
                    body.numbers(&[2 + u32::from(marked), 0]);
                    values.iter().for_each(|value| body.0.push(value.cast_unsigned()));
                    body.part(if marked { nulls } else { &[] });
                }
            }
        }
        if let Some(HeaderTable { starts, names, name_index, cells }) = &lists.headers {
            numbers[4] = (head + body.0.len()) as u32;
            body.numbers(&[name_index.len() as u32, names.len() as u32]);
            body.numbers(starts);
            body.numbers(name_index);
            let ends = names.iter().scan(0, |end, name| {
                *end += name.len() as u32;
                Some(*end)
            });
            body.numbers(&ends.collect::<Vec<_>>());
            body.part(names.concat().as_bytes());
            body.bytes(cells);
        }
        let mut words = Words(Vec::new());
        words.numbers(&numbers);
        words.0.extend(body.0);
        words.0
    }
}

struct Words(Vec<u64>);

impl Words {
    fn part(&mut self, bytes: &[u8]) {
        self.0.extend(bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        }));
    }

    fn numbers(&mut self, numbers: &[u32]) {
        self.part(&numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>());
    }

    fn bytes(&mut self, BytesColumn { offsets, data, nulls }: &BytesColumn) {
        let marked = nulls.contains(&1);
        self.numbers(&[u32::from(marked), data.len() as u32]);
        self.numbers(offsets);
        self.part(if marked { nulls } else { &[] });
        self.part(data);
    }
}
