//! The reader: units tried in order, of which the first that reads a text has the answer.

use std::collections::BTreeMap;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    names::{self, Months, Names},
    unit::Unit,
};
use crate::{Mistake, warn};

/// How many units a list may have: each is counted by a name of its own, and an interceptor has 64 names.
const MOST_UNITS: usize = 32;

/// How times are written: one unit, or several that are tried in order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Units {
    /// One unit.
    One(String),
    /// Several, tried in order.
    Several(Vec<String>),
}

impl Units {
    /// The units, in order.
    pub fn texts(&self) -> &[String] {
        match self {
            Units::One(unit) => std::slice::from_ref(unit),
            Units::Several(units) => units,
        }
    }
}

/// What a [`Reader`] is made of: the keys of a plugin's config.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// An RFC 6901 pointer to the table that holds the keys, for mistakes.
    pub table: &'a str,
    /// The name of the key that holds the units.
    pub key: &'a str,
    /// That key's value.
    pub units: &'a Units,
    /// The key `zone`: the zone of times that name none themselves. None: UTC.
    pub zone: Option<&'a str>,
    /// The key `zones`: the zone of each abbreviation that `%Z` reads.
    pub zones: Option<&'a BTreeMap<String, String>>,
    /// The key `months`: further names of months, for `%b` and `%B`.
    pub months: Option<&'a Months>,
}

/// Reads times.
#[derive(Debug)]
pub struct Reader {
    units: Vec<Unit>,
    usual: Option<usize>,
}

impl Reader {
    /// Makes a reader. A unit of the list that is never reached is warned of.
    ///
    /// # Errors
    ///
    /// Every mistake of the setup: no such unit, directive or zone; a format that does not say a moment; a key that goes
    /// with none of the units.
    pub fn new(setup: &Setup<'_>) -> Result<Reader, Vec<Mistake>> {
        let at = |key: &str| format!("{}/{key}", setup.table);
        let mut mistakes = Vec::new();
        // The machine's own database is never asked, so that all machines agree.
        let database = TimeZoneDatabase::bundled();
        let zone = names::zone(setup.zone.unwrap_or("UTC"), &database).unwrap_or_else(|wrong| {
            mistakes.push(Mistake::new(at("zone"), wrong));
            TimeZone::UTC
        });
        let names = Names::new(setup.months, setup.zones, database, &mut |key, wrong| {
            let pointer = key.iter().fold(setup.table.to_owned(), |mut pointer, part| {
                crate::push_pointer(&mut pointer, part);
                pointer
            });
            mistakes.push(Mistake::new(pointer, wrong));
        });
        let texts = setup.units.texts();
        let mut units = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let pointer = match setup.units {
                Units::One(_) => at(setup.key),
                Units::Several(_) => format!("{}/{index}", at(setup.key)),
            };
            if texts[..index].contains(text) {
                mistakes.push(Mistake::new(&pointer, format!("`{text}` stands in the list already; leave it out")));
            }
            match Unit::new(text, &zone, &names) {
                Ok(unit) => units.push(unit),
                Err(wrong) => mistakes.push(Mistake::new(pointer, wrong)),
            }
        }
        if !(1..=MOST_UNITS).contains(&texts.len()) {
            let message = format!("has {} units; write one to {MOST_UNITS} of them", texts.len());
            mistakes.push(Mistake::new(at(setup.key), message));
        }
        // Whether a key is of use can be told only where all units stand.
        if units.len() == texts.len() {
            let is_used = |by: fn(&Unit) -> bool| units.iter().any(by);
            if setup.zone.is_some() && !is_used(Unit::has_zone) {
                let message =
                    format!("goes with iso8601 and strftime formats only, and `{}` has none; leave it out", setup.key);
                mistakes.push(Mistake::new(at("zone"), message));
            }
            if setup.zones.is_some() && !is_used(Unit::has_abbreviation) {
                mistakes.push(Mistake::new(at("zones"), "is what `%Z` reads, and no format has that; leave it out"));
            }
            if setup.months.is_some() && !is_used(Unit::has_month_name) {
                mistakes.push(Mistake::new(at("months"), "is what `%b` reads, and no format has that; leave it out"));
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        // What stands before it must not read such a text.
        let usual = units.iter().position(|unit| !unit.refuses_thirteen_digits());
        let usual = usual.filter(|&at| units[at].is_usual());
        let reader = Reader { units, usual };
        reader.warn_of_unreached(setup);
        Ok(reader)
    }

    /// Returns the unit, if any, by which `thirteen_digits` gives what [`Reader::read`] gives for every text of which it
    /// gives anything. It only saves time: nearly all records have such a text.
    pub fn usual(&self) -> Option<usize> {
        self.usual
    }

    /// Returns whether a unit leaves a part out (the year, the day) that is filled from the reference.
    pub fn needs_reference(&self) -> bool {
        self.units.iter().any(Unit::needs_reference)
    }

    /// Returns how many units there are.
    pub fn units(&self) -> usize {
        self.units.len()
    }

    /// Warns of each unit of the setup that is never reached.
    fn warn_of_unreached(&self, setup: &Setup<'_>) {
        let texts = setup.units.texts();
        for (at, by, count) in self.unreached() {
            let (Some(unit), Some(before)) = (texts.get(at), texts.get(by)) else { continue };
            let cure = match (unit.as_str(), before.as_str()) {
                ("d", _) | (_, "d") => "write one of them alone",
                (_, "auto") => "leave it out",
                _ => "write \"auto\" for both, which tells the unit by the size of the number",
            };
            let message = format!("`{unit}` is never reached: `{before}` before it reads {count} already; {cure}");
            warn(&format!("{}/{}/{at}", setup.table, setup.key), &message);
        }
    }

    /// Returns the counts in the list that read no time of these years, because a unit before them reads the number: each
    /// with the number of that unit, and the count that was tried.
    fn unreached(&self) -> Vec<(usize, usize, &'static str)> {
        let of = |(at, unit): (usize, &Unit)| {
            let count = unit.count()?;
            let (by, _) = self.read(count.as_bytes(), None)?;
            (by < at).then_some((at, by, count))
        };
        self.units.iter().enumerate().filter_map(of).collect()
    }

    /// Returns which unit reads the text, and its milliseconds since the epoch, rounded down.
    ///
    /// White space round the text is ignored. Times before the epoch are not read: Kafka has no such timestamps (-1 means
    /// none, the others are refused). Parts that the text leaves out are those that bring the time nearest to
    /// `reference` (milliseconds); a text that needs one where there is none is not read.
    #[inline(never)]
    pub fn read(&self, text: &[u8], reference: Option<i64>) -> Option<(usize, i64)> {
        let trimmed = text.trim_ascii();
        let read = |(at, unit): (usize, &Unit)| {
            let time = unit.read(text, trimmed, reference).filter(|&ms| ms >= 0)?;
            Some((at, time))
        };
        self.units.iter().enumerate().find_map(read)
    }
}
