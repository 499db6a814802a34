//! A template and where its pieces come from.

use std::{cell::RefCell, fmt, io::Write, rc::Rc};

use super::{Abilities, Piece, uuid};
use crate::{Batch, Bytes, Cells, Input, Ints, Plan, Segment, table::Table};

/// A date format that was understood.
pub trait DateText: fmt::Debug {
    /// Appends the text for a time in milliseconds since the epoch; false, and nothing is appended, where it has none.
    fn append(&mut self, ms: i64, out: &mut Vec<u8>) -> bool;
}

/// What understands a date format of a template.
type MakeDate<'a> = dyn Fn(&str) -> Result<Box<dyn DateText>, String> + 'a;

/// Who writes the dates of a template: a plugin whose templates have none does not carry a calendar.
#[derive(Default)]
pub struct Dates<'a>(Option<Box<MakeDate<'a>>>);

impl fmt::Debug for Dates<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Dates").field(&self.0.is_some()).finish()
    }
}

impl<'a> Dates<'a> {
    /// Nobody: a date is a mistake.
    pub fn none() -> Self {
        Self(None)
    }

    /// By strftime in this zone.
    #[cfg(feature = "dates")]
    pub fn within(zone: jiff::tz::TimeZone) -> Self {
        Self::by(move |format| {
            let date = super::DateFormat::new(format, zone.clone())?;
            Ok(Box::new(date) as Box<dyn DateText>)
        })
    }

    /// What `make` gives for a format.
    pub fn by(make: impl Fn(&str) -> Result<Box<dyn DateText>, String> + 'a) -> Self {
        Self(Some(Box::new(make)))
    }

    fn make(&self, format: &str) -> Result<Box<dyn DateText>, String> {
        match &self.0 {
            Some(make) => make(format),
            None => Err(format!(
                "`{format}`: no dates here; write the date into a header with a header-enricher above, and read that"
            )),
        }
    }
}

#[cfg(feature = "dates")]
impl DateText for super::DateFormat {
    fn append(&mut self, ms: i64, out: &mut Vec<u8>) -> bool {
        self.text(ms).map(|text| out.extend_from_slice(text.as_bytes())).is_some()
    }
}

/// A template whose columns are declared.
#[derive(Debug)]
pub struct TemplateReader {
    pieces: Vec<(Piece, Origin)>,
}

#[derive(Debug)]
enum Origin {
    Text(Vec<u8>),
    Topic,
    Partition,
    Bytes(usize),
    Int(usize),
    /// It remembers its last answer.
    Date(usize, RefCell<Box<dyn DateText>>),
    Uuid(usize),
    Lookup(Rc<Table>, TemplateReader),
}

/// A template in one batch.
#[derive(Debug)]
pub struct TemplateView<'a> {
    reader: &'a TemplateReader,
    batch: &'a Batch,
    pieces: Vec<Here<'a>>,
}

/// An [`Origin`] in one batch.
#[derive(Debug)]
enum Here<'a> {
    Text(&'a [u8]),
    Partition(i32),
    Bytes(Bytes<'a>),
    Int(Ints<'a>),
    Date(Ints<'a>, &'a RefCell<Box<dyn DateText>>),
    Uuid(Ints<'a>),
    Lookup(&'a Table, TemplateView<'a>),
}

impl TemplateReader {
    pub(super) fn new(pieces: &[Piece], plan: &mut Plan, abilities: &Abilities<'_>) -> Result<Self, String> {
        let dates = &abilities.dates;
        let mut origin = |piece: &Piece| -> Result<Origin, String> {
            Ok(match piece {
                Piece::Text(text) => Origin::Text(text.clone().into_bytes()),
                Piece::Topic => Origin::Topic,
                Piece::Partition => Origin::Partition,
                Piece::Header(name) => Origin::Bytes(plan.column(Input::header(name.as_str()))),
                Piece::Key => Origin::Bytes(plan.column(Input::key())),
                Piece::Value => Origin::Bytes(plan.column(Input::value())),
                Piece::Json(member) => Origin::Bytes(plan.column(Input::json(member.as_str()))),
                Piece::Offset => Origin::Int(plan.column(Input::offset())),
                Piece::Uuid => Origin::Uuid(plan.column(Input::offset())),
                Piece::Timestamp(None) => Origin::Int(plan.column(Input::timestamp())),
                Piece::Received(None) => Origin::Int(plan.column(Input::received())),
                Piece::Timestamp(Some(format)) => {
                    Origin::Date(plan.column(Input::timestamp()), RefCell::new(dates.make(format)?))
                }
                Piece::Received(Some(format)) => {
                    Origin::Date(plan.column(Input::received()), RefCell::new(dates.make(format)?))
                }
                Piece::Lookup(lookup) => {
                    let table = abilities.tables.table(&lookup.columns)?;
                    Origin::Lookup(table, Self::new(&lookup.key, plan, abilities)?)
                }
            })
        };
        let pieces = pieces.iter().map(|piece| Ok((piece.clone(), origin(piece)?))).collect::<Result<_, String>>()?;
        Ok(Self { pieces })
    }

    /// Whether it may have no value in some record.
    pub fn may_miss(&self) -> bool {
        self.pieces.iter().any(|(_, origin)| !matches!(origin, Origin::Text(_) | Origin::Topic | Origin::Partition))
    }

    /// The template in this batch.
    ///
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub fn within<'a>(&'a self, batch: &'a Batch) -> Result<TemplateView<'a>, String> {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for (_, origin) in &self.pieces {
            pieces.push(match origin {
                Origin::Text(text) => Here::Text(text),
                Origin::Topic => Here::Text(batch.topic().as_bytes()),
                Origin::Partition => Here::Partition(batch.partition()),
                Origin::Bytes(column) => Here::Bytes(batch.bytes(*column)?),
                Origin::Int(column) => Here::Int(batch.ints(*column)?),
                Origin::Date(column, date) => Here::Date(batch.ints(*column)?, date),
                Origin::Uuid(column) => Here::Uuid(batch.ints(*column)?),
                Origin::Lookup(table, key) => Here::Lookup(table, key.within(batch)?),
            });
        }
        Ok(TemplateView { reader: self, batch, pieces })
    }
}

impl<'a> TemplateView<'a> {
    /// Appends the row's text. False where a piece has no value: then an incomplete text may have been appended.
    pub fn append(&self, row: usize, out: &mut Vec<u8>) -> bool {
        self.pieces.iter().all(|piece| self.append_piece(piece, row, out))
    }

    /// Whether two rows have the same text for sure: all that it is made of is the same.
    #[inline]
    pub fn is_same(&self, row: usize, other: usize) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Here::Text(_) | Here::Partition(_) => true,
            Here::Bytes(column) => column.is_same(row, other),
            Here::Int(column) | Here::Date(column, _) | Here::Uuid(column) => column.get(row) == column.get(other),
            Here::Lookup(_, key) => key.is_same(row, other),
        })
    }

    /// The first piece that has no value in this row, as it is written in a template: of a lookup, the piece of its key
    /// that has none, or the lookup where the table does not have the key.
    pub fn missing(&self, row: usize) -> Option<String> {
        let mut rest = Vec::new();
        let at = self.pieces.iter().position(|piece| !self.append_piece(piece, row, &mut rest))?;
        if let Some(Here::Lookup(_, key)) = self.pieces.get(at)
            && let Some(missing) = key.missing(row)
        {
            return Some(missing);
        }
        self.reader.pieces.get(at).map(|(piece, _)| piece.to_string())
    }

    /// The text of all rows at once, where each piece is text or a column; a row in which one has no value is left alone.
    /// Much faster than row by row.
    pub fn cells(&self) -> Option<Cells> {
        let segment = |piece: &Here<'a>| match piece {
            Here::Text(text) => Some(Segment::Text(text)),
            Here::Bytes(column) => Some(Segment::Cells(*column)),
            _ => None,
        };
        let segments: Vec<_> = self.pieces.iter().map(segment).collect::<Option<_>>()?;
        Some(Cells::joined(self.batch.len(), &segments))
    }

    /// The column that is all of it.
    pub fn only_column(&self) -> Option<Bytes<'a>> {
        match self.pieces.as_slice() {
            [Here::Bytes(column)] => Some(*column),
            _ => None,
        }
    }

    #[inline]
    fn append_piece(&self, piece: &Here<'a>, row: usize, out: &mut Vec<u8>) -> bool {
        match piece {
            Here::Bytes(column) => column.append(row, out),
            Here::Text(text) => {
                out.extend_from_slice(text);
                true
            }
            Here::Partition(number) => write!(out, "{number}").is_ok(),
            Here::Int(column) => column.get(row).is_some_and(|number| write!(out, "{number}").is_ok()),
            Here::Date(column, date) => {
                column.get(row).is_some_and(|ms| date.try_borrow_mut().is_ok_and(|mut date| date.append(ms, out)))
            }
            Here::Uuid(offsets) => {
                let offset = offsets.get(row);
                offset.map(|offset| uuid::append(self.batch.topic(), self.batch.partition(), offset, out)).is_some()
            }
            Here::Lookup(table, key) => table.append(out, |out| key.append(row, out)),
        }
    }
}
