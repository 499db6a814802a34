//! Every answer that the builder makes has as many cells as there are rows, and says what was meant.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use crate::{
    Bytes,
    bindings::types::{self, BytesColumn, Cells as Wire, HeaderOp, IntColumn},
};

fn column(cells: &[Option<&str>]) -> BytesColumn {
    let mut column = BytesColumn { offsets: vec![0], data: Vec::new(), nulls: Vec::new() };
    for cell in cells {
        column.data.extend_from_slice(cell.unwrap_or_default().as_bytes());
        column.offsets.push(column.data.len() as u32);
        column.nulls.push(u8::from(cell.is_none()));
    }
    if !column.nulls.contains(&1) {
        column.nulls.clear();
    }
    column
}

#[track_caller]
fn check(rows: usize, write: impl Fn(&mut Cells), expected: Option<Wire>) {
    let mut edits = Edits::for_rows(rows);
    write(edits.value());
    assert_eq!(edits.into_wit().unwrap().value, expected);
}

fn sparse(rows: &[u32], cells: &[Option<&str>]) -> Option<Wire> {
    Some(Wire::Sparse(types::SparseCells { rows: rows.to_vec(), cells: column(cells) }))
}

#[test]
fn the_shape_follows_from_what_was_written() {
    check(3, |_| {}, None);
    check(3, |cells| cells.all("x"), Some(Wire::Constant(Some(b"x".to_vec()))));
    check(3, |cells| cells.all_null(), Some(Wire::Constant(None)));
    let each = |cells: &[Option<&str>]| Some(Wire::Each(column(cells)));
    check(2, |cells| (0..2).for_each(|row| cells.row(row, b"ab")), each(&[Some("ab"), Some("ab")]));
    check(3, |cells| cells.row(1, b""), each(&[None, Some(""), None]));
    check(3, |cells| cells.row(2, b"c"), each(&[None, None, Some("c")]));
    check(9, |cells| cells.row(7, b"c"), sparse(&[7], &[Some("c")]));
    check(2, |cells| cells.row_null(1), sparse(&[1], &[None]));
    check(2, |cells| cells.row_parts(0, ["a", "b"]), each(&[Some("ab"), None]));
    check(2, |cells| cells.row_fmt(1, format_args!("{:02}", 7)), each(&[None, Some("07")]));
}

#[test]
fn rows_come_in_any_order_and_the_last_word_counts() {
    let write = |cells: &mut Cells| {
        cells.row(2, b"c");
        cells.row_null(0);
        cells.row(1, b"b");
        cells.row(2, b"C");
    };
    check(3, write, sparse(&[0, 1, 2], &[None, Some("b"), Some("C")]));
    let write = |cells: &mut Cells| {
        cells.row(1, b"b");
        cells.all("x");
    };
    check(3, write, Some(Wire::Each(column(&[Some("x"), Some("b"), Some("x")]))));
}

/// As weir sends it: null marks for all cells.
fn input(cells: &[Option<&str>]) -> BytesColumn {
    BytesColumn { nulls: cells.iter().map(|cell| u8::from(cell.is_none())).collect(), ..column(cells) }
}

#[test]
fn a_whole_column_is_what_its_cells_are_one_by_one() {
    let long = "longer than what is copied at once";
    let few = [None, Some("a"), None, None, None, None, None, None, Some(long)];
    let most = [Some("a"), None, Some(""), Some(long), Some("eight008"), Some("sixteen bytes 16")];
    let all = [Some("a"), Some(""), Some(long)];
    for cells in [&few[..], &most, &all, &[None, None]] {
        let column = input(cells);
        let bytes = Bytes::of(&column);
        let mut one_by_one = Cells::new();
        let mut appended = Cells::new();
        for (row, cell) in cells.iter().enumerate() {
            assert_eq!(bytes.is_null(row), cell.is_none());
            cell.iter().for_each(|cell| one_by_one.row(row, cell.as_bytes()));
            appended.row_with(row, |data| bytes.append(row, data));
        }
        let expected = one_by_one.into_wit(cells.len()).unwrap();
        assert_eq!(appended.into_wit(cells.len()).unwrap(), expected, "{cells:?}");
        check(cells.len(), |cells| cells.column(bytes), expected.clone());
        let twice = |cells: &mut Cells| {
            cells.column(bytes);
            cells.column(bytes);
        };
        check(cells.len(), twice, expected);
    }
}

#[test]
fn bytes_of_null_cells_go_nowhere() {
    let data = b"hiddenshown".to_vec();
    let column = BytesColumn { offsets: vec![0, 6, 6, 6, 6, 11], data, nulls: vec![1, 1, 1, 1, 0] };
    check(5, |cells| cells.column(Bytes::of(&column)), sparse(&[4], &[Some("shown")]));
}

#[test]
fn what_is_written_in_place_may_be_taken_back() {
    let write = |cells: &mut Cells| {
        for (row, keep) in [(0, true), (1, false), (3, true), (2, true), (2, false), (4, true)] {
            cells.row_with(row, |data| {
                data.push(b'0' + row as u8);
                keep
            });
        }
    };
    check(5, write, Some(Wire::Each(column(&[Some("0"), None, Some("2"), Some("3"), Some("4")]))));
}

#[test]
fn rows_that_are_not_there_fail_the_batch() {
    let failed: &[fn(&mut Edits)] = &[
        |edits| edits.drop(2),
        |edits| edits.dead_letter(2, "why"),
        |edits| edits.timestamp(2, 0),
        |edits| edits.partition(2, 0),
        |edits| edits.route_to(2, "t"),
        |edits| edits.key().row(2, b"k"),
        |edits| edits.set_header("h").row(usize::MAX, b"v"),
        |edits| edits.append_header("h").row(2, b"v"),
        |edits| edits.expand([0, 2]),
        |edits| edits.expand([1, 0]),
        |edits| edits.partition(0, u32::MAX),
        |edits| {
            edits.drop(0);
            edits.expand([0]);
        },
    ];
    for (at, write) in failed.iter().enumerate() {
        let mut edits = Edits::for_rows(2);
        write(&mut edits);
        assert!(edits.into_wit().is_err(), "case {at}");
    }
}

#[test]
fn nothing_said_is_nothing_changed() {
    let mut edits = Edits::for_rows(5);
    edits.set_header("h");
    edits.topic("t");
    let edits = edits.into_wit().unwrap();
    assert!(edits.headers.is_empty() && edits.verdicts.is_empty() && edits.route.is_none());
    assert!(edits.expand.is_none() && edits.reasons.is_none() && edits.timestamps.is_none());
}

#[test]
fn verdicts_reasons_times_routes_and_partitions_have_one_cell_a_row() {
    let mut edits = Edits::for_rows(3);
    edits.drop(0);
    edits.dead_letter(2, "why");
    edits.timestamp(1, 7);
    edits.route_to(1, "a");
    edits.route_to(2, "b");
    edits.partition(0, 4);
    let edits = edits.into_wit().unwrap();
    assert_eq!(edits.verdicts, [1, 0, 2]);
    assert_eq!(edits.reasons, Some(column(&[None, None, Some("why")])));
    assert_eq!(edits.timestamps, Some(IntColumn { values: vec![0, 7, 0], nulls: vec![1, 0, 1] }));
    assert_eq!(edits.route, Some(types::Routing { topics: vec!["a".into(), "b".into()], index: vec![-1, 0, 1] }));
    assert_eq!(edits.partitions, Some(vec![4, -1, -1]));
}

#[test]
fn a_header_written_again_goes_on_unless_another_operation_came_between() {
    let mut edits = Edits::for_rows(2);
    edits.set_header("h").row(0, b"a");
    edits.set_header("g").row(0, b"g");
    edits.set_header("h").row(1, b"b");
    edits.remove_header("h").row(1);
    edits.set_header("h").row(0, b"c");
    let said: Vec<_> = edits.into_wit().unwrap().headers.into_iter().map(|edit| (edit.name, edit.op)).collect();
    let name = |name: &str| name.to_owned();
    let expected = [
        (name("h"), HeaderOp::Set),
        (name("g"), HeaderOp::Set),
        (name("h"), HeaderOp::Remove),
        (name("h"), HeaderOp::Set),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_row_appended_to_twice_gets_two_headers() {
    let mut edits = Edits::for_rows(2);
    edits.append_header("h").row(0, b"a");
    edits.append_header("h").row(1, b"b");
    edits.append_header("h").row(0, b"c");
    let cells: Vec<_> = edits.into_wit().unwrap().headers.into_iter().map(|edit| edit.cells).collect();
    assert_eq!(cells, [Wire::Each(column(&[Some("a"), Some("b")])), Wire::Each(column(&[Some("c"), None])),]);
}

#[test]
fn after_an_expansion_rows_are_the_new_ones() {
    let mut edits = Edits::for_rows(2);
    edits.expand([0, 0, 0, 1]);
    assert_eq!(edits.rows(), 4);
    edits.drop(3);
    let edits = edits.into_wit().unwrap();
    assert_eq!(edits.expand, Some(vec![0, 0, 0, 1]));
    assert_eq!(edits.verdicts, [0, 0, 0, 1]);
}

#[test]
fn a_column_is_written_also_where_all_rows_were_passed_over_before() {
    let (none, column) = (column(&[None, None]), column(&[Some("a"), Some("b")]));
    let mut cells = Cells::joined(2, &[Segment::Text(b"x"), Segment::Cells(Bytes::of(&none))]);
    cells.column(Bytes::of(&column));
    assert_eq!(cells.into_wit(2).unwrap(), Some(Wire::Each(column)));
}

#[test]
fn parts_that_are_joined_at_once_give_what_row_by_row_gives() {
    let long = "a text of more than sixteen bytes";
    let columns = [
        column(&[Some(""), Some("a"), Some("0123456789abcdef"), Some(long), Some("é")]),
        column(&[Some("x"), None, Some(long), Some(""), None]),
        column(&[None, None, None, None, None]),
    ];
    let cells: Vec<Bytes<'_>> = columns.iter().map(Bytes::of).collect();
    let [full, holed, none] = cells.as_slice() else { panic!("three") };
    let text = |text: &'static str| Segment::Text(text.as_bytes());
    for parts in [
        vec![],
        vec![text("/"), Segment::Cells(*full), text("0123456789abcdef"), Segment::Cells(*full), text(long)],
        vec![Segment::Cells(*full)],
        vec![Segment::Cells(*holed), text(""), Segment::Cells(*full)],
        vec![Segment::Cells(*holed)],
        vec![Segment::Cells(*full), Segment::Cells(*none)],
    ] {
        let mut by_row = Cells::new();
        for row in 0..5 {
            let bytes: Option<Vec<&[u8]>> = parts
                .iter()
                .map(|part| match part {
                    Segment::Text(text) => Some(*text),
                    Segment::Cells(cells) => cells.get(row),
                })
                .collect();
            bytes.into_iter().for_each(|bytes| by_row.row(row, &bytes.concat()));
        }
        let joined = Cells::joined(5, &parts).into_wit(5).unwrap();
        assert_eq!(joined, by_row.into_wit(5).unwrap(), "{parts:?}");
    }
}

#[test]
fn timestamps_of_all_rows_are_those_row_by_row() {
    let times: [&[Option<i64>]; 5] =
        [&[], &[None, None, None], &[Some(7), Some(0), Some(-1)], &[None, Some(7)], &[Some(7), None, Some(9)]];
    for column in times {
        // The second time goes on where something was written before.
        for before in [false, true] {
            let (mut at_once, mut by_row) = (Edits::for_rows(3), Edits::for_rows(3));
            for edits in [&mut at_once, &mut by_row] {
                if before {
                    edits.timestamp(2, 1);
                }
            }
            at_once.timestamps(column.iter().copied());
            for (row, time) in column.iter().enumerate() {
                time.iter().for_each(|time| by_row.timestamp(row, *time));
            }
            assert_eq!(at_once.into_wit().unwrap(), by_row.into_wit().unwrap(), "{column:?} {before}");
        }
    }
}

#[test]
fn more_timestamps_than_rows_fail_the_batch() {
    let mut edits = Edits::for_rows(2);
    edits.timestamps([Some(1), Some(2), Some(3)]);
    edits.into_wit().unwrap_err();
}

#[test]
fn routes_of_all_rows_are_those_row_by_row() {
    let columns: [&[Option<usize>]; 5] =
        [&[], &[None, None, None], &[Some(1), Some(0), Some(1)], &[None, Some(1)], &[Some(1), None, Some(0)]];
    for column in columns {
        for before in [false, true] {
            let (mut at_once, mut by_row) = (Edits::for_rows(3), Edits::for_rows(3));
            let mut topics = Vec::new();
            for edits in [&mut at_once, &mut by_row] {
                topics = ["a", "b"].map(|name| edits.new_topic(name)).to_vec();
                if before {
                    edits.route(2, topics[1]);
                }
            }
            at_once.routes(column.iter().map(|topic| topic.map(|at| topics[at])));
            for (row, topic) in column.iter().enumerate() {
                topic.iter().for_each(|at| by_row.route(row, topics[*at]));
            }
            assert_eq!(at_once.into_wit().unwrap(), by_row.into_wit().unwrap(), "{column:?} {before}");
        }
    }
}

#[test]
fn a_route_too_many_or_to_a_topic_of_other_edits_fails_the_batch() {
    let topic = Edits::for_rows(1).new_topic("t");
    let mut other = Edits::for_rows(1);
    other.routes([Some(topic)]);
    other.into_wit().unwrap_err();
    let mut edits = Edits::for_rows(1);
    let topic = edits.new_topic("t");
    edits.routes([Some(topic), Some(topic)]);
    edits.into_wit().unwrap_err();
}

#[test]
fn a_row_of_a_column_is_written_as_its_cell_is() {
    let column = column(&[Some("a"), None, Some("0123456789abcdefg"), Some("")]);
    let column = Bytes::of(&column);
    for rows in [vec![0, 1, 2, 3], vec![2, 3], vec![3, 0, 2]] {
        let (mut at_once, mut by_row) = (Cells::new(), Cells::new());
        for row in rows {
            at_once.row_of(row, &column);
            column.get(row).into_iter().for_each(|cell| by_row.row(row, cell));
        }
        assert_eq!(at_once.into_wit(4).unwrap(), by_row.into_wit(4).unwrap());
    }
}

#[test]
fn what_is_written_behind_a_column_is_an_edit_of_its_own() {
    let column = column(&[Some("a"), None]);
    let mut edits = Edits::for_rows(2);
    edits.set_header_column("h", Bytes::of(&column));
    edits.set_header("h").all("x");
    edits.set_header("h").row(1, b"y");
    let cells: Vec<_> = edits.into_wit().unwrap().headers.into_iter().map(|edit| edit.cells).collect();
    assert_eq!(cells[0], Wire::Each(column));
    assert_eq!(cells[1..], [Wire::Each(self::column(&[Some("x"), Some("y")]))]);
}

#[test]
fn a_batch_begins_without_the_bytes_of_those_before() {
    let mut edits = Edits::default();
    edits.begin(1);
    for at in 0..KEPT {
        edits.set_header(&at.to_string()).row(0, &[0; 100_000]);
    }
    edits.pack().unwrap();
    edits.begin(1);
    let room: usize = edits.headers.iter().map(|header| header.cells.room()).sum();
    assert_eq!((edits.headers.len(), room), (KEPT, 0));
}
