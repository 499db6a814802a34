//! Edits in columns against a model that edits one owned record after another.

use proptest::prelude::*;

use super::{
    edits::column,
    fixture::{chain, nothing, plugin, record, run, sent},
};
use crate::{
    abi::{BytesColumn, Cells, Edits, HeaderEdit, HeaderOp, IntColumn, Routing, SparseCells},
    record::{Header, Record, Timestamp, sent_millis},
};

const TOPICS: [&str; 3] = ["route-a", "route-b", "route-a"];

/// One of a few texts, or null.
fn cell() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(&["", "x", "yy", "zzz"][..]))
}

fn bytes(count: usize) -> impl Strategy<Value = BytesColumn<'static>> {
    prop::collection::vec(cell(), count).prop_map(|cells| column(&cells))
}

fn cells(count: usize) -> impl Strategy<Value = Cells<'static>> {
    let listed = prop::collection::vec(prop::option::of(cell()), count).prop_map(|listed| {
        let rows = (0..).zip(&listed).filter(|(_, cell)| cell.is_some()).map(|(row, _)| row).collect();
        let written: Vec<_> = listed.into_iter().flatten().collect();
        Cells::Sparse(SparseCells { rows, cells: column(&written) })
    });
    prop_oneof![
        cell().prop_map(|cell| Cells::Constant(cell.map(|text| text.as_bytes().into()))),
        bytes(count).prop_map(Cells::Each),
        listed,
    ]
}

pub(super) fn header_edit(count: usize) -> impl Strategy<Value = HeaderEdit<'static>> {
    let op = prop::sample::select(&[HeaderOp::Set, HeaderOp::Append, HeaderOp::Remove][..]);
    let name = prop::sample::select(&["a", "b", "c"][..]);
    (name, op, cells(count)).prop_map(|(name, op, cells)| HeaderEdit { name: name.into(), op, cells })
}

fn answer(count: usize, expand: Option<Vec<u32>>) -> impl Strategy<Value = Edits<'static>> {
    let verdicts =
        prop_oneof![Just(Vec::new()), prop::collection::vec(prop::sample::select(&[0u8, 0, 0, 0, 1, 2][..]), count)];
    let timestamps = prop::option::of(prop::collection::vec((-1i64..3, 0u8..2), count).prop_map(|cells| IntColumn {
        values: cells.iter().map(|c| c.0).collect(),
        nulls: cells.iter().map(|c| c.1).collect(),
    }));
    let route = prop::option::of(
        prop::collection::vec(-1i32..3, count).prop_map(|index| Routing { topics: TOPICS.iter().collect(), index }),
    );
    let partitions = prop::option::of(prop::collection::vec(-1i32..3, count));
    let headers = prop::collection::vec(header_edit(count), 0..4);
    (verdicts, headers, prop::option::of(cells(count)), prop::option::of(cells(count)), timestamps, route, partitions)
        .prop_map(move |(verdicts, headers, key, value, timestamps, route, partitions)| Edits {
            expand: expand.clone(),
            verdicts,
            reasons: None,
            headers,
            key,
            value,
            timestamps,
            route,
            partitions,
        })
}

pub(super) fn records(count: usize) -> impl Strategy<Value = Vec<Record>> {
    let name = prop::sample::select(&["a", "b", "d"][..]);
    let header = (name, cell()).prop_map(|(name, value)| Header {
        name: name.as_bytes().to_vec(),
        value: value.map(|value| value.as_bytes().to_vec()),
    });
    let one = (cell(), cell(), prop::collection::vec(header, 0..4)).prop_map(|(key, value, headers)| Record {
        key: key.map(|key| key.as_bytes().to_vec()),
        value: value.map(|value| value.as_bytes().to_vec()),
        headers,
        ..record("")
    });
    prop::collection::vec(one, count)
}

/// Records and an answer about them.
fn case() -> impl Strategy<Value = (Vec<Record>, Edits<'static>)> {
    (1usize..12).prop_flat_map(|count| {
        let expand = prop::option::of(prop::collection::vec(0..count as u32, 0..9).prop_map(|mut rows| {
            rows.sort_unstable();
            rows
        }));
        (records(count), expand).prop_flat_map(move |(records, expand)| {
            let rows = expand.as_ref().map_or(count, Vec::len);
            (Just(records), answer(rows, expand))
        })
    })
}

/// What `cells` write into a row; none: nothing.
fn written(cells: &Cells<'_>, row: usize) -> Option<Option<Vec<u8>>> {
    let cell = |column: &BytesColumn<'_>, at: usize| {
        (column.nulls[at] == 0)
            .then(|| column.data[column.offsets[at] as usize..column.offsets[at + 1] as usize].to_vec())
    };
    match cells {
        Cells::Constant(constant) => Some(constant.as_ref().map(|bytes| bytes.to_vec())),
        Cells::Each(column) => cell(column, row).map(Some),
        Cells::Sparse(sparse) => {
            let at = sparse.rows.iter().position(|listed| *listed as usize == row)?;
            Some(cell(&sparse.cells, at))
        }
    }
}

pub(super) fn edit_headers(headers: &mut Vec<Header>, edit: &HeaderEdit<'_>, row: usize) {
    let Some(value) = written(&edit.cells, row) else { return };
    let name = edit.name.as_bytes().to_vec();
    let first = headers.iter().position(|header| header.name == name);
    match edit.op {
        HeaderOp::Append => headers.push(Header { name, value }),
        HeaderOp::Remove => headers.retain(|header| header.name != name),
        HeaderOp::Set => {
            headers.retain(|header| header.name != name);
            headers.insert(first.unwrap_or(headers.len()), Header { name, value });
        }
    }
}

/// The outputs by the model; dead letters with their values only.
fn modelled(records: &[Record], edits: &Edits<'_>) -> Vec<Record> {
    let sources: Vec<usize> = match &edits.expand {
        Some(expand) => expand.iter().map(|row| *row as usize).collect(),
        None => (0..records.len()).collect(),
    };
    let verdict = |row: usize| edits.verdicts.get(row).copied().unwrap_or(0);
    let mut sent = Vec::new();
    for (input, record) in records.iter().enumerate() {
        let rows: Vec<usize> = (0..sources.len()).filter(|row| sources[*row] == input).collect();
        if rows.iter().any(|row| verdict(*row) == 2) {
            sent.push(Record { topic: "dead".to_owned(), value: record.value.clone(), ..Record::default() });
            continue;
        }
        for row in rows.into_iter().filter(|row| verdict(*row) == 0) {
            let mut out = Record { topic: "out".to_owned(), ..record.clone() };
            edits.headers.iter().for_each(|edit| edit_headers(&mut out.headers, edit, row));
            if let Some(key) = edits.key.as_ref().and_then(|cells| written(cells, row)) {
                out.key = key;
            }
            if let Some(value) = edits.value.as_ref().and_then(|cells| written(cells, row)) {
                out.value = value;
            }
            if let Some(column) = edits.timestamps.as_ref().filter(|column| column.nulls[row] == 0) {
                out.timestamp = Timestamp::Create(sent_millis(column.values[row]));
            }
            if let Some(routing) = edits.route.as_ref().filter(|routing| routing.index[row] >= 0) {
                out.topic = TOPICS[routing.index[row] as usize].to_owned();
            }
            out.partition = edits.partitions.as_ref().map(|list| list[row]).filter(|partition| *partition >= 0);
            sent.push(out);
        }
    }
    sent
}

fn without_error_headers(mut record: Record) -> Record {
    if record.topic == "dead" {
        record = Record { topic: record.topic, value: record.value, ..Record::default() };
    }
    record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn columns_of_edits_do_what_editing_one_record_after_another_does((records, edits) in case()) {
        let answer = edits.clone();
        // A neighbour before and after must neither see nor change anything.
        let idle = || plugin(vec![], |_, _| Ok(nothing()));
        let mut chain = chain(vec![idle(), plugin(vec![], move |_, _| Ok(answer.clone())), idle()]);
        let sent: Vec<_> = sent(&run(&mut chain, &records)).into_iter().map(without_error_headers).collect();
        prop_assert_eq!(sent, modelled(&records, &edits));
    }
}
