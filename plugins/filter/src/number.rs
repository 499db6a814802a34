//! Comparing numbers as they are written, exactly: no floating point, any number of digits.

use std::cmp::Ordering;

use weir_sdk::integer;

/// A decimal number: `0.digits × 10^point`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    /// The digits before and behind the point; together they begin with another digit than 0, or there are none.
    before: &'a [u8],
    behind: &'a [u8],
    point: i64,
}

/// The largest exponent that is told from larger ones: more than any number of digits that a record can hold.
const MOST_EXPONENT: i64 = 1 << 40;

/// A number that parts are held against.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    text: String,
    integer: Option<i64>,
}

impl Bound {
    pub(crate) fn new(text: String) -> Self {
        let integer = integer::read(text.as_bytes());
        Self { text, integer }
    }

    /// How a text, as a number, stands to the bound; none where it is no number.
    #[inline]
    pub(crate) fn compare(&self, text: &[u8]) -> Option<Ordering> {
        match (integer::read(text), self.integer) {
            (Some(number), Some(bound)) => Some(number.cmp(&bound)),
            _ => Some(Decimal::read(text)?.cmp(&Decimal::read(self.text.as_bytes())?)),
        }
    }

    /// The same of an integer.
    #[inline]
    pub(crate) fn compare_integer(&self, number: i64) -> Option<Ordering> {
        match self.integer {
            Some(bound) => Some(number.cmp(&bound)),
            None => self.compare(number.to_string().as_bytes()),
        }
    }
}

impl<'a> Decimal<'a> {
    /// Reads `[+-]digits[.digits][e[+-]digits]` with white space round it.
    pub(crate) fn read(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = sign(text.trim_ascii());
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
        let before = without_zeros(before);
        let mut point = i64::try_from(before.len()).ok()? + exponent;
        let behind = if before.is_empty() {
            let digits = without_zeros(behind);
            point -= i64::try_from(behind.len() - digits.len()).ok()?;
            digits
        } else {
            behind
        };
        Some(Self { negative, before, behind, point })
    }

    fn digits(&self) -> impl Iterator<Item = u8> + 'a {
        self.before.iter().chain(self.behind).copied()
    }

    fn is_zero(&self) -> bool {
        self.digits().all(|digit| digit == b'0')
    }

    /// Without the signs; neither is zero.
    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        self.point.cmp(&other.point).then_with(|| {
            let (mut ours, mut theirs) = (self.digits(), other.digits());
            loop {
                match (ours.next(), theirs.next()) {
                    (None, None) => return Ordering::Equal,
                    (our, their) => match our.unwrap_or(b'0').cmp(&their.unwrap_or(b'0')) {
                        Ordering::Equal => {}
                        unequal => return unequal,
                    },
                }
            }
        })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => self.cmp_magnitude(other),
            _ => other.cmp_magnitude(self),
        })
    }
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    }
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = sign(text);
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
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_they_are_written() {
        let ascending = [
            "-1e400",
            "-18446744073709551616",
            "-2",
            "-1.5",
            "-1.0",
            "-0.001e2",
            "-0",
            "0.0000001",
            "1e-3",
            "0.1",
            "0.10000001",
            "9",
            "+10",
            "10.5",
            "1.2e1",
            "100",
            "9223372036854775807",
            "9223372036854775808",
            "1e400",
            "1e99999999999999999999",
        ];
        for (at, one) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                let bound = Bound::new((*other).to_owned());
                assert_eq!(bound.compare(one.as_bytes()), Some(at.cmp(&other_at)), "{one} {other}");
            }
        }
        for (one, same) in
            [("1", " 1.0\n"), ("0", "-0.0e7"), ("1.50", "15e-1"), ("100", "1e2"), ("0", "000"), ("12.5", "0012.500")]
        {
            assert_eq!(Bound::new(one.to_owned()).compare(same.as_bytes()), Some(Ordering::Equal), "{one} {same}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_compared() {
        for text in ["", "x", "1x", "0x10", ".", "1e", "NaN", "1 2", "--1", "true"] {
            assert_eq!(Bound::new("1".to_owned()).compare(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn floats_are_compared_as_the_standard_library_does() {
        let mut random = 7_u64;
        for _ in 0..5_000 {
            let mut next = || {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((random >> 32) as f64 - 2_147_483_648.0) * 10_f64.powi((random >> 8) as i32 % 12 - 6)
            };
            let (one, other) = (next(), next());
            let bound = Bound::new(other.to_string());
            assert_eq!(bound.compare(format!("{one:e}").as_bytes()), one.partial_cmp(&other), "{one} {other}");
        }
    }
}
