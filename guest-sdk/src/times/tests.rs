#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod filled;
mod formats;
mod iso8601;
mod lists;
mod logs;
mod mistakes;

use std::collections::BTreeMap;

use super::{Months, Reader, Setup, Units};
use crate::Mistake;

/// A setup, as a test writes it.
#[derive(Default)]
struct Config<'a> {
    units: &'a [&'a str],
    zone: Option<&'a str>,
    zones: Option<&'a [(&'a str, &'a str)]>,
    months: Option<Months>,
}

impl Config<'_> {
    fn reader(&self) -> Result<Reader, Vec<Mistake>> {
        let units = match self.units {
            [one] => Units::One((*one).to_owned()),
            several => Units::Several(several.iter().map(|&unit| unit.to_owned()).collect()),
        };
        let owned = |&(name, zone): &(&str, &str)| (name.to_owned(), zone.to_owned());
        let zones: Option<BTreeMap<String, String>> = self.zones.map(|zones| zones.iter().map(owned).collect());
        Reader::new(&Setup {
            table: "",
            key: "unit",
            units: &units,
            zone: self.zone,
            zones: zones.as_ref(),
            months: self.months.as_ref(),
        })
    }

    fn read(&self, text: impl AsRef<[u8]>, reference: Option<i64>) -> Option<i64> {
        Some(self.reader().unwrap().read(text.as_ref(), reference)?.1)
    }
}

/// Reads a text in a unit and a zone, without a reference.
fn read(unit: &str, zone: &str, text: &str) -> Option<i64> {
    let zone = Some(zone).filter(|zone| *zone != "UTC");
    Config { units: &[unit], zone, ..Config::default() }.read(text, None)
}

/// Milliseconds of an RFC 3339 time.
#[track_caller]
fn ms(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}
