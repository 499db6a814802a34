//! Checks an answer against the interface's rules and the plan.

use std::fmt::Arguments;

use super::{Blame, Permit, Routes};
use crate::abi::{BytesColumn, Cells, Edits, Effects, HeaderEdit, HeaderOp, IntColumn};

/// Rows that one answer may have. As all limits of an answer no share of what it was asked about: then whether an answer
/// stands would depend on where the batch was cut.
const ROWS: usize = 16_384;
/// Bytes of all cells of one answer together.
const CELL_BYTES: usize = 64 << 20;
/// Header edits of one answer.
const HEADER_EDITS: usize = 1_024;
/// The longest header name, in bytes.
const HEADER_NAME: usize = 255;

/// No timestamp, as Kafka writes it.
const NO_TIME: i64 = -1;

/// Keep, drop, dead-letter.
const VERDICTS: u8 = 3;
pub(super) const DROP: u8 = 1;
pub(super) const DEAD_LETTER: u8 = 2;

/// Checks an answer about `rows` rows; gives the number of output rows. `routes` then has the answer's topics.
pub(in crate::chain) fn check(
    edits: &Edits<'_>,
    rows: usize,
    permit: &Permit,
    routes: &mut Routes,
) -> Result<usize, Blame> {
    let count = expand(edits, rows, permit)?;
    let mut bytes = 0;
    verdicts(edits, count, permit)?;
    if let Some(reasons) = given(edits.reasons.as_ref()) {
        column(reasons, count, format_args!("reasons"), &mut bytes)?;
    }
    headers(&edits.headers, count, permit, &mut bytes)?;
    if let Some(key) = &edits.key {
        declared(permit, Effects::KEY, "key")?;
        cells(key, count, format_args!("key"), &mut bytes)?;
    }
    if let Some(value) = &edits.value {
        declared(permit, Effects::VALUE, "value")?;
        cells(value, count, format_args!("value"), &mut bytes)?;
    }
    if let Some(timestamps) = edits.timestamps.as_ref().filter(|column| !column.values.is_empty()) {
        declared(permit, Effects::TIMESTAMP, "timestamp")?;
        lengths(timestamps.values.len(), count, "timestamps")?;
        nulls(&timestamps.nulls, count, format_args!("timestamps"))?;
        times(timestamps)?;
    }
    if let Some(routing) = edits.route.as_ref().filter(|routing| !routing.index.is_empty()) {
        declared(permit, Effects::ROUTE, "route")?;
        routes.check(routing, count, permit)?;
    }
    if let Some(partitions) = edits.partitions.as_ref().filter(|list| !list.is_empty()) {
        declared(permit, Effects::PARTITION, "partition")?;
        lengths(partitions.len(), count, "partitions")?;
        if let Some((row, partition)) = partitions.iter().enumerate().find(|(_, partition)| **partition < -1) {
            return Err(Blame::invalid(format!("partitions: row {row} has {partition}")));
        }
    }
    if bytes > CELL_BYTES {
        return Err(Blame::invalid(format!("the answer has {bytes} bytes of cells, more than {CELL_BYTES}")));
    }
    Ok(count)
}

/// A column without offsets is an empty list: unchanged.
pub(super) fn given<'c, 'a>(column: Option<&'c BytesColumn<'a>>) -> Option<&'c BytesColumn<'a>> {
    column.filter(|column| !column.offsets.is_empty())
}

fn declared(permit: &Permit, effect: Effects, name: &str) -> Result<(), Blame> {
    if permit.effects.contains(effect) {
        return Ok(());
    }
    Err(Blame::undeclared(format!("the answer uses the effect `{name}`, which the plan does not declare")))
}

fn expand(edits: &Edits<'_>, rows: usize, permit: &Permit) -> Result<usize, Blame> {
    let Some(expand) = &edits.expand else {
        return Ok(rows);
    };
    if expand.len() > ROWS {
        return Err(Blame::invalid(format!("expand: {} rows, more than {ROWS}", expand.len())));
    }
    let mut next = 0;
    let mut left_out = false;
    for (at, &row) in expand.iter().enumerate() {
        let row = row as usize;
        if row >= rows {
            return Err(Blame::invalid(format!("expand: entry {at} is {row}, but there are {rows} rows")));
        }
        if row + 1 < next {
            return Err(Blame::invalid(format!("expand: entry {at} is {row} after {}", next - 1)));
        }
        if row + 1 == next {
            declared(permit, Effects::EXPAND, "expand")?;
        }
        left_out |= row > next;
        next = row + 1;
    }
    if left_out || next < rows {
        declared(permit, Effects::DROP, "drop")?;
    }
    Ok(expand.len())
}

fn verdicts(edits: &Edits<'_>, count: usize, permit: &Permit) -> Result<(), Blame> {
    if edits.verdicts.is_empty() {
        return Ok(());
    }
    lengths(edits.verdicts.len(), count, "verdicts")?;
    // Nearly all answers keep all rows, which is found out many rows at a time.
    if edits.verdicts.iter().fold(0, |all, verdict| all | verdict) == 0 {
        return Ok(());
    }
    let mut seen = [false; VERDICTS as usize];
    for (row, &verdict) in edits.verdicts.iter().enumerate() {
        match seen.get_mut(verdict as usize) {
            Some(seen) => *seen = true,
            None => return Err(Blame::invalid(format!("verdicts: row {row} has {verdict}"))),
        }
    }
    if seen[DROP as usize] {
        declared(permit, Effects::DROP, "drop")?;
    }
    if seen[DEAD_LETTER as usize] {
        declared(permit, Effects::DEAD_LETTER, "dead-letter")?;
    }
    Ok(())
}

fn headers(edits: &[HeaderEdit<'_>], count: usize, permit: &Permit, bytes: &mut usize) -> Result<(), Blame> {
    if edits.is_empty() {
        return Ok(());
    }
    declared(permit, Effects::HEADERS, "headers")?;
    if edits.len() > HEADER_EDITS {
        return Err(Blame::invalid(format!("headers: {} edits, more than {HEADER_EDITS}", edits.len())));
    }
    for edit in edits {
        let name = crate::chain::text::cut(&edit.name, HEADER_NAME);
        if edit.name.is_empty() || edit.name.len() > HEADER_NAME {
            let length = edit.name.len();
            return Err(Blame::invalid(format!("headers: a name of {length} bytes; 1 to {HEADER_NAME} are possible")));
        }
        if !permit.header(name) {
            return Err(Blame::undeclared(format!(
                "the answer writes the header `{name}`, which the plan does not name"
            )));
        }
        // What is removed needs rows, not bytes, but what is wrong is wrong.
        let what = if edit.op == HeaderOp::Remove { "remove header" } else { "header" };
        cells(&edit.cells, count, format_args!("{what} `{name}`"), bytes)?;
    }
    Ok(())
}

fn cells(cells: &Cells<'_>, count: usize, what: Arguments<'_>, bytes: &mut usize) -> Result<(), Blame> {
    match cells {
        Cells::Constant(constant) => {
            *bytes += constant.as_ref().map_or(0, |bytes| bytes.len());
            Ok(())
        }
        Cells::Each(each) => column(each, count, what, bytes),
        Cells::Sparse(sparse) => {
            let mut next = 0;
            for &row in &sparse.rows {
                let row = row as usize;
                if row >= count {
                    return Err(Blame::invalid(format!("{what}: row {row} is listed, but there are {count} rows")));
                }
                if row < next {
                    return Err(Blame::invalid(format!("{what}: row {row} is listed after row {}", next - 1)));
                }
                next = row + 1;
            }
            column(&sparse.cells, sparse.rows.len(), what, bytes)
        }
    }
}

fn column(column: &BytesColumn<'_>, count: usize, what: Arguments<'_>, bytes: &mut usize) -> Result<(), Blame> {
    // No cells may also be told by no offsets at all.
    if count == 0 && column.offsets.is_empty() {
        return nulls(&column.nulls, count, what);
    }
    if column.offsets.len() != count + 1 {
        let got = column.offsets.len();
        return Err(Blame::invalid(format!("{what}: {got} offsets for {count} cells; one more than cells are needed")));
    }
    let (first, last) = (column.offsets[0], column.offsets[count]);
    if first != 0 {
        return Err(Blame::invalid(format!("{what}: the first offset is {first}, not 0")));
    }
    // Without a way out of the loop many are compared at a time.
    let descents = column.offsets.windows(2).map(|pair| u32::from(pair[1] < pair[0])).sum::<u32>();
    if descents > 0 {
        let at = column.offsets.windows(2).position(|pair| pair[1] < pair[0]).unwrap_or_default();
        let (before, offset) = (column.offsets[at], column.offsets[at + 1]);
        return Err(Blame::invalid(format!("{what}: offset {} is {offset} after {before}", at + 1)));
    }
    if last as usize > column.data.len() {
        let length = column.data.len();
        return Err(Blame::invalid(format!("{what}: the last offset is {last}, but there are {length} bytes")));
    }
    *bytes += last as usize;
    nulls(&column.nulls, count, what)
}

fn nulls(nulls: &[u8], count: usize, what: Arguments<'_>) -> Result<(), Blame> {
    if nulls.is_empty() {
        return Ok(());
    }
    if nulls.len() != count {
        return Err(Blame::invalid(format!("{what}: {} null marks for {count} cells", nulls.len())));
    }
    if nulls.iter().fold(0, |all, mark| all | mark) <= 1 {
        return Ok(());
    }
    match nulls.iter().enumerate().find(|(_, mark)| **mark > 1) {
        Some((row, mark)) => Err(Blame::invalid(format!("{what}: the null mark of cell {row} is {mark}"))),
        None => Ok(()),
    }
}

/// Kafka has no times before the epoch; -1 is its own word for none.
fn times(IntColumn { values, nulls }: &IntColumn) -> Result<(), Blame> {
    if values.iter().fold(0, |least, ms| least.min(*ms)) >= NO_TIME {
        return Ok(());
    }
    let is_set = |row: usize| nulls.get(row).is_none_or(|mark| *mark == 0);
    match values.iter().enumerate().find(|(row, ms)| **ms < NO_TIME && is_set(*row)) {
        Some((row, ms)) => Err(Blame::invalid(format!("timestamps: row {row} has {ms}, which Kafka does not have"))),
        None => Ok(()),
    }
}

pub(super) fn lengths(got: usize, count: usize, what: &str) -> Result<(), Blame> {
    if got == count {
        return Ok(());
    }
    Err(Blame::invalid(format!("{what}: {got} entries for {count} rows")))
}
