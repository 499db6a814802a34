//! Parts that a text leaves out are those that bring it nearest to the reference.

use super::{Config, ms};

#[track_caller]
fn check(format: &str, zone: &str, text: &str, reference: &str, expected: &str) {
    let read = Config { units: &[format], zone: Some(zone), ..Config::default() }.read(text, Some(ms(reference)));
    assert_eq!(read, Some(ms(expected)), "{text} near {reference}");
}

#[test]
fn the_year_is_the_nearest_also_in_the_night_of_new_year() {
    let check = |text, reference, expected| check("%b %e %H:%M:%S", "UTC", text, reference, expected);
    check("Jul 16 06:37:51", "2019-07-16T06:37:52Z", "2019-07-16T06:37:51Z");
    check("Dec 31 23:58:00", "2016-01-01T00:00:05Z", "2015-12-31T23:58:00Z");
    check("Jan  1 00:00:03", "2015-12-31T23:59:58Z", "2016-01-01T00:00:03Z");
    check("Jul  2 00:00:00", "2016-01-01T00:00:00Z", "2015-07-02T00:00:00Z");
    check("Jul  1 00:00:00", "2016-01-01T00:00:00Z", "2016-07-01T00:00:00Z");
    // 2 July 12:00 is half a common year off on both sides: the earlier one.
    check("Jul  2 12:00:00", "2015-01-01T00:00:00Z", "2014-07-02T12:00:00Z");
}

#[test]
fn the_29th_of_february_is_in_the_nearest_leap_year() {
    let check = |text, reference, expected| check("%b %e %H:%M:%S", "UTC", text, reference, expected);
    check("Feb 29 06:46:02", "2016-02-29T06:46:03Z", "2016-02-29T06:46:02Z");
    check("Feb 29 06:46:02", "2017-02-28T06:46:03Z", "2016-02-29T06:46:02Z");
    check("Feb 29 00:00:00", "2018-03-01T00:00:00Z", "2020-02-29T00:00:00Z");
    check("Feb 29 00:00:00", "2018-02-28T00:00:00Z", "2016-02-29T00:00:00Z");
    check("Feb 29 00:00:00", "2100-02-28T00:00:00Z", "2096-02-29T00:00:00Z");
    check("Feb 29 00:00:00", "2100-03-02T00:00:00Z", "2104-02-29T00:00:00Z");
}

#[test]
fn the_year_is_that_of_the_zone_where_the_time_was_told() {
    let check = |zone, text, reference, expected| check("%m-%d %H:%M", zone, text, reference, expected);
    check("Asia/Shanghai", "01-01 07:59", "2015-12-31T23:59:30Z", "2015-12-31T23:59:00Z");
    check("America/New_York", "12-31 19:00", "2016-01-01T00:00:30Z", "2016-01-01T00:00:00Z");
    check("Pacific/Kiritimati", "01-01 00:00", "2015-12-31T10:00:00Z", "2015-12-31T10:00:00Z");
}

#[test]
fn an_offset_or_an_abbreviation_says_the_zone_of_what_is_filled_too() {
    check("%b %d %T %z", "UTC", "Jan 01 07:59:00 +0800", "2015-12-31T23:59:30Z", "2015-12-31T23:59:00Z");
    let zones = [("CST", "Asia/Shanghai")];
    let config = Config { units: &["%b %d %T %Z"], zones: Some(&zones), ..Config::default() };
    let reference = Some(ms("2015-12-31T23:59:30Z"));
    assert_eq!(config.read("Jan 01 07:59:00 CST", reference), Some(ms("2015-12-31T23:59:00Z")));
}

#[test]
fn a_weekday_tells_the_years_apart() {
    // 14 November was a Tuesday in 2023, a Thursday in 2024.
    check("%a %b %d %T", "UTC", "Tue Nov 14 22:13:20", "2024-06-01T00:00:00Z", "2023-11-14T22:13:20Z");
    check("%a %b %d %T", "UTC", "Thu Nov 14 22:13:20", "2024-02-01T00:00:00Z", "2024-11-14T22:13:20Z");
    let none = Config { units: &["%a %b %d %T"], ..Config::default() };
    assert_eq!(none.read("Sun Nov 14 22:13:20", Some(ms("2023-11-14T00:00:00Z"))), None);
}

#[test]
fn the_day_is_the_nearest() {
    let seconds = |text, reference, expected| check("%H:%M:%S", "UTC", text, reference, expected);
    seconds("23:59:58", "2024-03-01T00:00:01Z", "2024-02-29T23:59:58Z");
    seconds("00:00:01", "2023-12-31T23:59:59Z", "2024-01-01T00:00:01Z");
    seconds("11:00:00", "2023-11-14T23:00:00Z", "2023-11-14T11:00:00Z");
    seconds("10:59:59", "2023-11-14T23:00:00Z", "2023-11-15T10:59:59Z");
    check("%a %H:%M", "UTC", "Mon 08:00", "2023-11-14T22:00:00Z", "2023-11-13T08:00:00Z");
    check("%a %H:%M", "UTC", "Sat 08:00", "2023-11-14T22:00:00Z", "2023-11-18T08:00:00Z");
    check("%I:%M %p", "America/New_York", "07:01 PM", "2016-01-01T00:00:30Z", "2016-01-01T00:01:00Z");
}

#[test]
fn the_month_is_the_nearest_that_has_the_day() {
    check("%d %H:%M", "UTC", "31 23:59", "2024-01-01T00:00:30Z", "2023-12-31T23:59:00Z");
    check("%d %H:%M", "UTC", "31 12:00", "2023-04-30T12:00:00Z", "2023-03-31T12:00:00Z");
    check("%d %H:%M", "UTC", "30 12:00", "2023-02-27T12:00:00Z", "2023-01-30T12:00:00Z");
}

#[test]
fn the_day_of_the_year_has_a_year_too() {
    check("%j %T", "UTC", "365 23:59:59", "2024-01-01T00:00:00Z", "2023-12-31T23:59:59Z");
    check("%j %T", "UTC", "366 23:59:59", "2023-01-01T00:00:00Z", "2020-12-31T23:59:59Z");
}

#[test]
fn what_has_no_reference_is_not_read() {
    for (format, text) in [("%b %e %H:%M:%S", "Jul 16 06:37:51"), ("%H:%M", "06:37"), ("%d %H", "16 06")] {
        let config = Config { units: &[format], ..Config::default() };
        assert!(config.reader().unwrap().needs_reference());
        assert_eq!(config.read(text, None), None);
        assert_eq!(config.read(text, Some(i64::MAX)), None);
        assert!(config.read(text, Some(1_700_000_000_000)).is_some());
    }
    assert!(
        !Config { units: &["%F", "%s", "%G-W%V-%u", "%Y-%j"], ..Config::default() }.reader().unwrap().needs_reference()
    );
}
