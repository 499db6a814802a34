//! Sixteen bytes at a time.

use std::ops::BitOr;

use wide::u8x16;

/// Sixteen bytes, or what a comparison of them found: 255 in every place where it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk(u8x16);

impl Chunk {
    /// How many bytes.
    pub(super) const LEN: usize = 16;

    /// Those bytes.
    #[inline(always)]
    pub(super) fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(u8x16::new(bytes))
    }

    /// The bytes from `at` on. Beyond the end of `bytes` there are zeros.
    #[inline(always)]
    pub(super) fn at(bytes: &[u8], at: usize) -> Self {
        Self::within(bytes, at).unwrap_or_else(|| Self::last(bytes, at))
    }

    /// The bytes from `at` on, where there are enough of them.
    #[inline(always)]
    pub(super) fn within(bytes: &[u8], at: usize) -> Option<Self> {
        bytes.get(at..)?.first_chunk().map(|chunk| Self::new(*chunk))
    }

    #[inline(never)]
    fn last(bytes: &[u8], at: usize) -> Self {
        let beyond = |length: usize| (8 * (at + Self::LEN).saturating_sub(length)).min(128) as u32;
        let chunk = match bytes.last_chunk() {
            Some(last) => u128::from_le_bytes(*last).checked_shr(beyond(bytes.len())),
            None => {
                let mut chunk = [0; Self::LEN];
                chunk.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                u128::from_le_bytes(chunk).checked_shr((8 * at).min(128) as u32)
            }
        };
        Self::new(chunk.unwrap_or(0).to_le_bytes())
    }

    /// Where `byte` stands.
    #[inline(always)]
    pub(super) fn is(self, byte: u8) -> Self {
        Self(self.0.simd_eq(u8x16::splat(byte)))
    }

    /// Of every place a bit, lowest first: whether both have the same byte there.
    #[inline(always)]
    pub(super) fn is_as(self, other: Self) -> u32 {
        self.0.simd_eq(other.0).to_bitmask()
    }

    /// Where a byte stands that is not above `byte`.
    #[inline(always)]
    pub(super) fn at_most(self, byte: u8) -> Self {
        Self(self.0.min(u8x16::splat(byte)).simd_eq(self.0))
    }

    /// Every byte less `byte`, modulo 256.
    #[inline(always)]
    pub(super) fn less(self, byte: u8) -> Self {
        Self(self.0 - u8x16::splat(byte))
    }

    /// The highest bits of all bytes: of a comparison, where it holds; of text, where it is not ASCII.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0.to_bitmask()
    }
}

impl BitOr for Chunk {
    type Output = Self;

    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
