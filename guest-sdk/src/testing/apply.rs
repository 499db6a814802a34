//! Refuses edits that were not declared, as weir does, and applies the rest.

use super::{Outcome, Record, Verdict};
use crate::{
    Effects, Plan,
    bindings::types::{BytesColumn, Cells, Edits, HeaderEdit, HeaderOp},
};

/// Whether the plan allows the edits of that many records; the message is what an author has to add to it.
pub(super) fn declared(plan: &Plan, records: usize, edits: &Edits) -> Result<(), String> {
    let may = |effect: Effects, does: bool, name: &str| {
        if does && !plan.declared_effects().contains(effect) {
            return Err(format!("the plan does not declare the effect `{name}`"));
        }
        Ok(())
    };
    let left_out = |sources: &Vec<u32>| (0..records as u32).any(|row| sources.binary_search(&row).is_err());
    may(Effects::EXPAND, edits.expand.is_some(), "expand")?;
    may(Effects::DROP, edits.verdicts.contains(&1) || edits.expand.as_ref().is_some_and(left_out), "drop")?;
    may(Effects::DEAD_LETTER, edits.verdicts.contains(&2), "dead-letter")?;
    may(Effects::KEY, edits.key.is_some(), "key")?;
    may(Effects::VALUE, edits.value.is_some(), "value")?;
    may(Effects::TIMESTAMP, edits.timestamps.is_some(), "timestamp")?;
    may(Effects::PARTITION, edits.partitions.is_some(), "partition")?;
    for header in &edits.headers {
        if !plan.declared_headers().iter().any(|name| name == "*" || *name == header.name) {
            return Err(format!("the plan does not declare the header `{}`", header.name));
        }
    }
    let Some(route) = &edits.route else { return Ok(()) };
    for topic in route.index.iter().filter_map(|&at| route.topics.get(usize::try_from(at).ok()?)) {
        if !plan.declared_topics().iter().any(|pattern| matches(pattern, topic)) {
            return Err(format!("the plan does not declare the topic `{topic}`"));
        }
    }
    Ok(())
}

/// Whether a pattern with `*` covers a name.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name
            .strip_prefix(head)
            .is_some_and(|name| (0..=name.len()).any(|at| name.is_char_boundary(at) && matches(rest, &name[at..]))),
    }
}

pub(super) fn apply(records: &[Record], edits: Edits) -> Vec<Outcome> {
    let sources = edits.expand.clone().unwrap_or_else(|| (0..records.len() as u32).collect());
    let rows = sources.into_iter().enumerate().map(|(row, source)| {
        let mut record = records[source as usize].clone();
        edits.headers.iter().for_each(|edit| edit_header(&mut record, edit, row));
        if let Some(key) = edits.key.as_ref().and_then(|cells| written(cells, row)) {
            record.key = key;
        }
        if let Some(value) = edits.value.as_ref().and_then(|cells| written(cells, row)) {
            record.value = value;
        }
        if let Some(times) = &edits.timestamps
            && times.nulls.get(row) != Some(&1)
        {
            record.timestamp = Some(times.values[row]);
        }
        let verdict = match edits.verdicts.get(row) {
            Some(1) => Verdict::Drop,
            Some(2) => Verdict::DeadLetter(
                edits.reasons.as_ref().and_then(|reasons| cell(reasons, row)).map_or_else(String::new, lossy),
            ),
            _ => Verdict::Keep,
        };
        let topic = edits.route.as_ref().and_then(|route| {
            let at = usize::try_from(route.index[row]).ok()?;
            route.topics.get(at).cloned()
        });
        let partition = edits.partitions.as_ref().map(|partitions| partitions[row]).filter(|&partition| partition >= 0);
        Outcome { input: source as usize, verdict, record, topic, partition }
    });
    rows.collect()
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

fn cell(column: &BytesColumn, at: usize) -> Option<Vec<u8>> {
    if column.nulls.get(at) == Some(&1) {
        return None;
    }
    Some(column.data[column.offsets[at] as usize..column.offsets[at + 1] as usize].to_vec())
}

/// What is written to a row: outer `None` where it is left alone, inner where null is written.
fn written(cells: &Cells, row: usize) -> Option<Option<Vec<u8>>> {
    match cells {
        Cells::Constant(all) => Some(all.clone()),
        Cells::Each(column) => cell(column, row).map(Some),
        Cells::Sparse(sparse) => {
            let at = sparse.rows.binary_search(&(row as u32)).ok()?;
            Some(cell(&sparse.cells, at))
        }
    }
}

fn edit_header(record: &mut Record, edit: &HeaderEdit, row: usize) {
    let Some(value) = written(&edit.cells, row) else { return };
    let first = record.headers.iter().position(|(name, _)| *name == edit.name);
    match (edit.op, first) {
        (HeaderOp::Remove, _) => record.headers.retain(|(name, _)| *name != edit.name),
        (HeaderOp::Set, Some(first)) => {
            record.headers[first].1 = value;
            let mut at = 0;
            record.headers.retain(|(name, _)| {
                at += 1;
                *name != edit.name || at - 1 == first
            });
        }
        (HeaderOp::Append, _) | (HeaderOp::Set, None) => record.headers.push((edit.name.clone(), value)),
    }
}
