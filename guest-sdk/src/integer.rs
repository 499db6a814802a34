//! Integers as people write them: one reading of them for every plugin.
//!
//! An integer is decimal digits with or without a sign, with white space round it, and also what is written with a
//! point or an exponent as long as the number is whole: `42`, ` -7 `, `12.0`, `1.5e3`. Nothing is rounded.

/// Numbers with so many zeros behind their digits are not computed: no id is written so.
const MOST_ZEROS: u64 = 1_000_000_000;

/// The largest exponent that is told from larger ones: with as many digits as a record can hold, it still stands for more
/// than [`MOST_ZEROS`], and arithmetic with it cannot overflow.
const MOST_EXPONENT: i64 = 1 << 40;

/// A whole number of any size: `digits`, and behind them `zeros` zeros.
#[derive(Clone, Copy, Debug)]
struct Whole<'a> {
    is_negative: bool,
    /// The digits before the point, and those behind it that count: between them nothing but the point.
    before: &'a [u8],
    behind: &'a [u8],
    zeros: u64,
}

/// Returns the integer that a text says; none where it says none, or one beyond 64 bits.
///
/// ```
/// use weir_sdk::integer;
/// assert_eq!(integer::read(b" -42\n"), Some(-42));
/// assert_eq!(integer::read(b"1.5e3"), Some(1_500));
/// assert_eq!(integer::read(b"1.5"), None);
/// ```
#[inline]
pub fn read(text: &[u8]) -> Option<i64> {
    match digits(text) {
        Some(number) => Some(number),
        None => read_any(text),
    }
}

/// What nearly all texts are: up to 18 digits and nothing else. It only saves time.
#[inline]
fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut number: i64 = 0;
    for &digit in text {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(number)
}

#[inline(never)]
fn read_any(text: &[u8]) -> Option<i64> {
    let whole = Whole::of(text)?;
    let mut number: i128 = 0;
    for digit in whole.digits() {
        number = number * 10 + i128::from(digit);
        // One digit more than 64 bits have: nothing that follows makes it smaller.
        if number > i128::from(u64::MAX) {
            return None;
        }
    }
    if number != 0 {
        for _ in 0..whole.zeros {
            number *= 10;
            if number > i128::from(u64::MAX) {
                return None;
            }
        }
    }
    i64::try_from(if whole.is_negative { -number } else { number }).ok()
}

/// Returns an integer of any size modulo `divisor`, never negative (Euclidean): -1 modulo 12 is 11. None where the text
/// says no integer, or the divisor is 0.
///
/// ```
/// use weir_sdk::integer;
/// assert_eq!(integer::modulo(b"340282366920938463463374607431768211455", 12), Some(3));
/// assert_eq!(integer::modulo(b"-1", 12), Some(11));
/// ```
#[inline]
pub fn modulo(text: &[u8], divisor: u32) -> Option<u32> {
    match digits(text) {
        Some(number) => modulo_of(number, divisor),
        None => modulo_any(text, divisor),
    }
}

/// Returns a number modulo `divisor`, never negative; none where the divisor is 0.
#[inline]
pub fn modulo_of(number: i64, divisor: u32) -> Option<u32> {
    match u32::try_from(number) {
        // Most ids are small, and dividing 32 bits is much faster.
        Ok(number) => number.checked_rem(divisor),
        Err(_) => number.checked_rem_euclid(i64::from(divisor)).map(|rest| rest as u32),
    }
}

#[inline(never)]
fn modulo_any(text: &[u8], divisor: u32) -> Option<u32> {
    let whole = Whole::of(text)?;
    let by = u64::from(divisor);
    let mut rest: u64 = 0;
    for digit in whole.digits() {
        rest = (rest * 10 + u64::from(digit)).checked_rem(by)?;
    }
    rest = (rest * power_of_ten(whole.zeros, by)?).checked_rem(by)?;
    if whole.is_negative && rest > 0 {
        rest = by - rest;
    }
    u32::try_from(rest).ok()
}

/// 10 to the power of `exponent`, modulo `by`.
fn power_of_ten(mut exponent: u64, by: u64) -> Option<u64> {
    let mut power = 1_u64.checked_rem(by)?;
    let mut square = 10_u64.checked_rem(by)?;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = power * square % by;
        }
        square = square * square % by;
        exponent >>= 1;
    }
    Some(power)
}

/// Returns the integer that four or eight bytes are, signed and big-endian as Java and Kafka's own serializers write
/// them; none of any other number of bytes.
#[inline]
pub fn binary(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        8 => Some(i64::from_be_bytes(*bytes.first_chunk()?)),
        4 => Some(i64::from(i32::from_be_bytes(*bytes.first_chunk()?))),
        _ => None,
    }
}

impl<'a> Whole<'a> {
    /// Reads `[+-]digits[.digits][e[+-]digits]` with white space round it, if the number is whole.
    fn of(text: &'a [u8]) -> Option<Self> {
        let (is_negative, text) = sign(text.trim_ascii());
        let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
            Some(at) => (text.get(..at)?, exponent(text.get(at + 1..)?)?),
            None => (text, 0),
        };
        let (before, behind) = match mantissa.iter().position(|&byte| byte == b'.') {
            Some(at) => (mantissa.get(..at)?, mantissa.get(at + 1..)?),
            None => (mantissa, &[][..]),
        };
        if before.is_empty() && behind.is_empty() || !before.iter().chain(behind).all(u8::is_ascii_digit) {
            return None;
        }
        let are_zeros = |digits: &[u8]| digits.iter().all(|&digit| digit == b'0');
        // Where the point stands once the exponent has moved it, counted from the first digit.
        let point = i64::try_from(before.len()).ok()?.checked_add(exponent)?;
        let (kept, split) = (usize::try_from(point).unwrap_or(0), before.len());
        let whole = if kept <= split {
            let (kept, cut) = before.split_at(kept);
            (are_zeros(cut) && are_zeros(behind)).then_some(Self { is_negative, before: kept, behind: &[], zeros: 0 })
        } else {
            let more = kept - split;
            let (kept, cut) = behind.split_at(more.min(behind.len()));
            let zeros = (more - kept.len()) as u64;
            are_zeros(cut).then_some(Self { is_negative, before, behind: kept, zeros })
        }?;
        let is_zero = are_zeros(whole.before) && are_zeros(whole.behind);
        Some(if is_zero { Self { zeros: 0, ..whole } } else { whole }).filter(|whole| whole.zeros <= MOST_ZEROS)
    }

    fn digits(self) -> impl Iterator<Item = u8> + 'a {
        self.before.iter().chain(self.behind).map(|digit| digit - b'0')
    }
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    }
}

/// An exponent; the largest ones are all the same.
pub(crate) fn exponent(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = sign(text);
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(digit - b'0')).min(MOST_EXPONENT);
    }
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_may_have_white_space_a_sign_a_point_and_an_exponent() {
        for (text, number) in [
            ("0", 0),
            ("42", 42),
            (" 42\r\n", 42),
            ("\t-7 ", -7),
            ("+7", 7),
            ("007", 7),
            ("12.0", 12),
            ("12.", 12),
            (".0", 0),
            ("1e3", 1_000),
            ("1E+3", 1_000),
            ("1.5e3", 1_500),
            ("12000e-3", 12),
            ("-1.20e1", -12),
            ("0e999999999999", 0),
            ("0.000e-999999999999", 0),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("9.223372036854775807e18", i64::MAX),
            ("000000000000000000000000000000000000000000000001", 1),
            ("100000000000000000000000000000e-28", 10),
        ] {
            assert_eq!(read(text.as_bytes()), Some(number), "{text}");
            assert_eq!(modulo(text.as_bytes(), 12), Some(number.rem_euclid(12) as u32), "{text}");
        }
    }

    #[test]
    fn what_is_no_integer_is_none() {
        for text in [
            "",
            " ",
            "-",
            "+",
            ".",
            "e3",
            "1e",
            "1e+",
            "1 2",
            "1.5",
            "15e-1",
            "0x10",
            "1_000",
            "1,000",
            "NaN",
            "--1",
            "+-1",
            "1.2.3",
            "1e3.0",
            "١",
            "1e-999999999999",
            "0.1",
            "true",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
            assert_eq!(modulo(text.as_bytes(), 12), None, "{text}");
        }
        assert_eq!(read(b"\xff"), None);
    }

    #[test]
    fn beyond_64_bits_only_the_modulo_is_defined() {
        for (text, rest) in [
            ("18446744073709551615", 3),
            ("9223372036854775808", 8),
            ("-9223372036854775809", 3),
            ("340282366920938463463374607431768211455", 3),
            ("1e40", 4),
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
            assert_eq!(modulo(text.as_bytes(), 12), Some(rest), "{text}");
        }
        assert_eq!(modulo(b"1e999999999999", 12), None, "nobody writes that, and it is not computed");
        assert_eq!(modulo(b"1", 0), None);
        assert_eq!(modulo(b"99999999999999999999", 0), None);
        assert_eq!(modulo(&[b'9'; 100_000], 10), Some(9));
    }

    #[test]
    fn the_modulo_of_the_text_is_that_of_the_number() {
        let mut number: u128 = 0x9e37_79b9_7f4a_7c15;
        for round in 0..2_000_u32 {
            number = number.wrapping_mul(0xda94_2042_e4dd_58b5_1234_5678_9abc_def1).wrapping_add(round.into());
            let some = (number >> (round % 127)) as i128;
            let divisor = (round % 70_000) + 1;
            let rest = some.rem_euclid(divisor.into()) as u32;
            for text in [format!("{some}"), format!(" {some}.00"), format!("{some}000e-3"), format!("{some}e0")] {
                assert_eq!(modulo(text.as_bytes(), divisor), Some(rest), "{text} % {divisor}");
                assert_eq!(read(text.as_bytes()), i64::try_from(some).ok(), "{text}");
            }
        }
    }

    #[test]
    fn four_and_eight_bytes_are_big_endian() {
        assert_eq!(binary(&[0, 0, 0, 0, 0, 0, 1, 0]), Some(256));
        assert_eq!(binary(&[0xff, 0xff, 0xff, 0xfe]), Some(-2));
        for other in [&b""[..], b"1", b"12345", b"123456789"] {
            assert_eq!(binary(other), None);
        }
    }
}
