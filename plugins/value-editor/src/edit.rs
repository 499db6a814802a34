//! The edits, ready to run.

use weir_sdk::{
    Batch,
    json::{Broken, Hit},
    part::PartView,
    template::TemplateView,
};

use crate::{paths::Paths, rename::Rename, set::Set, splices::Splices, take::Take, text_edit::TextEdit};

/// One edit.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) what: What,
    /// What it needs of a record, as a reason says it; none where it always can be made.
    pub(crate) needs: Option<String>,
    /// Whether the value has to be JSON.
    pub(crate) reads_json: bool,
}

/// What it does.
#[derive(Debug)]
pub(crate) enum What {
    Text(TextEdit),
    Set(Set),
    Paths(Paths),
    Rename(Rename),
    Take(Take),
}

/// Why an edit changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The value is no valid JSON.
    Broken(Broken),
    /// What it needs is not there.
    Missing,
    /// The value is null from here on.
    Null,
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// What an edit reads of the records of a batch besides the value.
#[derive(Debug)]
pub(crate) enum View<'a> {
    Nothing,
    Part(PartView<'a>),
    Template(TemplateView<'a>),
}

/// Room that edits use, kept from record to record.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) hits: Vec<Hit>,
    pub(crate) text: Vec<u8>,
}

impl Edit {
    /// What it reads in this batch.
    ///
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub(crate) fn within<'a>(&'a self, batch: &'a Batch) -> Result<View<'a>, String> {
        Ok(match &self.what {
            What::Set(set) => {
                set.template().map_or(Ok(View::Nothing), |template| template.within(batch).map(View::Template))?
            }
            What::Take(Take::Part(part)) => View::Part(part.within(batch)?),
            _ => View::Nothing,
        })
    }

    /// Says what changes in the value of a row.
    ///
    /// # Errors
    /// Why nothing does.
    pub(crate) fn apply(
        &self,
        value: &[u8],
        (view, row): (&View<'_>, usize),
        splices: &mut Splices,
        scratch: &mut Scratch,
    ) -> Result<(), Stop> {
        match &self.what {
            What::Text(edit) => edit.apply(value, splices, scratch),
            What::Set(edit) => edit.apply(value, (view, row), splices, &mut scratch.text),
            What::Paths(edit) => edit.apply(value, splices),
            What::Rename(edit) => edit.apply(value, splices),
            What::Take(edit) => edit.apply(value, (view, row), splices),
        }
    }
}
