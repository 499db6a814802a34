//! Records that a chain was run over, emitted in their order.

use super::{Produced, Summary};
use crate::chain::Flow;

/// Bytes that the batches' buffers may keep for the next records.
const KEPT: usize = 16 * 1024 * 1024;

/// Consecutive records of the input and what became of them.
#[derive(Debug, Default)]
pub(super) struct Ran {
    /// One batch each; kept for their buffers.
    pub(super) flows: Vec<Flow>,
    /// By record, in the order of the lines.
    pub(super) seats: Vec<Seat>,
}

/// Where a line's record stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    /// Counted from 1.
    pub(super) line: u64,
    /// Index of its batch.
    pub(super) flow: u32,
    /// Its place in the batch.
    pub(super) input: u32,
}

impl Ran {
    /// Counts and emits what the records gave, in the order of the lines, then of expansion.
    pub(super) fn emit<E>(
        &self,
        summary: &mut Summary,
        emit: &mut impl FnMut(Produced<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for &Seat { line, flow, input } in &self.seats {
            let Some(flow) = self.flows.get(flow as usize) else { continue };
            if let Some(fate) = flow.fates().get(input as usize) {
                summary.count_fate(fate);
            }
            for output in flow.outputs_of(input) {
                summary.count_output(&output);
                emit(Produced { line, input, flow, output: &output })?;
            }
        }
        Ok(())
    }

    /// Forgets the records; the buffers keep some room.
    pub(super) fn clear(&mut self) {
        self.seats.clear();
        if self.flows.iter().map(Flow::room).sum::<usize>() > KEPT {
            self.flows.clear();
        }
    }
}
