//! What becomes of a batch's records, and the edits that say so.

use std::{collections::HashMap, iter::repeat_n};

use weir_sdk::{Cells, Edits};

use crate::outcome::{Nullable, Outcome};

/// What becomes of a record.
#[derive(Debug)]
pub(crate) enum Fate {
    /// It stays as it is.
    Stay,
    Drop,
    DeadLetter(String),
    /// It becomes these, one at least.
    Become(Vec<Outcome>),
}

impl Fate {
    /// How many records come of it.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Become(outcomes) => outcomes.len(),
            _ => 1,
        }
    }
}

/// Writes what becomes of the records of a batch, one fate for each.
pub(crate) fn write(fates: Vec<Fate>, edits: &mut Edits) {
    if fates.iter().any(|fate| fate.rows() > 1) {
        let sources = fates.iter().enumerate();
        edits.expand(sources.flat_map(|(row, fate)| repeat_n(row, fate.rows())));
    }
    let mut headers = Headers::default();
    let mut row = 0;
    for fate in fates {
        let rows = fate.rows();
        match fate {
            Fate::Stay => {}
            Fate::Drop => edits.drop(row),
            Fate::DeadLetter(reason) => edits.dead_letter(row, reason),
            Fate::Become(outcomes) => {
                for (at, outcome) in outcomes.into_iter().enumerate() {
                    put(edits, &mut headers, row + at, outcome);
                }
            }
        }
        row += rows;
    }
    headers.write(edits);
}

fn put(edits: &mut Edits, headers: &mut Headers, row: usize, outcome: Outcome) {
    if let Some(value) = outcome.value {
        put_cell(edits.value(), row, value.as_deref());
    }
    if let Some(key) = outcome.key {
        put_cell(edits.key(), row, key.as_deref());
    }
    if let Some(topic) = outcome.topic {
        edits.route_to(row, &topic);
    }
    for (name, values) in outcome.headers {
        headers.put(row, name, values);
    }
}

fn put_cell(cells: &mut Cells, row: usize, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => cells.row(row, bytes),
        None => cells.row_null(row),
    }
}

/// The headers of a batch by name, so that each name costs three edits at most, however its rows differ.
#[derive(Debug, Default)]
struct Headers {
    names: Vec<Header>,
    /// Where in `names` each stands.
    known: HashMap<String, usize>,
}

#[derive(Debug, Default)]
struct Header {
    name: String,
    removed: Vec<usize>,
    first: Cells,
    others: Vec<(usize, Nullable)>,
}

impl Headers {
    fn put(&mut self, row: usize, name: String, values: Vec<Nullable>) {
        let at = *self.known.entry(name).or_insert_with_key(|name| {
            self.names.push(Header { name: name.clone(), ..Header::default() });
            self.names.len() - 1
        });
        let Some(header) = self.names.get_mut(at) else { return };
        let mut values = values.into_iter();
        match values.next() {
            Some(first) => put_cell(&mut header.first, row, first.as_deref()),
            None => header.removed.push(row),
        }
        header.others.extend(values.map(|value| (row, value)));
    }

    /// By name, so that where new headers stand in a record does not depend on the other records of the batch.
    fn write(mut self, edits: &mut Edits) {
        self.names.sort_by(|one, other| one.name.cmp(&other.name));
        for header in self.names {
            edits.remove_header_then(&header.name, header.removed);
            edits.set_header_cells(&header.name, header.first);
            if !header.others.is_empty() {
                let cells = edits.append_header(&header.name);
                header.others.iter().for_each(|(row, value)| put_cell(cells, *row, value.as_deref()));
            }
        }
    }
}
