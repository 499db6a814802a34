//! What a part is held against.

use std::{cmp::Ordering, rc::Rc};

use regex::bytes::Regex;
use weir_sdk::{
    Batch, are_same,
    part::{PartReader, PartView},
};

use crate::{condition::written, config::Literal, number::Bound};

/// A test of one part.
#[derive(Debug)]
pub(crate) enum Test {
    /// The column is null where the expression matches nothing.
    Matched(usize),
    Matches(Rc<PartReader>, Regex),
    Among(Rc<PartReader>, Texts),
    Exists(Rc<PartReader>, bool),
    Compare(Rc<PartReader>, Compare, Bound),
}

/// How a number has to stand to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Texts, and numbers however they are written.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Ascending.
    texts: Vec<Vec<u8>>,
    numbers: Vec<Bound>,
}

/// So many texts are looked at one by one.
const FEW: usize = 8;

impl Texts {
    pub(crate) fn of(literals: &[Literal]) -> Self {
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for literal in literals {
            match literal {
                Literal::Text(text) => texts.push(text.clone().into_bytes()),
                Literal::Bool(is_true) => texts.push(is_true.to_string().into_bytes()),
                Literal::Number(number) => numbers.push(Bound::new(written(*number))),
            }
        }
        texts.sort_unstable();
        Self { texts, numbers }
    }

    #[inline]
    fn contain(&self, text: &[u8]) -> bool {
        let is_text = if self.texts.len() <= FEW {
            self.texts.iter().any(|known| are_same(known, text))
        } else {
            self.texts.binary_search_by(|known| known.as_slice().cmp(text)).is_ok()
        };
        is_text || self.numbers.iter().any(|number| number.compare(text) == Some(Ordering::Equal))
    }
}

impl Compare {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        }
    }
}

impl Test {
    /// Leaves of the rows that are wanted those that pass.
    ///
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub(crate) fn test(&self, batch: &Batch, wanted: &mut [bool]) -> Result<(), String> {
        match self {
            Self::Matched(column) => {
                let column = batch.bytes(*column)?;
                each(wanted, |row| !column.is_null(row));
            }
            Self::Matches(part, regex) => of_texts(&part.within(batch)?, wanted, |text| regex.is_match(text)),
            Self::Among(part, texts) => of_texts(&part.within(batch)?, wanted, |text| texts.contain(text)),
            Self::Exists(part, exists) => {
                let part = part.within(batch)?;
                match part.column() {
                    Some(column) => each(wanted, |row| column.is_null(row) != *exists),
                    None => each(wanted, |row| part.get(row).is_some() == *exists),
                }
            }
            Self::Compare(part, compare, bound) => {
                let part = part.within(batch)?;
                if let Some(ints) = part.ints() {
                    let holds = |number| bound.compare_integer(number).is_some_and(|it| compare.holds(it));
                    each(wanted, |row| ints.get(row).is_some_and(holds));
                } else {
                    of_texts(&part, wanted, |text| bound.compare(text).is_some_and(|it| compare.holds(it)));
                }
            }
        }
        Ok(())
    }
}

/// Asks about each row that is wanted.
#[inline]
fn each(wanted: &mut [bool], mut passes: impl FnMut(usize) -> bool) {
    for (row, wanted) in wanted.iter_mut().enumerate().filter(|(_, wanted)| **wanted) {
        *wanted = passes(row);
    }
}

/// The same about the part's bytes; where it is not there, the row does not pass.
#[inline]
fn of_texts(part: &PartView<'_>, wanted: &mut [bool], passes: impl Fn(&[u8]) -> bool) {
    match part.column() {
        Some(column) => each(wanted, |row| column.get(row).is_some_and(&passes)),
        None => each(wanted, |row| part.get(row).is_some_and(|text| passes(&text))),
    }
}
