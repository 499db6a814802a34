//! Applies a checked answer, in the order that the interface says.

use std::sync::Arc;

use super::{
    Blame,
    cells::Writes,
    check::{DEAD_LETTER, DROP, given},
    headers::HeaderWrites,
};
use crate::{
    batch::{Full, HeaderRef},
    chain::flow::{Flow, Row, push_headers},
    record::Timestamp,
    wasm::types::Edits,
};

/// Header entries that a batch's rows may have together (some 200 MB): against answers that copy rows of very many.
const HEADERS: usize = 16 * 1024 * 1024;

/// Applies answers; keeps its scratch from call to call.
#[derive(Debug, Default)]
pub(in crate::chain) struct Applier {
    headers: Vec<HeaderRef>,
}

/// What an answer did besides making rows.
#[derive(Debug, Default)]
pub(in crate::chain) struct Applied {
    /// Whether a row was left out or dropped.
    pub(in crate::chain) dropped: bool,
    /// Inputs that a verdict sent to the dead letters, and why; an input may stand twice.
    pub(in crate::chain) dead: Vec<(u32, String)>,
}

impl Applier {
    /// Applies `edits`, an answer about `rows` that [`super::check()`] found to have `count` rows, and appends the rows
    /// that go on to `next`. Where it fails, `next` is as before.
    pub(in crate::chain) fn apply(
        &mut self,
        flow: &mut Flow,
        rows: &[Row],
        edits: &Edits,
        count: usize,
        next: &mut Vec<Row>,
    ) -> Result<Applied, Blame> {
        let (before, headers) = (next.len(), flow.headers.len());
        let applied = self.try_apply(flow, rows, edits, count, next);
        if applied.is_err() {
            next.truncate(before);
            flow.headers.truncate(headers);
        }
        applied
    }

    fn try_apply(
        &mut self,
        flow: &mut Flow,
        rows: &[Row],
        edits: &Edits,
        count: usize,
        next: &mut Vec<Row>,
    ) -> Result<Applied, Blame> {
        let full = |full: Full| Blame::invalid(full.to_string());
        let mut applied =
            Applied { dropped: edits.expand.is_some() && leaves_out(edits, rows.len()), dead: Vec::new() };
        let batch = &mut flow.batch;
        let mut header_edits = Vec::with_capacity(edits.headers.len());
        for edit in &edits.headers {
            header_edits.push(HeaderWrites::new(batch, edit).map_err(full)?);
        }
        let mut key =
            edits.key.as_ref().map_or(Ok(Writes::Nothing), |cells| Writes::new(batch, cells)).map_err(full)?;
        let mut value =
            edits.value.as_ref().map_or(Ok(Writes::Nothing), |cells| Writes::new(batch, cells)).map_err(full)?;
        let timestamps = edits.timestamps.as_ref().filter(|column| !column.values.is_empty());
        let partitions = edits.partitions.as_ref().filter(|list| !list.is_empty());
        let route = edits.route.as_ref().filter(|routing| !routing.index.is_empty());
        let topics = flow.topics.len() as u32;
        if let Some(routing) = route {
            flow.topics.extend(routing.topics.iter().map(|topic| Arc::from(&**topic)));
        }
        next.reserve(count);
        for at in 0..count {
            let source = edits.expand.as_ref().map_or(at, |expand| expand[at] as usize);
            let mut row = rows[source];
            match edits.verdicts.get(at) {
                Some(&DROP) => {
                    applied.dropped = true;
                    continue;
                }
                Some(&DEAD_LETTER) => {
                    applied.dead.push((row.input, reason(edits, at)));
                    continue;
                }
                _ => {}
            }
            if !header_edits.is_empty() {
                self.headers.clear();
                self.headers.extend_from_slice(&flow.headers[row.headers.range()]);
                let mut changed = false;
                for edit in &mut header_edits {
                    changed |= edit.edit(at, &mut self.headers);
                }
                if changed {
                    row.headers = push_headers(&mut flow.headers, &self.headers);
                }
                if flow.headers.len() > HEADERS {
                    return Err(Blame::invalid(format!("the batch's rows have more than {HEADERS} headers")));
                }
            }
            row.key = key.at(at).unwrap_or(row.key);
            row.value = value.at(at).unwrap_or(row.value);
            if let Some(column) = timestamps
                && column.nulls.get(at).is_none_or(|mark| *mark == 0)
            {
                row.timestamp = Timestamp::Create(column.values[at]);
            }
            if let Some(index) = route.and_then(|routing| u32::try_from(routing.index[at]).ok()) {
                row.topic = Some(topics + index);
            }
            if let Some(partitions) = partitions {
                row.partition = Some(partitions[at]).filter(|partition| *partition >= 0);
            }
            next.push(row);
        }
        Ok(applied)
    }
}

/// Whether `expand` names not every row.
fn leaves_out(edits: &Edits, rows: usize) -> bool {
    let expand = edits.expand.as_deref().unwrap_or_default();
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

fn reason(edits: &Edits, row: usize) -> String {
    let reasons = given(edits.reasons.as_ref());
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
