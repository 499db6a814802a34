//! Numbers as clients write them: whole, with a fraction, with an exponent; read exactly, without floating point.

#[cfg(test)]
mod tests;

use crate::integer::exponent;

/// What one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
    Days,
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
pub(super) fn milliseconds(text: &[u8], scale: Scale) -> Option<i64> {
    if let Some(number) = whole(text) {
        return scaled(number, scale);
    }
    let mut decimal = Decimal::read(text)?;
    let shift = match scale {
        Scale::Auto => decimal.scale().shift(),
        Scale::Days => {
            // The other factor of a day's milliseconds is a power of ten.
            decimal.multiply(864);
            5
        }
        stated => stated.shift(),
    };
    decimal.floor(shift)
}

/// Milliseconds of a count, rounded down. `Auto` is for counts that are not negative.
#[inline]
fn scaled(number: i64, scale: Scale) -> Option<i64> {
    match scale {
        Scale::Auto if number < 100_000_000_000 => number.checked_mul(1_000),
        Scale::Auto if number < 100_000_000_000_000 => Some(number),
        Scale::Auto if number < 100_000_000_000_000_000 => Some(number / 1_000),
        Scale::Seconds => number.checked_mul(1_000),
        Scale::Milliseconds => Some(number),
        Scale::Microseconds => Some(number.div_euclid(1_000)),
        Scale::Auto | Scale::Nanoseconds => Some(number.div_euclid(1_000_000)),
        Scale::Days => number.checked_mul(86_400_000),
    }
}

/// The year 10000, in milliseconds since the epoch.
const YEAR_10000: i64 = 253_402_300_800_000;

/// Milliseconds of a count in eight bytes, the highest first, in two's complement; of seconds and days also in four.
///
/// Beyond the year 9999 there is no time: eight letters would be one otherwise.
pub(super) fn big_endian(bytes: &[u8], scale: Scale) -> Option<i64> {
    let number = match (bytes.len(), scale) {
        (4, Scale::Seconds | Scale::Days) => i32::from_be_bytes(*bytes.first_chunk()?).into(),
        (8, _) => i64::from_be_bytes(*bytes.first_chunk()?),
        _ => return None,
    };
    scaled(number, scale).filter(|ms| *ms < YEAR_10000)
}

/// Milliseconds of a count in eight bytes where nobody said that it is one, its unit told by its size.
///
/// Its first byte is a control character, which no text begins with: so are those of all times in s, ms and us, and in
/// ns those from 1970 to 2043 but for white space (most of 1990 to 2002).
pub(super) fn unnamed_big_endian(bytes: &[u8]) -> Option<i64> {
    let first = *bytes.first()?;
    if bytes.len() != 8 || first >= b' ' || first.is_ascii_whitespace() {
        return None;
    }
    big_endian(bytes, Scale::Auto)
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

/// Returns what the usual text of a time in milliseconds says: 13 digits, the first not a zero. None of any other text.
#[inline]
pub fn thirteen_digits(text: &[u8]) -> Option<i64> {
    let (head, tail) = (text.first_chunk()?, text.last_chunk()?);
    if text.len() != 13 || head[0] == b'0' {
        return None;
    }
    // Three digits are in both.
    Some(i64::from(eight_digits(*head)? / 1_000) * 100_000_000 + i64::from(eight_digits(*tail)?))
}

/// Eight zeros, as text.
const ZEROS: u64 = 0x3030_3030_3030_3030;

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
            Scale::Microseconds => -3,
            Scale::Nanoseconds => -6,
            Scale::Milliseconds | Scale::Auto | Scale::Days => 0,
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

    /// Multiplies by a small number.
    fn multiply(&mut self, factor: u32) {
        let mut carry = 0;
        for digit in self.digits.iter_mut().rev() {
            carry += u32::from(*digit - b'0') * factor;
            *digit = b'0' + (carry % 10) as u8;
            carry /= 10;
        }
        // Zero keeps no digits.
        if carry > 0 {
            self.digits.splice(0..0, carry.to_string().into_bytes());
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
