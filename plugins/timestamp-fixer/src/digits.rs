//! Writes times in decimal.

/// A time, which is never negative here, in decimal: i64 has 19 digits at most.
pub(crate) fn digits(ms: i64, buffer: &mut [u8; 24]) -> &[u8] {
    const EIGHT: u64 = 100_000_000;
    let (high, low) = (ms.unsigned_abs() / EIGHT, ms.unsigned_abs() % EIGHT);
    let groups = [high / EIGHT, high % EIGHT, low].map(eight_digits_of);
    let (places, _) = buffer.as_chunks_mut::<8>();
    places.iter_mut().zip(groups).for_each(|(place, group)| *place = (group | ZEROS).to_le_bytes());
    // The first group that is not all zeros; of the last one the last digit is written in any case.
    let first = groups.iter().position(|group| *group != 0).unwrap_or(2);
    let zeros = groups[first].trailing_zeros() as usize / 8;
    &buffer[first * 8 + zeros.min(7)..]
}

/// Eight zeros, as text.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number below 10^8, each in a byte, the first in the lowest: the number is cut in halves, those
/// once more, and those again, all at once.
#[inline]
fn eight_digits_of(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 5_243) >> 19) & 0x0000_007F_0000_007F;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((twos - tens * 10) << 8)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn digits_are_those_of_the_standard_library() {
        let powers = (0..19).map(|power| 10_i64.pow(power));
        let around = powers.flat_map(|power| [power - 1, power, power + 1, power.saturating_mul(7) / 3]);
        for ms in around
            .chain([1_700_000_000_000, 1_234_567_890_123, 99_999_999, 100_000_000, i64::MAX])
            .filter(|ms| *ms >= 0)
        {
            assert_eq!(digits(ms, &mut [0; 24]), ms.to_string().as_bytes());
        }
    }
}
