//! What a plugin may do with edits, in any order, and what comes of it row by row.

use proptest::prelude::*;

use super::columns::BYTES;
use crate::{
    Batch, Bytes, Cells, Edits, Segment,
    bindings::types::{self, BytesColumn, HeaderOp},
};

/// A number of a row: mostly of one that is there.
type Row = u16;
type Text = Vec<u8>;

/// One call of what the SDK gives to plugins.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Expand(Vec<Row>, bool),
    Drop(Row),
    DeadLetter(Row, Text),
    Key(Writing),
    Value(Writing),
    SetHeader(usize, Writing),
    AppendHeader(usize, Writing),
    RemoveAll(usize),
    RemoveRow(usize, Row),
    RemoveThen(usize, Vec<Row>),
    SetHeaderCells(usize, Vec<Writing>),
    SetHeaderJoined(usize, usize, Text),
    SetHeaderColumn(usize, usize),
    /// Many headers, each with a value for a row.
    Headers(u16, Row),
    Timestamp(Row, i64),
    Timestamps(Vec<Option<i64>>),
    /// Topics, and a row for the last of them.
    Topics(u16, Row),
    Route(Row, usize),
    RouteTo(Row, usize),
    Routes(Vec<Option<usize>>),
    Partition(Row, u32),
}

/// One call of what cells are written with.
#[derive(Clone, Debug)]
pub(super) enum Writing {
    All(Text),
    AllNull,
    Row(Row, Text),
    Rows(Row, Text),
    RowNull(Row),
    RowOf(Row, usize),
    RowParts(Row, Vec<Text>),
    RowWith(Row, Text, bool),
    Column(usize),
}

const NAMES: [&str; 5] = ["a", "b", "c", "", "é"];

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let row = any::<Row>;
    let text = || {
        prop_oneof![
            4 => prop::collection::vec(any::<u8>(), 0..20),
            1 => prop::collection::vec(any::<u8>(), 60..70),
        ]
    };
    let name = || 0..NAMES.len();
    let column = || 0..BYTES + 1;
    let writing = || {
        prop_oneof![
            1 => text().prop_map(Writing::All),
            1 => Just(Writing::AllNull),
            6 => (row(), text()).prop_map(|(row, text)| Writing::Row(row, text)),
            3 => (row(), text()).prop_map(|(row, text)| Writing::Rows(row, text)),
            1 => row().prop_map(Writing::RowNull),
            2 => (row(), column()).prop_map(|(row, at)| Writing::RowOf(row, at)),
            1 => (row(), prop::collection::vec(text(), 0..3)).prop_map(|(row, all)| Writing::RowParts(row, all)),
            2 => (row(), text(), any::<bool>()).prop_map(|(row, text, keep)| Writing::RowWith(row, text, keep)),
            2 => column().prop_map(Writing::Column),
        ]
    };
    let step = prop_oneof![
        1 => row().prop_map(Step::Drop),
        1 => (row(), text()).prop_map(|(row, text)| Step::DeadLetter(row, text)),
        2 => writing().prop_map(Step::Key),
        2 => writing().prop_map(Step::Value),
        4 => (name(), writing()).prop_map(|(name, writing)| Step::SetHeader(name, writing)),
        3 => (name(), writing()).prop_map(|(name, writing)| Step::AppendHeader(name, writing)),
        1 => name().prop_map(Step::RemoveAll),
        1 => (name(), row()).prop_map(|(name, row)| Step::RemoveRow(name, row)),
        1 => (name(), prop::collection::vec(row(), 0..4)).prop_map(|(name, rows)| Step::RemoveThen(name, rows)),
        1 => (name(), prop::collection::vec(writing(), 0..4)).prop_map(|(name, all)| Step::SetHeaderCells(name, all)),
        1 => (name(), column(), text()).prop_map(|(name, at, text)| Step::SetHeaderJoined(name, at, text)),
        3 => (name(), column()).prop_map(|(name, at)| Step::SetHeaderColumn(name, at)),
        1 => (0..130_u16, row()).prop_map(|(many, row)| Step::Headers(many, row)),
        1 => (row(), -3..9_i64).prop_map(|(row, ms)| Step::Timestamp(row, ms)),
        1 => prop::collection::vec(prop::option::of(any::<i64>()), 0..5).prop_map(Step::Timestamps),
        1 => (0..130_u16, row()).prop_map(|(many, row)| Step::Topics(many, row)),
        1 => (row(), 0..9_usize).prop_map(|(row, topic)| Step::Route(row, topic)),
        2 => (row(), name()).prop_map(|(row, name)| Step::RouteTo(row, name)),
        1 => prop::collection::vec(prop::option::of(0..3_usize), 0..5).prop_map(Step::Routes),
        1 => (row(), 0..9_u32).prop_map(|(row, partition)| Step::Partition(row, partition)),
    ];
    let expand = (prop::collection::vec(row(), 0..9), any::<bool>()).prop_map(|(rows, sort)| Step::Expand(rows, sort));
    let first = prop_oneof![3 => Just(None), 1 => expand.prop_map(Some)];
    (first, prop::collection::vec(step, 0..14)).prop_map(|(first, steps)| first.into_iter().chain(steps).collect())
}

/// Every so many-th number is that of a row that is not there.
fn row(number: Row, rows: usize) -> usize {
    if rows == 0 || number.is_multiple_of(400) { rows } else { usize::from(number) % rows }
}

/// A column of the batch, or one of the plugin's own.
fn with_column(batch: &Batch, at: usize, then: impl FnOnce(Bytes<'_>)) {
    if let Ok(column) = batch.bytes(at) {
        return then(column);
    }
    let (offsets, nulls): (Vec<u32>, Vec<u8>) = ((0..=batch.len() as u32).collect(), vec![0; batch.len()]);
    then(Bytes::new(&offsets, &vec![b'x'; batch.len()], &nulls));
}

impl Writing {
    fn take(&self, batch: &Batch, rows: usize, cells: &mut Cells) {
        match self {
            Self::All(text) => cells.all(text.as_slice()),
            Self::AllNull => cells.all_null(),
            Self::Row(number, text) => cells.row(row(*number, rows), text),
            Self::Rows(from, text) => (row(*from, rows)..rows).for_each(|row| cells.row(row, text)),
            Self::RowNull(number) => cells.row_null(row(*number, rows)),
            Self::RowOf(number, at) => with_column(batch, *at, |column| cells.row_of(row(*number, rows), &column)),
            Self::RowParts(number, parts) => cells.row_parts(row(*number, rows), parts),
            Self::RowWith(number, text, keep) => cells.row_with(row(*number, rows), |data| {
                data.extend_from_slice(text);
                *keep
            }),
            Self::Column(at) => with_column(batch, *at, |column| cells.column(column)),
        }
    }
}

impl Step {
    pub(super) fn take(&self, batch: &Batch, edits: &mut Edits) {
        let rows = edits.rows();
        let row = |number: &Row| row(*number, rows);
        match self {
            Self::Expand(sources, sort) => {
                let mut sources: Vec<_> = sources.iter().map(row).collect();
                if *sort {
                    sources.sort_unstable();
                }
                edits.expand(sources);
            }
            Self::Drop(number) => edits.drop(row(number)),
            Self::DeadLetter(number, reason) => edits.dead_letter(row(number), reason),
            Self::Key(writing) => writing.take(batch, rows, edits.key()),
            Self::Value(writing) => writing.take(batch, rows, edits.value()),
            Self::SetHeader(name, writing) => writing.take(batch, rows, edits.set_header(NAMES[*name])),
            Self::AppendHeader(name, writing) => writing.take(batch, rows, edits.append_header(NAMES[*name])),
            Self::RemoveAll(name) => edits.remove_header(NAMES[*name]).all(),
            Self::RemoveRow(name, number) => edits.remove_header(NAMES[*name]).row(row(number)),
            Self::RemoveThen(name, numbers) => edits.remove_header_then(NAMES[*name], numbers.iter().map(row)),
            Self::SetHeaderCells(name, all) => {
                let mut cells = Cells::with_room(rows, 9);
                all.iter().for_each(|writing| writing.take(batch, rows, &mut cells));
                edits.set_header_cells(NAMES[*name], cells);
            }
            Self::SetHeaderJoined(name, at, text) => with_column(batch, *at, |column| {
                let rows = rows.min(column.len());
                let cells = Cells::joined(rows, &[Segment::Text(text), Segment::Cells(column)]);
                edits.set_header_cells(NAMES[*name], cells);
            }),
            Self::SetHeaderColumn(name, at) => {
                with_column(batch, *at, |column| edits.set_header_column(NAMES[*name], column));
            }
            Self::Headers(many, number) => {
                (0..*many).for_each(|at| edits.set_header(&format!("h{at}")).row(row(number), &at.to_le_bytes()));
            }
            Self::Timestamp(number, ms) => edits.timestamp(row(number), *ms),
            Self::Timestamps(all) => edits.timestamps(all.iter().copied().take(rows)),
            Self::Topics(many, number) => {
                if let Some(topic) = (0..*many).map(|at| edits.new_topic(&format!("t{at}"))).last() {
                    edits.route(row(number), topic);
                }
            }
            Self::Route(number, topic) => {
                let topic = edits.topic(&format!("t{topic}"));
                edits.route(row(number), topic);
            }
            Self::RouteTo(number, name) => edits.route_to(row(number), NAMES[*name]),
            Self::Routes(all) => {
                let topics = ["t1", "u", "t0"].map(|name| edits.topic(name));
                edits.routes(all.iter().take(rows).map(|topic| topic.map(|at| topics[at])));
            }
            Self::Partition(number, partition) => edits.partition(row(number), *partition),
        }
    }
}

/// The edits with their headers applied to rows that have some: those of a name may be told in several edits.
pub(super) fn said(edits: &types::Edits, rows: usize) -> (types::Edits, Vec<Headers>) {
    let rows = edits.expand.as_ref().map_or(rows, Vec::len);
    let before = || ["b", "x", "a", "b"].map(|name| (name.to_owned(), Some(name.as_bytes().to_vec()))).to_vec();
    let headers = (0..rows).map(|row| edits.headers.iter().fold(before(), |all, edit| edited(all, edit, row)));
    (types::Edits { headers: Vec::new(), ..edits.clone() }, headers.collect())
}

type Headers = Vec<(String, Option<Vec<u8>>)>;

fn edited(mut all: Headers, edit: &types::HeaderEdit, row: usize) -> Headers {
    let Some(value) = written(&edit.cells, row) else { return all };
    let place = all.iter().position(|(name, _)| *name == edit.name);
    if edit.op != HeaderOp::Append {
        all.retain(|(name, _)| *name != edit.name);
    }
    match edit.op {
        HeaderOp::Set => all.insert(place.unwrap_or(all.len()), (edit.name.clone(), value)),
        HeaderOp::Append => all.push((edit.name.clone(), value)),
        HeaderOp::Remove => {}
    }
    all
}

fn written(cells: &types::Cells, row: usize) -> Option<Option<Vec<u8>>> {
    match cells {
        types::Cells::Constant(all) => Some(all.clone()),
        types::Cells::Each(column) => cell(column, row).map(Some),
        types::Cells::Sparse(sparse) => {
            let at = sparse.rows.iter().position(|listed| *listed as usize == row)?;
            Some(cell(&sparse.cells, at))
        }
    }
}

fn cell(BytesColumn { offsets, data, nulls }: &BytesColumn, at: usize) -> Option<Vec<u8>> {
    let is_null = nulls.get(at).is_some_and(|mark| *mark != 0);
    (!is_null).then(|| data[offsets[at] as usize..offsets[at + 1] as usize].to_vec())
}
