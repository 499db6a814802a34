//! An entry of `headers`, ready to write.

use std::{io::Write, rc::Rc};

use weir_sdk::{
    Batch, Bytes, Cells, Edits, Ints, Segment, count,
    table::Table,
    template::{DateFormat, append_uuid},
};

use crate::{
    config::Missing,
    lookup::{Found, Lookup, Several, View, Written},
};

/// A header and what is written to it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) pieces: Vec<Piece>,
    /// What is already there, where that is left alone.
    pub(crate) existing: Option<Lookup>,
    pub(crate) missing: Missing,
    /// An entry below reads what this one writes.
    pub(crate) is_read: bool,
    /// Bytes that the last batch's rows had on average.
    pub(crate) room: usize,
    /// What records are counted under in which a part has no value.
    pub(crate) missed: Option<String>,
}

/// A part of a template and where its value comes from.
#[derive(Debug)]
pub(crate) struct Piece {
    /// As it stands in the template, for reasons.
    pub(crate) shown: String,
    pub(crate) from: Origin,
}

#[derive(Debug)]
pub(crate) enum Origin {
    Text(Text),
    Topic,
    Partition,
    Bytes(usize),
    Header(Lookup),
    Int(usize),
    Date(usize, Box<DateFormat>),
    Uuid(usize),
    /// What the table has for the key that the pieces make.
    Table(Rc<Table>, Vec<Piece>),
}

/// A text that is copied again and again.
#[derive(Debug)]
pub(crate) struct Text {
    /// With zeros behind it: copying a fixed number of bytes is a load and a store, copying so many as there are is a
    /// call of the engine.
    padded: Vec<u8>,
    length: usize,
}

const SHORT: usize = 16;

/// For so many rows it pays to make the parts ready for all of them; a row alone takes half as long by itself.
const JOINED_ROWS: usize = 4;

impl Text {
    pub(crate) fn new(text: String) -> Self {
        let mut padded = text.into_bytes();
        let length = padded.len();
        padded.resize(length.max(SHORT), 0);
        Self { padded, length }
    }

    fn bytes(&self) -> &[u8] {
        self.padded.get(..self.length).unwrap_or_default()
    }

    #[inline]
    fn append(&self, out: &mut Vec<u8>) {
        match self.padded.first_chunk::<SHORT>() {
            Some(chunk) if self.length <= SHORT => {
                let end = out.len() + self.length;
                out.extend_from_slice(chunk);
                out.truncate(end);
            }
            _ => out.extend_from_slice(&self.padded),
        }
    }
}

/// An [`Origin`] in one batch.
enum Here<'a> {
    Text(&'a Text),
    Topic(&'a [u8]),
    Number(i32),
    Bytes(Bytes<'a>),
    Header(Box<Several<'a>>),
    Int(Ints<'a>),
    Date(Ints<'a>, &'a mut DateFormat),
    Uuid(Ints<'a>, &'a Batch),
    Table(&'a Table, Vec<Part<'a>>),
}

/// A piece in one batch, and what it is called.
type Part<'a> = (&'a str, Here<'a>);

impl Entry {
    /// Whether a part may have no value in some record.
    pub(crate) fn may_miss(&self) -> bool {
        self.pieces.iter().any(|piece| !piece.from.is_same_for_all())
    }

    /// Writes the header to every row of a batch; returns what it wrote if an entry below reads it.
    ///
    /// # Errors
    ///
    /// The batch does not have the columns of the plan.
    pub(crate) fn write(&mut self, view: View<'_>, edits: &mut Edits) -> Result<Written, String> {
        let mut written = Written::default();
        let rows = view.batch.len();
        let existing = self.existing.as_ref().map(|lookup| lookup.within(view)).transpose()?;
        // Where no row has the header, none has to be looked at.
        let existing =
            existing.filter(|existing| !matches!(existing, Found::Column(column) if column.nulls() == column.len()));
        let same_for_all = existing.is_none() && self.pieces.iter().all(|piece| piece.from.is_same_for_all());
        let mut pieces = parts(&mut self.pieces, view)?;
        if existing.is_none()
            && !same_for_all
            && !self.is_read
            && (rows >= JOINED_ROWS || pieces.len() == 1)
            && let Some(parts) = joined(&self.missing, &pieces)
        {
            let holes = if let [Segment::Cells(only)] = parts.as_slice() {
                edits.set_header_column(&self.name, *only);
                only.nulls()
            } else {
                let cells = Cells::joined(rows, &parts);
                let holes = rows - cells.written();
                edits.set_header_cells(&self.name, cells);
                holes
            };
            self.missed.iter().for_each(|name| count(name, holes as u32));
            return Ok(written);
        }
        let mut missed = 0;
        let mut cells = if same_for_all { Cells::new() } else { Cells::with_room(rows, self.room * rows) };
        let mut value = Vec::new();
        for row in view.batch.rows() {
            if existing.as_ref().is_some_and(|existing| existing.get(row).is_some()) {
                if self.is_read {
                    written.push(None);
                }
                continue;
            }
            let mut is_missed = false;
            let mut write = |value: &mut Vec<u8>| {
                pieces.iter_mut().all(|(shown, here)| {
                    if here.append(row, value) {
                        return true;
                    }
                    is_missed = true;
                    match &self.missing {
                        Missing::Skip => false,
                        Missing::Empty => true,
                        Missing::Default(text) => {
                            value.extend_from_slice(text.as_bytes());
                            true
                        }
                        Missing::DeadLetter => {
                            let shown = here.missing(row).unwrap_or(shown);
                            edits.dead_letter(row, format!("header `{}`: `{shown}` has no value", self.name));
                            false
                        }
                    }
                })
            };
            if same_for_all || self.is_read {
                value.clear();
                let complete = write(&mut value);
                if same_for_all {
                    if self.is_read {
                        written.all = Some(value.clone());
                    }
                    cells.all(value);
                    break;
                }
                if complete {
                    cells.row(row, &value);
                }
                written.push(complete.then_some(value.as_slice()));
            } else {
                cells.row_with(row, write);
            }
            missed += u32::from(is_missed);
        }
        self.missed.iter().for_each(|name| count(name, missed));
        self.room = cells.bytes().div_ceil(rows.max(1));
        edits.set_header_cells(&self.name, cells);
        Ok(written)
    }
}

/// The pieces as they are joined for all rows at once, where nothing has to be decided row by row.
fn joined<'a>(missing: &Missing, pieces: &'a [Part<'_>]) -> Option<Vec<Segment<'a>>> {
    let part = |(_, here): &'a Part<'_>| match here {
        Here::Text(text) => Some(Segment::Text(text.bytes())),
        Here::Topic(topic) => Some(Segment::Text(topic)),
        // Only a template that is skipped as a whole can be left to them.
        Here::Bytes(column) if *missing == Missing::Skip || column.nulls() == 0 => Some(Segment::Cells(*column)),
        _ => None,
    };
    pieces.iter().map(part).collect()
}

/// The pieces in one batch.
fn parts<'a>(pieces: &'a mut [Piece], view: View<'a>) -> Result<Vec<Part<'a>>, String> {
    let mut parts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        parts.push((piece.shown.as_str(), piece.from.within(view)?));
    }
    Ok(parts)
}

impl Origin {
    /// A batch is of one partition.
    fn is_same_for_all(&self) -> bool {
        matches!(self, Origin::Text(_) | Origin::Topic | Origin::Partition)
    }

    fn within<'a>(&'a mut self, view: View<'a>) -> Result<Here<'a>, String> {
        Ok(match self {
            Origin::Text(text) => Here::Text(text),
            Origin::Topic => Here::Topic(view.batch.topic().as_bytes()),
            Origin::Partition => Here::Number(view.batch.partition()),
            Origin::Bytes(column) => Here::Bytes(view.batch.bytes(*column)?),
            Origin::Header(lookup) => match lookup.within(view)? {
                Found::Column(column) => Here::Bytes(column),
                Found::Several(several) => Here::Header(several),
            },
            Origin::Int(column) => Here::Int(view.batch.ints(*column)?),
            Origin::Date(column, date) => Here::Date(view.batch.ints(*column)?, date),
            Origin::Uuid(column) => Here::Uuid(view.batch.ints(*column)?, view.batch),
            Origin::Table(table, key) => Here::Table(table, parts(key, view)?),
        })
    }
}

impl Here<'_> {
    /// Appends the row's value; false where it has none.
    fn append(&mut self, row: usize, out: &mut Vec<u8>) -> bool {
        let bytes = match self {
            Here::Bytes(column) => return column.append(row, out),
            Here::Text(text) => {
                text.append(out);
                return true;
            }
            Here::Topic(topic) => Some(*topic),
            Here::Header(found) => found.get(row),
            Here::Date(column, date) => column.get(row).and_then(|ms| date.text(ms)).map(str::as_bytes),
            Here::Number(number) => return append_number(i64::from(*number), out),
            Here::Uuid(offsets, batch) => {
                let Some(offset) = offsets.get(row) else { return false };
                append_uuid(batch.topic(), batch.partition(), offset, out);
                return true;
            }
            Here::Int(column) => return column.get(row).is_some_and(|number| append_number(number, out)),
            Here::Table(table, key) => {
                return table.append(out, |out| key.iter_mut().all(|(_, here)| here.append(row, out)));
            }
        };
        bytes.map(|bytes| out.extend_from_slice(bytes)).is_some()
    }

    /// The piece of a lookup's key that has no value in this row; none where the key is whole, or it is no lookup.
    fn missing(&mut self, row: usize) -> Option<&str> {
        let Here::Table(_, key) = self else { return None };
        let mut rest = Vec::new();
        let (shown, here) =
            key.iter_mut().find_map(|(shown, here)| (!here.append(row, &mut rest)).then_some((shown, here)))?;
        Some(here.missing(row).unwrap_or(shown))
    }
}

/// Always true: writing into memory does not fail.
fn append_number(number: i64, out: &mut Vec<u8>) -> bool {
    write!(out, "{number}").is_ok()
}
