//! RFC 3339 times, read exactly: any number of digits behind the point, and leap seconds.

/// Milliseconds since the epoch, rounded down; none where the text is no RFC 3339 time.
///
/// `T` and `Z` may be small letters and a space may stand for the `T`, as the RFC allows; the offset must be there.
/// A leap second (`:60`) is read as second 59, which keeps the record within its day.
pub(crate) fn milliseconds(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (&separator, rest) = rest.split_first()?;
    let (clock, rest) = rest.split_at_checked(8)?;
    if !matches!(separator, b'T' | b't' | b' ')
        || (date[4], date[7]) != (b'-', b'-')
        || (clock[2], clock[5]) != (b':', b':')
    {
        return None;
    }
    let days = day(number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?)?;
    let (hour, minute) = (number(&clock[..2])?, number(&clock[3..5])?);
    let second = number(&clock[6..])?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, offset) = match rest {
        [b'.', rest @ ..] => {
            let end = rest.iter().position(|digit| !digit.is_ascii_digit())?;
            if end == 0 {
                return None;
            }
            rest.split_at(end)
        }
        rest => (&[][..], rest),
    };
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second.min(59) - offset_seconds(offset)?;
    // The fraction points towards the future also before the epoch, so cutting it off rounds down.
    let fraction = (0..3).fold(0, |ms, place| ms * 10 + fraction.get(place).map_or(0, |digit| i64::from(digit - b'0')));
    Some(seconds * 1000 + fraction)
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
    let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60)
}

/// Days since the epoch of a date of the Gregorian calendar; none for a date that is not there.
fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// A few digits and nothing else.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{day, milliseconds};

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
    fn every_day_is_one_after_the_day_before_it() {
        let mut expected = day(1, 1, 1).unwrap();
        assert_eq!(day(1970, 1, 1), Some(0));
        for year in 1..=2400 {
            for month in 1..=12 {
                for date in 1..=31 {
                    if let Some(found) = day(year, month, date) {
                        assert_eq!(found, expected, "{year}-{month}-{date}");
                        expected += 1;
                    }
                }
            }
        }
    }
}
