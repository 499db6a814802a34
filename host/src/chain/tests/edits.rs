//! What each kind of edit does.

use super::fixture::{cells, chain, chain_in, nothing, numbered, pipeline, plugin, record, run, sent, values};
use crate::{
    abi::{
        BatchView, BytesColumn, Capture, Cells, ColumnView, Edits, HeaderEdit, HeaderOp, Input, IntColumn, Member,
        Routing, Source, SparseCells,
    },
    chain::Fate,
    record::{Header, Record, Timestamp},
};

pub(super) fn column(cells: &[Option<&str>]) -> BytesColumn<'static> {
    let (mut offsets, mut data, mut nulls) = (vec![0], Vec::new(), Vec::new());
    for cell in cells {
        data.extend_from_slice(cell.unwrap_or_default().as_bytes());
        offsets.push(data.len() as u32);
        nulls.push(u8::from(cell.is_none()));
    }
    BytesColumn { offsets, data: data.into(), nulls: nulls.into() }
}

pub(super) fn constant(bytes: &str) -> Cells<'static> {
    Cells::Constant(Some(bytes.as_bytes().to_vec().into()))
}

pub(super) fn header(name: &str, op: HeaderOp, cells: Cells<'static>) -> HeaderEdit<'static> {
    HeaderEdit { name: name.to_owned().into(), op, cells }
}

fn headers(list: &[(&str, Option<&str>)]) -> Vec<Header> {
    let header = |(name, value): &(&str, Option<&str>)| Header {
        name: name.as_bytes().to_vec(),
        value: value.map(|value| value.as_bytes().to_vec()),
    };
    list.iter().map(header).collect()
}

#[test]
fn an_empty_chain_gives_records_as_they_came() {
    let records = vec![
        Record { topic: "out".to_owned(), key: Some(Vec::new()), value: None, ..Record::default() },
        Record {
            topic: "out".to_owned(),
            key: None,
            value: Some(Vec::new()),
            timestamp: Timestamp::Create(-5),
            headers: headers(&[("a", Some("1")), ("b", None), ("a", Some("")), ("", Some("x"))]),
            ..Record::default()
        },
        Record { topic: "out".to_owned(), value: Some(b"\xFF\x00".to_vec()), ..Record::default() },
    ];
    assert_eq!(sent(&run(&mut chain(vec![]), &records)), records);
}

#[test]
fn set_keeps_the_first_place_and_append_and_remove_follow_in_order() {
    let act = |_: &BatchView<'_>, _: &_| {
        let edits = vec![
            header("a", HeaderOp::Set, constant("new")),
            header("n", HeaderOp::Append, Cells::Constant(None)),
            header("c", HeaderOp::Remove, constant("")),
            header("n", HeaderOp::Append, constant("2")),
            header("z", HeaderOp::Set, constant("end")),
        ];
        Ok(Edits { headers: edits, ..nothing() })
    };
    let mut input = record("x");
    input.headers = headers(&[("b", Some("0")), ("a", Some("1")), ("c", None), ("a", Some("2")), ("c", Some("3"))]);
    let sent = sent(&run(&mut chain(vec![plugin(vec![], act)]), &[input]));
    assert_eq!(
        sent[0].headers,
        headers(&[("b", Some("0")), ("a", Some("new")), ("n", None), ("n", Some("2")), ("z", Some("end"))])
    );
}

#[test]
fn each_leaves_null_cells_alone_and_sparse_writes_null() {
    let act = |_: &BatchView<'_>, _: &_| {
        Ok(Edits {
            value: Some(Cells::Each(column(&[Some("a"), None, Some("")]))),
            key: Some(Cells::Sparse(SparseCells { rows: vec![0, 2], cells: column(&[None, Some("k")]) })),
            timestamps: Some(IntColumn { values: vec![5, 6, -1], nulls: vec![0, 1, 0] }),
            ..nothing()
        })
    };
    let mut records = numbered(3);
    records.iter_mut().for_each(|record| record.key = Some(b"old".to_vec()));
    let sent = sent(&run(&mut chain(vec![plugin(vec![], act)]), &records));
    assert_eq!(values(&sent), ["a", "1", ""]);
    assert_eq!(
        sent.iter().map(|record| record.key.as_deref()).collect::<Vec<_>>(),
        [None, Some(&b"old"[..]), Some(b"k")]
    );
    assert_eq!(
        sent.iter().map(|record| record.timestamp.millis()).collect::<Vec<_>>(),
        [Some(5), Some(1_000), Some(-1)]
    );
}

#[test]
fn rows_are_expanded_and_left_out() {
    let act = |_: &BatchView<'_>, _: &_| {
        let value = Some(Cells::Each(column(&[Some("0a"), Some("0b"), None])));
        Ok(Edits { expand: Some(vec![0, 0, 2]), value, ..nothing() })
    };
    let flow = run(&mut chain(vec![plugin(vec![], act)]), &numbered(4));
    assert_eq!(values(&sent(&flow)), ["0a", "0b", "2"]);
    assert_eq!(flow.fates(), [Fate::Out, Fate::Dropped(0), Fate::Out, Fate::Dropped(0)]);
    assert_eq!(flow.outputs_of(0).count(), 2);
    assert_eq!(flow.outputs_of(1).count(), 0);
    assert_eq!(flow.outputs_of(9).count(), 0);
}

#[test]
fn a_record_is_dropped_only_when_all_its_rows_are() {
    let twice = plugin(vec![], |_, _| Ok(Edits { expand: Some(vec![0, 0, 1, 1]), ..nothing() }));
    let drop = plugin(vec![], |_, _| Ok(Edits { verdicts: vec![1, 0, 1, 1], ..nothing() }));
    let flow = run(&mut chain(vec![twice, drop]), &numbered(2));
    assert_eq!(flow.fates(), [Fate::Out, Fate::Dropped(1)]);
    assert_eq!(values(&sent(&flow)), ["0"]);
}

#[test]
fn one_dead_row_takes_its_record_along_once() {
    let act = |_: &BatchView<'_>, _: &_| {
        Ok(Edits { expand: Some(vec![0, 0, 0, 1]), verdicts: vec![0, 2, 2, 0], ..nothing() })
    };
    let flow = run(&mut chain(vec![plugin(vec![], act)]), &numbered(2));
    let sent = sent(&flow);
    assert_eq!(sent.iter().map(|record| &*record.topic).collect::<Vec<_>>(), ["dead", "out"]);
    assert_eq!(values(&sent), ["0", "1"]);
}

#[test]
fn routes_and_partitions_are_set_row_by_row() {
    let first = plugin(vec![], |_, _| {
        let routing = Routing { topics: ["route-a", "elsewhere"].into_iter().collect(), index: vec![0, -1] };
        Ok(Edits { route: Some(routing), partitions: Some(vec![4, 5]), ..nothing() })
    });
    let second = plugin(vec![], |_, _| Ok(Edits { partitions: Some(vec![-1, 6]), ..nothing() }));
    let sent = sent(&run(&mut chain(vec![first, second]), &numbered(2)));
    let places: Vec<_> = sent.iter().map(|record| (&*record.topic, record.partition)).collect();
    assert_eq!(places, [("route-a", None), ("out", Some(6))]);
}

#[test]
fn what_nothing_routed_is_dead_where_there_is_no_to() {
    let flow = run(&mut chain_in(pipeline(&["to"]), vec![]), &numbered(1));
    let Fate::Dead(death) = &flow.fates()[0] else { panic!("{:?}", flow.fates()) };
    assert_eq!((death.kind.as_str(), death.interceptor), ("unrouted", None));
}

#[test]
fn extracted_columns_follow_the_value_through_drops_expansions_and_rewrites() {
    let digits = |source: Source| Input::Capture(Capture { source, pattern: r"v=(\d+)".to_owned(), group: 1 });
    let reads = || vec![digits(Source::Value), Input::Json(Member { source: Source::Key, pointer: "/k".to_owned() })];
    let expect = |wanted: &'static [&'static str], edits: Edits<'static>| {
        plugin(reads(), move |batch, _| {
            let text = |cell: Option<&[u8]>| cell.map_or("null".into(), |c| String::from_utf8_lossy(c).into_owned());
            let seen: Vec<String> =
                cells(batch, 0).into_iter().zip(cells(batch, 1)).map(|(v, k)| text(v) + &text(k)).collect();
            assert_eq!(seen, wanted);
            Ok(edits.clone())
        })
    };
    let chain_of = vec![
        expect(&["0x", "1x", "2x"], Edits { verdicts: vec![0, 1, 0], ..nothing() }).with(|c| {
            c.plan.effects = crate::abi::Effects::DROP;
        }),
        expect(&["0x", "2x"], Edits { expand: Some(vec![0, 1, 1]), ..nothing() }),
        expect(
            &["0x", "2x", "2x"],
            Edits { value: Some(Cells::Each(column(&[None, None, Some("v=77")]))), ..nothing() },
        ),
        expect(&["0x", "2x", "77x"], nothing()),
    ];
    let mut records: Vec<_> = (0..3).map(|at| record(&format!("v={at}"))).collect();
    records.iter_mut().for_each(|record| record.key = Some(br#"{"k":"\u0078"}"#.to_vec()));
    let sent = sent(&run(&mut chain(chain_of), &records));
    assert_eq!(values(&sent), ["v=0", "v=2", "v=77"]);
}

#[test]
fn a_plugin_sees_what_it_declared_and_no_more() {
    let inputs =
        vec![Input::Timestamp, Input::TimestampType, Input::Received, Input::Offset, Input::Header("h".into())];
    let act = |batch: &BatchView<'_>, _: &_| {
        let ints = |at: usize| match &batch.columns[at] {
            ColumnView::Ints(column) => (column.values.to_vec(), column.nulls.to_vec()),
            ColumnView::Bytes(_) => panic!("bytes"),
        };
        assert_eq!((batch.topic, batch.partition, batch.count), ("in", 3, 3));
        assert_eq!(ints(0), (vec![1_000, 0, 9], vec![0, 1, 0]));
        assert_eq!(ints(1), (vec![0, 0, 1], vec![0, 1, 0]));
        assert_eq!(ints(2), (vec![7_000; 3], vec![0; 3]));
        assert_eq!(ints(3), (vec![0, 1, 2], vec![0; 3]));
        assert_eq!(cells(batch, 4), [Some(&b"last"[..]), None, None]);
        let table = batch.headers.as_ref().unwrap();
        assert_eq!(table.starts, [0, 2, 2, 3]);
        assert_eq!(table.names, ["h"]);
        assert_eq!(table.name_index, [0, 0, 0]);
        assert_eq!(table.cells.nulls, [0, 0, 1]);
        Ok(nothing())
    };
    let mut records = numbered(3);
    // A name that is not UTF-8 is on the record, but not in the table.
    records[0].headers = headers(&[("h", Some("first")), ("h", Some("last"))]);
    records[0].headers.push(Header { name: b"\xFF".to_vec(), value: None });
    records[1].timestamp = Timestamp::None;
    records[2].timestamp = Timestamp::LogAppend(9);
    records[2].headers = headers(&[("h", None)]);
    let closure = plugin(inputs, act).with(|closure| closure.plan.all_headers = true);
    let sent = sent(&run(&mut chain(vec![closure]), &records));
    assert_eq!(sent[0].headers, records[0].headers);
}
