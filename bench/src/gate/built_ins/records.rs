//! What the built-ins are given: the bench's events of 350 bytes, [`RECORDS`] records each time.

use anyhow::Result;

use super::super::{
    native::{Consumed, Extractor, Program as _},
    work::RECORDS,
};
use crate::events::{Event, Size, events};

/// Events that a record holds where a client collects them.
const COLLECTED: usize = 4;

/// The events as their clients send them.
pub(super) fn as_sent() -> Result<Vec<Consumed>> {
    Ok(sent(RECORDS))
}

/// With the headers that the recom job's first step lifts out of them.
pub(super) fn with_fields() -> Result<Vec<Consumed>> {
    let mut extractor = Extractor::new()?;
    let mut records = sent(RECORDS);
    for record in &mut records {
        let mut headers = Vec::new();
        extractor.run(record, &mut |out| {
            headers = out.headers.into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
        });
        record.headers = headers;
    }
    Ok(records)
}

/// Several in one record, a line each.
pub(super) fn collected() -> Result<Vec<Consumed>> {
    let all = sent(RECORDS * COLLECTED);
    let records = all.chunks(COLLECTED).map(|events| {
        let values: Vec<&[u8]> = events.iter().map(|event| event.value.as_slice()).collect();
        Consumed { value: values.join(&b'\n'), ..events[0].clone() }
    });
    Ok(records.collect())
}

fn sent(count: usize) -> Vec<Consumed> {
    events(count, Size::Usual).into_iter().map(consumed).collect()
}

fn consumed(event: Event) -> Consumed {
    let headers = event.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Consumed { key: Some(event.key), value: event.value, headers, timestamp: event.server }
}
