//! Makes a part the value.

use std::borrow::Cow;

use weir_sdk::{
    json::{Place, Pointer, locate, text_of},
    part::PartReader,
};

use crate::{
    edit::{Stop, View},
    pattern::Expression,
    splices::Splices,
};

/// What becomes the value. Parts of the value are those that the edits above left.
#[derive(Debug)]
pub(crate) enum Take {
    /// A member of the value, or of the JSON document in a member of it.
    Json { outer: Option<Pointer>, pointer: Pointer },
    /// A group of the first match in the value or in a member of it.
    Match { member: Option<Pointer>, expression: Expression, group: usize },
    /// What is not in the value.
    Part(PartReader),
}

impl Take {
    /// # Errors
    /// There is no such part, it is null, or no valid JSON.
    pub(crate) fn apply(
        &self,
        value: &[u8],
        (view, row): (&View<'_>, usize),
        splices: &mut Splices,
    ) -> Result<(), Stop> {
        let taken = match (self, view) {
            (Self::Json { outer: None, pointer }, _) => member(value, pointer)?.ok_or(Stop::Null)?,
            (Self::Json { outer: Some(outer), pointer }, _) => {
                let text = member(value, outer)?.ok_or(Stop::Missing)?;
                // That this text is no JSON is no trouble of the value.
                let taken = member(&text, pointer).map_err(|_| Stop::Missing)?.ok_or(Stop::Null)?;
                Cow::Owned(taken.into_owned())
            }
            (Self::Match { member: pointer, expression, group }, _) => {
                let text = match pointer {
                    Some(pointer) => member(value, pointer)?.ok_or(Stop::Missing)?,
                    None => Cow::Borrowed(value),
                };
                let found = expression.find(&text).and_then(|found| found.get(*group)).ok_or(Stop::Missing)?;
                Cow::Owned(found.as_bytes().to_vec())
            }
            (Self::Part(_), View::Part(part)) => part.get(row).ok_or(Stop::Missing)?,
            (Self::Part(_), _) => return Err(Stop::Missing),
        };
        splices.put(0..value.len(), &taken);
        Ok(())
    }
}

/// The member's text; none where it is null.
fn member<'a>(document: &'a [u8], pointer: &Pointer) -> Result<Option<Cow<'a, [u8]>>, Stop> {
    match locate(document, pointer)? {
        Place::Found(found) => Ok(text_of(document, found)),
        Place::Missing(_) => Err(Stop::Missing),
    }
}
