//! So many of a hundred, the same ones every time.

use weir_sdk::{
    Batch, Mistake, Plan,
    part::{Abilities, PartReader},
    push_pointer,
};

use crate::config;

/// A sample whose part is declared.
#[derive(Debug)]
pub(crate) struct Sample {
    of: PartReader,
    /// Hashes below it are in the sample; none: all are.
    below: Option<u64>,
}

impl Sample {
    pub(crate) fn new(
        config: &config::Sample,
        plan: &mut Plan,
        at: &str,
        abilities: &Abilities<'_>,
    ) -> Result<Self, Vec<Mistake>> {
        let below = |key: &str| {
            let mut pointer = at.to_owned();
            push_pointer(&mut pointer, key);
            pointer
        };
        let of = config.of.declare_with(plan, &below("of"), abilities);
        let percent = config.percent;
        let mut mistakes = Vec::new();
        if !(0.0..=100.0).contains(&percent) {
            mistakes.push(Mistake::new(below("percent"), format!("`{percent}`: write a number from 0 to 100")));
        }
        match of {
            Ok(of) if mistakes.is_empty() => Ok(Self { of, below: threshold(percent) }),
            Ok(_) => Err(mistakes),
            Err(wrong) => Err(wrong.into_iter().chain(mistakes).collect()),
        }
    }

    /// Leaves of the rows that are wanted those that are in the sample.
    pub(crate) fn test(&self, batch: &Batch, wanted: &mut [bool]) -> Result<(), String> {
        let part = self.of.within(batch)?;
        for (row, wanted) in wanted.iter_mut().enumerate().filter(|(_, wanted)| **wanted) {
            *wanted = part.get(row).is_some_and(|bytes| self.below.is_none_or(|below| hash(&bytes) < below));
        }
        Ok(())
    }
}

/// The hashes below it are `percent` of all; none where all are meant.
fn threshold(percent: f64) -> Option<u64> {
    // 2^64 of a hundred; what is cut off is far below what anybody can count.
    (percent < 100.0).then_some((percent / 100.0 * 18_446_744_073_709_551_616.0) as u64)
}

/// FNV-1a of 64 bits, and its bits spread over the whole width (the end of MurmurHash3): it has nothing to do with the hash
/// that chooses partitions.
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_of_a_hundred_are_in_the_sample() {
        for percent in [0.0, 0.1, 12.5, 50.0, 99.0, 100.0] {
            let below = threshold(percent);
            let of = 100_000_u32;
            let among = (0..of).filter(|id| below.is_none_or(|below| hash(id.to_string().as_bytes()) < below)).count();
            let expected = f64::from(of) * percent / 100.0;
            // Five standard deviations.
            let off = 5.0 * (expected * (1.0 - percent / 100.0)).sqrt();
            assert!((among as f64 - expected).abs() <= off, "{percent}: {among}");
        }
    }

    #[test]
    fn who_is_in_a_small_sample_is_in_a_larger_one() {
        let thresholds = [0.0, 0.5, 5.0, 10.0, 99.999].map(threshold);
        assert!(thresholds.is_sorted(), "{thresholds:?}");
        assert_eq!(threshold(100.0), None);
    }

    #[test]
    fn the_hash_is_the_same_for_ever() {
        assert_eq!([hash(b""), hash(b"u42")], [0xefd01f60ba992926, 0x458ff04d5dd5cd2d]);
    }
}
