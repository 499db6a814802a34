//! Members by weir's extraction, batch by batch, as a chain extracts them.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use weir::{
    batch::Batch,
    extract::{Expressions, Extractor, Reading, Registers, Want},
    record::Timestamp,
};

use super::{Documents, Member, Reader, Shape};

/// Documents of a batch at most.
const BATCH: usize = 128;

/// Documents in batches, and what extracts their members.
#[derive(Debug)]
pub(super) struct Members {
    extractor: Extractor,
    registers: Registers,
    batches: Vec<Batch>,
    /// Of each pointer, whether its member is an integer, and its register.
    columns: Vec<(bool, usize)>,
}

impl Members {
    /// # Errors
    /// A pointer is none, or the documents do not fit into batches.
    pub(super) fn new<S: Shape>(documents: &Documents, reading: Reading) -> Result<Self> {
        let (mut wants, mut columns, mut counts) = (Vec::new(), Vec::new(), [0, 0]);
        for (pointer, is_int) in S::POINTERS {
            let pointer = (*pointer).to_owned();
            let register = counts[usize::from(*is_int)];
            counts[usize::from(*is_int)] += 1;
            wants.push((if *is_int { Want::JsonInt(pointer) } else { Want::Json(pointer) }, register));
            columns.push((*is_int, register));
        }
        let extractor = Extractor::new(wants, &mut Expressions::default())?.reading(reading);
        let batches = documents.values.chunks(BATCH).map(batch).collect::<Result<_>>()?;
        Ok(Self { extractor, registers: Registers::new(counts[0], counts[1]), batches, columns })
    }
}

fn batch(values: &[Vec<u8>]) -> Result<Batch> {
    let mut batch = Batch::default();
    batch.start(Arc::from("documents"), 0);
    for (offset, value) in (0..).zip(values) {
        batch.push(offset, Timestamp::None, 0, None, Some(value), std::iter::empty())?;
    }
    Ok(batch)
}

impl Reader for Members {
    fn read(&mut self, tell: &mut impl FnMut(Member<'_>)) -> Result<()> {
        let Self { extractor, registers, batches, columns } = self;
        for batch in batches {
            registers.resize(batch.len());
            for slot in 0..batch.len() {
                let source = batch.inputs()[slot].value;
                extractor.run(batch, source, slot, registers)?;
            }
            for slot in 0..batch.len() {
                for (is_int, register) in &*columns {
                    tell(if *is_int {
                        Member::Int(registers.ints(*register)[slot].context("an integer is missing")?)
                    } else {
                        Member::Text(batch.bytes(registers.cells(*register)[slot]).context("a text is missing")?)
                    });
                }
            }
        }
        Ok(())
    }
}
