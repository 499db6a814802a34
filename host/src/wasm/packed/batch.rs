//! Writes batches.

use crate::abi::{BatchView, BytesView, ColumnView, HeaderTable, IntsView};

/// Kinds of columns; one more where null marks follow.
const BYTES: u32 = 0;
const INTS: u32 = 2;
const WITH_NULLS: u32 = 1;

/// Numbers of the head before those of the columns.
const HEAD: usize = 6;
/// Where in the head the word of the header table stands.
const HEADER_TABLE: usize = 4;

// Words are written as what they are made of.
const _: () = assert!(cfg!(target_endian = "little"));

/// Writes a batch over what `words` held.
pub(super) fn write(batch: &BatchView<'_>, words: &mut Vec<u64>) {
    words.clear();
    let head = HEAD + batch.columns.len();
    words.resize(head.div_ceil(2), 0);
    numbers(words)[..HEADER_TABLE].copy_from_slice(&[
        batch.count,
        batch.partition.cast_unsigned(),
        batch.topic.len() as u32,
        batch.columns.len() as u32,
    ]);
    append(words, batch.topic.as_bytes());
    for (at, column) in batch.columns.iter().enumerate() {
        numbers(words)[HEAD + at] = words.len() as u32;
        match column {
            ColumnView::Bytes(column) => write_bytes(words, column),
            ColumnView::Ints(column) => write_ints(words, column),
        }
    }
    if let Some(table) = &batch.headers {
        numbers(words)[HEADER_TABLE] = words.len() as u32;
        write_headers(words, table);
    }
}

/// Column `at` of a batch as it was [written](write), where it is one of bytes. Null marks are left out where no cell is
/// null.
pub(super) fn bytes_column(words: &[u64], at: u32) -> Option<BytesView<'_>> {
    let (numbers, bytes): (&[u32], &[u8]) = (bytemuck::cast_slice(words), bytemuck::cast_slice(words));
    let [rows, _, _, columns] = *numbers.first_chunk()?;
    let (rows, place) = (rows as usize, HEAD + at as usize);
    let word = *numbers.get(place).filter(|_| at < columns)? as usize;
    let [kind, length] = *numbers.get(2 * word..)?.first_chunk()?;
    if kind >= INTS {
        return None;
    }
    let offsets = numbers.get(2 * (word + 1)..)?.get(..rows + 1)?;
    let behind = size_of::<u64>() * (word + 1 + (rows + 1).div_ceil(2));
    let marks = if kind == BYTES { 0 } else { rows };
    let nulls = bytes.get(behind..)?.get(..marks)?;
    let data = bytes.get(behind + marks.next_multiple_of(size_of::<u64>())..)?.get(..length as usize)?;
    Some(BytesView { offsets, data, nulls })
}

fn write_bytes(words: &mut Vec<u64>, BytesView { offsets, data, nulls }: &BytesView<'_>) {
    let with_nulls = has_nulls(nulls);
    pair(words, BYTES + if with_nulls { WITH_NULLS } else { 0 }, data.len() as u32);
    append(words, bytemuck::cast_slice(offsets));
    if with_nulls {
        append(words, nulls);
    }
    append(words, data);
}

fn write_ints(words: &mut Vec<u64>, IntsView { values, nulls }: &IntsView<'_>) {
    let with_nulls = has_nulls(nulls);
    pair(words, INTS + if with_nulls { WITH_NULLS } else { 0 }, 0);
    words.extend_from_slice(bytemuck::cast_slice(values));
    if with_nulls {
        append(words, nulls);
    }
}

fn write_headers(words: &mut Vec<u64>, HeaderTable { starts, names, name_index, cells }: &HeaderTable<'_>) {
    pair(words, name_index.len() as u32, names.len() as u32);
    append(words, bytemuck::cast_slice(starts));
    append(words, bytemuck::cast_slice(name_index));
    let mut end = 0;
    let ends: Vec<u32> = names
        .iter()
        .map(|name| {
            end += name.len() as u32;
            end
        })
        .collect();
    append(words, bytemuck::cast_slice(&ends));
    append(words, names.concat().as_bytes());
    write_bytes(words, cells);
}

/// Most columns have none, which is found out many marks at a time.
fn has_nulls(nulls: &[u8]) -> bool {
    nulls.iter().fold(0, |all, mark| all | mark) != 0
}

fn numbers(words: &mut [u64]) -> &mut [u32] {
    bytemuck::cast_slice_mut(words)
}

/// Appends a word of two numbers.
fn pair(words: &mut Vec<u64>, first: u32, second: u32) {
    words.push(u64::from(first) | u64::from(second) << u32::BITS);
}

/// Appends a part.
fn append(words: &mut Vec<u64>, bytes: &[u8]) {
    let (whole, rest) = bytes.as_chunks();
    words.extend(whole.iter().map(|word| u64::from_le_bytes(*word)));
    if !rest.is_empty() {
        let mut last = [0; size_of::<u64>()];
        last[..rest.len()].copy_from_slice(rest);
        words.push(u64::from_le_bytes(last));
    }
}
