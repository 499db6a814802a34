//! Numbers as clients write them: whole, with a fraction, with an exponent; read exactly, without floating point.

/// What one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    /// By the size of the number, see [`Decimal::scale`].
    Auto,
}

/// Digits and where the point stands: the value is `digits × 10^exponent`.
struct Decimal {
    negative: bool,
    /// Without leading zeros; empty is zero.
    digits: Vec<u8>,
    exponent: i64,
}

/// Milliseconds since the epoch, rounded down (towards the past) to a whole one.
///
/// None where the text is no decimal number, or the time is beyond 64 bits.
pub(crate) fn milliseconds(text: &[u8], scale: Scale) -> Option<i64> {
    if let Some(number) = whole(text) {
        return match scale {
            Scale::Auto if number < 100_000_000_000 => number.checked_mul(1_000),
            Scale::Auto if number < 100_000_000_000_000 => Some(number),
            Scale::Auto if number < 100_000_000_000_000_000 => Some(number / 1_000),
            Scale::Seconds => number.checked_mul(1_000),
            Scale::Milliseconds => Some(number),
            Scale::Microseconds => Some(number / 1_000),
            Scale::Auto | Scale::Nanoseconds => Some(number / 1_000_000),
        };
    }
    let decimal = Decimal::read(text)?;
    let shift = match scale {
        Scale::Auto => decimal.scale(),
        stated => stated,
    }
    .shift();
    decimal.floor(shift)
}

/// What nearly all records have: digits only, and few enough not to overflow. It only saves time.
fn whole(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut number = 0;
    let mut rest = text;
    while let Some((eight, others)) = rest.split_first_chunk::<8>() {
        number = number * 100_000_000 + i64::from(eight_digits(*eight)?);
        rest = others;
    }
    for &digit in rest {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i64::from(digit - b'0');
    }
    Some(number)
}

/// What the usual text of a time in milliseconds says: 13 digits, the first not a zero. None of any other text.
#[inline]
pub(crate) fn usual(text: &[u8]) -> Option<i64> {
    let (head, tail) = (text.first_chunk()?, text.last_chunk()?);
    if text.len() != 13 || head[0] == b'0' {
        return None;
    }
    // Three digits are in both.
    Some(i64::from(eight_digits(*head)? / 1_000) * 100_000_000 + i64::from(eight_digits(*tail)?))
}

/// Eight zeros, as text.
pub(crate) const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight digits of a number below 10^8, each in a byte, the first in the lowest: the number is cut in halves, those
/// once more, and those again, all at once.
#[inline]
pub(crate) fn eight_digits_of(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 5_243) >> 19) & 0x0000_007F_0000_007F;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((twos - tens * 10) << 8)
}

/// Eight digits at once: neighbours become numbers of two digits, those of four, those one of eight.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u32> {
    let bytes = u64::from_le_bytes(text);
    // A digit is 0x30 to 0x39: its upper half is 3, and still is when 6 is added.
    let halves =
        (bytes & 0xF0F0_F0F0_F0F0_F0F0) | ((bytes.wrapping_add(0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) >> 4);
    if halves != 0x3333_3333_3333_3333 {
        return None;
    }
    let ones = bytes - ZEROS;
    let twos = (ones * 10 + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) as u32)
}

impl Scale {
    /// Powers of ten from one of it to a millisecond.
    fn shift(self) -> i64 {
        match self {
            Scale::Seconds => 3,
            Scale::Milliseconds | Scale::Auto => 0,
            Scale::Microseconds => -3,
            Scale::Nanoseconds => -6,
        }
    }
}

impl Decimal {
    /// Reads `[+-]digits[.digits][e[+-]digits]`; on one side of the point the digits may be left out.
    fn read(text: &[u8]) -> Option<Decimal> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (text, mut exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
            Some(at) => (&text[..at], exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let (whole, fraction) = match text.iter().position(|&b| b == b'.') {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, &[][..]),
        };
        if (whole.is_empty() && fraction.is_empty()) || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        exponent -= i64::try_from(fraction.len()).ok()?;
        let digits = whole.iter().chain(fraction).copied();
        let digits: Vec<u8> = digits.skip_while(|&digit| digit == b'0').collect();
        Some(Decimal { negative, digits, exponent })
    }

    /// How many digits stand before the point: negative or 0 below one.
    fn magnitude(&self) -> i64 {
        let digits = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        digits.saturating_add(self.exponent)
    }

    /// Below 10^11 seconds (the year 5138), below 10^14 milliseconds, below 10^17 microseconds, else nanoseconds.
    fn scale(&self) -> Scale {
        match self.magnitude() {
            _ if self.digits.is_empty() => Scale::Seconds,
            ..=11 => Scale::Seconds,
            12..=14 => Scale::Milliseconds,
            15..=17 => Scale::Microseconds,
            _ => Scale::Nanoseconds,
        }
    }

    /// The whole part of `self × 10^shift`, rounded down.
    fn floor(&self, shift: i64) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        // i64 has 19 digits; 10^19 fits i128 with room to spare.
        let kept = self.magnitude().saturating_add(shift);
        if kept > 19 {
            return None;
        }
        let kept = usize::try_from(kept).unwrap_or(0);
        let mut whole: i128 = 0;
        for place in 0..kept {
            let digit = self.digits.get(place).map_or(0, |digit| digit - b'0');
            whole = whole * 10 + i128::from(digit);
        }
        let cut = self.digits.get(kept..).unwrap_or_default();
        if self.negative {
            whole = -whole - i128::from(cut.iter().any(|&digit| digit != b'0'));
        }
        i64::try_from(whole).ok()
    }
}

/// The largest exponent that is told from larger ones: with as many digits as a record can hold, whatever is beyond is
/// nothing or too much all the same, and arithmetic with it cannot overflow.
const EXPONENT: i64 = 1 << 40;

/// An exponent.
fn exponent(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(digit - b'0')).min(EXPONENT);
    }
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use weir_tests::rng::Rng;

    use super::{Scale, milliseconds};

    fn auto(text: &str) -> Option<i64> {
        milliseconds(text.as_bytes(), Scale::Auto)
    }

    #[test]
    fn auto_tells_the_unit_by_the_size_on_both_sides_of_each_threshold() {
        assert_eq!(auto("1700000000"), Some(1_700_000_000_000));
        assert_eq!(auto("1700000000123"), Some(1_700_000_000_123));
        assert_eq!(auto("1700000000123456"), Some(1_700_000_000_123));
        assert_eq!(auto("1700000000123456789"), Some(1_700_000_000_123));
        assert_eq!(auto("99999999999"), Some(99_999_999_999_000));
        assert_eq!(auto("100000000000"), Some(100_000_000_000));
        assert_eq!(auto("99999999999999"), Some(99_999_999_999_999));
        assert_eq!(auto("100000000000000"), Some(100_000_000_000));
        assert_eq!(auto("99999999999999999"), Some(99_999_999_999_999));
        assert_eq!(auto("100000000000000000"), Some(100_000_000_000));
        assert_eq!(auto("-99999999999"), Some(-99_999_999_999_000));
        assert_eq!(auto("-100000000000"), Some(-100_000_000_000));
    }

    #[test]
    fn the_short_way_gives_what_the_long_way_gives() {
        let scales = [Scale::Seconds, Scale::Milliseconds, Scale::Microseconds, Scale::Nanoseconds, Scale::Auto];
        let mut rng = Rng::new(7);
        for _ in 0..2_000 {
            let number = rng.next_u64();
            let digits = (number >> (number % 61)).to_string();
            for scale in scales {
                let long = milliseconds(format!("{digits}.0").as_bytes(), scale);
                assert_eq!(milliseconds(digits.as_bytes(), scale), long, "{digits} {scale:?}");
            }
        }
    }

    #[test]
    fn a_byte_that_is_no_digit_is_found_wherever_it_stands() {
        for length in 1..=18 {
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'7'; length];
                    text[at] = byte;
                    let simply = text.iter().try_fold(0_i64, |number, &byte| {
                        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
                    });
                    assert_eq!(super::whole(&text), simply, "{length} {at} {byte}");
                    let usual = simply.filter(|ms| length == 13 && ms.to_string().as_bytes() == text);
                    assert_eq!(super::usual(&text), usual, "{length} {at} {byte}");
                }
            }
        }
    }

    #[test]
    fn leading_zeros_and_fractions_do_not_change_the_unit() {
        assert_eq!(auto("0001700000000"), Some(1_700_000_000_000));
        assert_eq!(auto("1700000000.123"), Some(1_700_000_000_123));
        assert_eq!(auto("1700000000.1239999999999"), Some(1_700_000_000_123));
        assert_eq!(auto("99999999999.999"), Some(99_999_999_999_999));
        assert_eq!(auto("1.7E9"), Some(1_700_000_000_000));
        assert_eq!(auto("1.700000000123E12"), Some(1_700_000_000_123));
        assert_eq!(auto("17000000000000e-4"), Some(1_700_000_000_000));
        assert_eq!(auto("0"), Some(0));
        assert_eq!(auto("-0.0"), Some(0));
        assert_eq!(auto("0e9999"), Some(0));
        assert_eq!(auto("0e99999"), Some(0));
        assert_eq!(auto("0e-99999999999999999999"), Some(0));
        assert_eq!(auto("1e-99999"), Some(0));
        assert_eq!(auto("-1e-99999"), Some(-1));
        assert_eq!(auto(".5"), Some(500));
        assert_eq!(auto("1700000000."), Some(1_700_000_000_000));
        assert_eq!(auto("+.17E10"), Some(1_700_000_000_000));
    }

    #[test]
    fn what_is_below_a_millisecond_is_rounded_towards_the_past() {
        let us = |text: &str| milliseconds(text.as_bytes(), Scale::Microseconds);
        assert_eq!(us("1999"), Some(1));
        assert_eq!(us("-1"), Some(-1));
        assert_eq!(us("-1000"), Some(-1));
        assert_eq!(us("-1001"), Some(-2));
        let ns = |text: &str| milliseconds(text.as_bytes(), Scale::Nanoseconds);
        assert_eq!(ns("999999"), Some(0));
        assert_eq!(ns("-999999"), Some(-1));
        assert_eq!(milliseconds(b"-0.0001", Scale::Seconds), Some(-1));
        assert_eq!(milliseconds(b"1.9", Scale::Milliseconds), Some(1));
    }

    #[test]
    fn the_edges_of_64_bits_are_kept_and_what_is_beyond_is_unreadable() {
        let ms = |text: &str| milliseconds(text.as_bytes(), Scale::Milliseconds);
        assert_eq!(ms("9223372036854775807"), Some(i64::MAX));
        assert_eq!(ms("9223372036854775808"), None);
        assert_eq!(ms("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(ms("-9223372036854775809"), None);
        assert_eq!(ms("-9223372036854775808.5"), None);
        let seconds = |text: &str| milliseconds(text.as_bytes(), Scale::Seconds);
        assert_eq!(seconds("9223372036854775.807"), Some(i64::MAX));
        assert_eq!(seconds("9223372036854775.808"), None);
        assert_eq!(seconds("9223372036854775807"), None);
        assert_eq!(auto("1e9999"), None);
        assert_eq!(auto(&"9".repeat(100_000)), None);
        assert_eq!(auto(&format!("0.{}1", "0".repeat(100_000))), Some(0));
    }

    #[test]
    fn what_is_no_number_is_unreadable() {
        for text in [
            "",
            "-",
            "+",
            ".",
            "-.",
            ".e1",
            "1 2",
            "0x10",
            "1e",
            "1e+",
            "1e99999",
            "1e99999999999999999999",
            "1.2.3",
            "1,5",
            "NaN",
            "inf",
            "true",
            "null",
            "--1",
            "+-1",
            "1_000",
            "١",
            "1e5.0",
        ] {
            assert_eq!(auto(text), None, "{text}");
        }
        assert_eq!(milliseconds(b"\xff", Scale::Auto), None);
    }
}
