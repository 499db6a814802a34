//! What reads a part of a record from the columns of a batch.

use std::borrow::Cow;

use super::{Abilities, Search, Source, What};
use crate::{
    Batch, Bytes, Input, Ints, Mistake, Plan, integer, json, push_pointer,
    template::{TemplateReader, TemplateView},
};

/// A part whose columns are declared.
#[derive(Debug)]
pub struct PartReader(Origin);

#[derive(Debug)]
enum Origin {
    Column(usize),
    Timestamp(usize),
    Topic,
    Template(TemplateReader),
    /// A member of the JSON document that is in a column.
    Member(usize, json::Pointer),
    /// A match in the text that is in a column.
    Match(usize, Box<dyn Search>, usize),
}

/// A part in one batch.
#[derive(Debug)]
pub struct PartView<'a>(Here<'a>);

#[derive(Debug)]
enum Here<'a> {
    Column(Bytes<'a>),
    Timestamp(Ints<'a>),
    Topic(&'a [u8]),
    Template(TemplateView<'a>),
    Member(Bytes<'a>, &'a json::Pointer),
    Match(Bytes<'a>, &'a dyn Search, usize),
}

impl PartReader {
    pub(super) fn new(what: What, plan: &mut Plan, at: &str, abilities: &Abilities<'_>) -> Result<Self, Mistake> {
        let below = |key: &str| {
            let mut pointer = at.to_owned();
            push_pointer(&mut pointer, key);
            pointer
        };
        Ok(Self(match what {
            What::Value => Origin::Column(plan.column(Input::value())),
            What::Key => Origin::Column(plan.column(Input::key())),
            What::Header(name) => Origin::Column(plan.column(Input::header(name))),
            What::Topic => Origin::Topic,
            What::Timestamp => Origin::Timestamp(plan.column(Input::timestamp())),
            What::Json(pointer, Source::Json(outer)) => {
                Origin::Member(plan.column(Input::json(outer)), json::Pointer::new(&pointer))
            }
            What::Json(pointer, source) => Origin::Column(plan.column(of(Input::json(pointer), source))),
            What::Capture { pattern, group, source: Source::Json(outer) } => {
                let make = abilities.search.ok_or_else(|| {
                    let message = format!(
                        "expressions on a member are not run here; have a regex-extractor above with \
                         `source = {{ json = \"{outer}\" }}` write what it captures into a header, and name that header"
                    );
                    Mistake::new(below("source"), message)
                })?;
                let search = make(&pattern).map_err(|wrong| Mistake::new(below("capture"), wrong))?;
                Origin::Match(plan.column(Input::json(outer)), search, group as usize)
            }
            What::Capture { pattern, group, source } => {
                Origin::Column(plan.column(of(Input::capture(pattern, group), source)))
            }
            What::Template(template) => {
                let reader = template.declare(plan, &abilities.template);
                Origin::Template(reader.map_err(|wrong| Mistake::new(below("template"), wrong))?)
            }
        }))
    }

    /// Whether a batch has one answer for all its rows.
    pub fn is_same_for_all(&self) -> bool {
        match &self.0 {
            Origin::Topic => true,
            Origin::Template(template) => !template.may_miss(),
            _ => false,
        }
    }

    /// The part in this batch; for a look at many rows.
    ///
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub fn within<'a>(&'a self, batch: &'a Batch) -> Result<PartView<'a>, String> {
        Ok(PartView(match &self.0 {
            Origin::Column(column) => Here::Column(batch.bytes(*column)?),
            Origin::Timestamp(column) => Here::Timestamp(batch.ints(*column)?),
            Origin::Topic => Here::Topic(batch.topic().as_bytes()),
            Origin::Template(template) => Here::Template(template.within(batch)?),
            Origin::Member(column, pointer) => Here::Member(batch.bytes(*column)?, pointer),
            Origin::Match(column, search, group) => Here::Match(batch.bytes(*column)?, search.as_ref(), *group),
        }))
    }

    /// The bytes of a row; none where the part is not there or null.
    pub fn bytes<'a>(&'a self, batch: &'a Batch, row: usize) -> Option<Cow<'a, [u8]>> {
        self.within(batch).ok()?.get(row)
    }

    /// The integer of a row; none where the part is no integer within 64 bits.
    pub fn integer(&self, batch: &Batch, row: usize) -> Option<i64> {
        self.within(batch).ok()?.integer(row)
    }
}

/// Looks in `source` instead of the value.
fn of(input: Input, source: Source) -> Input {
    match source {
        Source::Key => input.of_key(),
        Source::Header(name) => input.of_header(name),
        Source::Value | Source::Json(_) => input,
    }
}

impl<'a> PartView<'a> {
    /// The bytes of a row; none where the part is not there or null.
    #[inline]
    pub fn get(&self, row: usize) -> Option<Cow<'a, [u8]>> {
        match &self.0 {
            Here::Column(column) => column.get(row).map(Cow::Borrowed),
            other => other.get(row),
        }
    }

    /// The column that is all there is to it.
    #[inline]
    pub fn column(&self) -> Option<Bytes<'a>> {
        match &self.0 {
            Here::Column(column) => Some(*column),
            Here::Template(template) => template.only_column(),
            _ => None,
        }
    }

    /// The column of integers that is all there is to it.
    #[inline]
    pub fn ints(&self) -> Option<Ints<'a>> {
        match &self.0 {
            Here::Timestamp(column) => Some(*column),
            _ => None,
        }
    }

    /// The integer of a row; none where the part is no integer within 64 bits.
    pub fn integer(&self, row: usize) -> Option<i64> {
        match &self.0 {
            Here::Timestamp(column) => column.get(row),
            _ => integer::read(&self.get(row)?),
        }
    }

    /// The template that it is.
    pub fn template(&self) -> Option<&TemplateView<'a>> {
        match &self.0 {
            Here::Template(template) => Some(template),
            _ => None,
        }
    }
}

impl<'a> Here<'a> {
    #[inline(never)]
    fn get(&self, row: usize) -> Option<Cow<'a, [u8]>> {
        match self {
            Here::Column(column) => column.get(row).map(Cow::Borrowed),
            Here::Topic(topic) => Some(Cow::Borrowed(topic)),
            Here::Timestamp(column) => column.get(row).map(|ms| Cow::Owned(ms.to_string().into_bytes())),
            Here::Template(template) => {
                let mut text = Vec::new();
                template.append(row, &mut text).then_some(Cow::Owned(text))
            }
            Here::Member(column, pointer) => json::member(column.get(row)?, pointer),
            Here::Match(column, search, group) => {
                let text = column.get(row)?;
                text.get(search.find(text, *group)?).map(Cow::Borrowed)
            }
        }
    }
}

/// A part that is to be an integer.
#[derive(Debug)]
pub struct IntegerReader {
    /// The column in which weir has read it already, where it is within 64 bits and written plainly.
    ints: Option<usize>,
    part: PartReader,
    binary: bool,
}

/// The same in one batch.
#[derive(Debug)]
pub struct IntegerView<'a> {
    ints: Option<Ints<'a>>,
    part: PartView<'a>,
    binary: bool,
}

impl IntegerReader {
    pub(super) fn new(what: What, plan: &mut Plan, at: &str, binary: bool) -> Result<Self, Mistake> {
        let ints = match &what {
            What::Json(_, Source::Json(_)) => None,
            // weir finds a member once for both columns; the text is looked at where the number is null.
            What::Json(pointer, source) => Some(plan.column(of(Input::json_int(pointer.as_str()), source.clone()))),
            What::Timestamp => Some(plan.column(Input::timestamp())),
            _ => None,
        };
        let part = PartReader::new(what, plan, at, &Abilities::default())?;
        Ok(Self { ints, part, binary })
    }

    /// The integers in this batch.
    ///
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub fn within<'a>(&'a self, batch: &'a Batch) -> Result<IntegerView<'a>, String> {
        let ints = self.ints.map(|column| batch.ints(column)).transpose()?;
        Ok(IntegerView { ints, part: self.part.within(batch)?, binary: self.binary })
    }
}

impl<'a> IntegerView<'a> {
    /// The column in which weir has read them already: where it is null, [`get`](Self::get) and [`modulo`](Self::modulo)
    /// may know more.
    #[inline]
    pub fn ints(&self) -> Option<Ints<'a>> {
        self.ints
    }

    /// The column of their texts, where there is one and nothing else.
    #[inline]
    pub fn texts(&self) -> Option<Bytes<'a>> {
        self.part.column().filter(|_| !self.binary)
    }

    /// The integer of a row; none where it is no integer within 64 bits.
    pub fn get(&self, row: usize) -> Option<i64> {
        if let Some(number) = self.ints.as_ref().and_then(|ints| ints.get(row)) {
            return Some(number);
        }
        let text = self.part.get(row)?;
        integer::read(&text).or_else(|| self.binary(&text))
    }

    /// The integer of a row, of any size, modulo `divisor`; none where it is no integer.
    pub fn modulo(&self, row: usize, divisor: u32) -> Option<u32> {
        if let Some(number) = self.ints.as_ref().and_then(|ints| ints.get(row)) {
            return integer::modulo_of(number, divisor);
        }
        let text = self.part.get(row)?;
        integer::modulo(&text, divisor).or_else(|| integer::modulo_of(self.binary(&text)?, divisor))
    }

    /// Eight digits are a number that is written, not eight bytes.
    fn binary(&self, bytes: &[u8]) -> Option<i64> {
        if self.binary { integer::binary(bytes) } else { None }
    }
}
