//! ISO 8601 times, basic and extended, with an offset or without: what Java, Python, Elasticsearch and others write.

use jiff::{
    SignedDuration,
    civil::{Date, DateTime, ISOWeekDate, Time, Weekday},
    tz::TimeZone,
};

use super::{rfc3339, scan};

const DAY: i64 = 86_400;

/// Milliseconds since the epoch, rounded down; none where the text is no such time. `zone` is that of times which have
/// no offset.
///
/// A day (`2023-11-14`, `20231114`, `2023-318`, `2023-W46-2`), and behind a `T` or a space the time of day: `22:13:20`,
/// `221320`, or with less (`22:13`, `22`); behind the seconds a comma or a point and any number of digits; then an
/// offset (`Z`, `+08:00`, `+0800`, `+08`), with or without a space before it and the zone's name in brackets behind it.
/// `24:00` is the end of the day, a leap second is read as second 59.
pub(super) fn milliseconds(text: &[u8], zone: &TimeZone) -> Option<i64> {
    let (date, rest) = date(text)?;
    let (clock, offset) = match rest {
        [b'T' | b't' | b' ', rest @ ..] => clock(rest)?,
        [] => (Clock::default(), &b""[..]),
        _ => return None,
    };
    let midnight = date.to_datetime(Time::midnight());
    let local = seconds_since_1970(midnight) + clock.seconds;
    let seconds = match offset.strip_prefix(b" ").unwrap_or(offset) {
        [] if offset.is_empty() => {
            let time = midnight.checked_add(SignedDuration::from_secs(clock.seconds)).ok()?;
            zone.to_timestamp(time).ok()?.as_second()
        }
        offset => local - seconds_east(offset)?,
    };
    if clock.is_leap && !rfc3339::is_last_of_a_month(seconds) {
        return None;
    }
    Some(seconds * 1_000 + clock.milliseconds)
}

/// The time of day.
#[derive(Default)]
struct Clock {
    /// Up to a whole day.
    seconds: i64,
    milliseconds: i64,
    is_leap: bool,
}

fn seconds_since_1970(time: DateTime) -> i64 {
    time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()
}

/// Reads a day, and returns the rest of the text.
fn date(text: &[u8]) -> Option<(Date, &[u8])> {
    let end = text.iter().position(|byte| matches!(byte, b'T' | b't' | b' ')).unwrap_or(text.len());
    let (day, rest) = text.split_at(end);
    let (year, day) = day.split_at_checked(4)?;
    let year: i16 = rfc3339::number(year)?;
    let date = match *day {
        [b'-', b'W' | b'w', w1, w2, b'-', d] | [b'W' | b'w', w1, w2, d] => {
            let day = Weekday::from_monday_one_offset(rfc3339::number(&[d])?).ok()?;
            ISOWeekDate::new(year, rfc3339::number(&[w1, w2])?, day).ok()?.date()
        }
        [b'-', d1, d2, d3] | [d1, d2, d3] => {
            let day: i16 = rfc3339::number(&[d1, d2, d3])?;
            Date::new(year, 1, 1).ok()?.with().day_of_year(day).build().ok()?
        }
        [b'-', m1, m2, b'-', d1, d2] | [m1, m2, d1, d2] => {
            Date::new(year, rfc3339::number(&[m1, m2])?, rfc3339::number(&[d1, d2])?).ok()?
        }
        _ => return None,
    };
    Some((date, rest))
}

/// Reads a time of day, and returns the rest of the text: the offset.
fn clock(text: &[u8]) -> Option<(Clock, &[u8])> {
    let end = text.iter().position(|byte| !(byte.is_ascii_digit() || *byte == b':')).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let two = |tens: u8, ones: u8| rfc3339::number::<i8>(&[tens, ones]);
    let (hour, minute, second) = match *digits {
        [h1, h2, b':', m1, m2, b':', s1, s2] | [h1, h2, m1, m2, s1, s2] => {
            (two(h1, h2)?, two(m1, m2)?, Some(two(s1, s2)?))
        }
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (two(h1, h2)?, two(m1, m2)?, None),
        [h1, h2] => (two(h1, h2)?, 0, None),
        _ => return None,
    };
    let (milliseconds, rest) = match rest {
        [b'.' | b',', rest @ ..] if second.is_some() => rfc3339::fraction(rest)?,
        rest => (0, rest),
    };
    let second = second.unwrap_or(0);
    let is_end_of_day = (hour, minute, second, milliseconds) == (24, 0, 0, 0);
    if (hour > 23 && !is_end_of_day) || minute > 59 || second > 60 {
        return None;
    }
    let seconds = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second.min(59));
    Some((Clock { seconds, milliseconds, is_leap: second == 60 }, rest))
}

/// Reads an offset and, behind it, a zone's name in brackets, which adds nothing.
fn seconds_east(text: &[u8]) -> Option<i64> {
    let (seconds, rest) = scan::offset(text)?;
    match rest {
        [] => {}
        [b'[', name @ .., b']'] if !name.is_empty() && !name.contains(&b']') => {}
        _ => return None,
    }
    // As far as any zone ever was, and a day at most.
    (i64::from(seconds).abs() < DAY).then_some(seconds.into())
}
