//! Times in a strftime format and a zone (feature `dates`).

use jiff::{
    Timestamp,
    fmt::strtime::BrokenDownTime,
    tz::{TimeZone, TimeZoneDatabase},
};

/// A strftime format, and the zone of times that name none themselves.
#[derive(Debug)]
pub struct Pattern {
    format: String,
    zone: TimeZone,
    /// The bundled database: the machine's own is never asked, so that all machines agree.
    zones: TimeZoneDatabase,
}

/// What is wrong with a [`Pattern`].
#[derive(Debug, PartialEq, Eq)]
pub enum PatternMistake {
    /// No such zone.
    Zone(String),
    /// A directive that is not there, or too few of them for a moment.
    Format(String),
}

impl Pattern {
    /// # Errors
    ///
    /// A zone that is not there, a directive that is not there, or a format that does not say which day it is.
    pub fn new(format: &str, zone: &str) -> Result<Pattern, PatternMistake> {
        let zones = TimeZoneDatabase::bundled();
        let zone = match zone {
            "UTC" => TimeZone::UTC,
            name => zones.get(name).map_err(|_| {
                PatternMistake::Zone(format!(
                    "there is no time zone `{name}`; write an IANA name such as `Europe/Berlin`"
                ))
            })?,
        };
        let pattern = Pattern { format: format.to_owned(), zone, zones };
        // What the format writes, it must read: that finds what strptime does not know before the first record comes.
        let sample = Timestamp::UNIX_EPOCH.to_zoned(pattern.zone.clone());
        let mistake = |error: jiff::Error| PatternMistake::Format(format!("`{format}`: {error}"));
        let written = BrokenDownTime::from(&sample).to_string(format).map_err(mistake)?;
        pattern.read(written.trim()).map_err(mistake)?;
        Ok(pattern)
    }

    /// Milliseconds since the epoch, rounded down; none where the text does not have the format or is no time.
    ///
    /// A time that a change to summer time skips is read as if the change had not come yet,
    /// one that stands twice as the first of the two. A leap second (`:60`) is read as second 59.
    pub fn milliseconds(&self, text: &[u8]) -> Option<i64> {
        let time = self.read(std::str::from_utf8(text).ok()?).ok()?;
        i64::try_from(time.as_nanosecond().div_euclid(1_000_000)).ok()
    }

    fn read(&self, text: &str) -> Result<Timestamp, jiff::Error> {
        let time = BrokenDownTime::parse(&self.format, text)?;
        if let Some(seconds) = time.timestamp() {
            // `%s` beside `%.f`: the fraction counts.
            let fraction = i64::from(time.subsec_nanosecond().unwrap_or(0));
            return seconds.checked_add(jiff::SignedDuration::from_nanos(fraction));
        }
        if time.offset().is_none() && time.iana_time_zone().is_none() {
            return self.zone.to_timestamp(time.to_datetime()?);
        }
        Ok(time.to_zoned_with(&self.zones)?.timestamp())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Pattern, PatternMistake};

    fn read(format: &str, zone: &str, text: &str) -> Option<i64> {
        Pattern::new(format, zone).unwrap().milliseconds(text.as_bytes())
    }

    #[test]
    fn the_access_log_s_own_time_is_read() {
        assert_eq!(read("%d/%b/%Y:%H:%M:%S %z", "UTC", "17/May/2015:10:05:03 +0000"), Some(1_431_857_103_000));
        assert_eq!(read("%d/%b/%Y:%H:%M:%S %z", "Asia/Tokyo", "17/May/2015:10:05:03 -0200"), Some(1_431_864_303_000));
    }

    #[test]
    fn the_zone_speaks_for_times_that_name_none() {
        let format = "%Y-%m-%d %H:%M:%S%.f";
        assert_eq!(read(format, "UTC", "2023-11-14 22:13:20.1239"), Some(1_700_000_000_123));
        assert_eq!(read(format, "Asia/Shanghai", "2023-11-15 06:13:20"), Some(1_700_000_000_000));
        assert_eq!(read("%F %T %Q", "UTC", "2023-11-15 06:13:20 Asia/Shanghai"), Some(1_700_000_000_000));
    }

    #[test]
    fn an_hour_that_is_skipped_or_stands_twice_has_one_answer() {
        let berlin = |text| read("%F %R", "Europe/Berlin", text);
        assert_eq!(berlin("2024-03-31 02:30"), Some(1_711_848_600_000)); // 03:30 summer time
        assert_eq!(berlin("2024-10-27 02:30"), Some(1_729_989_000_000)); // summer time still
    }

    #[test]
    fn dates_and_counts_alone_are_moments() {
        assert_eq!(read("%Y%m%d", "UTC", "20231114"), Some(1_699_920_000_000));
        assert_eq!(read("%s", "UTC", "1700000000"), Some(1_700_000_000_000));
        assert_eq!(read("%s%.f", "UTC", "1700000000.5"), Some(1_700_000_000_500));
    }

    #[test]
    fn before_the_epoch_times_are_rounded_towards_the_past() {
        let format = "%F %T%.f";
        assert_eq!(read(format, "UTC", "1969-12-31 23:59:59.9999"), Some(-1));
        assert_eq!(read(format, "UTC", "1969-12-31 23:59:59.9980001"), Some(-2));
    }

    #[test]
    fn a_leap_second_is_second_59() {
        assert_eq!(read("%F %T", "UTC", "2016-12-31 23:59:60"), Some(1_483_228_799_000));
    }

    #[test]
    fn what_does_not_fit_is_unreadable() {
        for text in ["", "2023-02-29", "2023-11-14 ", "2023-11-14x", "14.11.2023"] {
            assert_eq!(read("%Y-%m-%d", "UTC", text), None, "{text}");
        }
        let pattern = Pattern::new("%Y", "UTC");
        assert!(matches!(pattern, Err(PatternMistake::Format(_))));
        let utf8 = Pattern::new("%F", "UTC").unwrap();
        assert_eq!(utf8.milliseconds(b"\xff"), None);
    }

    #[test]
    fn a_format_or_zone_that_cannot_work_is_told_before_the_first_record() {
        for format in ["%H:%M", "%b %d %H:%M:%S", "%F %!", "%F %c", "%F %", "%y"] {
            let mistake = Pattern::new(format, "UTC").unwrap_err();
            assert!(matches!(mistake, PatternMistake::Format(_)), "{format}");
        }
        let mistake = Pattern::new("%F", "Mars/Olympus").unwrap_err();
        assert!(matches!(mistake, PatternMistake::Zone(_)));
    }
}
