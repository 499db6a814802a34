//! Dates, in UTC. jaq's own bring the machine's clock and zones with them.

use jaq_core::native::{Fun, bome, run, unary, v};
use jaq_json::{Error, Num, Val};
use jaq_std::ValT;
use jiff::{Timestamp, Zoned, civil::DateTime, fmt::strtime, tz::Offset, tz::TimeZone};

use super::{Data, text_of};

pub(super) fn functions() -> Vec<Fun<Data>> {
    vec![
        run(("fromdateiso8601", v(0), |cv| bome(text_of(&cv.1).and_then(|text| from_rfc3339(&text))))),
        run(("todateiso8601", v(0), |cv| bome(time_of(&cv.1).map(|time| Val::from(time.to_string()))))),
        run(("strftime", v(1), |cv| unary(cv, |time, format| format_time(&time, &text_of(&format)?)))),
        run(("strptime", v(1), |cv| unary(cv, |text, format| parse_time(&text_of(&text)?, &text_of(&format)?)))),
        run(("gmtime", v(0), |cv| bome(time_of(&cv.1).map(|time| broken_down(utc(time).datetime()))))),
        run(("mktime", v(0), |cv| {
            bome(date_of(&cv.1).and_then(|date| {
                let time = date.to_zoned(TimeZone::UTC).map_err(Error::str)?.timestamp();
                Ok(seconds(time, time.subsec_nanosecond() != 0))
            }))
        })),
    ]
}

fn from_rfc3339(text: &str) -> Result<Val, Error> {
    let time: Timestamp = text.parse().map_err(Error::str)?;
    Ok(seconds(time, text.contains('.')))
}

fn format_time(value: &Val, format: &str) -> Result<Val, Error> {
    let time = match value {
        Val::Arr(_) => date_of(value)?.to_zoned(TimeZone::UTC).map_err(Error::str)?,
        _ => utc(time_of(value)?),
    };
    strtime::format(format, &time).map(Val::from).map_err(Error::str)
}

/// Of a text without a zone, the time in UTC.
fn parse_time(text: &str, format: &str) -> Result<Val, Error> {
    let mut time = strtime::BrokenDownTime::parse(format, text).map_err(Error::str)?;
    if time.offset().is_none() && time.iana_time_zone().is_none() {
        time.set_offset(Some(Offset::UTC));
    }
    Ok(broken_down(time.to_zoned().map_err(Error::str)?.datetime()))
}

fn utc(time: Timestamp) -> Zoned {
    time.to_zoned(TimeZone::UTC)
}

/// The time of a number of seconds since the epoch.
fn time_of(value: &Val) -> Result<Timestamp, Error> {
    // A machine's integer has 32 bits in the sandbox: larger ones are whole floats up to 2^53.
    let time = match value.as_isize() {
        Some(seconds) => Timestamp::from_second(seconds as i64),
        None => {
            let seconds = value.as_f64().ok_or_else(|| Error::typ(value.clone(), "number"))?;
            Timestamp::from_microsecond((seconds * 1e6) as i64)
        }
    };
    time.map_err(Error::str)
}

fn seconds(time: Timestamp, with_fraction: bool) -> Val {
    if with_fraction {
        return Val::from(time.as_microsecond() as f64 / 1e6);
    }
    Val::Num(Num::from_integral(time.as_second()))
}

/// The date of jq's "broken down time": year, month from 0, day, hour, minute, second.
fn date_of(value: &Val) -> Result<DateTime, Error> {
    let fail = || Error::str(format_args!("cannot convert {value} to time"));
    let Val::Arr(parts) = value else { return Err(Error::typ(value.clone(), "array")) };
    let [year, month, day, hour, minute, second, ..] = parts.as_slice() else { return Err(fail()) };
    let small = |part: &Val| part.as_isize().and_then(|part| i8::try_from(part).ok()).ok_or_else(fail);
    let second = second.as_f64().ok_or_else(fail)?;
    let year = year.as_isize().and_then(|year| i16::try_from(year).ok()).ok_or_else(fail)?;
    let month = small(month)?.checked_add(1).ok_or_else(fail)?;
    let nanosecond = (second.fract() * 1e9) as i32;
    DateTime::new(year, month, small(day)?, small(hour)?, small(minute)?, second.floor() as i8, nanosecond)
        .map_err(Error::str)
}

fn broken_down(date: DateTime) -> Val {
    let whole = |part: i64| Val::from(part as isize);
    let second = match date.subsec_nanosecond() {
        0 => whole(date.second().into()),
        nanoseconds => Val::from(f64::from(date.second()) + f64::from(nanoseconds) / 1e9),
    };
    let parts = [
        whole(date.year().into()),
        whole(i64::from(date.month()) - 1),
        whole(date.day().into()),
        whole(date.hour().into()),
        whole(date.minute().into()),
        second,
        whole(date.weekday().to_sunday_zero_offset().into()),
        whole(i64::from(date.day_of_year()) - 1),
    ];
    parts.into_iter().collect()
}
