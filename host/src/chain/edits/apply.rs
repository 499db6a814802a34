//! Applies a checked answer, in the order that the interface says.

use std::ops::Range;

use super::{
    Blame, Routes,
    cells::{Cursor, Writes},
    check::{DEAD_LETTER, DROP, given},
    headers::{HeaderWrites, edited},
};
use crate::{
    abi::{BytesColumn, Cells, Edits, IntColumn},
    batch::Full,
    chain::flow::{Flow, Row},
    record::Timestamp,
};

/// Header entries that a batch's rows may have together (some 200 MB): against answers that copy rows of very many.
const HEADERS: usize = 16 * 1024 * 1024;

/// Applies answers; keeps its scratch from call to call.
#[derive(Debug, Default)]
pub(in crate::chain) struct Applier {
    headers: Vec<HeaderWrites>,
    cursors: Vec<Cursor>,
}

/// What an answer did.
#[derive(Debug, Default)]
pub(in crate::chain) struct Applied {
    /// The rows were changed where they stand, all of them, and none was appended to `next`.
    pub(in crate::chain) in_place: bool,
    /// Whether a row was left out or dropped.
    pub(in crate::chain) dropped: bool,
    /// Which of the rows that the answer is about a verdict sent to the dead letters, and why; a row may stand twice.
    pub(in crate::chain) dead: Vec<(usize, String)>,
}

/// What of an answer changes rows one by one, made ready.
struct Ready {
    key: Option<Writes>,
    value: Option<Writes>,
    timestamps: Option<IntColumn>,
    route: Option<Vec<i32>>,
    partitions: Option<Vec<i32>>,
}

impl Applier {
    /// Applies `edits`, an answer about `rows[range]` that [`super::check()`] found to have `count` rows. Where every row
    /// goes on and the answer is about all rows, they are changed where they stand; else the rows that go on are appended
    /// to `next`. Where it fails, `rows` (but for settled headers) and `next` are as before.
    pub(in crate::chain) fn apply(
        &mut self,
        flow: &mut Flow,
        (rows, range): (&mut [Row], Range<usize>),
        edits: Box<Edits<'_>>,
        count: usize,
        routes: &Routes,
        next: &mut Vec<Row>,
    ) -> Result<Applied, Blame> {
        let in_place = range.len() == rows.len()
            && edits.expand.is_none()
            && !edits.verdicts.iter().any(|verdict| *verdict != 0)
            && flow.headers.len().saturating_add(flow.overlay.bound(count, edits.headers.len())) <= HEADERS;
        if !in_place {
            flow.settle(rows);
        }
        let Edits { expand, verdicts, reasons, headers, key, value, timestamps, route, partitions } = *edits;
        let full = |full: Full| Blame::invalid(full.to_string());
        self.headers.clear();
        let batch = &mut flow.batch;
        HeaderWrites::make(batch, headers, &mut self.headers).map_err(full)?;
        let mut writes = |cells: Option<Cells<'_>>| match cells {
            None => Ok(None),
            Some(cells) => Writes::store(batch, &cells).map(|stored| Some(Writes::new(cells, stored))).map_err(full),
        };
        let (key, value) = (writes(key)?, writes(value)?);
        let constants = self.headers.iter().map(|edit| &edit.writes).chain(&key).chain(&value);
        let repeated = constants.map(|writes| writes.repeated(count)).fold(0, usize::saturating_add);
        flow.repeated = flow.repeated.saturating_add(repeated);
        let ready = Ready {
            key,
            value,
            timestamps: timestamps.filter(|column| !column.values.is_empty()),
            route: route.map(|routing| routing.index).filter(|index| !index.is_empty()),
            partitions: partitions.filter(|list| !list.is_empty()),
        };
        let topics = flow.topics.len() as u32;
        if ready.route.is_some() {
            flow.topics.extend(routes.topics());
        }
        if in_place {
            flow.overlay.extend(self.headers.drain(..));
            ready.change(rows, topics);
            return Ok(Applied { in_place, ..Applied::default() });
        }
        let first = range.start;
        let rows = &rows[range];
        let from = next.len();
        next.extend((0..count).map(|at| rows[expand.as_ref().map_or(at, |expand| expand[at] as usize)]));
        if let Err(blame) = self.edit_headers(flow, &mut next[from..], &verdicts) {
            next.truncate(from);
            return Err(blame);
        }
        ready.change(&mut next[from..], topics);
        let mut applied = Applied::default();
        if let Some(expand) = &expand {
            applied.dropped = leaves_out(expand, rows.len());
            // Rows share now what they have.
            flow.repeated = usize::MAX;
        }
        if !verdicts.is_empty() {
            let mut kept = from;
            for (at, verdict) in verdicts.into_iter().enumerate() {
                let row = next[from + at];
                match verdict {
                    DROP => applied.dropped = true,
                    DEAD_LETTER => {
                        let row = first + expand.as_ref().map_or(at, |expand| expand[at] as usize);
                        applied.dead.push((row, reason(given(reasons.as_ref()), at)));
                    }
                    _ => {
                        next[kept] = row;
                        kept += 1;
                    }
                }
            }
            next.truncate(kept);
        }
        Ok(applied)
    }

    /// Applies the header edits to rows that an answer made, but to those that a verdict takes away.
    fn edit_headers(&mut self, flow: &mut Flow, rows: &mut [Row], verdicts: &[u8]) -> Result<(), Blame> {
        if self.headers.is_empty() {
            return Ok(());
        }
        self.cursors.clear();
        self.cursors.resize(self.headers.len(), 0);
        let before = flow.headers.len();
        for (at, row) in rows.iter_mut().enumerate() {
            if verdicts.get(at).is_none_or(|verdict| *verdict == 0) {
                row.headers = edited(&self.headers, &mut self.cursors, at, row.headers, &mut flow.headers);
            }
            if flow.headers.len() > HEADERS {
                flow.headers.truncate(before);
                return Err(Blame::invalid(format!("the batch's rows have more than {HEADERS} headers")));
            }
        }
        Ok(())
    }
}

impl Ready {
    /// Changes rows where they stand. `topics`: the number in the flow of the answer's first topic.
    fn change(&self, rows: &mut [Row], topics: u32) {
        if let Some(keys) = &self.key {
            let mut cursor = 0;
            rows.iter_mut().enumerate().for_each(|(at, row)| row.key = keys.at(at, &mut cursor).unwrap_or(row.key));
        }
        if let Some(values) = &self.value {
            let mut cursor = 0;
            rows.iter_mut()
                .enumerate()
                .for_each(|(at, row)| row.value = values.at(at, &mut cursor).unwrap_or(row.value));
        }
        if let Some(IntColumn { values, nulls }) = &self.timestamps {
            for (at, (row, ms)) in rows.iter_mut().zip(values).enumerate() {
                if nulls.get(at).is_none_or(|mark| *mark == 0) {
                    row.timestamp = Timestamp::Create(*ms);
                }
            }
        }
        for (row, index) in rows.iter_mut().zip(self.route.iter().flatten()) {
            if let Ok(index) = u32::try_from(*index) {
                row.topic = Some(topics + index);
            }
        }
        for (row, partition) in rows.iter_mut().zip(self.partitions.iter().flatten()) {
            row.partition = Some(*partition).filter(|partition| *partition >= 0);
        }
    }
}

/// Whether `expand` names not every row.
fn leaves_out(expand: &[u32], rows: usize) -> bool {
    let mut named = 0;
    let mut last = None;
    for row in expand {
        if last != Some(row) {
            named += 1;
        }
        last = Some(row);
    }
    named < rows
}

fn reason(reasons: Option<&BytesColumn<'_>>, row: usize) -> String {
    let known = reasons.filter(|column| column.nulls.get(row).is_none_or(|mark| *mark == 0));
    match known {
        Some(column) => {
            let bytes = &column.data[column.offsets[row] as usize..column.offsets[row + 1] as usize];
            // Only the beginning is ever shown.
            String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).into_owned()
        }
        None => "the interceptor set the record aside and gave no reason".to_owned(),
    }
}
