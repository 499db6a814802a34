//! RFC 3339 times, read exactly: any number of digits behind the point, and leap seconds.

use std::ops::{Add, Mul};

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// Milliseconds since the epoch, rounded down; none where the text is no RFC 3339 time.
///
/// `T` and `Z` may be small letters and a space may stand for the `T`, as the RFC allows; the offset must be there.
/// A leap second (`:60`) is read as second 59, which keeps the record within its day; it stands at the end of a month's
/// last minute in UTC and nowhere else.
pub(super) fn milliseconds(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (&separator, rest) = rest.split_first()?;
    let (clock, rest) = rest.split_at_checked(8)?;
    if !matches!(separator, b'T' | b't' | b' ')
        || (date[4], date[7]) != (b'-', b'-')
        || (clock[2], clock[5]) != (b':', b':')
    {
        return None;
    }
    let (hour, minute, second): (i8, i8, i8) = (number(&clock[..2])?, number(&clock[3..5])?, number(&clock[6..])?);
    if second > 60 {
        return None;
    }
    let date = Date::new(number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?).ok()?;
    let local = DateTime::from_parts(date, Time::new(hour, minute, second.min(59), 0).ok()?);
    let (fraction, offset) = match rest {
        [b'.', rest @ ..] => fraction(rest)?,
        rest => (0, rest),
    };
    // By the calendar: with its offset a time of the last years may be beyond what a timestamp of the library holds.
    let seconds = local.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs() - offset_seconds(offset)?;
    if second == 60 && !is_last_of_a_month(seconds) {
        return None;
    }
    Some(seconds * 1000 + fraction)
}

/// Reads the digits behind the point, one at least: whole milliseconds, and the rest of the text.
pub(super) fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    digits.first()?;
    // The fraction points towards the future also before the epoch, so cutting it off rounds down.
    let place = |ms, place| ms * 10 + digits.get(place).map_or(0, |digit| i64::from(digit - b'0'));
    Some(((0..3).fold(0, place), rest))
}

/// Whether a second since the epoch is the last of a month in UTC.
pub(super) fn is_last_of_a_month(seconds: i64) -> bool {
    let utc = |seconds| Timestamp::from_second(seconds).ok().map(|time| TimeZone::UTC.to_datetime(time));
    let next = utc(seconds + 1);
    next.is_some_and(|next| next.day() == 1 && next.time() == Time::midnight())
}

/// `Z` or `±HH:MM`, in seconds east of UTC.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let [h1, h2, b':', m1, m2] = *rest else {
        return None;
    };
    let (hours, minutes): (i64, i64) = (number(&[h1, h2])?, number(&[m1, m2])?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60)
}

/// A few digits and nothing else: at most two for `i8`, at most four for `i16`.
pub(super) fn number<N: From<i8> + Mul<Output = N> + Add<Output = N>>(digits: &[u8]) -> Option<N> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| N::from(i8::try_from(byte - b'0').unwrap_or(0)));
    digits.iter().try_fold(N::from(0), |value, byte| Some(value * N::from(10) + digit(byte)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::milliseconds;

    fn read(text: &str) -> Option<i64> {
        milliseconds(text.as_bytes())
    }

    #[test]
    fn the_rfc_s_own_examples_are_read() {
        assert_eq!(read("1985-04-12T23:20:50.52Z"), Some(482_196_050_520));
        assert_eq!(read("1996-12-19T16:39:57-08:00"), Some(851_042_397_000));
        assert_eq!(read("1937-01-01T12:00:27.87+00:20"), Some(-1_041_337_172_130));
        assert_eq!(read("1990-12-31T23:59:60Z"), read("1990-12-31T23:59:59Z"));
        assert_eq!(read("1990-12-31T15:59:60-08:00"), Some(662_687_999_000));
    }

    #[test]
    fn any_number_of_digits_may_stand_behind_the_point() {
        assert_eq!(read("2023-11-14T22:13:20.1Z"), Some(1_700_000_000_100));
        assert_eq!(read("2023-11-14T22:13:20.123999999999999Z"), Some(1_700_000_000_123));
        assert_eq!(read("1969-12-31T23:59:59.9999Z"), Some(-1));
        assert_eq!(read("2016-12-31T23:59:60.5Z"), Some(1_483_228_799_500));
    }

    #[test]
    fn small_letters_a_space_and_far_years_are_read() {
        assert_eq!(read("2023-11-14t22:13:20z"), Some(1_700_000_000_000));
        assert_eq!(read("2023-11-14 22:13:20-00:00"), Some(1_700_000_000_000));
        assert_eq!(read("9999-12-31T23:59:59.999Z"), Some(253_402_300_799_999));
        assert_eq!(read("0000-01-01T00:00:00Z"), Some(-62_167_219_200_000));
    }

    #[test]
    fn what_the_rfc_does_not_allow_is_unreadable() {
        for text in [
            "",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-11-14T22:13Z",
            "2023-11-14T24:00:00Z",
            "2023-11-14T22:60:20Z",
            "2023-11-14T22:13:61Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-11-00T00:00:00Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20.5",
            "2023-11-14T22:13:20+0800",
            "2023-11-14T22:13:20+24:00",
            "2023-11-14T22:13:20Zz",
            "2023-11-14X22:13:20Z",
            "02023-11-14T22:13:20Z",
            "2023-11-14T22:13:20,5Z",
            "+023-11-14T22:13:20Z",
            "2023-11-14T22:13:20ZZ",
            "Tue, 14 Nov 2023 22:13:20 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(milliseconds(&[0xff; 30]), None);
    }

    #[test]
    fn a_leap_second_is_the_last_of_a_month_in_utc() {
        let last = read("2016-12-31T23:59:59Z");
        for text in ["2016-12-31T23:59:60Z", "2017-01-01T08:59:60+09:00", "2016-12-31T15:59:60-08:00"] {
            assert_eq!(read(text), last, "{text}");
        }
        for text in [
            "2016-12-31T23:58:60Z",
            "2016-12-31T22:59:60Z",
            "2016-12-30T23:59:60Z",
            "2017-01-01T23:59:60+01:00",
            "2016-12-31T23:59:60+09:00",
            "2016-12-31T23:59:61Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(read("2015-06-30T23:59:60.25Z").is_some());
    }

    #[test]
    fn the_first_and_the_last_day_have_any_offset() {
        assert_eq!(read("0000-01-01T00:00:00+23:59"), Some(-62_167_219_200_000 - 86_340_000));
        assert_eq!(read("9999-12-31T23:59:59-23:59"), Some(253_402_300_799_000 + 86_340_000));
    }
}
