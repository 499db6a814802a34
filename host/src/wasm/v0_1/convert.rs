//! From generated types to the host's and back: vectors are moved, nothing of a record is copied.

use std::borrow::Cow;

use super::types;
use crate::abi;

pub(super) fn description(said: types::Description) -> abi::Description {
    let types::Description { name, version, summary, config_schema } = said;
    abi::Description { name, version, summary, config_schema }
}

pub(super) fn plan(said: types::Plan) -> abi::Plan {
    let types::Plan { inputs, all_headers, effects: declared, header_names, topics } = said;
    let inputs = inputs.into_iter().map(input).collect();
    abi::Plan { inputs, all_headers, effects: effects(declared), header_names, topics }
}

fn effects(declared: types::Effects) -> abi::Effects {
    let pairs = [
        (types::Effects::KEY, abi::Effects::KEY),
        (types::Effects::VALUE, abi::Effects::VALUE),
        (types::Effects::TIMESTAMP, abi::Effects::TIMESTAMP),
        (types::Effects::HEADERS, abi::Effects::HEADERS),
        (types::Effects::ROUTE, abi::Effects::ROUTE),
        (types::Effects::PARTITION, abi::Effects::PARTITION),
        (types::Effects::DROP, abi::Effects::DROP),
        (types::Effects::DEAD_LETTER, abi::Effects::DEAD_LETTER),
        (types::Effects::EXPAND, abi::Effects::EXPAND),
    ];
    let of_both = pairs.into_iter().filter(|(theirs, _)| declared.contains(*theirs));
    of_both.fold(abi::Effects::empty(), |all, (_, ours)| all | ours)
}

fn input(said: types::Input) -> abi::Input {
    match said {
        types::Input::Key => abi::Input::Key,
        types::Input::Value => abi::Input::Value,
        types::Input::Header(name) => abi::Input::Header(name),
        types::Input::Timestamp => abi::Input::Timestamp,
        types::Input::TimestampType => abi::Input::TimestampType,
        types::Input::Received => abi::Input::Received,
        types::Input::Offset => abi::Input::Offset,
        types::Input::Json(part) => abi::Input::Json(member(part)),
        types::Input::JsonInt(part) => abi::Input::JsonInt(member(part)),
        types::Input::Capture(types::Capture { source: from, pattern, group }) => {
            abi::Input::Capture(abi::Capture { source: source(from), pattern, group })
        }
    }
}

fn member(types::Member { source: from, pointer }: types::Member) -> abi::Member {
    abi::Member { source: source(from), pointer }
}

fn source(said: types::Source) -> abi::Source {
    match said {
        types::Source::Key => abi::Source::Key,
        types::Source::Value => abi::Source::Value,
        types::Source::Header(name) => abi::Source::Header(name),
    }
}

pub(super) fn column(column: abi::ColumnView<'_>) -> types::Column<'_> {
    match column {
        abi::ColumnView::Bytes(column) => types::Column::Bytes(bytes_view(column)),
        abi::ColumnView::Ints(abi::IntsView { values, nulls }) => {
            types::Column::Ints(types::IntColumnParam { values, nulls })
        }
    }
}

pub(super) fn header_table(table: abi::HeaderTable<'_>) -> types::HeaderTable<'_> {
    let abi::HeaderTable { starts, names, name_index, cells } = table;
    types::HeaderTable { starts, names, name_index, cells: bytes_view(cells) }
}

fn bytes_view(abi::BytesView { offsets, data, nulls }: abi::BytesView<'_>) -> types::BytesColumnParam<'_> {
    types::BytesColumnParam { offsets, data, nulls }
}

pub(super) fn edits(said: types::Edits) -> Box<abi::Edits<'static>> {
    let types::Edits { expand, verdicts, reasons, headers, key, value, timestamps, route, partitions } = said;
    Box::new(abi::Edits {
        expand,
        verdicts,
        reasons: reasons.map(bytes_column),
        headers: headers.into_iter().map(header_edit).collect(),
        key: key.map(cells),
        value: value.map(cells),
        timestamps: timestamps.map(|types::IntColumnResult { values, nulls }| abi::IntColumn { values, nulls }),
        route: route
            .map(|types::Routing { topics, index }| abi::Routing { topics: topics.into_iter().collect(), index }),
        partitions,
    })
}

fn header_edit(types::HeaderEdit { name, op, cells: written }: types::HeaderEdit) -> abi::HeaderEdit<'static> {
    let op = match op {
        types::HeaderOp::Set => abi::HeaderOp::Set,
        types::HeaderOp::Append => abi::HeaderOp::Append,
        types::HeaderOp::Remove => abi::HeaderOp::Remove,
    };
    abi::HeaderEdit { name: name.into(), op, cells: cells(written) }
}

fn cells(written: types::Cells) -> abi::Cells<'static> {
    match written {
        types::Cells::Constant(bytes) => abi::Cells::Constant(bytes.map(Cow::Owned)),
        types::Cells::Each(column) => abi::Cells::Each(bytes_column(column)),
        types::Cells::Sparse(types::SparseCells { rows, cells }) => {
            abi::Cells::Sparse(abi::SparseCells { rows, cells: bytes_column(cells) })
        }
    }
}

fn bytes_column(column: types::BytesColumnResult) -> abi::BytesColumn<'static> {
    let types::BytesColumnResult { offsets, data, nulls } = column;
    abi::BytesColumn { offsets, data: data.into(), nulls: nulls.into() }
}
