//! Gives a member a value.

use weir_sdk::{
    json::{Missing, Place, Pointer, Reader, locate, quote},
    template::TemplateReader,
};

use crate::{
    edit::{Stop, View},
    splices::Splices,
};

/// Sets what a pointer leads to.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) pointer: Pointer,
    pub(crate) value: NewValue,
}

/// What it is set to.
#[derive(Debug)]
pub(crate) enum NewValue {
    /// JSON as it is written.
    Json(Vec<u8>),
    /// What a template gives: as a text, or as JSON.
    Template { template: TemplateReader, is_json: bool },
    /// What stands at another place of the document.
    Copy(Pointer),
}

impl Set {
    /// What it reads of the record.
    pub(crate) fn template(&self) -> Option<&TemplateReader> {
        match &self.value {
            NewValue::Template { template, .. } => Some(template),
            _ => None,
        }
    }

    /// # Errors
    /// There is no such value, nothing that the member could be put into, or no valid JSON.
    pub(crate) fn apply(
        &self,
        value: &[u8],
        (view, row): (&View<'_>, usize),
        splices: &mut Splices,
        scratch: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        let new = match (&self.value, view) {
            (NewValue::Json(json), _) => json.as_slice(),
            (NewValue::Template { is_json, .. }, View::Template(template)) => {
                scratch.clear();
                if !template.append(row, scratch) || *is_json && !is_json_text(scratch) {
                    // What follows must not be done with a broken document either.
                    locate(value, &self.pointer)?;
                    return Err(Stop::Missing);
                }
                if !is_json {
                    let mut quoted = Vec::with_capacity(scratch.len() + 2);
                    quote(scratch, &mut quoted);
                    *scratch = quoted;
                }
                scratch.as_slice()
            }
            (NewValue::Template { .. }, _) => return Err(Stop::Missing),
            (NewValue::Copy(from), _) => match locate(value, from)? {
                Place::Found(from) => value.get(from).unwrap_or_default(),
                Place::Missing(_) => return Err(Stop::Missing),
            },
        };
        match locate(value, &self.pointer)? {
            Place::Found(old) => splices.put(old, new),
            Place::Missing(missing) => self.add(value, &missing, new, splices)?,
        }
        Ok(())
    }

    /// Puts the member last in the innermost object or array that is there.
    fn add(&self, value: &[u8], missing: &Missing, new: &[u8], splices: &mut Splices) -> Result<(), Stop> {
        let (Some(items), [token, deeper @ ..]) =
            (missing.items, self.pointer.tokens.get(missing.tokens..).unwrap_or_default())
        else {
            return Err(Stop::Missing);
        };
        let is_object = value.get(missing.value.start) == Some(&b'{');
        if !is_object && token.name != LAST && token.index != Some(items) {
            return Err(Stop::Missing);
        }
        splices.put_with(missing.end..missing.end, |out| {
            if items > 0 {
                out.push(b',');
            }
            if is_object {
                quote(token.name.as_bytes(), out);
                out.push(b':');
            }
            for token in deeper {
                if token.name == LAST {
                    out.push(b'[');
                } else {
                    out.push(b'{');
                    quote(token.name.as_bytes(), out);
                    out.push(b':');
                }
            }
            out.extend_from_slice(new);
            out.extend(deeper.iter().rev().map(|token| if token.name == LAST { b']' } else { b'}' }));
        });
        Ok(())
    }
}

/// Whether bytes are one JSON value and nothing else.
pub(crate) fn is_json_text(json: &[u8]) -> bool {
    Reader::new(json).skip().is_ok_and(|value| value == (0..json.len()))
}

/// The place behind the last item, as RFC 6902 writes it.
const LAST: &str = "-";
