//! How a batch lies, word by word: it was published, and never changes.

use super::{Bytes, Ints};
use crate::{
    abi::{BatchView, ColumnView, HeaderTable},
    wasm::packed::batch::write,
};

fn word(text: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..text.len()].copy_from_slice(text);
    u64::from_le_bytes(word)
}

fn pair(first: u32, second: u32) -> u64 {
    u64::from(first) | u64::from(second) << 32
}

#[test]
fn a_batch_lies_as_it_was_published() {
    let (whole, holed) = (Bytes::of(&[Some("a"), Some("bc")]), Bytes::of(&[None, Some("123456789")]));
    let (ints, some) = (Ints::of(&[Some(-1), Some(7)]), Ints::of(&[Some(5), None]));
    let cells = Bytes::of(&[Some("x"), Some("y"), None]);
    let table = HeaderTable { starts: &[0, 2, 3], names: &["h", "name"], name_index: &[0, 1, 0], cells: cells.view() };
    let batch = BatchView {
        topic: "events-07",
        partition: -1,
        count: 2,
        columns: vec![
            ColumnView::Bytes(whole.view()),
            ColumnView::Bytes(holed.view()),
            ColumnView::Ints(ints.view()),
            ColumnView::Ints(some.view()),
        ],
        headers: Some(table),
    };
    let mut words = vec![1; 100];
    write(&batch, &mut words);
    let expected = [
        // Rows, partition, bytes of the topic, columns, header table; the columns' words.
        vec![pair(2, u32::MAX), pair(9, 4), pair(23, 0), pair(7, 11), pair(17, 20)],
        vec![word(b"events-0"), word(b"7")],
        vec![pair(0, 3), pair(0, 1), pair(3, 0), word(b"abc")],
        vec![pair(1, 9), pair(0, 0), pair(9, 0), word(&[1, 0]), word(b"12345678"), word(b"9")],
        vec![pair(2, 0), u64::MAX, 7],
        vec![pair(3, 0), 5, 0, word(&[0, 1])],
    ];
    // The last column has a word more than the one before it: its marks.
    let mut expected = expected.concat();
    expected[2] = pair(expected.len() as u32, 0);
    expected.extend([pair(3, 2), pair(0, 2), pair(3, 0), pair(0, 1), pair(0, 0), pair(1, 5), word(b"hname")]);
    expected.extend([pair(1, 2), pair(0, 1), pair(2, 2), word(&[0, 0, 1]), word(b"xy")]);
    assert_eq!(words, expected);
    write(&BatchView { columns: Vec::new(), headers: None, ..batch }, &mut words);
    assert_eq!(words, [pair(2, u32::MAX), pair(9, 0), pair(0, 0), word(b"events-0"), word(b"7")]);
}
