//! Sixteen bytes at a time.

use std::ops::BitOr;

use wide::u8x16;

/// Sixteen bytes, or what a comparison of them found: 255 in every place where it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk(u8x16);

impl Chunk {
    /// How many bytes.
    pub(super) const LEN: usize = 16;

    /// The bytes from `at` on. Beyond the end of `bytes` there are zeros.
    #[inline(always)]
    pub(super) fn at(bytes: &[u8], at: usize) -> Self {
        match bytes.get(at..).and_then(<[u8]>::first_chunk::<{ Self::LEN }>) {
            Some(chunk) => Self(u8x16::new(*chunk)),
            None => Self::last(bytes.get(at..).unwrap_or_default()),
        }
    }

    #[cold]
    fn last(rest: &[u8]) -> Self {
        let mut chunk = [0; Self::LEN];
        for (to, from) in chunk.iter_mut().zip(rest) {
            *to = *from;
        }
        Self(u8x16::new(chunk))
    }

    /// Where `byte` stands.
    #[inline(always)]
    pub(super) fn is(self, byte: u8) -> Self {
        Self(self.0.simd_eq(u8x16::splat(byte)))
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
