//! Reads a text by the items of a format into a time's parts.

use jiff::{
    civil::Weekday,
    fmt::strtime::{BrokenDownTime, Meridiem},
    tz::{Offset, TimeZone},
};

use super::names::Names;

/// A piece of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// Any amount of white space, also none.
    Space,
    Literal(u8),
    /// At most so many digits, after any white space.
    Number(Field, u8),
    /// One to nine digits. With a number: a count of so small parts that it has so many digits, written without zeros
    /// before it: `%-3f` reads 7 as 7 ms.
    Fraction(Option<u8>),
    /// A point and a fraction, or nothing.
    PointAndFraction,
    /// Whether letters follow.
    Month {
        is_exact: bool,
    },
    Weekday {
        is_exact: bool,
    },
    Meridiem,
    Offset,
    /// An IANA name or an offset.
    Zone,
    /// An abbreviation that the operator's table has, or an offset.
    Abbreviation,
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    YearOfCentury,
    Century,
    IsoYear,
    IsoYearOfCentury,
    Month,
    Day,
    DayOfYear,
    Hour,
    HourOfTwelve,
    Minute,
    Second,
    Epoch,
    WeekFromSunday,
    WeekFromMonday,
    IsoWeek,
    /// 1 is Monday, 7 is Sunday.
    WeekdayFromMonday,
    /// 0 is Sunday.
    WeekdayFromSunday,
}

/// The parts of a time, and what a text says about its zone.
#[derive(Default)]
pub(super) struct Scanned<'t> {
    pub(super) time: BrokenDownTime,
    /// Of an IANA name or of an abbreviation.
    pub(super) zone: Option<TimeZone>,
    /// The abbreviation itself: it tells the two hours apart that a change from summer time repeats.
    pub(super) abbreviation: Option<&'t str>,
    pub(super) offset: Option<Offset>,
    pub(super) epoch: Option<i64>,
    pub(super) nanosecond: i32,
}

/// Returns the parts of a text that has exactly these items.
pub(super) fn scan<'t>(items: &[Item], mut text: &'t [u8], names: &Names) -> Option<Scanned<'t>> {
    let mut scanned = Scanned::default();
    for item in items {
        text = match *item {
            Item::Space => text.trim_ascii_start(),
            Item::Literal(byte) => text.strip_prefix(&[byte])?,
            Item::Number(field, most) => scanned.number(field, most, text)?,
            Item::Fraction(count) => scanned.fraction(count, text)?,
            Item::PointAndFraction => match text.strip_prefix(b".") {
                Some(rest) => scanned.fraction(None, rest)?,
                None => text,
            },
            Item::Month { is_exact } => {
                let (month, rest) = names.month(text, is_exact)?;
                scanned.time.set_month(Some(month)).ok()?;
                rest
            }
            Item::Weekday { is_exact } => {
                let (day, rest) = Names::weekday(text, is_exact)?;
                scanned.time.set_weekday(Some(Weekday::from_sunday_zero_offset(day).ok()?));
                rest
            }
            Item::Meridiem => {
                let (word, rest) = text.split_at_checked(2)?;
                let half = match word.to_ascii_lowercase().as_slice() {
                    b"am" => Meridiem::AM,
                    b"pm" => Meridiem::PM,
                    _ => return None,
                };
                scanned.time.set_meridiem(Some(half));
                rest
            }
            Item::Offset => scanned.offset(text)?,
            Item::Zone | Item::Abbreviation if matches!(text, [b'+' | b'-', ..]) => scanned.offset(text)?,
            Item::Zone => {
                let end = text.iter().position(|byte| !is_of_a_zone(*byte)).unwrap_or(text.len());
                let (name, rest) = text.split_at(end);
                scanned.zone = Some(names.database.get(std::str::from_utf8(name).ok()?).ok()?);
                rest
            }
            Item::Abbreviation => {
                let end = text.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(text.len());
                let (name, rest) = text.split_at(end);
                let name = std::str::from_utf8(name).ok()?;
                scanned.zone = Some(names.abbreviated(name)?);
                scanned.abbreviation = Some(name);
                rest
            }
        };
    }
    text.is_empty().then_some(scanned)
}

fn is_of_a_zone(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.+-/".contains(&byte)
}

impl Scanned<'_> {
    /// Reads a number, and returns the rest of the text.
    fn number<'t>(&mut self, field: Field, most: u8, text: &'t [u8]) -> Option<&'t [u8]> {
        let (is_negative, text) = match (field, text) {
            (Field::Year | Field::IsoYear | Field::Century | Field::Epoch, [sign @ (b'+' | b'-'), rest @ ..]) => {
                (*sign == b'-', rest)
            }
            _ => (false, text),
        };
        let text = text.trim_ascii_start();
        let digits = text.iter().take(most.into()).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = text.split_at(digits);
        if digits.is_empty() {
            return None;
        }
        let value = digits
            .iter()
            .try_fold(0_i64, |value, digit| value.checked_mul(10)?.checked_add(i64::from(digit - b'0')))?;
        let value = if is_negative { -value } else { value };
        let year = || i16::try_from(value).ok();
        let small = || i8::try_from(value).ok();
        // In 1969 the years of two digits begin, as everywhere.
        let of_century = || (0..=99).contains(&value).then_some(if value <= 68 { 2000 + value } else { 1900 + value });
        let full = || i16::try_from(of_century()?).ok();
        let time = &mut self.time;
        match field {
            Field::Year => time.set_year(Some(year()?)),
            Field::YearOfCentury => time.set_year(Some(full()?)),
            Field::Century => time.set_year(Some(year()?.checked_mul(100)?)),
            Field::IsoYear => time.set_iso_week_year(Some(year()?)),
            Field::IsoYearOfCentury => time.set_iso_week_year(Some(full()?)),
            Field::Month => time.set_month(Some(small()?)),
            Field::Day => time.set_day(Some(small()?)),
            Field::DayOfYear => time.set_day_of_year(Some(year()?)),
            Field::Hour => time.set_hour(Some(small()?)),
            Field::HourOfTwelve => time.set_hour(Some(small().filter(|hour| (1..=12).contains(hour))?)),
            Field::Minute => time.set_minute(Some(small()?)),
            // A leap second is second 59.
            Field::Second => time.set_second(Some(small().map(|second| if second == 60 { 59 } else { second })?)),
            Field::WeekFromSunday => time.set_sunday_based_week(Some(small()?)),
            Field::WeekFromMonday => time.set_monday_based_week(Some(small()?)),
            Field::IsoWeek => time.set_iso_week(Some(small()?)),
            Field::WeekdayFromMonday => {
                time.set_weekday(Some(Weekday::from_monday_one_offset(small()?).ok()?));
                Ok(())
            }
            Field::WeekdayFromSunday => {
                time.set_weekday(Some(Weekday::from_sunday_zero_offset(small()?).ok()?));
                Ok(())
            }
            Field::Epoch => {
                self.epoch = Some(value);
                Ok(())
            }
        }
        .ok()?;
        Some(rest)
    }

    fn fraction<'t>(&mut self, count: Option<u8>, text: &'t [u8]) -> Option<&'t [u8]> {
        let most = count.unwrap_or(9).into();
        let digits = text.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = text.split_at(digits);
        if digits.is_empty() {
            return None;
        }
        let value = digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0'));
        let places = if count.is_some() { most } else { digits.len() };
        self.nanosecond = value * 10_i32.pow(u32::try_from(9 - places).ok()?);
        self.time.set_subsec_nanosecond(Some(self.nanosecond)).ok()?;
        Some(rest)
    }

    fn offset<'t>(&mut self, text: &'t [u8]) -> Option<&'t [u8]> {
        let (seconds, rest) = offset(text)?;
        self.offset = Some(Offset::from_seconds(seconds).ok()?);
        Some(rest)
    }
}

/// Reads an offset from UTC: `Z`, `+08`, `+0800`, `+08:00`, also with seconds. Returns seconds to the east, and the
/// rest of the text.
pub(super) fn offset(text: &[u8]) -> Option<(i32, &[u8])> {
    let (sign, rest) = match text {
        [b'Z' | b'z', rest @ ..] => return Some((0, rest)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, mut rest) = two_digits(rest)?;
    let colon = matches!(rest, [b':', ..]);
    let mut seconds = hours * 3_600;
    for unit in [60, 1] {
        let part = if colon { rest.strip_prefix(b":") } else { Some(rest) };
        let Some((part, after)) = part.and_then(two_digits) else { break };
        if part > 59 {
            return None;
        }
        seconds += part * unit;
        rest = after;
    }
    Some((sign * seconds, rest))
}

fn two_digits(text: &[u8]) -> Option<(i32, &[u8])> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = text else { return None };
    Some((i32::from(tens - b'0') * 10 + i32::from(ones - b'0'), rest))
}
