//! Edits of a row's headers.

use super::cells::Writes;
use crate::{
    batch::{Batch, Full, HeaderRef, NameId},
    wasm::types::{HeaderEdit, HeaderOp},
};

/// One edit, made ready.
#[derive(Debug)]
pub(super) struct HeaderWrites<'a> {
    name: NameId,
    op: HeaderOp,
    writes: Writes<'a>,
}

impl<'a> HeaderWrites<'a> {
    pub(super) fn new(batch: &mut Batch, edit: &'a HeaderEdit) -> Result<Self, Full> {
        let name = batch.intern(edit.name.as_bytes())?;
        let writes = match edit.op {
            HeaderOp::Remove => Writes::marks(&edit.cells),
            HeaderOp::Set | HeaderOp::Append => Writes::new(batch, &edit.cells)?,
        };
        Ok(Self { name, op: edit.op, writes })
    }

    /// Edits the headers of row `row`; says whether it looked at them at all.
    pub(super) fn edit(&mut self, row: usize, headers: &mut Vec<HeaderRef>) -> bool {
        let Some(value) = self.writes.at(row) else {
            return false;
        };
        let name = self.name;
        match self.op {
            HeaderOp::Append => headers.push(HeaderRef { name, value }),
            HeaderOp::Remove => headers.retain(|header| header.name != name),
            HeaderOp::Set => match headers.iter().position(|header| header.name == name) {
                None => headers.push(HeaderRef { name, value }),
                Some(first) => {
                    headers[first].value = value;
                    let mut at = 0;
                    headers.retain(|header| {
                        at += 1;
                        at <= first + 1 || header.name != name
                    });
                }
            },
        }
        true
    }
}
