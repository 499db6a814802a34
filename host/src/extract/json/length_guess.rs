//! How long a scalar will be, from how long it was.

use super::super::chunk::Chunk;

/// The length of the scalar behind a skeleton.
///
/// A guess that holds costs a branch that the processor foresees, and what follows is read at once. Without it, each
/// scalar waits for the one before to be loaded, compared and counted: 28 cycles, more than all the instructions between.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LengthGuess {
    /// 31 less that length, in bytes; 0: none is expected.
    shift: u32,
    misses: u8,
}

impl LengthGuess {
    /// Misses after which none is expected until they are counted round: a wrong guess costs what a right one saves.
    const MANY: u8 = 4;

    /// Where the lowest of `stops` stands, bits of a chunk, if it stands where it did.
    #[inline(always)]
    pub(super) fn first(self, stops: u32) -> Option<usize> {
        // Higher ones fall off, lower ones would be left.
        (stops << self.shift == 1 << 31).then_some(31 - self.shift as usize)
    }

    /// Notes that it was so long instead.
    #[inline(always)]
    pub(super) fn learn(&mut self, length: usize) {
        self.misses = self.misses.wrapping_add(1);
        let is_near = length < Chunk::LEN && self.misses < Self::MANY;
        self.shift = if is_near { 31 - length as u32 } else { 0 };
    }
}
