//! Builds a batch's columns as weir would.

use std::borrow::Cow;

use weir_rules::json;

use super::{Matcher, Record};
use crate::{
    Plan,
    bindings::types::{Batch, BytesColumn, Column, HeaderTable, Input, IntColumn, Source},
};

pub(super) fn batch(
    plan: &Plan,
    topic: &str,
    partition: i32,
    matcher: Option<Matcher>,
    records: &[Record],
) -> Result<Batch, String> {
    let mut columns = Vec::new();
    for (at, input) in plan.declared_inputs().iter().enumerate() {
        columns.push(column(at, &input.0, matcher, records)?);
    }
    let headers = plan.reads_all_headers().then(|| header_table(records));
    Ok(Batch { topic: topic.to_owned(), partition, count: records.len() as u32, columns, headers })
}

fn column(at: usize, input: &Input, matcher: Option<Matcher>, records: &[Record]) -> Result<Column, String> {
    let given = |record: &Record| record.cells.get(&at).cloned();
    let int = |cell: &dyn Fn(usize, &Record) -> Option<i64>| {
        let cells = records.iter().enumerate().map(|(row, record)| match given(record) {
            Some(bytes) => bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.parse().ok()),
            None => cell(row, record),
        });
        Ok(Column::Ints(ints(cells)))
    };
    let text = |cell: &dyn Fn(&Record) -> Option<Vec<u8>>| {
        Column::Bytes(bytes(records.iter().map(|record| given(record).unwrap_or_else(|| cell(record)))))
    };
    match input {
        Input::Timestamp => int(&|_, record| record.timestamp),
        Input::TimestampType => int(&|_, record| record.timestamp_type),
        Input::Received => int(&|_, record| Some(record.received)),
        Input::Offset => int(&|row, record| Some(record.offset.unwrap_or(row as i64))),
        Input::JsonInt(of) => int(&|_, record| json::integer(member(find(&of.source, record)?, &of.pointer)?).ok()),
        Input::Key => Ok(text(&|record| record.key.clone())),
        Input::Value => Ok(text(&|record| record.value.clone())),
        Input::Header(name) => Ok(text(&|record| last(record, name).map(<[u8]>::to_vec))),
        Input::Json(of) => {
            Ok(text(&|record| json::text(member(find(&of.source, record)?, &of.pointer)?).map(Cow::into_owned)))
        }
        Input::Capture(of) => {
            if let Some(matcher) = matcher {
                return Ok(text(&|record| matcher(&of.pattern, of.group, find(&of.source, record)?)));
            }
            if records.iter().any(|record| given(record).is_none()) {
                return Err(format!("column {at} is a capture: give its cells, or the bench a matcher"));
            }
            Ok(text(&|_| None))
        }
    }
}

fn find<'a>(source: &Source, record: &'a Record) -> Option<&'a [u8]> {
    match source {
        Source::Key => record.key.as_deref(),
        Source::Value => record.value.as_deref(),
        Source::Header(name) => last(record, name),
    }
}

fn last<'a>(record: &'a Record, name: &str) -> Option<&'a [u8]> {
    record.headers.iter().rev().find(|(known, _)| known == name)?.1.as_deref()
}

/// A member as it stands in the document.
fn member<'a>(source: &'a [u8], pointer: &str) -> Option<&'a [u8]> {
    let member = json::find(source, pointer).ok()??;
    source.get(member)
}

fn header_table(records: &[Record]) -> HeaderTable {
    let mut table =
        HeaderTable { starts: vec![0], names: Vec::new(), name_index: Vec::new(), cells: bytes(std::iter::empty()) };
    for (name, _) in records.iter().flat_map(|record| &record.headers) {
        let at = table.names.iter().position(|known| known == name).unwrap_or_else(|| {
            table.names.push(name.clone());
            table.names.len() - 1
        });
        table.name_index.push(at as u32);
    }
    let mut entries = 0;
    for record in records {
        entries += record.headers.len() as u32;
        table.starts.push(entries);
    }
    table.cells = bytes(records.iter().flat_map(|record| &record.headers).map(|(_, value)| value.clone()));
    table
}

/// A column of bytes, its nulls whole, as weir sends it.
pub(super) fn bytes(cells: impl Iterator<Item = Option<Vec<u8>>>) -> BytesColumn {
    let mut column = BytesColumn { offsets: vec![0], data: Vec::new(), nulls: Vec::new() };
    for cell in cells {
        column.nulls.push(u8::from(cell.is_none()));
        column.data.extend_from_slice(&cell.unwrap_or_default());
        column.offsets.push(column.data.len() as u32);
    }
    column
}

fn ints(cells: impl Iterator<Item = Option<i64>>) -> IntColumn {
    let (values, nulls) = cells.map(|cell| (cell.unwrap_or_default(), u8::from(cell.is_none()))).unzip();
    IntColumn { values, nulls }
}
