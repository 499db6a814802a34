//! Times as text: `{timestamp:%Y%m%d}` in a zone (feature `dates`).

use jiff::{
    Timestamp,
    fmt::strtime::BrokenDownTime,
    tz::{TimeZone, TimeZoneDatabase},
};

/// From here on (1973) every zone is a whole number of minutes off UTC, and changes on a whole minute.
const WHOLE_MINUTES_SINCE: i64 = 94_694_400_000;
const MINUTE: i64 = 60_000;
const SECOND: i64 = 1_000;
/// Directives whose answer holds for a whole minute, and those that hold for a whole second.
const MINUTE_HOLDS: &str = "%AaBbCDdeFGgHhIjklMmnPpQqRtUuVWwxYyZz";
const SECOND_HOLDS: &str = "%AaBbCcDdeFGgHhIjklMmnPpQqRrSsTtUuVWwXxYyZz";

/// Finds a zone by its IANA name in the bundled database: the machine's own is never asked, so that all machines agree.
///
/// # Errors
///
/// Says that there is no such zone.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    TimeZoneDatabase::bundled()
        .get(name)
        .map_err(|_| format!("there is no time zone `{name}`; write an IANA name such as `Europe/Berlin`"))
}

/// A strftime format in a zone. It remembers its last answer, because neighbours mostly fall into one minute.
#[derive(Debug)]
pub struct DateFormat {
    format: String,
    zone: TimeZone,
    /// Whether a minute has one answer only.
    by_minute: bool,
    /// Whether a second has one answer only.
    by_second: bool,
    /// The half-open range of milliseconds that `last` answers for.
    from: i64,
    to: i64,
    last: String,
}

impl DateFormat {
    /// # Errors
    ///
    /// Says what strftime does not know in `format`.
    pub fn new(format: &str, zone: TimeZone) -> Result<DateFormat, String> {
        let mut date = DateFormat {
            format: format.to_owned(),
            zone,
            by_minute: every_directive(format, MINUTE_HOLDS),
            by_second: every_directive(format, SECOND_HOLDS),
            from: 0,
            to: 0,
            last: String::new(),
        };
        date.write(0)?;
        Ok(date)
    }

    /// The text for a time in milliseconds since the epoch; none beyond the years that a calendar has (-9999 to 9999).
    pub fn text(&mut self, ms: i64) -> Option<&str> {
        if !(self.from..self.to).contains(&ms) {
            // A failure leaves no remembered range behind.
            self.to = self.from;
            self.write(ms).ok()?;
        }
        Some(&self.last)
    }

    fn write(&mut self, ms: i64) -> Result<(), String> {
        let describe = |error: jiff::Error| format!("`{}`: {error}", self.format);
        let width = if self.by_minute && ms >= WHOLE_MINUTES_SINCE {
            MINUTE
        } else if self.by_second {
            SECOND
        } else {
            1
        };
        // The start of the range speaks for all of it: jiff would round `%s` up before the epoch, where all else is
        // rounded down.
        let from = ms.saturating_sub(ms.rem_euclid(width));
        let time = Timestamp::from_millisecond(from).map_err(describe)?.to_zoned(self.zone.clone());
        let text = BrokenDownTime::from(&time).to_string(&self.format).map_err(describe)?;
        self.last = text;
        self.from = from;
        self.to = from + width;
        Ok(())
    }
}

/// Whether `format` has directives of `known` only.
fn every_directive(format: &str, known: &str) -> bool {
    let mut rest = format;
    while let Some((_, after)) = rest.split_once('%') {
        let after = after.trim_start_matches(|c: char| "-_^#:".contains(c) || c.is_ascii_digit());
        let mut directive = after.chars();
        if !directive.next().is_some_and(|c| known.contains(c)) {
            return false;
        }
        rest = directive.as_str();
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{DateFormat, MINUTE_HOLDS, SECOND_HOLDS, every_directive, zone};

    fn date(format: &str, name: &str) -> DateFormat {
        DateFormat::new(format, zone(name).unwrap()).unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_named_zone() {
        let last_second_in_utc = 1_700_006_399_999; // 2023-11-14T23:59:59.999Z
        assert_eq!(date("%Y%m%d", "UTC").text(last_second_in_utc), Some("20231114"));
        assert_eq!(date("%Y%m%d", "UTC").text(last_second_in_utc + 1), Some("20231115"));
        assert_eq!(date("%Y%m%d", "Asia/Shanghai").text(last_second_in_utc), Some("20231115"));
        assert_eq!(
            date("%Y-%m-%d %H:%M:%S%.3f %z", "Asia/Shanghai").text(last_second_in_utc),
            Some("2023-11-15 07:59:59.999 +0800")
        );
    }

    #[test]
    fn summer_time_is_the_zone_s() {
        let mut clock = date("%H:%M %Z", "Europe/Berlin");
        assert_eq!(clock.text(1_711_846_799_999), Some("01:59 CET"));
        assert_eq!(clock.text(1_711_846_800_000), Some("03:00 CEST"));
    }

    #[test]
    fn times_before_the_epoch_and_beyond_the_calendar() {
        let mut day = date("%F", "UTC");
        assert_eq!(day.text(-1), Some("1969-12-31"));
        assert_eq!(date("%s", "UTC").text(-1), Some("-1"));
        assert_eq!(date("%s", "UTC").text(-1_000), Some("-1"));
        assert_eq!(day.text(i64::MAX), None);
        assert_eq!(day.text(i64::MIN), None);
        assert_eq!(day.text(0), Some("1970-01-01"));
    }

    #[test]
    fn what_is_remembered_is_what_would_be_computed() {
        let formats = ["%Y%m%d", "%H:%M", "%H:%M:%S", "%T%.3f", "%s", "%N", "%c", "%:z", "%-d %_H %010Y"];
        let zones = ["UTC", "Asia/Kathmandu", "Africa/Monrovia", "Australia/Lord_Howe", "America/St_Johns"];
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for format in formats {
            for zone in zones {
                let mut remembering = date(format, zone);
                for round in 0..400_i64 {
                    // Near a few instants, so that neighbours share seconds and minutes; some before 1973.
                    let near = [0, 63_593_070_000, 94_694_400_000, 1_711_846_800_000][(round % 4) as usize];
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let ms = near + (random >> 33) as i64 % 200_000 - 100_000;
                    let fresh = date(format, zone).text(ms).map(str::to_owned);
                    assert_eq!(remembering.text(ms), fresh.as_deref(), "{format} {zone} {ms}");
                }
            }
        }
    }

    #[test]
    fn directives_are_told_apart_by_how_long_they_hold() {
        assert!(every_directive("/%Y%m%d/%-H%%", MINUTE_HOLDS));
        assert!(!every_directive("%H:%M:%S", MINUTE_HOLDS));
        assert!(every_directive("%H:%M:%S", SECOND_HOLDS));
        assert!(!every_directive("%S%.3f", SECOND_HOLDS));
        assert!(!every_directive("%3f", SECOND_HOLDS));
        assert!(!every_directive("%", SECOND_HOLDS));
    }

    #[test]
    fn an_unknown_zone_or_directive_is_told() {
        assert!(zone("Mars/Olympus").unwrap_err().contains("Mars/Olympus"));
        assert!(DateFormat::new("%Y%!", zone("UTC").unwrap()).is_err());
    }
}
