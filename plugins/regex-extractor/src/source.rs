//! Where an expression looks.

use std::borrow::Cow;

use weir_sdk::{
    Batch, Mistake, Plan,
    part::{Abilities, Part, PartReader, Searched, read_pattern},
};

use crate::{Source, Whole};

/// The text of a row; none where it is not there.
pub(crate) type Text<'a> = Option<Cow<'a, [u8]>>;

/// The part of the record in which an expression is looked for.
#[derive(Debug)]
pub(crate) struct Place {
    part: Part,
    /// Where it stands in the config.
    pointer: String,
}

impl Place {
    pub(crate) fn new(source: &Source, pointer: String) -> Self {
        let part = match source {
            Source::Whole(Whole::Value) => Part::of_value(),
            Source::Whole(Whole::Key) => Part::of_key(),
            Source::Part(part) => part.clone(),
        };
        Self { part, pointer }
    }

    /// Every mistake in it.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        self.declare(&mut Plan::new()).err().unwrap_or_default()
    }

    /// Adds the columns in which the plugin looks, and returns what reads them.
    ///
    /// # Errors
    /// Every mistake in it.
    pub(crate) fn declare(&self, plan: &mut Plan) -> Result<PartReader, Vec<Mistake>> {
        let abilities = Abilities { patterns: Some(read_pattern), ..Abilities::default() };
        self.part.declare_with(plan, &self.pointer, &abilities)
    }

    /// Where weir looks; none where the plugin has to.
    pub(crate) fn searched(&self) -> Option<Searched<'_>> {
        self.part.searched()
    }
}

/// The texts of a batch's rows.
///
/// # Errors
/// The batch does not have the columns of the plan.
pub(crate) fn texts<'a>(part: &'a PartReader, batch: &'a Batch) -> Result<Vec<Text<'a>>, String> {
    let part = part.within(batch)?;
    Ok(batch.rows().map(|row| part.get(row)).collect())
}
