//! Whatever a plugin answers, reading it ends, in edits or in what is wrong.

use proptest::prelude::*;

use super::Bytes;
use crate::{
    abi::{BatchView, Cells, ColumnView, Edits, HeaderOp},
    wasm::packed::{
        answer::{Malformed, read},
        batch::write,
    },
};

/// An answer of these parts, each of numbers and texts.
fn answer(parts: u32, rest: &[&[u8]]) -> Vec<u8> {
    [&parts.to_le_bytes()[..]].into_iter().chain(rest.iter().copied()).collect::<Vec<_>>().concat()
}

fn list(bytes: &[u8], elements: usize) -> Vec<u8> {
    [&(elements as u32).to_le_bytes()[..], bytes].concat()
}

fn u32s(all: &[u32]) -> Vec<u8> {
    let bytes: Vec<u8> = all.iter().flat_map(|number| number.to_le_bytes()).collect();
    list(&bytes, all.len())
}

fn text(text: &str) -> Vec<u8> {
    list(text.as_bytes(), text.len())
}

fn reading_about(answer: &[u8], batch: &BatchView<'_>) -> Result<Edits<'static>, Malformed> {
    let mut words = Vec::new();
    write(batch, &mut words);
    read(answer, &words).map(|edits| edits.into_owned())
}

/// Of two rows, whose only column has `one` and null.
fn reading(answer: &[u8]) -> Result<Edits<'static>, Malformed> {
    let column = Bytes::of(&[Some("one"), None]);
    let columns = vec![ColumnView::Bytes(column.view())];
    reading_about(answer, &BatchView { topic: "t", partition: 0, count: 2, columns, headers: None })
}

/// One with every part, and cells of every kind.
fn whole() -> Vec<u8> {
    let column = [u32s(&[0, 1, 1]), list(&[0, 1], 2), text("x")].concat();
    let header = |op: u8, name: &str, cells: &[u8]| [&[op][..], &text(name), cells].concat();
    let headers = [
        3_u32.to_le_bytes().to_vec(),
        header(0, "h", &[&[2][..], &column].concat()),
        header(1, "i", &[0]),
        header(2, "j", &[&[3][..], &u32s(&[0, 1]), &column].concat()),
    ];
    let key = [&[1][..], &text("k")].concat();
    let value = [&[2][..], &column].concat();
    let times = [list(&[7_i64.to_le_bytes(), 8_i64.to_le_bytes()].concat(), 2), list(&[], 0)].concat();
    let route = [u32s(&[1, 3]), text("abc"), u32s(&[1, u32::MAX])].concat();
    answer(
        0x1ff,
        &[
            &u32s(&[0, 1]),
            &list(&[0, 2], 2),
            &column,
            &headers.concat(),
            &key,
            &value,
            &times,
            &route,
            &u32s(&[u32::MAX, 4]),
        ],
    )
}

#[test]
fn every_part_is_read() {
    let edits = reading(&whole()).unwrap();
    assert_eq!((edits.expand, edits.verdicts), (Some(vec![0, 1]), vec![0, 2]));
    assert_eq!(edits.reasons.map(|column| (column.offsets, column.data, column.nulls)).unwrap().0, [0, 1, 1]);
    let headers: Vec<_> = edits.headers.iter().map(|edit| (edit.op, &*edit.name)).collect();
    assert_eq!(headers, [(HeaderOp::Set, "h"), (HeaderOp::Append, "i"), (HeaderOp::Remove, "j")]);
    assert!(matches!(edits.headers[1].cells, Cells::Constant(None)));
    assert!(matches!(&edits.headers[2].cells, Cells::Sparse(sparse) if sparse.rows == [0, 1]));
    assert!(matches!(&edits.key, Some(Cells::Constant(Some(key))) if **key == *b"k"));
    assert!(matches!(&edits.value, Some(Cells::Each(column)) if *column.nulls == [0, 1]));
    assert_eq!(edits.timestamps.map(|times| (times.values, times.nulls)).unwrap(), (vec![7, 8], vec![]));
    let route = edits.route.unwrap();
    assert_eq!((route.topics.iter().collect::<Vec<_>>(), route.index), (vec!["a", "bc"], vec![1, -1]));
    assert_eq!(edits.partitions, Some(vec![-1, 4]));
}

#[test]
fn an_answer_that_is_cut_off_anywhere_is_said_to_be() {
    let whole = whole();
    for length in 0..whole.len() {
        assert_eq!(reading(&whole[..length]).unwrap_err(), Malformed::Short(length));
    }
    let longer = [&whole[..], &[0, 0]].concat();
    assert_eq!(reading(&longer).unwrap_err(), Malformed::Long(2));
}

#[test]
fn what_there_is_not_is_named() {
    let unknown = |kind: &'static str, value: u32| Malformed::Unknown { kind, value };
    let header = |rest: &[u8]| answer(8, &[&1_u32.to_le_bytes(), rest]);
    let cases = [
        (answer(1 << 9, &[]), unknown("parts", 1 << 9)),
        (header(&[3]), unknown("the header operation", 3)),
        (answer(16, &[&[5]]), unknown("cells of kind", 5)),
        (answer(16, &[&[4], &1_u32.to_le_bytes()]), unknown("cells of the column", 1)),
        // Rows are others behind an expansion.
        (answer(17, &[&u32s(&[0, 0]), &[4], &0_u32.to_le_bytes()]), unknown("cells of the column", 0)),
        (header(&[&[0][..], &list(&[0xff], 1), &[0]].concat()), Malformed::Text("header's name")),
        (answer(128, &[&u32s(&[2, 1]), &text("ab"), &u32s(&[])]), Malformed::Topics),
        (answer(8, &[&1_000_000_u32.to_le_bytes()]), Malformed::Large),
        // A list of more than there can be makes no room for it.
        (answer(1, &[&u32::MAX.to_le_bytes()]), Malformed::Short(8)),
    ];
    for (answer, wrong) in cases {
        assert_eq!(reading(&answer).unwrap_err(), wrong, "{answer:?}");
    }
}

#[test]
fn cells_that_are_those_of_a_column_have_its_bytes_and_its_nulls() {
    let edits = reading(&answer(16, &[&[4], &0_u32.to_le_bytes()])).unwrap();
    let Some(Cells::Each(column)) = edits.key else { panic!("{:?}", edits.key) };
    assert_eq!((&*column.offsets, &*column.data, &*column.nulls), (&[0, 3, 3][..], &b"one"[..], &[0, 1][..]));
}

/// An answer that names the only column, of so many bytes, for so many headers.
fn naming(headers: u32, bytes: usize) -> Result<Edits<'static>, Malformed> {
    let column = Bytes::of(&[Some(vec![0; bytes])]);
    let columns = vec![ColumnView::Bytes(column.view())];
    let edit = [&[0][..], &text("h"), &[4], &0_u32.to_le_bytes()].concat();
    let answer = answer(8, &[&headers.to_le_bytes(), &edit.repeat(headers as usize)]);
    reading_about(&answer, &BatchView { topic: "t", partition: 0, count: 1, columns, headers: None })
}

#[test]
fn what_is_named_again_and_again_is_bounded_as_lists_are() {
    assert_eq!(naming(63, 1 << 20).unwrap().headers.len(), 63);
    assert_eq!(naming(64, 1 << 20).unwrap_err(), Malformed::Large);
    let topics = |many: usize| answer(128, &[&u32s(&vec![0; many]), &text(""), &u32s(&[])]);
    assert_eq!(reading(&topics(2_000_000)).unwrap().route.unwrap().topics.len(), 2_000_000);
    assert_eq!(reading(&topics(3_000_000)).unwrap_err(), Malformed::Large);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_answered_reading_it_ends(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut answer = whole();
        for (at, byte) in changes {
            let at = at.index(answer.len());
            answer[at] = byte;
        }
        let _read_or_not = reading(&answer);
    }
}
